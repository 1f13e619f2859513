"""Outboxes without a server: over a way that a test opens and shuts, or over a real link and a pair of sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from generated.runtime.publication import Publication
from generated.topics import Topic
from service.delivery import Audience, Bounds, Compression, Farewell, LinkWay, Outbox, Turn, Update
from service.delivery.message import Message
from service.hub import Hub
from service.wire import NOT_DIRECT, Link, WireProtocol
from service.wire.keepalive import Progress

PLENTY = Bounds(2**30, 3600.0)
"""More than any test needs."""


class ScriptedWay:
    """A way that keeps what it is given; a test shuts and opens it."""

    fd = NOT_DIRECT
    deflates = False

    def __init__(self) -> None:
        self.ready = True
        self.taken = 0
        self.writes: list[list[bytes]] = []
        self.said: Farewell | None = None
        self.aborted = False
        self.on_ready: Callable[[], None] = lambda: None
        self.on_close: Callable[[], None] = lambda: None

    @property
    def texts(self) -> list[bytes]:
        """All that was written."""
        return [text for texts in self.writes for text in texts]

    def listen(self, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        """Remember whom to tell."""
        self.on_ready, self.on_close = on_ready, on_close

    def write(self, messages: Sequence[Message]) -> None:
        """Keep these."""
        assert self.ready
        assert self.said is None
        self.writes.append([message.text for message in messages])

    def fell_short(self, rest: bytes) -> None:
        """There is no descriptor here."""
        raise NotImplementedError

    def open(self) -> None:
        """Take something again."""
        self.ready = True
        self.on_ready()

    def lose(self) -> None:
        """The client is gone."""
        self.ready = False
        self.on_close()

    def close(self, farewell: Farewell) -> None:
        """Keep the goodbye."""
        self.said = farewell

    def abort(self) -> None:
        """Note it."""
        self.aborted = True
        self.lose()

    async def finished(self) -> None:
        """Nothing runs here."""


class Scripted:
    """An outbox over a scripted way; overflowing it ends it with 4004."""

    def __init__(self, turn: Turn, bounds: Bounds = PLENTY) -> None:
        self.way = ScriptedWay()
        self.outbox = Outbox(self.way, turn, bounds, self._overflow)

    def _overflow(self) -> None:
        self.outbox.finish(Farewell(4004, "slow"), discard=True)

    @property
    def got(self) -> list[dict[str, Any]]:
        """What was written, read."""
        return [json.loads(text) for text in self.way.texts]


class Numbering:
    """One topic's updates, numbered from 1."""

    def __init__(self, channel: str = "bars", name: str = "x") -> None:
        self.channel = channel
        self.address = f"{channel}:{name}"
        self.audience = Audience()
        self.seq = 0

    def next(self, size: int = 10) -> Update:
        """The next update; its payload is a text of so many characters."""
        self.seq += 1
        publication = Publication(
            channel=self.channel,
            topic=self.address,
            type=f"{self.channel}.update",
            payload=b'"' + b"x" * size + b'"',
        )
        return Update(self.audience, publication, self.seq, 0, "first" if self.seq == 1 else None)


def turn() -> Turn:
    """One that compresses whatever becomes shorter."""
    return Turn(Compression(0))


def answer(outbox: Outbox, **fields: object) -> None:
    """Owe an answer with these fields."""
    outbox.answer(json.dumps({"type": "answer", **fields}).encode())


class _Transport(asyncio.Transport):
    """Writes to a socket what it takes, and keeps the rest until `pump`."""

    def __init__(self, bare: socket.socket) -> None:
        super().__init__({"socket": bare})
        self._bare = bare
        self.kept = bytearray()
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closing
        self.kept += data
        self.pump()

    def pump(self) -> None:
        with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self.kept:
                del self.kept[: self._bare.send(self.kept)]

    def get_write_buffer_size(self) -> int:
        return len(self.kept)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True
        self.kept.clear()


class _Protocol:
    """As much of the wire's protocol as its way asks for."""

    def __init__(self, link: Link, *, deflates: bool) -> None:
        self.link = link
        self.deflates = deflates
        self.close_sent = False
        self.on_end: Callable[[], None] = lambda: None

    @property
    def can_send(self) -> bool:
        return not (self.close_sent or self.link.closed)

    def progress(self) -> Progress:
        return Progress(waiting=False, taken=0)

    def end(self, code: int, reason: str, *, deaf: bool = False) -> None:
        if self.can_send:
            self.link.write(b"\x88\x02" + code.to_bytes(2, "big"))
            self.close_sent = True
            self.on_end()


class Paired:
    """An outbox over a link, and the client's end of the socket, whose small buffers soon are full."""

    def __init__(self, turn: Turn, bounds: Bounds = PLENTY, *, deflates: bool = False) -> None:
        ours, self.theirs = socket.socketpair()
        for end in (ours, self.theirs):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self._ours = ours
        self.transport = _Transport(ours)
        self.link = Link(self.transport)
        self.link.go_direct()
        self.protocol = _Protocol(self.link, deflates=deflates)
        self.way = LinkWay(cast("WireProtocol", self.protocol), turn.compression)
        self.outbox = Outbox(self.way, turn, bounds, self._overflow)
        self.link.on_stuck = self.outbox.step_out
        self.unread = bytearray()
        self.close_code: int | None = None
        self.taken = 0
        """Bytes read so far."""

    def _overflow(self) -> None:
        self.outbox.finish(Farewell(4004, "slow"), discard=True)

    def read(self, most: int = 2**20) -> list[dict[str, Any]]:
        """Take so many bytes at most off the socket; the messages that are complete with them."""
        taken = self._take(most)
        self.taken += len(taken)
        self.unread += taken
        self.transport.pump()
        self.link.progressed()
        return [json.loads(text) for text in self._messages()]

    def read_all(self) -> list[dict[str, Any]]:
        """Read until nothing comes any more."""
        got: list[dict[str, Any]] = []
        while True:
            before = self.taken
            got += self.read()
            if self.taken == before and not self.transport.kept:
                return got

    def _take(self, most: int) -> bytes:
        taken = bytearray()
        with suppress(BlockingIOError, ConnectionResetError):
            while len(taken) < most and (piece := self.theirs.recv(most - len(taken))):
                taken += piece
        return bytes(taken)

    def _messages(self) -> Iterator[bytes]:
        unread = self.unread
        while len(unread) >= 2:
            assert self.close_code is None, "nothing follows a Close frame"
            size, start = unread[1], 2
            if size >= 126:
                start = 4 if size == 126 else 10
                size = int.from_bytes(unread[2:start], "big")
            if len(unread) < start + size:
                return
            head, body = unread[0], bytes(unread[start : start + size])
            del unread[: start + size]
            if head == 0x88:
                self.close_code = int.from_bytes(body[:2], "big")
            elif head == 0xC1:
                yield zlib.decompressobj(wbits=-12).decompress(body + b"\0\0\xff\xff")
            else:
                assert head == 0x81, hex(head)
                yield body

    def vanish(self) -> None:
        """The client is gone without a word."""
        self.theirs.close()

    def close(self) -> None:
        """Free both ends."""
        self.link.lost()
        self._ours.close()
        self.theirs.close()


@dataclass(frozen=True)
class Some:
    """A topic of no channel in particular."""

    address: str

    @property
    def channel(self) -> str:
        """Declares the delivery."""
        return self.address.partition(":")[0]


def topic(address: str) -> Topic:
    """A topic with this address."""
    return cast("Topic", Some(address))


class Scene:
    """A hub, and clients over pairs of sockets."""

    def __init__(self, bounds: Bounds = PLENTY, grace: float = 0.0) -> None:
        self.turn = turn()
        self.hub = Hub(self.turn, grace=grace)
        self.bounds = bounds
        self.clients: list[Paired] = []

    def client(self, *topics: str, deflates: bool = False) -> Paired:
        """One more, subscribed to these."""
        client = Paired(self.turn, self.bounds, deflates=deflates)
        self.clients.append(client)
        for address in topics:
            self.hub.subscribe(topic(address), client.outbox)
        self.turn.flush()
        return client

    def publish(self, address: str, size: int = 10) -> None:
        """One update whose payload is a text of so many characters."""
        channel = address.partition(":")[0]
        body = b'"' + b"x" * size + b'"'
        self.hub.publish(Publication(channel=channel, topic=address, type=f"{channel}.update", payload=body))

    def close(self) -> None:
        """Free all sockets."""
        for client in self.clients:
            self.hub.drop(client.outbox)
            client.close()
        self.hub.close()

    @property
    def lanes(self) -> int:
        """How many there are."""
        return len(self.hub._lanes)
