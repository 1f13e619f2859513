# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Untagged."""

from __future__ import annotations

from pydantic import BaseModel, StrictFloat, StrictStr


class Point(BaseModel):
    """Point."""

    x: StrictFloat
    y: StrictFloat


class Label(BaseModel):
    """Label."""

    text: StrictStr
