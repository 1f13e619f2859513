"""A server that a test plays itself, a connection after the other, and a clock that waits for the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Never, TypeVar

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from generated.client import TradingClient
from generated.runtime.backoff import Backoff, Clock
from generated.runtime.options import ClientOptions, Token

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a test waits for what must come, on a slow and busy machine too."""
HEARTBEAT = 10.0
"""Seconds between the heartbeats of our contract; a clock of ours lets them never pass."""

USUAL = Backoff()

Frame = dict[str, Any]


class HeldClock(Clock):
    """Every wait lasts until the test lets it pass; chance is what the test says."""

    def __init__(self, chance: float = 1.0) -> None:
        self.chance = chance
        self._now = 0.0
        self._waits: asyncio.Queue[tuple[float, asyncio.Future[None]]] = asyncio.Queue()

    def time(self) -> float:
        """The sum of all waits that have passed."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait for the test."""
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if seconds != HEARTBEAT:
            self._waits.put_nowait((seconds, passed))
        await passed

    def random(self) -> float:
        """No chance at all."""
        return self.chance

    async def next(self) -> float:
        """The next wait that began, in seconds; it passes now."""
        async with asyncio.timeout(PATIENCE):
            seconds, passed = await self._waits.get()
        self.advance(seconds)
        if not passed.done():
            passed.set_result(None)
        return seconds

    def advance(self, seconds: float) -> None:
        """Let time pass beside the waits."""
        self._now += seconds

    @property
    def waiting(self) -> int:
        """How many waits the test has not let pass."""
        return self._waits.qsize()


class Peer:
    """The server's end of one connection."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def receive(self) -> Frame:
        """The client's next frame."""
        async with asyncio.timeout(PATIENCE):
            frame: Frame = json.loads(await self.socket.recv())
        return frame

    async def expect(self, type_: str) -> Frame:
        """The next frame, which must be of this type."""
        frame = await self.receive()
        assert frame["type"] == type_, frame
        return frame

    async def send(self, **fields: object) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(fields))

    async def answer(self, request: Frame, payload: object = None, **fields: object) -> None:
        """Say yes to a request about a topic, or with this payload."""
        if payload is None:
            payload = {"status": "ok", "message": "", "topic": topic_of(request)}
        await self.send(type=f"{request['type']}.response", id=request["id"], payload=payload, **fields)

    async def refuse(self, request: Frame, code: str, *, retryable: bool, **problem: object) -> None:
        """Say no to a request."""
        problem |= {"status": "error", "code": code, "message": "no", "retryable": retryable}
        await self.send(type=f"{request['type']}.response", id=request["id"], payload=problem)

    async def grant(self, **fields: object) -> Frame:
        """Say yes to the next frame, which must be a subscribe request."""
        request = await self.receive()
        assert request["type"].endswith(".subscribe"), request
        await self.answer(request, **fields)
        return request

    async def pong(self) -> None:
        """Answer the next frame, which must be a ping: all that was sent before it has been received."""
        request = await self.expect("ping")
        await self.send(type="pong", id=request["id"], ts=1)

    async def trade(self, *seqs: int, topic: str = "trades:AAPL", **fields: object) -> None:
        """Push trades whose ids are their numbers."""
        for seq in seqs:
            body = {"id": seq, "price": 1, "size": 1, "side": "buy", "time": seq}
            await self.send(type="trades.update", topic=topic, seq=seq, ts=1, payload=body, **fields)

    async def gone(self) -> int:
        """The code with which the client leaves; whatever it says before is dropped."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed as error:
                return 1006 if error.rcvd is None else error.rcvd.code

    def cut(self) -> None:
        """End the connection without a goodbye."""
        self.socket.transport.abort()


class Script:
    """A server's connections, as they come."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def accept(self) -> Peer:
        """The next connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.peers.get()


@asynccontextmanager
async def script() -> AsyncIterator[Script]:
    """A server that does what the test does."""
    found: asyncio.Future[Script] = asyncio.get_running_loop().create_future()

    async def take(socket: ServerConnection) -> None:
        found.result().peers.put_nowait(Peer(socket))
        await socket.wait_closed()

    async with serve(take, "127.0.0.1", 0, compression=None, close_timeout=1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        found.set_result(Script(f"ws://127.0.0.1:{port}"))
        yield found.result()


class Play:
    """A client, the server that it is connected to, and the time that it goes by."""

    def __init__(self, server: Script, options: ClientOptions, clock: HeldClock) -> None:
        self.server = server
        self.clock = clock
        self.client = TradingClient(server.url, options=options)
        self.peer: Peer
        """The server's end of the connection."""
        self.states: asyncio.Queue[str] = asyncio.Queue()
        self.client.on_state(lambda state, _: self.states.put_nowait(state))

    async def reach(self, state: str) -> None:
        """Wait until the client is in a state."""
        async with asyncio.timeout(PATIENCE):
            while await self.states.get() != state:
                pass

    async def lose(self, code: int | None = None) -> None:
        """Close the connection, or cut it off, and wait until the client knows."""
        if code is None:
            self.peer.cut()
        else:
            await self.peer.socket.close(code)
        await self.reach("reconnecting")

    async def back(self) -> float:
        """Let the client come back; how many seconds it has waited."""
        waited = await self.clock.next()
        self.peer = await self.server.accept()
        await self.reach("open")
        return waited

    async def settle(self) -> None:
        """Wait until the client has taken everything that was sent to it, and the server what the client has sent."""
        ping = asyncio.create_task(self.client.session.ping())
        await self.peer.pong()
        await ping


@asynccontextmanager
async def played(
    *,
    reconnect: Backoff | None = USUAL,
    token: Token | str | None = None,
    max_queued: int = 1000,
    response_timeout: float = 10.0,
) -> AsyncIterator[Play]:
    """A server, and a client that is connected to it."""
    clock = HeldClock()
    options = ClientOptions(
        reconnect=reconnect,
        token=token,
        max_queued=max_queued,
        response_timeout=response_timeout,
        clock=clock,
    )
    async with script() as server:
        play = Play(server, options, clock)
        opening = asyncio.create_task(play.client.open())
        try:
            play.peer = await server.accept()
            if token is None:
                await opening
                await play.reach("open")
            yield play
        finally:
            opening.cancel()
            await play.client.close()


async def begun(work: Coroutine[object, Never, T]) -> asyncio.Task[T]:
    """Something that the client was asked, as soon as it has begun to wait."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    return task


def topic_of(request: Frame) -> str:
    """The topic that a request is about."""
    channel, payload = request["type"].partition(".")[0], request["payload"]
    last = {"bars": payload.get("resolution", "1"), "orderbook": payload.get("depth", 25)}.get(channel)
    return f"{channel}:{payload['symbol']}" + ("" if last is None else f":{last}")
