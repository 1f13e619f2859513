"""A right server, and one between it and its clients that makes one mistake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from codegen.pipeline import Understood, understand
from codegen.verify import Options, Report, tried
from service.app import create_app
from service.server import listen, server_of, url_of
from service.settings import Settings

Frame: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye with this code."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Die:
    """Take the whole server down."""


Reply: TypeAlias = Frame | str | bytes | Close | Die


@dataclass(slots=True)
class Peer:
    """What a fault may remember of one connection."""

    requests: list[Frame] = field(default_factory=list)
    """What the client has sent, as far as it was an object."""
    memory: dict[str, Any] = field(default_factory=dict)


Outgoing: TypeAlias = Callable[[Peer, Frame], list[Reply]]
"""What is sent in place of a frame of the server's."""
Incoming: TypeAlias = Callable[[Peer, str | bytes, Frame | None], list[Reply] | None]
"""What is answered at once to a frame of the client's, which the server then never sees; None to let it pass."""


def _pass(_: Peer, frame: Frame) -> list[Reply]:
    return [frame]


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake."""

    outgoing: Outgoing = _pass
    incoming: Incoming = lambda _, __, ___: None


@asynccontextmanager
async def meddling(target: str, fault: Fault) -> AsyncIterator[str]:
    """A server that is the one at `target`, but for a fault; its address."""

    async def say(client: ServerConnection, replies: list[Reply]) -> None:
        for reply in replies:
            if isinstance(reply, Die):
                listening.close()
                return
            if isinstance(reply, Close):
                await client.close(reply.code, reply.reason)
                return
            await client.send(json.dumps(reply) if isinstance(reply, dict) else reply)

    async def handle(client: ServerConnection) -> None:
        peer = Peer()
        async with connect(target, compression=None, ping_interval=None, max_size=None) as server:

            async def back() -> None:
                try:
                    while True:
                        await say(client, fault.outgoing(peer, json.loads(await server.recv())))
                except ConnectionClosed:
                    await client.close(server.close_code or 1011, server.close_reason or "")

            task = asyncio.create_task(back())
            try:
                while True:
                    data = await client.recv()
                    frame = _object(data)
                    if frame is not None:
                        peer.requests.append(frame)
                    own = fault.incoming(peer, data, frame)
                    if own is None:
                        await server.send(data)
                    else:
                        await say(client, own)
            except ConnectionClosed:
                pass
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async with serve(
        handle, "127.0.0.1", 0, compression=None, ping_interval=None, max_size=None, close_timeout=1
    ) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/api/v1/ws"


def _object(data: str | bytes) -> Frame | None:
    try:
        value = json.loads(data) if isinstance(data, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@asynccontextmanager
async def market(**settings: object) -> AsyncIterator[str]:
    """The service with a quick simulated feed; its address."""
    chosen = Settings.model_validate({"updates_per_second": 50, "drain_window": 0, "speed": 8, **settings})
    sockets = listen("127.0.0.1", 0)
    server = server_of(create_app(chosen), chosen)
    task = asyncio.create_task(server.serve(sockets=sockets))
    yield url_of(sockets).replace("http", "ws", 1) + "/api/v1/ws"
    server.should_exit = True
    await task


CONTRACT: list[Understood] = []


def contract() -> Understood:
    """The service's own; read once."""
    if not CONTRACT:
        CONTRACT.append(understand("spec/asyncapi.yaml"))
    return CONTRACT[0]


async def report_on(fault: Fault, *only: str, **options: float) -> Report:
    """What trying the contract on a server with this fault tells; with little patience, and nothing made up."""
    chosen = replace(Options(examples=0, patience=1.0, listen=2.0, only=only), **options)  # type: ignore[arg-type]
    async with market() as target, meddling(target, fault) as url:
        return await tried(contract(), url, chosen)


__all__ = ["Close", "Die", "Fault", "Peer", "contract", "market", "meddling", "report_on"]
