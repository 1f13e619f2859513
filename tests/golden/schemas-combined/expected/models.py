# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Combined."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    ConfigDict,
    Field,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.conforms import Conforms
from .runtime.numbers import Integer, Number


class Named(BaseModel):
    """Named."""

    name: Annotated[StrictStr, Field(min_length=1)]


class Circle(BaseModel):
    """Circle."""

    name: Annotated[StrictStr, Field(min_length=1)]
    kind: Literal["circle"]
    radius: Annotated[Number, Field(gt=0.0)]


class Square(BaseModel):
    """Square."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["square"]
    side: Number | Annotated[Decimal, Conforms({"type": "string"})]
    tags: Annotated[list[StrictStr], Field(max_length=3), Conforms({"uniqueItems": True})] | MISSING = MISSING
    extra: dict[str, Integer] | MISSING = MISSING


Shape = TypeAliasType("Shape", Annotated[Circle | Square, Field(discriminator="kind")])
