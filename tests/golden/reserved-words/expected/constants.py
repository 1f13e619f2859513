# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Reserved words that every program needs."""

from __future__ import annotations

from typing import Final

from .runtime.closing import may_reconnect
from .runtime.envelope import Envelope

TITLE: Final = "Reserved words"

VERSION: Final = "1.0.0"
"""The contract's version."""

DEFAULT_URL: Final = "ws://localhost:9000/live"
"""Where clients connect to unless they are told."""

SOCKET_PATH: Final = "/live"
"""The path of the socket."""

ENVELOPE: Final = Envelope(
    type="type",
    payload="payload",
    error="error",
    problem=(("status",), "error"),
    id=None,
    topic="topic",
    seq=None,
    seq_from=None,
    epoch=None,
    snapshot=None,
    checksum=None,
    recover=None,
    recovered=None,
    ts=None,
)
"""The names of the fields that frames may have."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
