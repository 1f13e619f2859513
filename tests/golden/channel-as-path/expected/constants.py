# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Rooms that every program needs."""

from __future__ import annotations

from typing import Final

from .runtime.closing import may_reconnect

TITLE: Final = "Rooms"

VERSION: Final = "1.0.0"
"""The contract's version."""

DEFAULT_URL: Final = "wss://chat.example/v1"
"""Where clients connect to unless they are told."""

ROOMS_PATH: Final = "/v1/rooms/{room}"
"""The path of this channel's socket."""

PRESENCE_PATH: Final = "/v1/presence"
"""The path of this channel's socket."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
