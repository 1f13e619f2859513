"""A service on a socket of its own, and a client that knows nothing but WebSocket and JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import websockets
from litestar import Litestar
from websockets.asyncio.client import ClientConnection as Socket

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic
from service.app import create_app
from service.clients import Connections
from service.feeds.base import Feed
from service.hub import Hub
from service.server import Server, listen, server_of, url_of
from service.settings import Settings

PATIENCE = 30.0
"""Seconds that a test waits for what must come, on a slow and busy machine too."""

AAPL = {"symbol": "AAPL", "resolution": "1"}


class Client:
    """One raw WebSocket; what comes is plain dictionaries."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    async def send(self, message: object) -> None:
        """A dictionary as JSON; text and bytes as they are."""
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.socket.send(raw)

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = json.loads(await self.socket.recv())
        return message

    async def ask(self, message: object) -> dict[str, Any]:
        """Send, and take the next message."""
        await self.send(message)
        return await self.receive()

    async def subscribe(self, **payload: str) -> dict[str, Any]:
        """Ask for bars; the answer."""
        return await self.ask({"type": "bars.subscribe", "payload": payload or AAPL})

    async def unsubscribe(self, **payload: str) -> dict[str, Any]:
        """Ask for no more bars; the answer."""
        return await self.ask({"type": "bars.unsubscribe", "payload": payload or AAPL})

    async def silent(self) -> bool:
        """Whether nothing has been sent to this client: what it is sent now comes first."""
        answer = await self.ask({"type": "ping", "id": "silent?"})
        return (answer["type"], answer.get("id")) == ("pong", "silent?")

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the close, after whatever comes before it."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""


class Running:
    """The service under test, from outside and inside."""

    def __init__(self, app: Litestar, url: str, server: Server) -> None:
        self.app = app
        self.url = url
        self.server = server
        self.hub: Hub = app.state.hub
        self.publisher: Publisher = app.state.publisher
        self.connections: Connections = app.state.connections

    @asynccontextmanager
    async def client(
        self,
        max_queue: int | None = 16,
        compression: str | None = None,
        local: str = "127.0.0.1",
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Client]:
        """A connected client, from this address; `headers` are more of them."""
        url = self.url.replace("http", "ws", 1) + "/api/v1/ws"
        async with websockets.connect(
            url,
            max_queue=max_queue,
            compression=compression,
            local_addr=(local, 0),
            additional_headers=headers,
        ) as connection:
            yield Client(connection)

    def publish(self, close: float, *, symbol: str = "AAPL", resolution: str = "1") -> None:
        """One bar, told from others by its close."""
        bar = Bar(time=60_000, open=1.0, high=1000.0, low=0.0, close=close, volume=1.0)
        self.publisher.bars_update(BarsTopic(symbol, resolution), bar)


@asynccontextmanager
async def service(
    *,
    feed: Callable[[Publisher], Feed] | None = None,
    protocol: type[asyncio.Protocol] | None = None,
    send_buffer: int | None = None,
    **settings: object,
) -> AsyncIterator[Running]:
    """A service under uvicorn on a free port; without a feed unless one is given or set.

    With another `protocol` than the service's own, connections have nothing but ASGI; with a small
    `send_buffer`, in bytes, a client that does not read is soon noticed. A client that only listens is no silent
    one, unless a heartbeat is set.
    """
    usual = {"feed": "replay" if "file" in settings else "none", "heartbeat_interval": 3600.0}
    chosen = Settings.model_validate({**usual, **settings})
    app = create_app(chosen, feed=feed)
    sockets = listen("127.0.0.1", 0)
    if send_buffer is not None:
        for listening in sockets:  # inherited by every connection
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    url = url_of(sockets)
    server = server_of(app, chosen)
    if protocol is not None:
        server.config.ws = protocol
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield Running(app, url, server)
    finally:
        server.should_exit = True
        await task


async def eventually(holds: Callable[[], bool]) -> None:
    """Return once it holds; there is no event for what a test looks at from outside."""
    loop = asyncio.get_running_loop()
    held = asyncio.Event()

    def look() -> None:
        if holds():
            held.set()
        else:
            loop.call_later(0.005, look)

    look()
    async with asyncio.timeout(PATIENCE):
        await held.wait()
