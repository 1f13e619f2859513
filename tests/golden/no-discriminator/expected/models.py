# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Untagged."""

from __future__ import annotations

from pydantic import BaseModel, StrictStr

from .runtime.numbers import Number


class Point(BaseModel):
    """Point."""

    x: Number
    y: Number


class Label(BaseModel):
    """Label."""

    text: StrictStr
