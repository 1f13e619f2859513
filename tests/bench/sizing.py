"""What a connection, a handshake, a token, an update over Redis cost: `python -m tests.bench.sizing`, some 30 seconds.

Costs are the memory and the processor time of one process, as the kernel counts them, so that they hold on a machine
that is busy with something else. docs/sizing.md reckons with them.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, cast

import jwt
import uvloop
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from generated.models import Bar
from generated.topics import BarsTopic
from service.app import create_app
from service.server import listen, server_of, url_of
from service.settings import Settings
from tests.bench.processes import Child, child
from tests.frames import PONG, TEXT, frame
from tests.valkey import ValkeyServer, valkey_server

_CONNECTIONS: Final = 2_000
_WARM: Final = 200
"""Connections before anything is measured: the first ones make what all share."""
_UPDATES: Final = 20_000
_FIRST: Final = 1_000
"""Updates before anything is measured."""
_TOPICS: Final = 20
_BATCH: Final = 20
"""Updates that are published in one turn of the event loop."""
_TOKENS: Final = 500
_PATIENCE: Final = 60.0
_AT_ONCE: Final = 50
_LOOK: Final = 0.01
_SETTLES: Final = 0.5
_IDLE: Final = 5.0
"""Seconds in which connections do nothing but answer pings, one a second."""
_PING: Final = b"\x89\x04"
"""How the protocol's pings begin that the service sends."""

_UPGRADE: Final = (
    b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

Say = Callable[[str, float, str], None]


async def node(broker: str, ping_interval: float) -> None:
    """A service that does as it is told, an order a line; the process that is measured."""
    settings = Settings(
        feed="none",
        broker=broker,
        connections=100_000,
        connections_per_address=100_000,
        heartbeat_interval=3600,
        ping_interval=ping_interval,
        messages_per_second=1e6,
        message_burst=1_000_000,
        broker_queue_bytes=2**30,
    )
    app = create_app(settings)
    sockets = listen("127.0.0.1", 0)
    server = server_of(app, settings)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    hub, publisher = app.state.hub, app.state.publisher
    async with asyncio.timeout(_PATIENCE):
        while app.state.broker.status().state != "up":  # noqa: ASYNC110, it is asked, and tells nobody
            await asyncio.sleep(_LOOK)
    print(json.dumps({"url": url_of(sockets)}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        if "publish" in order:
            for number in range(order["publish"]):
                bar = Bar(time=60_000, open=1.0, high=9.0, low=0.0, close=float(number % 9), volume=1.0)
                publisher.bars_update(BarsTopic(f"S{number % _TOPICS}", "1"), bar)
                if number % _BATCH == 0:
                    await asyncio.sleep(0.001)
        async with asyncio.timeout(_PATIENCE):
            while sum(state.seq for state in hub.states()) < order.get("until", 0):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK)
        gc.collect()
        print("{}", flush=True)
    server.should_exit = True
    await serving


class _Reader(asyncio.Protocol):
    """Reads, keeps nothing but that the handshake is over, and answers pings."""

    def __init__(self) -> None:
        self.accepted = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """By which pings are answered."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Look at the first bytes alone."""
        if not self.accepted.done():
            assert b" 101 " in data
            self.accepted.set_result(None)
        elif data[:2] == _PING:
            assert self.transport is not None
            self.transport.write(frame(PONG, data[2:6]))


class Crowd:
    """Many connections to one node, that read and forget."""

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("//")[2].partition(":")
        self._host, self._port = host, int(port)
        self._transports: list[asyncio.Transport] = []

    async def grow(self, count: int) -> None:
        """So many more."""
        for begun in range(0, count, _AT_ONCE):
            await asyncio.gather(*(self._connect() for _ in range(min(_AT_ONCE, count - begun))))

    async def subscribe(self, *symbols: str) -> None:
        """To these, each of them."""
        for symbol in symbols:
            await self.say({"type": "bars.subscribe", "payload": {"symbol": symbol, "resolution": "1"}})

    async def say(self, message: object) -> None:
        """Something, each of them; returns when it should have been answered."""
        sent = frame(TEXT, json.dumps(message).encode())
        for number, transport in enumerate(self._transports):
            transport.write(sent)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(_LOOK)
        await asyncio.sleep(_SETTLES)

    def close(self) -> None:
        """All of them, at once."""
        for transport in self._transports:
            transport.abort()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        transport, reader = await loop.create_connection(_Reader, self._host, self._port)
        transport.write(_UPGRADE)
        await reader.accepted
        self._transports.append(transport)


@asynccontextmanager
async def _node(broker: str, ping_interval: float = 3600) -> AsyncIterator[tuple[Child, Crowd]]:
    command = [sys.executable, "-m", "tests.bench.sizing", "node", broker, str(ping_interval)]
    async with child("node", command, min(os.sched_getaffinity(0))) as process:
        hello = await process.hello()
        crowd = Crowd(str(hello["url"]))
        try:
            yield process, crowd
        finally:
            crowd.close()


async def connections(say: Say) -> None:
    """Memory and handshakes."""
    async with _node("memory") as (process, crowd):
        await crowd.grow(_WARM)
        await process.ask("{}", _PATIENCE)
        memory, cpu = process.memory_kb(), process.cpu_seconds()
        await crowd.grow(_CONNECTIONS)
        await process.ask("{}", _PATIENCE)
        say("processor time of a handshake", (process.cpu_seconds() - cpu) / _CONNECTIONS * 1e6, "µs")
        say("memory of a connection, nothing subscribed", (process.memory_kb() - memory) / _CONNECTIONS, "KB")
        topics = 0
        for symbols in (["S0"], ["S1", "S2", "S3", "S4"]):
            cpu = process.cpu_seconds()
            await crowd.subscribe(*symbols)
            await process.ask("{}", _PATIENCE)
            spent = (process.cpu_seconds() - cpu) / (len(symbols) * (_CONNECTIONS + _WARM))
            topics += len(symbols)
            say(
                f"memory of a connection, {topics} subscribed",
                (process.memory_kb() - memory) / _CONNECTIONS,
                "KB",
            )
        say("processor time of a subscribe", spent * 1e6, "µs")
        cpu = process.cpu_seconds()
        for _ in range(3):
            await crowd.say({"type": "ping"})
        spent = (process.cpu_seconds() - cpu) / (3 * (_CONNECTIONS + _WARM))
        say("processor time of a heartbeat, ping and pong as messages", spent * 1e6, "µs")
    async with _node("memory", 1.0) as (process, crowd):
        await crowd.grow(_CONNECTIONS)
        cpu = process.cpu_seconds()
        await asyncio.sleep(_IDLE)
        spent = (process.cpu_seconds() - cpu) / (_IDLE * _CONNECTIONS)
        say("processor time of a ping of the protocol, and its pong", spent * 1e6, "µs")


async def updates(say: Say) -> None:
    """What an update costs: in memory; over Redis on the node that publishes, on another one, and on Valkey."""
    async with _node("memory") as (process, crowd):
        costs = await _published([(process, crowd)], None)
        say("memory: an update, to one client", costs[0], "µs")
    for count in (1, 3):
        with valkey_server() as valkey:
            async with AsyncExitStack() as stack:
                nodes = [await stack.enter_async_context(_node(valkey.url)) for _ in range(count)]
                costs = await _published(nodes, valkey)
        say(f"redis, {count} nodes: an update, on the node that publishes it", costs[0], "µs")
        for cost in costs[1:count]:
            say(f"redis, {count} nodes: an update, on one that hears of it", cost, "µs")
        say(f"redis, {count} nodes: an update, on Valkey", costs[-1], "µs")


async def _published(nodes: list[tuple[Child, Crowd]], valkey: ValkeyServer | None) -> list[float]:
    """Microseconds an update on each node, and on Valkey; every node has one client, who has all topics."""
    for _, crowd in nodes:
        await crowd.grow(1)
        await crowd.subscribe(*(f"S{number}" for number in range(_TOPICS)))
    leader = nodes[0][0]
    await leader.ask(json.dumps({"publish": _FIRST, "until": _FIRST}), _PATIENCE)
    pids = [process.pid for process, _ in nodes]
    if valkey is not None and valkey.pid is not None:
        pids.append(valkey.pid)
    before = [leader.cpu_seconds(pid) for pid in pids]
    await leader.ask(json.dumps({"publish": _UPDATES, "until": _FIRST + _UPDATES}), _PATIENCE)
    for process, _ in nodes[1:]:
        await process.ask(json.dumps({"until": _FIRST + _UPDATES}), _PATIENCE)
    return [(leader.cpu_seconds(pid) - was) / _UPDATES * 1e6 for pid, was in zip(pids, before, strict=True)]


async def tokens(say: Say) -> None:
    """What it costs to verify a token."""
    secret = "0123456789abcdef0123456789abcdef"
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    keys = {
        "HS256": (secret, secret),
        "RS256": (private, private.public_key()),
        "ES256": (curve, curve.public_key()),
        "EdDSA": (edwards, edwards.public_key()),
    }
    claims = {"sub": "alice", "exp": int(time.time()) + 3600, "scope": "account:read", "accounts": ["A-1"]}
    for algorithm, (sign, verify) in keys.items():
        token = jwt.encode(claims, sign, algorithm=algorithm)  # type: ignore[arg-type]  # each fits its own
        began = time.process_time()
        for _ in range(_TOKENS):
            jwt.decode(token, verify, algorithms=[algorithm])  # type: ignore[arg-type]
        say(f"verifying a token, {algorithm}", (time.process_time() - began) / _TOKENS * 1e6, "µs")


def _print(name: str, figure: float, unit: str) -> None:
    print(f"{name:<64} {figure:>12,.1f} {unit}", flush=True)


async def measure() -> None:
    """All of it, in turn."""
    await connections(_print)
    await updates(_print)
    await tokens(_print)


if __name__ == "__main__":
    if sys.argv[1:2] == ["node"]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(node(sys.argv[2], float(sys.argv[3])))
    else:
        asyncio.run(measure())
