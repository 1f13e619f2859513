"""A TCP proxy on loopback that loses connections as networks do.

    async with proxy(port) as line:
        …                               # clients connect to line.port, and reach port
        line.cut()                      # every connection is reset, now
        line.cuts.append(Cut(after=900))  # the next one, once 900 octets have gone to the client
        line.choose = lambda number: Cut(after=random.randrange(100_000))   # every further one
        line.refuse = True              # nobody gets through, until it is False again
        line.stall()                    # nothing flows, until line.resume()

It keeps no more than one read of each direction: who does not read is felt at the other end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, cast

from tests.clients.scripted import reset


@dataclass(frozen=True, slots=True)
class Cut:
    """When a connection is lost, and how."""

    after: int
    """Octets that are let through before."""
    way: Literal["to-client", "to-server"] = "to-client"
    """Which way's octets are counted."""
    how: Literal["reset", "end", "stall"] = "reset"
    """A reset; an end of both ways without a goodbye of the WebSocket; or silence that nobody notices."""


class Half(asyncio.Protocol):
    """One of the two connections of a link."""

    def __init__(self, link: Link, way: Literal["to-client", "to-server"]) -> None:
        self.link = link
        self.way: Literal["to-client", "to-server"] = way
        """The way of what is received here."""
        self.transport: asyncio.Transport | None = None
        self.other: Half | None = None
        self._early = bytearray()
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the link."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.link.joined(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what the link lets through."""
        allowed = self.link.allow(self.way, data)
        if self.other is None or self.other.transport is None:
            self._early += allowed
        elif allowed:
            self.other.transport.write(allowed)
        self.link.passed(self.way, len(allowed))

    def eof_received(self) -> bool:
        """One side has no more to say, so neither has the other."""
        if not self.link.silent:
            self.link.end()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """What happens to one side happens to the other."""
        self.link.lost(broken=error is not None)

    def pause_writing(self) -> None:
        """The receiver does not read."""
        self._full = True
        self.link.regulate()

    def resume_writing(self) -> None:
        """The receiver reads again."""
        self._full = False
        self.link.regulate()

    def flush(self) -> None:
        """Send what was received before there was somebody to send it to."""
        assert self.other is not None
        assert self.other.transport is not None
        self.other.transport.write(bytes(self._early))
        self._early.clear()

    @property
    def reading(self) -> bool:
        """Whether what comes here can go on."""
        return not (self.other is not None and self.other._full)


class Link:
    """One client's connection and the one to the server behind it."""

    def __init__(self, line: Proxy, cut: Cut | None) -> None:
        self.line = line
        self.counted = {"to-client": 0, "to-server": 0}
        """Octets let through, each way."""
        self.silent = False
        """Whether nothing goes through any more, which neither side is told."""
        self._cut = cut
        self._halves: list[Half] = []
        self._lost = 0
        self._over = False

    def joined(self, half: Half) -> None:
        """Take one of the two connections."""
        assert half.transport is not None
        if self._over:
            reset(half.transport)
            return
        self._halves.append(half)
        if len(self._halves) == 2:
            one, two = self._halves
            one.other, two.other = two, one
            for each in self._halves:
                each.flush()
        self.regulate()

    def allow(self, way: Literal["to-client", "to-server"], data: bytes) -> bytes:
        """As much of it as is let through before the cut."""
        if self.silent or self._over:
            return b""
        if self._cut is None or self._cut.way != way:
            return data
        return data[: max(0, self._cut.after - self.counted[way])]

    def passed(self, way: Literal["to-client", "to-server"], octets: int) -> None:
        """Count, and cut where it is time."""
        self.counted[way] += octets
        cut = self._cut
        if cut is None or cut.way != way or self.counted[way] < cut.after or self._over:
            return
        match cut.how:
            case "reset":
                self.cut()
            case "end":
                self.end()
            case "stall":
                self.silent = True

    def regulate(self) -> None:
        """Read where there is room for it and the line is not stalled."""
        for half in self._halves:
            if half.transport is None or half.transport.is_closing():
                continue
            if half.reading and not self.line.stalled:
                half.transport.resume_reading()
            else:
                half.transport.pause_reading()

    def cut(self) -> None:
        """Reset both connections."""
        for transport in self._leave():
            reset(transport)

    def end(self) -> None:
        """End both connections, after what has been let through."""
        for transport in self._leave():
            transport.close()

    def lost(self, *, broken: bool) -> None:
        """One connection is gone, by an error or not."""
        self._lost += 1
        if self.silent:
            if self._lost == len(self._halves):
                self._forget()
        elif broken:
            self.cut()
        else:
            self.end()

    def _leave(self) -> list[asyncio.Transport]:
        self._forget()
        return [half.transport for half in self._halves if half.transport is not None]

    def _forget(self) -> None:
        self._over = True
        self.line.links.discard(self)


class Proxy:
    """Forwards every connection to one port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        """Where connections go; may be changed, for those to come."""
        self.port = 0
        self.refuse = False
        """Whether new connections are reset at once."""
        self.stalled = False
        self.cuts: deque[Cut | None] = deque()
        """What happens to the next connections; None lets one live."""
        self.choose: Callable[[int], Cut | None] = lambda number: None
        """What happens to connections beyond those; called with the connection's number, from 0."""
        self.links: set[Link] = set()
        """The connections that live."""
        self.count = 0
        """How many there have been."""
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Reset every connection, now."""
        for link in list(self.links):
            link.cut()

    def end(self) -> None:
        """End every connection, without a goodbye of the WebSocket."""
        for link in list(self.links):
            link.end()

    def stall(self) -> None:
        """Let nothing through, until `resume()`."""
        self.stalled = True
        self._regulate()

    def resume(self) -> None:
        """Let everything through that was held up."""
        self.stalled = False
        self._regulate()

    def take(self) -> Half:
        """The client's half of a new link."""
        cut = self.cuts.popleft() if self.cuts else self.choose(self.count)
        self.count += 1
        link = Link(self, cut)
        half = Half(link, "to-server")
        if self.refuse:
            link.cut()
        else:
            self.links.add(link)
            task = asyncio.get_running_loop().create_task(self._reach(link))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return half

    async def _reach(self, link: Link) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: Half(link, "to-client"), "127.0.0.1", self.target
            )
        except OSError:
            link.cut()

    def _regulate(self) -> None:
        for link in self.links:
            link.regulate()


@asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    """A proxy to a port of this machine, on a port of its own; in the end every connection is cut."""
    line = Proxy(target)
    server = await asyncio.get_running_loop().create_server(line.take, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.refuse = True
        line.cut()
        await server.wait_closed()
