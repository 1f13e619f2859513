"""What metrics, health and status look at. Nothing here is told anything: all of it is read when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from service.broker import Broker, BrokerStatus
from service.clients import Connections
from service.counters import Counters
from service.feeds.base import Feed
from service.hub import Hub
from service.metrics.health import Health, health_of
from service.metrics.lag import LoopLag


class AccessCounters(Protocol):
    """What became of tokens; `service.access` has the class."""

    @property
    def auth_ok(self) -> int:
        """Tokens that were accepted."""

    @property
    def auth_failures(self) -> Mapping[str, int]:
        """Tokens that were not, by reason: a few words that are fixed."""

    @property
    def forbidden(self) -> int:
        """Subscriptions that a token did not allow, or no longer."""

    @property
    def expired(self) -> int:
        """Connections that ended since their token had run out."""


@dataclass(slots=True)
class Sources:
    """The objects that do the work, of one process."""

    hub: Hub
    connections: Connections
    feed: Feed
    broker: Broker
    counters: Counters
    received: Mapping[str | int, int] = field(default_factory=dict)
    """How many messages came of each type that the contract has."""
    worker: int | None = None
    """Which of several processes this is."""
    access: AccessCounters | None = None
    lag: LoopLag = field(default_factory=LoopLag)
    started: float = field(default_factory=time.monotonic)

    def broker_status(self) -> BrokerStatus:
        """How the broker is; memory is always up."""
        return self.broker.status()

    def health(self) -> Health:
        """How all of it is."""
        return health_of(self, time.monotonic() - self.started)
