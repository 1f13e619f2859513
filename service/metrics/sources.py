"""What metrics, health and status look at. Nothing here is told anything: all of it is read when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from service.access.sources import KeysStatus
from service.clients import Connections
from service.counters import Counters
from service.feeds.base import Feed
from service.hub import Hub
from service.metrics.health import Health, health_of
from service.metrics.lag import LoopLag


class BrokerStatus(Protocol):
    """How the broker is; `service.broker` has the class."""

    @property
    def name(self) -> str:
        """`memory`, or where it is, without its password."""

    @property
    def state(self) -> str:
        """`up`, `connecting`, `down` or `degraded`."""

    @property
    def reason(self) -> str:
        """Why it is not up; empty where it is."""

    @property
    def lag_ms(self) -> float | None:
        """How long a message takes through the broker and back, in milliseconds; None where it is not known."""

    @property
    def queued(self) -> int:
        """Publications that wait to be sent to it, in bytes."""

    @property
    def dropped(self) -> int:
        """Publications that were given up, since the start."""

    @property
    def resets(self) -> int:
        """Topics that were reset since their history could not be proven, since the start."""

    @property
    def reconnects(self) -> int:
        """How often its connection was made anew, since the start."""


class Broker(Protocol):
    """As much of the broker as is looked at."""

    def status(self) -> BrokerStatus:
        """How it is."""


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


@dataclass(frozen=True, slots=True)
class InProcess:
    """The status of the broker that is none: everything stays in this process."""

    name: str = "memory"
    state: str = "up"
    reason: str = ""
    lag_ms: float | None = None
    queued: int = 0
    dropped: int = 0
    resets: int = 0
    reconnects: int = 0


_IN_PROCESS: Final = InProcess()


@dataclass(slots=True)
class Sources:
    """The objects that do the work, of one process."""

    hub: Hub
    connections: Connections
    feed: Feed
    counters: Counters
    received: Mapping[str | int, int] = field(default_factory=dict)
    """How many messages came of each type that the contract has."""
    worker: int | None = None
    """Which of several processes this is."""
    broker: Broker | None = None
    access: AccessCounters | None = None
    keys: Callable[[], KeysStatus | None] | None = None
    """How the keys are that verify tokens; None where there are none."""
    lag: LoopLag = field(default_factory=LoopLag)
    started: float = field(default_factory=time.monotonic)

    def broker_status(self) -> BrokerStatus:
        """How the broker is; memory is always up."""
        return _IN_PROCESS if self.broker is None else self.broker.status()

    def health(self) -> Health:
        """How all of it is."""
        return health_of(self, time.monotonic() - self.started)
