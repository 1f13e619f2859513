# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Lighthouse."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    Field,
    StrictBool,
    StrictStr,
)

from .runtime.numbers import Integer


class Going(BaseModel):
    """Going."""

    back_in_ms: Annotated[Integer, Field(ge=0)]


class Refusal(BaseModel):
    """Refusal."""

    status: Literal["error"]
    code: StrictStr
    message: StrictStr
    retryable: StrictBool
    retry_after_ms: Annotated[Integer | MISSING, Field(ge=0)] = MISSING


class Look(BaseModel):
    """Look."""

    type: Literal["look"] = "look"
    id: Integer | MISSING = MISSING


class Seen(BaseModel):
    """Seen."""

    type: Literal["seen"] = "seen"
    id: Integer | MISSING = MISSING


class LampGoing(BaseModel):
    """The light is about to go out."""

    type: Literal["lamp.going"] = "lamp.going"
    payload: Going


class Refused(BaseModel):
    """Refused."""

    type: Literal["refused"] = "refused"
    id: Integer | MISSING = MISSING
    payload: Refusal
