# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Combined that every program needs."""

from __future__ import annotations

from typing import Final

from .runtime.closing import may_reconnect

TITLE: Final = "Combined"

VERSION: Final = "1.0.0"
"""The contract's version."""

SHAPES_PATH: Final = "/shapes"
"""The path of this channel's socket."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
