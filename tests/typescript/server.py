"""A server that does what a test says, frame by frame."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Frame = dict[str, Any]


class Peer:
    """The server's end of one connection; keeps what it has received."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.received: list[Frame] = []

    async def expect(self, kind: str) -> Frame:
        """The next frame, which must be of this type."""
        frame: Frame = json.loads(await self.socket.recv())
        self.received.append(frame)
        assert frame["type"] == kind, frame
        return frame

    async def send(self, frame: object) -> None:
        """Send a value as JSON."""
        await self.socket.send(json.dumps(frame))

    async def answer(self, request: Frame, **extra: object) -> None:
        """Say yes to a request about a topic."""
        await self.send(
            {
                "type": f"{request['type']}.response",
                "id": request["id"],
                "payload": {"status": "ok", "message": "Done", "topic": topic_of(request)},
                **extra,
            }
        )

    async def refuse(self, request: Frame, **problem: object) -> None:
        """Say no to a request."""
        payload: Frame = {"status": "error", "code": "unavailable", "message": "Not now", "retryable": True}
        await self.send(
            {"type": f"{request['type']}.response", "id": request["id"], "payload": payload | problem}
        )

    async def bar(self, time: int, topic: str = "bars:AAPL:1") -> None:
        """Push a bar that begins at a time."""
        await self.send(bar(time, topic))

    async def granted(self) -> Frame:
        """Take a subscribe request and say yes."""
        request = await self.expect("bars.subscribe")
        await self.answer(request)
        return request

    async def left(self) -> Frame:
        """Take an unsubscribe request and say yes."""
        request = await self.expect("bars.unsubscribe")
        await self.answer(request)
        return request


def topic_of(request: Frame) -> str:
    """The address of the topic that a request is about."""
    return f"bars:{request['payload']['symbol']}:{request['payload'].get('resolution', '1')}"


def bar(time: int, topic: str = "bars:AAPL:1") -> Frame:
    """An update with a bar that begins at a time."""
    body = {"time": time, "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 10}
    return {"type": "bars.update", "topic": topic, "seq": time, "ts": 1_767_623_401_250, "payload": body}


@asynccontextmanager
async def scripted(script: Callable[[Peer], Awaitable[None]]) -> AsyncIterator[str]:
    """A server that runs a script for each connection, then waits until the client leaves; gives its URL.

    What goes wrong in a script is raised when the block ends.
    """
    failures: list[BaseException] = []

    async def handle(socket: ServerConnection) -> None:
        try:
            await script(Peer(socket))
            await socket.wait_closed()
        except Exception as error:
            failures.append(error)
            raise

    async with serve(handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"
    if failures:
        raise failures[0]
