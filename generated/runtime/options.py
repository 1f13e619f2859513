"""How a client behaves; the defaults suit most programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .backoff import Backoff, Clock

Token: TypeAlias = Callable[[], str | Awaitable[str]]
"""Gives a token that is good now."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Times in seconds, sizes in bytes.

    A channel that is a socket of its own does not reconnect by itself; `token`, `reconnect` and `max_queued` are
    nothing to it.
    """

    open_timeout: float = 10.0
    """How long an attempt to connect may take, and how long `open()` waits for one that succeeds."""
    response_timeout: float = 10.0
    """How long an answer may take, unless a request says otherwise; waiting for a connection counts."""
    capacity: int = 10_000
    """How many updates a subscription, or messages a channel, may hold that nobody has read."""
    max_size: int = 16 * 2**20
    """The largest message that is accepted; a larger one closes the client."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent at the handshake: `Authorization`, for one."""
    token: Token | str | None = None
    """Called on each connection, which sends what it gives before anything else; for contracts that say how. A string
    is sent as it is, for as long as it is good: there is no other then.

    Called again before four fifths of a token's time are over, where the server says how long that is: the connection
    goes on with the new one. One that raises, gives no text or an empty one, or takes longer than
    `response_timeout`, costs a connection that begins, and is asked again. An empty string is a ValueError at once.
    """
    reconnect: Backoff | None = field(default_factory=Backoff)
    """How long to wait before connecting again; None closes the client when its connection is lost."""
    max_queued: int = 1000
    """How many requests may wait for a connection."""
    clock: Clock = field(default_factory=Clock, repr=False, compare=False)
    """For tests."""
