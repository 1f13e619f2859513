# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Weather that every program needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from .runtime.closing import may_reconnect
from .runtime.envelope import Envelope

TITLE: Final = "Weather"

VERSION: Final = "1.0.0"
"""The contract's version."""

DEFAULT_URL: Final = "ws://localhost:9000/live"
"""Where clients connect to unless they are told."""

SOCKET_PATH: Final = "/live"
"""The path of the socket."""

ENVELOPE: Final = Envelope(
    type="kind",
    payload="body",
    error="problem",
    problem=(("status",), "error"),
    id="ref",
    topic="topic",
    seq="n",
    seq_from="first",
    epoch=None,
    snapshot=None,
    checksum=None,
    recover=None,
    recovered=None,
    ts=None,
)
"""The names of the fields that frames may have."""

Delivery: TypeAlias = Literal["conflate", "lossless"]
"""What a subscriber who is too slow gets: only the latest update, or a closed connection."""

DELIVERY: Final[Mapping[str, Delivery]] = {
    "weather": "conflate",
}
"""By channel; a channel that is not here does not say."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
