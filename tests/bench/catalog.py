"""Who is measured, and how each is started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from typing_extensions import Unpack

from tests.bench import tools
from tests.bench.plans import Protocol
from tests.bench.tokens import ALGORITHMS, Algorithm

Command = list[str | Path]


@dataclass(frozen=True)
class Peer:
    """One server."""

    name: str
    title: str
    command: Callable[[], Command]
    """Raises tools.Unavailable where it cannot be started."""
    protocol: Protocol = "list"
    path: str = "/"
    publisher_apart: bool = False
    """Whether the process only publishes, to a server that it started: its place is the generator's core."""
    workers: int = 0
    """Where the process starts several: how many serve, each on a core as far as there are any."""
    algorithm: Algorithm | None = None
    """What its tokens are signed with."""
    recovers: bool = False
    """Whether clients that come back name the position that they have."""
    scraped: bool = False
    """Whether somebody asks for /metrics each second."""
    short: str = ""
    """The title, where it heads a column."""


class _More(TypedDict, total=False):
    protocol: Protocol
    algorithm: Algorithm | None
    recovers: bool
    scraped: bool
    short: str


def _module(name: str) -> Callable[[], Command]:
    return lambda: [tools.peers_python(), "-m", f"tests.bench.peers.{name}"]


def _tapewire(name: str, title: str, *options: str, **more: Unpack[_More]) -> Peer:
    """Tapewire, set up in some way."""
    more.setdefault("protocol", "envelope")

    def command() -> Command:
        return [sys.executable, "-m", "tests.bench.peers.tapewire", *options]

    return Peer(name, title, command, path="/api/v1/ws", **more)


def _nodes(name: str, title: str, workers: int) -> Peer:
    """Tapewire over Valkey, published to by a process apart."""

    def command() -> Command:
        return [sys.executable, "-m", "tests.bench.peers.nodes"]

    return Peer(name, title, command, "envelope", "/api/v1/ws", publisher_apart=True, workers=workers)


def _node() -> Command:
    return [tools.node(), "--expose-gc", tools.PEERS / "ws.mjs"]


def _nats() -> Command:
    return [sys.executable, "-m", "tests.bench.peers.nats", "--server", tools.nats_server()]


PEERS = {
    peer.name: peer
    for peer in (
        _tapewire("tapewire", "Tapewire"),
        _tapewire("tapewire-turn", "Tapewire, no rest", "--no-rest"),
        Peer("fastws", "FastWS", _module("fastws"), protocol="envelope"),
        Peer("channels", "Litestar ChannelsPlugin", _module("channels")),
        Peer("websockets", "websockets.broadcast", _module("broadcast")),
        Peer("ws", "Node ws", _node),
        Peer("uws", "uWebSockets (socketify)", _module("uws")),
        Peer("nats", "nats-server", _nats, protocol="nats", publisher_apart=True),
        Peer("limit", "C, send(2)", lambda: [tools.compiled("peers/limit.c")], short="C"),
        _nodes("tapewire-redis", "Tapewire, one process and Valkey", 1),
        _nodes("tapewire-workers", "Tapewire, two workers and Valkey", 2),
        _tapewire("storm-snapshot", "Tapewire, subscribed anew", "--quotes", protocol="quotes", short="anew"),
        _tapewire("storm-recover", "Tapewire, recovered", "--quotes", protocol="quotes", recovers=True),
        _tapewire("auth-none", "Tapewire, no token", short="no token"),
        *(
            _tapewire(f"auth-{algorithm.lower()}", f"Tapewire, {algorithm}", algorithm=algorithm)
            for algorithm in ALGORITHMS
        ),
        _tapewire("metrics-off", "Tapewire, metrics off", "--no-rest", "--metrics", "off", short="off"),
        _tapewire("metrics-idle", "Tapewire, counted only", "--no-rest"),
        _tapewire("metrics-scraped", "Tapewire, scraped each second", "--no-rest", scraped=True),
    )
}
