# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Null and absent."""

from __future__ import annotations

from pydantic import MISSING, BaseModel, StrictStr

from .runtime.numbers import Integer


class State(BaseModel):
    """State."""

    must: StrictStr
    mustOrNull: StrictStr | None
    may: StrictStr | MISSING = MISSING
    mayOrNull: StrictStr | MISSING | None = MISSING
    withDefault: Integer = 5
