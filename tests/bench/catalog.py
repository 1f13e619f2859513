"""Who is measured, and how each is started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench import tools
from tests.bench.plans import Protocol

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


def _module(name: str) -> Callable[[], Command]:
    return lambda: [tools.peers_python(), "-m", f"tests.bench.peers.{name}"]


def _node() -> Command:
    return [tools.node(), "--expose-gc", tools.PEERS / "ws.mjs"]


def _nats() -> Command:
    return [sys.executable, "-m", "tests.bench.peers.nats", "--server", tools.nats_server()]


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "tapewire",
            "Tapewire",
            lambda: [sys.executable, "-m", "tests.bench.peers.tapewire"],
            protocol="envelope",
            path="/api/v1/ws",
        ),
        Peer(
            "tapewire-turn",
            "Tapewire, no rest",
            lambda: [sys.executable, "-m", "tests.bench.peers.tapewire", "--no-rest"],
            protocol="envelope",
            path="/api/v1/ws",
        ),
        Peer("fastws", "FastWS", _module("fastws"), protocol="envelope"),
        Peer("channels", "Litestar ChannelsPlugin", _module("channels")),
        Peer("websockets", "websockets.broadcast", _module("broadcast")),
        Peer("ws", "Node ws", _node),
        Peer("uws", "uWebSockets (socketify)", _module("uws")),
        Peer("nats", "nats-server", _nats, protocol="nats", publisher_apart=True),
        Peer("limit", "C, send(2)", lambda: [tools.compiled("peers/limit.c")]),
    )
}
