"""What metrics, health and status look at. Nothing here is told anything: all of it is read when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.access.counters import AccessCounters
from service.access.sources import KeysStatus
from service.broker import Broker, BrokerStatus
from service.clients import Connections
from service.counters import Counters
from service.feeds.base import Feed
from service.hub import Hub
from service.metrics.health import Health, health_of
from service.metrics.lag import LoopLag


@dataclass(slots=True)
class Sources:
    """The objects that do the work, of one process."""

    hub: Hub
    connections: Connections
    feed: Feed
    broker: Broker
    access: AccessCounters
    counters: Counters
    received: Mapping[str | int, int] = field(default_factory=dict)
    """How many messages came of each type that the contract has."""
    worker: int | None = None
    """Which of several processes this is."""
    keys: Callable[[], KeysStatus | None] | None = None
    """How the keys are that verify tokens; None where there are none."""
    lag: LoopLag = field(default_factory=LoopLag)
    started: float = field(default_factory=time.monotonic)

    def broker_status(self) -> BrokerStatus:
        """How the broker is; memory is always up."""
        return self.broker.status()

    def health(self) -> Health:
        """How all of it is."""
        return health_of(self, time.monotonic() - self.started)
