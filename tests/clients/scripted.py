"""A server that does what a test says, when the test says it: the test is the server's other half.

    async with scripted() as server:
        …                                     # a client connects to server.url
        peer = await server.accept()
        topic = await peer.grant(seq=4, epoch="a")
        await topic.update(5)
        await peer.cut(topic.frame(6))        # half a frame, then a reset

Handshakes are answered as the next of `server.greetings` says, and accepted where there is none.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeAlias, cast
from zlib import crc32

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.clients.bodies import body_of

PATIENCE = 30.0
"""Seconds that a test waits for what must come, on a slow and busy machine too."""

Frame: TypeAlias = dict[str, Any]
Json: TypeAlias = Any
"""A value whose shape the test knows."""
Greeting: TypeAlias = HTTPStatus | Literal["reset", "silence"]
"""How a handshake is answered: refused by HTTP, cut off, or not at all."""


class Gone(Exception):
    """The client has left."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the client left with {code} {reason}")
        self.code = code
        self.reason = reason


class Peer:
    """The server's end of one connection; keeps the frames that it has received."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.arrived = asyncio.get_running_loop().time()
        """When the handshake was done, in the loop's time."""
        self.received: list[Frame] = []

    async def receive(self) -> Frame:
        """The client's next frame. Raises Gone where the client leaves, TimeoutError where nothing comes."""
        async with asyncio.timeout(PATIENCE):
            try:
                frame: Frame = json.loads(await self.connection.recv())
            except ConnectionClosed as error:
                code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
                raise Gone(code, reason) from error
        self.received.append(frame)
        return frame

    async def expect(self, kind: str) -> Frame:
        """The next frame, which must be of this type."""
        frame = await self.receive()
        assert frame["type"] == kind, frame
        return frame

    async def gone(self) -> Gone:
        """Wait until the client leaves, which it must do without another word; how it left."""
        try:
            frame = await self.receive()
        except Gone as error:
            return error
        raise AssertionError(f"the client says {frame}")

    async def quiet(self, seconds: float = 0.005) -> bool:
        """Whether the client says nothing more for so long: what it sent before its pong would be here."""
        async with asyncio.timeout(PATIENCE):
            await (await self.connection.ping())
        try:
            async with asyncio.timeout(seconds):
                self.received.append(json.loads(await self.connection.recv()))
        except TimeoutError:
            return True
        return False

    async def send(self, *values: object) -> None:
        """Send values as JSON, each a frame, all in one write."""
        self.raw(b"".join(framed(json.dumps(value)) for value in values))

    async def text(self, *texts: str | bytes) -> None:
        """Send frames as they are: str as text, bytes as binary."""
        self.raw(b"".join(framed(text) for text in texts))

    def raw(self, octets: bytes) -> None:
        """Put octets on the wire, which need not be frames."""
        self.connection.transport.write(octets)

    async def answer(self, request: Frame, payload: Frame | None = None, **fields: Json) -> None:
        """Say yes to a request; without a payload, as requests about topics are."""
        if payload is None:
            payload = {"status": "ok", "message": "Done", "topic": topic_of(request)}
        await self.send(answer_to(request, payload, **fields))

    async def refuse(self, request: Frame, code: str = "unavailable", **problem: object) -> None:
        """Say no to a request; retryable unless the problem says otherwise."""
        payload: Frame = {"status": "error", "code": code, "message": "Not now", "retryable": True, **problem}
        await self.send(answer_to(request, payload))

    async def grant(self, request: Frame | None = None, **fields: Json) -> Topic:
        """Say yes to a subscribe request: this one, or the next frame, which must be one."""
        if request is None:
            request = await self.receive()
        assert request["type"].endswith(".subscribe"), request
        await self.answer(request, **fields)
        return Topic(self, topic_of(request), request)

    async def leave(self, channel: str = "bars") -> Frame:
        """Say yes to an unsubscribe request, which must be the next frame."""
        request = await self.expect(f"{channel}.unsubscribe")
        await self.answer(request)
        return request

    async def pong(self) -> Frame:
        """Answer a ping, which must be the next frame: the client has said nothing before it."""
        request = await self.expect("ping")
        await self.send({"type": "pong", "id": request["id"], "ts": 1})
        return request

    async def shutdown(self, window_ms: int) -> None:
        """Tell of the end that comes."""
        await self.send({"type": "server.shutdown", "payload": {"reconnect_in_ms_max": window_ms}})

    async def close(self, code: int, reason: str = "") -> None:
        """Close, and wait until that is done; with 1005, without saying why."""
        if code == 1005:
            async with self.connection.send_context():
                self.connection.protocol.send_close()
        else:
            await self.connection.close(code, reason)
        await self.connection.wait_closed()

    def deaf(self) -> None:
        """Read nothing more, a goodbye included."""
        self.connection.transport.pause_reading()

    def reset(self) -> None:
        """Cut the connection off."""
        reset(self.connection.transport)

    async def cut(self, frame: Frame) -> None:
        """Send the first half of a frame, then cut the connection off."""
        octets = framed(json.dumps(frame))
        self.raw(octets[: len(octets) // 2])
        self.reset()


@dataclass
class Topic:
    """A topic that was granted on one connection."""

    peer: Peer
    address: str
    request: Frame
    """The subscribe request."""

    @property
    def channel(self) -> str:
        """What stands before the first colon."""
        return self.address.partition(":")[0]

    def frame(self, seq: object, body: object = None, **fields: object) -> Frame:
        """An update; without a body, one that names its seq."""
        if body is None:
            body = body_of(self.channel, seq)
            if self.channel == "orderbook":
                fields = {"checksum": crc32(f"1:{seq}|2:{seq}".encode()), **fields}
        return {
            "type": f"{self.channel}.update",
            "topic": self.address,
            "seq": seq,
            "ts": 1_767_623_401_250,
            "payload": body,
            **fields,
        }

    async def update(self, seq: object, body: object = None, **fields: object) -> None:
        """Push an update."""
        await self.peer.send(self.frame(seq, body, **fields))

    async def updates(self, *seqs: int) -> None:
        """Push several at once."""
        await self.peer.send(*(self.frame(seq) for seq in seqs))


class ScriptedServer:
    """Takes connections, and gives them to the test."""

    def __init__(self) -> None:
        self.greetings: deque[Greeting] = deque()
        """How the next handshakes are answered."""
        self.refused: asyncio.Queue[float] = asyncio.Queue()
        """When handshakes were not accepted, in the loop's time."""
        self.count = 0
        """How many connections were accepted."""
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()
        self._over = asyncio.Event()
        self._server: Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"ws://127.0.0.1:{self._port}/api/v1/ws"

    async def accept(self) -> Peer:
        """The next connection."""
        async with asyncio.timeout(PATIENCE):
            return await self._peers.get()

    async def lonely(self, seconds: float) -> bool:
        """Whether nobody connects for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._peers.get()
        except TimeoutError:
            return True
        return False

    async def listen(self) -> None:
        """Start; on the same port where it was started before."""
        self._over.clear()
        self._server = await serve(
            self._handle,
            "127.0.0.1",
            self._port,
            process_request=self._greet,
            compression=None,
            ping_interval=None,
            open_timeout=None,
            close_timeout=2,
            server_header=None,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and cut everybody off."""
        assert self._server is not None
        self._over.set()
        for connection in self._server.connections:
            reset(connection.transport)
        self._server.close(close_connections=False)
        await self._server.wait_closed()

    async def _handle(self, connection: ServerConnection) -> None:
        self.count += 1
        self._peers.put_nowait(Peer(connection))
        await connection.wait_closed()

    async def _greet(self, connection: ServerConnection, _: Request) -> Response | None:
        if not self.greetings:
            return None
        greeting = self.greetings.popleft()
        self.refused.put_nowait(asyncio.get_running_loop().time())
        if isinstance(greeting, HTTPStatus):
            return connection.respond(greeting, "not here\n")
        if greeting == "silence":
            await self._over.wait()
        reset(connection.transport)
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")


@asynccontextmanager
async def scripted() -> AsyncIterator[ScriptedServer]:
    """A server that listens."""
    server = ScriptedServer()
    await server.listen()
    try:
        yield server
    finally:
        await server.stop()


def topic_of(request: Frame) -> str:
    """The address of the topic that a request is about."""
    channel = request["type"].partition(".")[0]
    payload = request["payload"]
    parts = {"bars": ("resolution", "1"), "orderbook": ("depth", 25)}
    address = f"{channel}:{payload['symbol']}"
    if channel in parts:
        name, default = parts[channel]
        value = str(payload.get(name, default))
        address += ":" + (f"1{value}" if value in "SDWM" else value)
    return address


def answer_to(request: Frame, payload: Frame, **fields: object) -> Frame:
    """An answer of the request's own response type."""
    kind = "pong" if request["type"] == "ping" else f"{request['type']}.response"
    return {"type": kind, "id": request.get("id"), **fields, "payload": payload}


def framed(data: str | bytes, *, first: int | None = None) -> bytes:
    """A frame of the WebSocket protocol, unmasked; its first octet may be another than text's or binary's."""
    octets = data.encode() if isinstance(data, str) else data
    head = bytes([first if first is not None else 0x81 if isinstance(data, str) else 0x82])
    if len(octets) < 126:
        return head + bytes([len(octets)]) + octets
    if len(octets) < 65536:
        return head + b"\x7e" + struct.pack("!H", len(octets)) + octets
    return head + b"\x7f" + struct.pack("!Q", len(octets)) + octets


def reset(transport: asyncio.BaseTransport) -> None:
    """End a TCP connection as a lost network does, without goodbye."""
    handle = transport.get_extra_info("socket")
    if handle is not None and handle.fileno() >= 0:
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cast("asyncio.Transport", transport).abort()  # uvloop's is none by its class
