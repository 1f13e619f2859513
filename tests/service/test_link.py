"""The link alone, over real sockets: order, the end, and its descriptor."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from service.wire import NOT_DIRECT, Link
from tests.service.raw import raw
from tests.service.running import PATIENCE, eventually, service

BIG = 1_000_000


class Held(asyncio.Protocol):
    """A link, and what it says."""

    link: Link

    def __init__(self, *, direct: bool) -> None:
        self.direct = direct
        self.said: list[str] = []
        self.before_progress: Callable[[], None] = lambda: None
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make the link."""
        self.link = Link(cast("asyncio.Transport", transport))
        self.link.on_ready = lambda: self.said.append("ready")
        self.link.on_stuck = lambda: self.said.append("stuck")
        self.link.on_close = lambda: self.said.append("close")
        if self.direct:
            self.link.go_direct()

    def pause_writing(self) -> None:
        """The kernel has not taken everything."""
        self.link.stuck = True

    def resume_writing(self) -> None:
        """It has now."""
        self.before_progress()
        self.link.progressed()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self.link.lost()
        self.lost.set()


@asynccontextmanager
async def held(*, direct: bool = True) -> AsyncIterator[tuple[Held, socket.socket]]:
    """A link, and the client's end of its socket."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    ours.setblocking(False)
    protocol = Held(direct=direct)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, ours)
    try:
        yield protocol, theirs
    finally:
        protocol.link.abort()
        await protocol.lost.wait()
        theirs.close()


async def read(theirs: socket.socket, size: int) -> bytes:
    """So many bytes."""
    got = bytearray()
    async with asyncio.timeout(PATIENCE):
        while len(got) < size:
            piece = await asyncio.get_running_loop().sock_recv(theirs, size - len(got))
            assert piece
            got += piece
    return bytes(got)


def pattern(size: int, first: int = 0) -> bytes:
    """Bytes that show when some are missing or elsewhere."""
    return b"".join(number.to_bytes(4, "big") for number in range(first, first + size // 4))


@pytest.mark.parametrize("direct", [True, False])
async def test_what_the_kernel_does_not_take_goes_first(direct: bool) -> None:
    """The rest of what was taken in part precedes what is written later; then the link is ready again."""
    async with held(direct=direct) as (protocol, theirs):
        assert (protocol.link.fd != NOT_DIRECT) is direct
        protocol.link.write(pattern(BIG))
        assert protocol.link.stuck
        protocol.link.write(pattern(BIG, first=BIG // 4))
        assert await read(theirs, 2 * BIG) == pattern(2 * BIG)
        await eventually(lambda: not protocol.link.stuck)
        assert protocol.said == (["stuck", "ready"] if direct else ["ready"])
        protocol.link.write(b"more")
        assert await read(theirs, 4) == b"more"


async def test_a_link_that_is_given_more_meanwhile_is_not_ready() -> None:
    """What the protocol writes at the moment when the transport is done has to be gone, too."""
    async with held() as (protocol, theirs):
        more = [pattern(BIG, first=BIG // 4)]
        protocol.before_progress = lambda: protocol.link.write(more.pop()) if more else None
        waiting: list[int] = []
        protocol.link.on_ready = lambda: waiting.append(protocol.link.get_write_buffer_size())
        protocol.link.write(pattern(BIG))
        assert await read(theirs, 2 * BIG) == pattern(2 * BIG)
        await eventually(lambda: waiting == [0])


async def test_what_the_transport_holds_already_goes_first() -> None:
    """A link that goes direct while an earlier answer is still under way waits for it."""
    async with held(direct=False) as (protocol, theirs):
        protocol.link.transport.write(pattern(BIG))
        protocol.link.go_direct()
        assert protocol.link.stuck
        protocol.link.write(b"next")
        assert await read(theirs, BIG + 4) == pattern(BIG) + b"next"


@pytest.mark.parametrize("end", ["close", "write_eof", "abort"])
async def test_nothing_is_written_after_the_end(end: str) -> None:
    """After any end the link takes nothing more, and says so once."""
    async with held() as (protocol, theirs):
        protocol.link.write(b"last")
        getattr(protocol.link, end)()
        protocol.link.write(b"late")
        assert protocol.link.is_closing()
        protocol.link.close()
        async with asyncio.timeout(PATIENCE):
            await protocol.lost.wait()
        protocol.link.write(b"late")
        assert await read(theirs, 4) == b"last"
        assert theirs.recv(10) == b""
        assert protocol.said == ["close"]


async def test_the_descriptor_is_given_back() -> None:
    """It is the link's own, and closed when the connection is no more."""
    async with held() as (protocol, theirs):
        found: socket.socket = protocol.link.transport.get_extra_info("socket")
        fd = protocol.link.fd
        assert fd not in {NOT_DIRECT, found.fileno()}
        theirs.close()
        async with asyncio.timeout(PATIENCE):
            await protocol.lost.wait()
        assert protocol.link.fd == NOT_DIRECT
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


async def test_a_peer_that_is_gone_raises_nothing() -> None:
    """Writing to a socket whose other end is closed ends the link, and no more."""
    async with held() as (protocol, theirs):
        theirs.close()
        protocol.link.write(b"hello")
        protocol.link.write(b"hello")
        assert protocol.link.closed
        assert protocol.said == ["close"]


class Odd(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self, **extra: object) -> None:
        super().__init__(extra)
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing ever waits here."""

    def get_write_buffer_size(self) -> int:
        """Nothing ever waits here."""
        return 0


def test_nothing_goes_past_an_encrypted_transport() -> None:
    """Under TLS, and without a socket, what is written goes through the transport."""
    with socket.socket() as bare:
        for transport in (Odd(sslcontext=object(), socket=bare), Odd()):
            link = Link(transport)
            link.go_direct()
            link.write(b"secret")
            assert link.fd == NOT_DIRECT
            assert transport.written == [b"secret"]


def test_without_a_descriptor_to_spare_it_works_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the process has no descriptor left, the transport's way is taken."""

    def fail(_: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "dup", fail)
    with socket.socket() as bare:
        transport = Odd(socket=bare)
        link = Link(transport)
        link.go_direct()
        link.write(b"hello")
        assert link.fd == NOT_DIRECT
        assert transport.written == [b"hello"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no list of descriptors")
async def test_connections_leave_no_descriptor_behind() -> None:
    """After many connections, closed, cut off, and refused at the handshake, as many files are open as before."""

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async with service() as running:
        async with running.client() as client:
            await client.subscribe()
        await eventually(lambda: not running.server.server_state.connections)
        before = open_files()
        for number in range(60):
            if number % 3 == 0:
                async with running.client() as client:
                    await client.subscribe()
            elif number % 3 == 1:
                async with raw(running.url) as cut_off:
                    await cut_off.subscribe()
                    running.publish(1.0)
            else:
                async with raw(running.url, headers=b"Sec-WebSocket-Version: 7\r\n") as refused:
                    async with asyncio.timeout(PATIENCE):
                        await refused.reader.read()
        await eventually(lambda: not running.server.server_state.connections)
        await eventually(lambda: open_files() == before)
        assert len(running.connections) == 0
