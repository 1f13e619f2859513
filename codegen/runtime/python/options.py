"""How a client behaves; the defaults suit most programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Times in seconds, sizes in bytes."""

    open_timeout: float = 10.0
    """How long opening a connection may take."""
    response_timeout: float = 10.0
    """How long an answer may take, unless a request says otherwise."""
    capacity: int = 10_000
    """How many updates a subscription, or messages a channel, may hold that nobody has read."""
    max_size: int = 16 * 2**20
    """The largest message that is accepted."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent at the handshake: `Authorization`, for one."""
