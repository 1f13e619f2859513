# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Combined that every program needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from .runtime.closing import may_reconnect

TITLE: Final = "Combined"

VERSION: Final = "1.0.0"
"""The contract's version."""

SHAPES_PATH: Final = "/shapes"
"""The path of this channel's socket."""

Delivery: TypeAlias = Literal["conflate", "lossless"]
"""What a subscriber who is too slow gets: only the latest update, or a closed connection."""

DELIVERY: Final[Mapping[str, Delivery]] = {}
"""By channel; a channel that is not here does not say."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
