"""Who is doing what, now: topics by their subscribers, the slowest clients, and totals.

This names topics and addresses of clients, so it is served on the admin listener alone. `Status` is also what
`/internal/status` answers, as JSON of the same names; `decode` reads that back.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from generated.constants import VERSION
from service.http import package_version

if TYPE_CHECKING:
    from service.connection import ClientConnection
    from service.counters import Counters
    from service.hub.topic import TopicState
    from service.metrics.sources import Sources

Order: TypeAlias = Literal["subscribers", "rate"]
"""By what topics come first."""

MOST = 50
"""Topics and clients that are told of, unless asked for another number."""

_SOONEST = 0.5
"""Seconds that a rate is taken over at least."""


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """One topic that is open."""

    address: str
    channel: str
    subscribers: int
    """On all workers that answered."""
    updates: int
    """The number of its last update: how many there were in this epoch."""
    updates_per_second: float | None
    """Since it was last asked; None where nobody asked before."""


@dataclass(frozen=True, slots=True)
class ClientStatus:
    """One connection."""

    id: str
    """As in the logs."""
    worker: int | None
    """Which worker serves it; None where there is but one process."""
    address: str
    """The client's network address, or that of the proxy before it."""
    queued_bytes: int
    """What waits for it in this process."""
    behind: bool
    """Whether it does not take what it is sent as fast as that comes."""
    subscriptions: int
    age_seconds: float
    silent_seconds: float
    """Since it last said something."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all topics and connections. What says so is since the start; take differences for rates."""

    connections: int = 0
    topics: int = 0
    """Of several workers: each worker's counted, so a topic that two have open counts twice."""
    subscriptions: int = 0
    clients_behind: int = 0
    queued_bytes: int = 0
    publications: int = 0
    """Since the start."""
    deliveries: int = 0
    """Since the start: updates owed to subscribers, each once for every one."""
    messages_received: int = 0
    """Since the start."""
    bytes_sent: int = 0
    """Since the start."""
    bytes_received: int = 0
    """Since the start."""
    conflated: int = 0
    """Since the start: updates that were folded into later ones for slow clients."""
    dropped: int = 0
    """Since the start: updates that were thrown away with the connection that they were for."""
    refused: int = 0
    """Since the start: messages of clients that were refused."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One process that answered, or did not."""

    worker: int | None
    """None where there is but one process."""
    answered: bool
    pid: int = 0
    uptime_seconds: float = 0.0
    ready: bool = False
    reasons: tuple[str, ...] = ()
    """Why it is not ready, or not all well; sentences."""
    loop_lag_seconds: float = 0.0
    """How late the event loop was when that was last measured."""
    cpu_seconds: float = 0.0
    """Processor time since the start; its growth over a second is the load, 1.0 being one core."""
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """A running service, of one process or of several."""

    version: str
    contract: str
    time_ms: int
    """When it was asked, Unix milliseconds."""
    workers: tuple[WorkerStatus, ...]
    totals: Totals
    topics: tuple[TopicStatus, ...]
    """The first ones in the order asked for."""
    clients: tuple[ClientStatus, ...]
    """The slowest: who has most waiting, those first that are behind."""
    feed: str = ""
    """Name and state, where several share one of who feeds: `simulate running`."""
    broker: str = ""
    """Where it is, its state, and why where it is not up: `redis://cache:6379 up`."""
    closes: dict[str, int] = field(default_factory=dict)
    """Since the start: connections that are over, by close code, whoever ended them."""
    closes_by_client: dict[str, int] = field(default_factory=dict)
    """Of these, the ones that the client ended; the others are ours."""
    feeds: bool = True
    """Whether one of these processes feeds; otherwise, where all share one feed, one elsewhere does."""


@dataclass(slots=True)
class _Look:
    """What a rate is the difference to."""

    at: float = float("-inf")
    seqs: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By topic: epoch, and the number of its last update."""


class Watch:
    """Looks at a service now and then; rates are between two looks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._before = _Look()
        self._last = _Look()

    def status(self, *, most: int = MOST, order: Order = "subscribers") -> Status:
        """How it is now. Visits each topic and connection once: a millisecond for a thousand of them, about."""
        sources = self._sources
        rates = self._rates()
        states = list(sources.hub.states())
        connections = list(sources.connections)

        def weight(state: TopicState) -> tuple[float, float]:
            rate = rates.get(state.topic.address) or 0.0
            return (state.count, rate) if order == "subscribers" else (rate, state.count)

        topics = tuple(
            TopicStatus(
                state.topic.address,
                state.topic.channel,
                state.count,
                state.seq,
                rates.get(state.topic.address),
            )
            for state in nlargest(most, states, key=weight)
        )
        clients = tuple(self._client(connection) for connection in nlargest(most, connections, key=_slowness))
        broker = sources.broker_status()
        feed = sources.feed.status()
        return Status(
            version=package_version(),
            contract=VERSION,
            time_ms=int(time.time() * 1000),
            workers=(self._worker(),),
            totals=self._totals(states, connections),
            topics=topics,
            clients=clients,
            feed=f"{feed.name} {feed.state}",
            feeds=feed.detail.get("role", "leader") == "leader",
            broker=" ".join(filter(None, (broker.name, broker.state, broker.reason))),
            closes=_closes(sources.counters, "server", "client"),
            closes_by_client=_closes(sources.counters, "client"),
        )

    def _rates(self) -> dict[str, float]:
        """Updates a second of each topic, since the last look that is not too near; empty at the first."""
        now = time.monotonic()
        if now - self._last.at >= _SOONEST:
            self._before = self._last
            self._last = _Look(
                now,
                {state.topic.address: (state.epoch, state.seq) for state in self._sources.hub.states()},
            )
        before, last = self._before, self._last
        elapsed = last.at - before.at
        rates: dict[str, float] = {}
        if before.seqs or elapsed != float("inf"):
            for address, (epoch, seq) in last.seqs.items():
                known = before.seqs.get(address)
                since = known[1] if known is not None and known[0] == epoch else 0
                rates[address] = max(seq - since, 0) / elapsed
        return rates

    def _client(self, connection: ClientConnection) -> ClientStatus:
        return ClientStatus(
            id=str(connection.id),
            worker=self._sources.worker,
            address=connection.address,
            queued_bytes=connection.queued,
            behind=connection.behind,
            subscriptions=self._sources.hub.topics_of(connection.outbox),
            age_seconds=round(connection.age, 3),
            silent_seconds=round(connection.silence, 3),
        )

    def _worker(self) -> WorkerStatus:
        sources = self._sources
        health = sources.health()
        times = os.times()
        return WorkerStatus(
            worker=sources.worker,
            answered=True,
            pid=os.getpid(),
            uptime_seconds=health.uptime_seconds,
            ready=health.ready,
            reasons=tuple(reason.message for reason in health.reasons),
            loop_lag_seconds=sources.lag.last,
            cpu_seconds=times.user + times.system,
            connections=health.connections,
        )

    def _totals(self, states: Sequence[TopicState], connections: Sequence[ClientConnection]) -> Totals:
        counters = self._sources.counters
        channels = counters.channels.values()
        tallies = self._sources.hub.tallies().values()
        return Totals(
            connections=len(connections),
            topics=len(states),
            subscriptions=sum(state.count for state in states),
            clients_behind=sum(connection.behind for connection in connections),
            queued_bytes=sum(connection.queued for connection in connections),
            publications=sum(tally.publications for tally in tallies),
            deliveries=sum(tally.deliveries for tally in tallies),
            messages_received=counters.frames_received,
            bytes_sent=counters.bytes_sent,
            bytes_received=counters.bytes_received,
            conflated=sum(channel.conflated for channel in channels),
            dropped=sum(
                channel.dropped_slow + channel.dropped_gone + channel.dropped_revoked for channel in channels
            ),
            refused=counters.refusals.total(),
        )


def joined(statuses: Sequence[Status], *, most: int = MOST, order: Order = "subscribers") -> Status:
    """Several workers' as one: everybody's numbers, and the words of the one that feeds, or else of the first.

    ValueError where there is none.
    """
    if not statuses:
        raise ValueError("no worker answered")
    clients = [client for status in statuses for client in status.clients]
    leader = min(statuses, key=lambda status: (not status.feeds, _number(status)))
    return replace(
        statuses[0],
        feed=leader.feed,
        feeds=leader.feeds,
        workers=tuple(worker for status in statuses for worker in status.workers),
        totals=_sum(status.totals for status in statuses),
        closes=_sum_closes(status.closes for status in statuses),
        closes_by_client=_sum_closes(status.closes_by_client for status in statuses),
        topics=_joined_topics(statuses, most, order),
        clients=tuple(nlargest(most, clients, key=lambda one: (one.behind, one.queued_bytes))),
    )


def _number(status: Status) -> int:
    return min((worker.worker or 0 for worker in status.workers), default=0)


def encode(status: Status) -> bytes:
    """As JSON."""
    return msgspec.json.encode(status)


def decode(body: bytes) -> Status:
    """What `/internal/status` answered; msgspec.ValidationError where it is something else."""
    return msgspec.json.decode(body, type=Status)


def _joined_topics(statuses: Sequence[Status], most: int, order: Order) -> tuple[TopicStatus, ...]:
    """A topic that several workers have is one: its subscribers are the sum, its updates are the same ones."""
    found: dict[str, TopicStatus] = {}
    for topic in (topic for status in statuses for topic in status.topics):
        known = found.get(topic.address)
        found[topic.address] = topic if known is None else _same_topic(known, topic)

    def weight(topic: TopicStatus) -> tuple[float, float]:
        rate = topic.updates_per_second or 0.0
        return (topic.subscribers, rate) if order == "subscribers" else (rate, topic.subscribers)

    return tuple(nlargest(most, found.values(), key=weight))


def _same_topic(one: TopicStatus, other: TopicStatus) -> TopicStatus:
    rates = [topic.updates_per_second for topic in (one, other) if topic.updates_per_second is not None]
    return replace(
        one,
        subscribers=one.subscribers + other.subscribers,
        updates=max(one.updates, other.updates),
        updates_per_second=max(rates, default=None),
    )


def _sum(totals: Iterable[Totals]) -> Totals:
    each = list(totals)
    names = Totals.__dataclass_fields__
    return Totals(**{name: sum(getattr(one, name) for one in each) for name in names})


def _closes(counters: Counters, *who: str) -> dict[str, int]:
    return _sum_closes({str(code): count} for (code, by), count in counters.closes.items() if by in who)


def _sum_closes(each: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """By code."""
    total: Counter[str] = Counter()
    for closes in each:
        total.update(closes)
    return dict(total)


def _slowness(connection: ClientConnection) -> tuple[bool, int, float]:
    return connection.behind, connection.queued, connection.silence
