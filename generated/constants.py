# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Tapewire Trading API that every program needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from .runtime.access import AccessRule
from .runtime.closing import may_reconnect
from .runtime.envelope import Envelope
from .runtime.state import StateRule

TITLE: Final = "Tapewire Trading API"

VERSION: Final = "1.3.0"
"""The contract's version."""

DEFAULT_URL: Final = "ws://localhost:8000/api/v1/ws"
"""Where clients connect to unless they are told."""

SOCKET_PATH: Final = "/api/v1/ws"
"""The path of the socket."""

HEARTBEAT_INTERVAL_MS: Final = 30000
"""A connection from which nothing came for so long is closed."""

LIFESPAN_MS: Final = 3600000
"""How long a connection may live."""

MESSAGE_BYTES_LIMIT: Final = 65536
"""The largest message, in bytes, that the server reads."""

MESSAGES_PER_SECOND_LIMIT: Final = 50
"""How many messages a client may send in each second, for as long as it likes."""

MESSAGE_BURST_LIMIT: Final = 200
"""How many messages a client may send at once, after it was silent."""

SUBSCRIPTIONS_PER_CONNECTION_LIMIT: Final = 500
"""How many topics one connection may be subscribed to."""

CONNECTIONS_PER_ADDRESS_LIMIT: Final = 1000
"""How many connections there may be from one network address."""

CONNECTIONS_PER_USER_LIMIT: Final = 100
"""How many connections there may be whose tokens name one user."""

ENVELOPE: Final = Envelope(
    type="type",
    payload="payload",
    error="error",
    problem=(("status",), "error"),
    id="id",
    topic="topic",
    seq="seq",
    seq_from="seq_from",
    epoch="epoch",
    snapshot="snapshot",
    checksum="checksum",
    recover="recover",
    recovered="recovered",
    ts="ts",
    reset="topic.reset",
    close="topic.closed",
    events=(
        "topic.reset",
        "topic.closed",
        "server.shutdown",
    ),
)
"""The names of the fields that frames may have."""

Delivery: TypeAlias = Literal["conflate", "lossless"]
"""What a subscriber who is too slow gets: only the latest update, or a closed connection."""

DELIVERY: Final[Mapping[str, Delivery]] = {
    "bars": "conflate",
    "quotes": "conflate",
    "trades": "lossless",
    "orderbook": "conflate",
    "account": "lossless",
    "positions": "lossless",
    "orders": "lossless",
}
"""By channel; a channel that is not here does not say."""

HISTORY: Final[Mapping[str, int]] = {
    "bars": 256,
    "quotes": 64,
    "trades": 1000,
    "orderbook": 256,
    "account": 256,
    "positions": 256,
    "orders": 256,
}
"""By channel: how many of a topic's last updates are kept for those who come back."""

SNAPSHOT: Final[Mapping[str, Literal["subscribe", "recover"]]] = {
    "bars": "recover",
    "quotes": "subscribe",
    "orderbook": "subscribe",
    "account": "subscribe",
    "positions": "subscribe",
    "orders": "subscribe",
}
"""By channel: when a subscriber is first sent what the topic holds.

`subscribe` is whenever it is not sent all it missed, `recover` only where it asked for that in vain.
"""

STATE: Final[Mapping[str, StateRule]] = {
    "orderbook": StateRule(
        key="price",
        value="size",
        lists={"bids": "descending", "asks": "ascending"},
        checksum=10,
    ),
}
"""By channel: how updates change what a subscriber holds; elsewhere each stands for itself."""

ACCESS: Final[Mapping[str, AccessRule]] = {
    "account": AccessRule(scopes=("account:read",), parameter="account_id"),
    "positions": AccessRule(scopes=("account:read",), parameter="account_id"),
    "orders": AccessRule(scopes=("account:read",), parameter="account_id"),
}
"""By channel: what a token must grant to those who use it; elsewhere none is needed."""


class CloseCode(IntEnum):
    """Why a connection is closed."""

    UNDECODABLE = 1003
    """The client sent data of a kind that this service does not read."""

    BAD_UTF8 = 1007
    """A text frame was not valid UTF-8."""

    TOO_BIG = 1009
    """A message was larger than the service accepts."""

    SERVER_FAULT = 1011
    """The service failed; it is not the client's fault."""

    RESTART = 1012
    """The service restarts."""

    DRAIN = 4000
    """The service sends its connections elsewhere; reconnect within the advised window."""

    LIFESPAN_OVER = 4001
    """The connection has lived as long as connections may; open another."""

    HEARTBEAT_MISSED = 4002
    """Nothing came from the client within the heartbeat interval."""

    TOKEN_EXPIRED = 4003
    """The token is no longer valid; fetch another, then reconnect."""

    SLOW_CONSUMER = 4004
    """Clients reconnect.

    What waited for the client was too much and could not be folded any further; reconnect and expect
    snapshots.
    """

    RATE_LIMITED = 4006
    """The client kept sending faster than allowed, though refused; reconnect after the advised wait."""

    BAD_TOKEN = 4500
    """The token is not one that this service accepts."""

    TOO_MANY_ERRORS = 4501
    """The client kept sending what cannot be understood."""

    FORBIDDEN = 4503
    """The client may not use this service."""

    CONNECTION_LIMIT = 4504
    """There are already as many connections as are allowed, from one address, of one user, or in all."""


_RECONNECT: Final[Mapping[int, bool]] = {
    CloseCode.UNDECODABLE: False,
    CloseCode.BAD_UTF8: False,
    CloseCode.TOO_BIG: False,
    CloseCode.SERVER_FAULT: True,
    CloseCode.RESTART: True,
    CloseCode.DRAIN: True,
    CloseCode.LIFESPAN_OVER: True,
    CloseCode.HEARTBEAT_MISSED: True,
    CloseCode.TOKEN_EXPIRED: True,
    CloseCode.SLOW_CONSUMER: True,
    CloseCode.RATE_LIMITED: True,
    CloseCode.BAD_TOKEN: False,
    CloseCode.TOO_MANY_ERRORS: False,
    CloseCode.FORBIDDEN: False,
    CloseCode.CONNECTION_LIMIT: False,
}


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    declared = _RECONNECT.get(code)
    return may_reconnect(code) if declared is None else declared
