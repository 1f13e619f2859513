"""What is measured: one row of the table each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["throughput", "latency", "stall", "memory", "requests"]

UNITS: dict[Mode, str] = {
    "throughput": "deliveries/s",
    "latency": "ms (p99)",
    "stall": "% lost by the others",
    "memory": "KB a connection",
    "requests": "answers/s",
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

    @property
    def unit(self) -> str:
        """What its figures are."""
        return UNITS[self.mode]

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
)
