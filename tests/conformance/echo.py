"""An application that sends back what it gets, under the server's protocol class on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from service.server import listen, url_of
from service.wire import WireProtocol

_LARGEST = 16 * 1024 * 1024
"""Autobahn's largest message, in bytes."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back each message by ASGI's `send`."""
    assert scope["type"] == ScopeType.WEBSOCKET
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while True:
        event = await receive()
        if event["type"] != "websocket.receive":
            return
        await send({"type": "websocket.send", "bytes": event.get("bytes"), "text": event.get("text")})


@asynccontextmanager
async def serving(*, deflate: bool) -> AsyncIterator[str]:
    """An echo server; its URL."""
    sockets = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            echo,
            ws=WireProtocol,
            ws_max_size=_LARGEST,
            ws_per_message_deflate=deflate,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield url_of(sockets).replace("http", "ws", 1)
    finally:
        server.should_exit = True
        await task
