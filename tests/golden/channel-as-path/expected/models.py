# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Rooms."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StrictStr
from typing_extensions import TypeAliasType


class Say(BaseModel):
    """Say."""

    text: Annotated[StrictStr, Field(max_length=500)]


class Said(BaseModel):
    """Somebody spoke."""

    who: StrictStr
    text: StrictStr


Presence = TypeAliasType("Presence", list[StrictStr])
