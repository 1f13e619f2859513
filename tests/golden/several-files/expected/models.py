# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Several files."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from .runtime.numbers import Integer


class User(BaseModel):
    """User."""

    id: Annotated[Integer, Field(ge=1)]


class Liked(BaseModel):
    """Somebody liked something."""

    by: User
