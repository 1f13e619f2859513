# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Nested."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, BaseModel, Strict, StrictStr


class OpenedHeader(BaseModel):
    """Opened header."""

    event: Literal["opened"]
    at: Annotated[datetime, Strict()] | MISSING = MISSING


class ClosedHeader(BaseModel):
    """Closed header."""

    event: Literal["closed"]


class Opened(BaseModel):
    """Opened."""

    header: OpenedHeader


class Closed(BaseModel):
    """Closed."""

    header: ClosedHeader
    reason: StrictStr | MISSING | None = MISSING
