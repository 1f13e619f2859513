"""A server that does what a test says, frame by frame."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from websockets.asyncio.server import ServerConnection, serve

Frame = dict[str, Any]
Levels = Sequence[tuple[float, float]]


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

    async def pong(self) -> Frame:
        """Take a ping and answer it: whatever was sent before has been read then."""
        request = await self.expect("ping")
        await self.send({"type": "pong", "id": request["id"], "ts": 1})
        return request

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

    async def bar(self, time: int, topic: str = "bars:AAPL:1", **extra: object) -> None:
        """Push a bar that begins at a time, which is its number too."""
        await self.send(bar(time, topic) | extra)

    async def book(self, seq: int, bids: Levels = (), asks: Levels = (), **extra: object) -> None:
        """Push a change of an order book."""
        lists = {"bids": bids, "asks": asks}
        body = {name: [{"price": p, "size": s} for p, s in levels] for name, levels in lists.items()}
        frame = {"type": "orderbook.update", "topic": "orderbook:AAPL:25", "seq": seq, "payload": body}
        await self.send(frame | extra)

    async def granted(self, channel: str = "bars", **extra: object) -> Frame:
        """Take a subscribe request and say yes."""
        request = await self.expect(f"{channel}.subscribe")
        await self.answer(request, **extra)
        return request

    async def left(self, channel: str = "bars") -> Frame:
        """Take an unsubscribe request and say yes."""
        request = await self.expect(f"{channel}.unsubscribe")
        await self.answer(request)
        return request


def topic_of(request: Frame) -> str:
    """The address of the topic that a request is about."""
    channel, payload = request["type"].split(".")[0], request["payload"]
    last = {"bars": ("resolution", "1"), "orderbook": ("depth", 25)}.get(channel)
    return ":".join([channel, payload["symbol"], *([str(payload.get(*last))] if last else [])])


def checksum(bids: Levels, asks: Levels) -> int:
    """That of a book; prices and sizes are given as they are written."""
    return crc32("|".join(",".join(f"{p}:{s}" for p, s in levels[:10]) for levels in (bids, asks)).encode())


def bar(time: int, topic: str = "bars:AAPL:1") -> Frame:
    """An update with a bar that begins at a time."""
    body = {"time": time, "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 10}
    return {"type": "bars.update", "topic": topic, "seq": time, "ts": 1_767_623_401_250, "payload": body}


Script = Callable[[Peer], Awaitable[None]]


@asynccontextmanager
async def scripted(*scripts: Script) -> AsyncIterator[str]:
    """A server that runs a script for each connection, one after the other, the last one for all that follow; each
    then waits until the client leaves. Gives its URL.

    What goes wrong in a script is raised when the block ends.
    """
    failures: list[BaseException] = []
    waiting = list(scripts)

    async def handle(socket: ServerConnection) -> None:
        script = waiting[0] if len(waiting) == 1 else waiting.pop(0)
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
