# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Soundings that every program needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from .runtime.access import AccessRule
from .runtime.closing import may_reconnect
from .runtime.envelope import Envelope
from .runtime.state import StateRule

TITLE: Final = "Soundings"

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
    epoch="life",
    snapshot="whole",
    checksum="sum",
    recover="since",
    recovered="gapless",
    ts="at",
    reset="anew",
    close="over",
    events=(
        "anew",
        "over",
    ),
)
"""The names of the fields that frames may have."""

Delivery: TypeAlias = Literal["conflate", "lossless"]
"""What a subscriber who is too slow gets: only the latest update, or a closed connection."""

DELIVERY: Final[Mapping[str, Delivery]] = {
    "sounding": "conflate",
    "alarm": "conflate",
    "outlook": "lossless",
}
"""By channel; a channel that is not here does not say."""

HISTORY: Final[Mapping[str, int]] = {
    "sounding": 8,
    "alarm": 100,
}
"""By channel: how many of a topic's last updates are kept for those who come back."""

SNAPSHOT: Final[Mapping[str, Literal["subscribe", "recover"]]] = {
    "sounding": "subscribe",
    "alarm": "recover",
    "outlook": "subscribe",
}
"""By channel: when a subscriber is first sent what the topic holds.

`subscribe` is whenever it is not sent all it missed, `recover` only where it asked for that in vain.
"""

STATE: Final[Mapping[str, StateRule]] = {
    "sounding": StateRule(
        key="metres",
        value="knots",
        lists={"air": "descending", "up-draft": "ascending"},
        checksum=3,
    ),
}
"""By channel: how updates change what a subscriber holds; elsewhere each stands for itself."""

ACCESS: Final[Mapping[str, AccessRule]] = {
    "sounding": AccessRule(scopes=("winds:read", "live"), parameter="station"),
    "alarm": AccessRule(),
}
"""By channel: what a token must grant to those who use it; elsewhere none is needed."""


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    return may_reconnect(code)
