"""Applications that send back what they get, under the server's protocol class on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from service.server import listen, url_of
from service.wire import Deflater, Inbox, WireProtocol, text_frame, wire_of

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


async def echo_frames(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back each message as the service does: woken by an inbox, by ready frames on the link."""
    assert scope["type"] == ScopeType.WEBSOCKET
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    wire = wire_of(scope)
    assert wire is not None
    loop = asyncio.get_running_loop()
    deflater = Deflater()

    def frame_of(message: str | bytes) -> bytes:
        if isinstance(message, str):
            text = message.encode()
            if not wire.conn.extensions:
                return text_frame(text)
            if wire.deflates and (deflated := deflater.frame(text)) is not None:
                return deflated
            # It is legal to send it as it is, as the service does: where compressing it gains nothing, or the
            # client's window is too small. But kosoku reads no plain text once compression is agreed on.
            wire.conn.send_text(text)
        else:
            wire.conn.send_binary(message)  # which the service never sends
        return b"".join(wire.conn.data_to_send())

    def answer() -> None:
        while (message := wire.next_frame()) is not None and wire.can_send:
            wire.link.write(frame_of(message))

    def wake() -> None:
        loop.call_soon(answer)

    wire.adopt(Inbox(wake=wake, gone=lambda code, reason: None))


@asynccontextmanager
async def serving(app: ASGIApp, *, deflate: bool) -> AsyncIterator[str]:
    """A server of one of these applications; its URL."""
    sockets = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
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
