# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Counter."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from .runtime.numbers import Integer


class Add(BaseModel):
    """Add."""

    op: Literal["add"]
    id: Integer
    by: Integer


class Reset(BaseModel):
    """Reset."""

    op: Literal["reset"]


class Added(BaseModel):
    """Added."""

    op: Literal["added"]
    id: Integer
    total: Integer


class Changed(BaseModel):
    """Changed."""

    op: Literal["changed"]
    total: Integer
