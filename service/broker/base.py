"""What a broker is to the hub, and the hub to a broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from generated.runtime.state import Changes
    from generated.topics import Topic

BrokerState: TypeAlias = Literal["up", "connecting", "degraded", "down"]
"""`degraded` serves, but slowly or without taking what is published; `down` serves nothing that is not here."""


class BrokerUnavailable(Exception):
    """The broker cannot be asked now; later it may answer."""


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """How a broker is doing, for health and metrics."""

    name: str
    """`memory`, or the address without its password."""
    state: BrokerState
    since: float
    """When that state began, in Unix seconds."""
    reason: str = ""
    """Why it is not up, in a sentence; empty where it is."""
    lag_ms: float | None = None
    """How long a publication takes there and back, in milliseconds; None where there is no way, or none known."""
    queued: int = 0
    """Bytes of publications that wait to be taken."""
    dropped: int = 0
    """Publications that were given up, since the beginning."""
    resets: int = 0
    """How often a topic's subscribers were told that its history cannot be proven, since the beginning."""
    reconnects: int = 0
    """How often a connection was lost and made anew, since the beginning."""
    full: bool = False
    """Whether it is degraded since it has no memory left."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A publication that has its place in its topic."""

    seq: int
    epoch: str
    ts: int
    """When it got that, Unix milliseconds: the same on every node."""
    publication: Publication


@dataclass(frozen=True, slots=True)
class Seed:
    """All that is known of a topic at one moment: what a replica of it begins with."""

    epoch: str
    seq: int
    last: Publication | None = None
    """What the topic holds where it has no keyed lists."""
    held: Changes | None = None
    """What it holds where it has."""
    history: Sequence[Numbered] = ()
    """The last updates, oldest first, without a gap up to `seq`."""


class Receiver(Protocol):
    """Whoever follows topics: the hub. Everything is called on the event loop's thread, and nothing waits."""

    def opened(self, topic: Topic, seed: Seed) -> None:
        """A topic that was asked for is open; what follows on the seed comes by `receive`."""

    def receive(self, update: Numbered) -> None:
        """The next update of an open topic: its number is one more than the last."""

    def reset(self, address: str, seed: Seed, message: str) -> None:
        """What happened in an open topic cannot be proven, for the reason given; it begins anew with this seed."""

    def base_wanted(self, address: str) -> None:
        """What a topic holds has been lost: whoever feeds it is to publish the whole."""


class Broker(Protocol):
    """Takes publications, and gives them back numbered.

    Where `remote` is False, the hub numbers by itself, and calls neither `publish` nor `open`.
    """

    @property
    def remote(self) -> bool:
        """Whether numbers are given elsewhere, and updates come back through the receiver."""

    def bind(self, receiver: Receiver) -> None:
        """Say who follows topics; before `start`."""

    async def start(self) -> None:
        """Begin to connect; returns without waiting for that."""

    async def reached(self, patience: float) -> bool:
        """Whether it serves; waits for that, so many seconds at most."""

    async def stop(self) -> None:
        """Hand over what is published, as far as that goes at once, and end."""

    def publish(self, publication: Publication, *, exclusive: bool = False) -> None:
        """Take one publication; returns at once. With `exclusive` it comes from who alone feeds the topic."""

    def begin(self, address: str) -> None:
        """What is published exclusively on a topic from now on does not follow on what came before."""

    def end(self, address: str) -> None:
        """Nothing more is published exclusively on a topic, unless it begins again."""

    def withdraw(self) -> None:
        """Forget what was published exclusively and has not been sent: another feeds now."""

    async def open(self, topic: Topic) -> None:
        """Follow a topic; the receiver's `opened` has been called when this returns. Raises BrokerUnavailable."""

    async def catch_up(self, address: str) -> None:
        """Return once everything was followed that a topic had when this was called. Raises BrokerUnavailable."""

    def close(self, address: str) -> None:
        """Follow a topic no more."""

    def status(self) -> BrokerStatus:
        """How it is doing."""
