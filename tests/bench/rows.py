"""What is measured: one row of the table each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal[
    "throughput",
    "latency",
    "stall",
    "memory",
    "requests",
    "cost",
    "storm",
    "handshakes",
    "authenticate",
    "counting",
    "scrape",
]

Table = Literal["figures", "costs"]
"""Beside others, or Tapewire alone."""

UNITS: dict[Mode, str] = {
    "throughput": "deliveries/s",
    "latency": "ms (p99)",
    "stall": "% lost by the others",
    "memory": "KB a connection",
    "requests": "answers/s",
    "cost": "µs of the server's CPU a delivery",
    "counting": "% of the server's CPU",
    "scrape": "ms of the server's CPU a scrape",
    "storm": "ms until the last has caught up",
    "handshakes": "µs of the server's CPU a handshake",
    "authenticate": "µs of the server's CPU a request",
}


@dataclass(frozen=True)
class Row:
    """One load, and who is put under it."""

    name: str
    title: str
    mode: Mode
    peers: tuple[str, ...]
    clients: int
    per_turn: int = 1
    topics: int = 1
    topics_each: int = 1
    """How many of the topics each client has; a random choice of its own where these are not all."""
    window: int = 32
    """How many turns the publisher may be ahead of what the generator has received."""
    per_second: int = 0
    in_flight: int = 0
    deflate: bool = False
    own: bool = False
    """Whether each client has one topic that is its own."""
    lost: int = 0
    """Updates of each topic that a client has missed when it comes back."""
    shared: bool = False
    """Whether one server is held against several with a broker, so that what all of them spend is told."""
    references: tuple[str, ...] = ("fastws", "limit")
    """Peers that the others are compared with."""

    @property
    def unit(self) -> str:
        """What its figures are."""
        return UNITS[self.mode]

    @property
    def table(self) -> Table:
        """Which part of the document it belongs to."""
        return "figures" if "fastws" in self.references else "costs"

    @property
    def more_is_better(self) -> bool:
        """Whether a higher figure is the better one."""
        return self.mode in {"throughput", "requests"}

    @property
    def owed(self) -> int:
        """Deliveries that one turn makes. A turn has one message for each topic, or one in all."""
        counted = self.clients - 1 if self.mode == "stall" else self.clients
        return counted * (self.topics_each if self.per_turn > 1 else 1)


ROWS = (
    Row(
        "single",
        "1000 subscribers, one message a turn",
        "throughput",
        ("tapewire", "tapewire-turn", "fastws", "channels", "websockets", "ws", "uws", "limit"),
        clients=1000,
    ),
    Row(
        "many",
        "5000 subscribers, one message a turn",
        "throughput",
        ("tapewire", "tapewire-turn", "fastws", "uws", "limit"),
        clients=5000,
    ),
    Row(
        "batch",
        "1000 subscribers, 10 messages a turn, same topics",
        "throughput",
        ("tapewire", "tapewire-turn", "fastws", "nats", "uws", "limit"),
        clients=1000,
        per_turn=10,
        topics=10,
        topics_each=10,
        window=16,
    ),
    Row(
        "topics",
        "1000 subscribers, each with 10 of 20 topics, one message a topic and turn",
        "throughput",
        ("tapewire", "tapewire-turn", "fastws", "uws", "limit"),
        clients=1000,
        per_turn=20,
        topics=20,
        topics_each=10,
        window=16,
    ),
    Row(
        "latency",
        "p99 at 1000 subscribers, 50 updates a second",
        "latency",
        ("tapewire", "tapewire-turn", "fastws", "channels", "websockets", "ws", "uws", "limit"),
        clients=1000,
        per_second=50,
    ),
    Row(
        "stall",
        "20 subscribers, one stops reading: what the other 19 lose",
        "stall",
        ("tapewire", "fastws", "channels", "websockets", "ws", "uws"),
        clients=20,
        window=128,
    ),
    Row(
        "deflate",
        "1000 subscribers, one message a turn, compressed",
        "throughput",
        ("tapewire", "fastws", "websockets", "ws", "uws"),
        clients=1000,
        deflate=True,
    ),
    Row(
        "memory",
        "memory of an idle connection",
        "memory",
        ("tapewire", "fastws", "channels", "websockets", "ws", "uws"),
        clients=2000,
    ),
    Row(
        "requests",
        "subscribe requests, 16 in flight on one connection",
        "requests",
        ("tapewire", "fastws"),
        clients=1,
        topics=20,
        in_flight=16,
    ),
    Row(
        "requests-16",
        "subscribe requests, one in flight on each of 16 connections",
        "requests",
        ("tapewire", "fastws"),
        clients=16,
        topics=20,
        in_flight=1,
    ),
    Row(
        "workers",
        "1000 subscribers, one message a turn: one process, and two with Valkey",
        "throughput",
        ("tapewire", "tapewire-redis", "tapewire-workers"),
        clients=1000,
        shared=True,
        references=("tapewire",),
    ),
    Row(
        "workers-p99",
        "p99 at 1000 subscribers, 50 updates a second: one process, and two with Valkey",
        "latency",
        ("tapewire", "tapewire-redis", "tapewire-workers"),
        clients=1000,
        per_second=50,
        shared=True,
        references=("tapewire",),
    ),
    Row(
        "storm",
        "1000 clients with 5 topics each lose their connections at once, having missed 20 updates of each",
        "storm",
        ("storm-snapshot", "storm-recover"),
        clients=1000,
        topics=5,
        topics_each=5,
        lost=20,
        references=("storm-snapshot",),
    ),
    Row(
        "storm-many",
        "5000 clients with 5 topics each lose their connections at once, having missed 20 updates of each",
        "storm",
        ("storm-snapshot", "storm-recover"),
        clients=5000,
        topics=5,
        topics_each=5,
        lost=20,
        references=("storm-snapshot",),
    ),
    Row(
        "handshakes",
        "handshakes with a token",
        "handshakes",
        ("auth-none", "auth-hs256", "auth-rs256", "auth-es256", "auth-eddsa"),
        clients=1000,
        references=("auth-none",),
    ),
    Row(
        "authenticate",
        "session.authenticate, 16 in flight on one connection, against a ping",
        "authenticate",
        ("auth-none", "auth-hs256", "auth-rs256", "auth-es256", "auth-eddsa"),
        clients=1,
        in_flight=16,
        references=("auth-none",),
    ),
    Row(
        "metrics",
        "metrics off, counted only, scraped: 1000 subscribers, one message a turn",
        "cost",
        ("metrics-off", "metrics-idle", "metrics-scraped"),
        clients=1000,
        references=("metrics-off",),
    ),
    Row(
        "metrics-own",
        "metrics off, counted only, scraped: 100 messages a turn, each to one subscriber of its own",
        "cost",
        ("metrics-off", "metrics-idle", "metrics-scraped"),
        clients=100,
        per_turn=100,
        topics=100,
        own=True,
        references=("metrics-off",),
    ),
    Row(
        "metrics-one",
        "metrics off, counted only, scraped: one message a turn to one subscriber",
        "cost",
        ("metrics-off", "metrics-idle", "metrics-scraped"),
        clients=1,
        references=("metrics-off",),
    ),
    Row(
        "counting",
        "what counting costs: 1000 subscribers, one message a turn",
        "counting",
        ("tapewire-turn",),
        clients=1000,
        references=(),
    ),
    Row(
        "counting-own",
        "what counting costs: 100 messages a turn, each to one subscriber of its own",
        "counting",
        ("tapewire-turn",),
        clients=100,
        per_turn=100,
        topics=100,
        own=True,
        references=(),
    ),
    Row(
        "counting-one",
        "what counting costs: one message a turn to one subscriber",
        "counting",
        ("tapewire-turn",),
        clients=1,
        references=(),
    ),
    Row(
        "scrape",
        "what a scrape costs, with 1000 connections and 100 topics",
        "scrape",
        ("tapewire",),
        clients=1000,
        topics=100,
        topics_each=10,
        references=(),
    ),
)
