"""The networks between clients and server, one for each client, and how connections on them are lost."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Literal

from tests.clients.proxy import Cut, Half, Link, Proxy
from tests.stress.recovery.frames import Mangler

Way = Literal["to-client", "to-server"]

_AT_THE_HANDSHAKE = 0.06
"""How many connections are cut within their first octets."""
_HANDSHAKE = 700
_MANGLED = 0.2
"""How many connections lose, double and swap updates, as a relay may that is no good one."""
_SOON = 4_000
"""Within so many octets from when a cut is due; so it seldom falls between two frames."""
_RECEIVE_BUFFER = 4096
_LONG_ENOUGH = 3.0
"""Seconds that a client may take to come back before its line is in trouble again."""
_LOOK = 0.01
_IMPATIENCE = 0.3
"""Seconds after which that happens without any octets."""

DISMISSALS = (4000, 4000, 4000, 1011, 1012, 4001, 4002, 4004, 4006)
"""Codes by which a server sends clients away that may come back."""

Dismiss = Callable[[int], Awaitable[None]]
"""Has the server close this client's connections with a code."""


class Wire(Link):
    """A connection that can be told to break soon."""

    def __init__(self, line: Line, cut: Cut | None, mangler: Mangler | None) -> None:
        super().__init__(line, cut)
        self.mangler = mangler

    def break_soon(self, cut: Cut) -> None:
        """Cut once so many octets more have gone that way."""
        self._cut = Cut(self.counted[cut.way] + cut.after, cut.way, cut.how)

    def allow(self, way: Way, data: bytes) -> bytes:
        """As much of it as is let through, or what a bad relay makes of it."""
        if self.mangler is not None and way == "to-client":
            data = self.mangler.take(data)
        return super().allow(way, data)


class Line(Proxy):
    """One client's way to the server."""

    def __init__(self, target: int, random: Random, counts: Counter[str]) -> None:
        super().__init__(target)
        self.bad = False
        """Whether connections are lost."""
        self._random = random
        self._counts = counts
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take connections, on a port that stays the same."""
        bare = socket.socket()
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bare.bind(("127.0.0.1", self.port))
        self.port = bare.getsockname()[1]
        await self._listen_on(bare)

    async def close(self) -> None:
        """End, with all connections."""
        if self._server is not None:
            self._server.close()
        self.refuse = True
        self.cut()

    def take(self) -> Half:
        """The client's half of a new connection."""
        if self.refuse:
            self._counts["connections that were reset at once"] += 1
        wire = Wire(self, self._first_cut(), self._mangler())
        half = Half(wire, "to-server")
        if self.refuse:
            wire.cut()
        else:
            self.links.add(wire)
            task = asyncio.get_running_loop().create_task(self._reach(wire))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return half

    async def _reach(self, link: Link) -> None:
        """Connect to the server by a socket that holds little: it soon notices who does not read."""
        bare = socket.socket()
        bare.setblocking(False)
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(bare, ("127.0.0.1", self.target))
            await loop.create_connection(lambda: Half(link, "to-client"), sock=bare)
        except OSError:
            bare.close()
            link.cut()

    def _first_cut(self) -> Cut | None:
        if not self.bad or self._random.random() >= _AT_THE_HANDSHAKE:
            return None
        self._counts["cuts: within the first octets"] += 1
        way: Way = self._random.choice(("to-client", "to-server"))
        return Cut(self._random.randrange(_HANDSHAKE), way, self._random.choice(("reset", "end")))

    def _mangler(self) -> Mangler | None:
        if not self.bad or self._random.random() >= _MANGLED:
            return None
        return Mangler(self._random, self._counts)

    async def trouble(self, mean: float, dismiss: Dismiss) -> None:
        """Lose connections, `mean` seconds after each other on average, until cancelled; then all is well again."""
        kinds: dict[Callable[[], Awaitable[None]], int] = {
            self._reset: 26,
            self._end: 12,
            self._break: 34,
            self._half_open: 2,
            self._stall: 8,
            self._refuse: 4,
            self._absent: 4,
            self._long: 1,
            lambda: self._dismissed(dismiss): 9,
        }
        self.bad = True
        try:
            while True:
                await asyncio.sleep(self._random.expovariate(1 / mean))
                await self._connected()
                [kind] = self._random.choices(list(kinds), list(kinds.values()))
                await kind()
        finally:
            self.bad = self.refuse = False
            self.resume()
            for link in self.links:
                if isinstance(link, Wire) and link.mangler is not None:
                    link.mangler.well = True

    async def _connected(self) -> None:
        """Wait until there is a connection worth losing; those that begin are lost otherwise."""
        until = asyncio.get_running_loop().time() + _LONG_ENOUGH
        while asyncio.get_running_loop().time() < until:
            if any(link.counted["to-client"] > _HANDSHAKE for link in self.links):
                return
            await asyncio.sleep(_LOOK)

    async def _reset(self) -> None:
        self._note("reset")
        self.cut()

    async def _end(self) -> None:
        self._note("ended without a goodbye")
        self.end()

    async def _break(self) -> None:
        """Within a frame, most likely."""
        way: Way = "to-server" if self._random.random() < 0.15 else "to-client"
        how: Literal["reset", "end"] = self._random.choice(("reset", "reset", "reset", "end"))
        self._note(f"{how} in the middle, {way}")
        due = [wire for wire in self.links if isinstance(wire, Wire)]
        for wire in due:
            wire.break_soon(Cut(1 + self._random.randrange(_SOON if way == "to-client" else 100), way, how))
        await asyncio.sleep(_IMPATIENCE)
        for wire in due:
            if wire in self.links:
                wire.cut()

    async def _half_open(self) -> None:
        """Neither side is told; the client has to find out by its heartbeat, the server by its pings."""
        self._note("half-open")
        for link in self.links:
            link.silent = True

    async def _stall(self) -> None:
        """Nothing flows for a while: the server's buffers fill, and it folds, or gives the client up."""
        self._counts["stalls"] += 1
        self.stall()
        await asyncio.sleep(self._random.uniform(0.1, 2.0))
        self.resume()

    async def _refuse(self) -> None:
        self._note("reset, and for a while every new one too")
        self.refuse = True
        self.cut()
        await asyncio.sleep(self._random.uniform(0.05, 0.5))
        self.refuse = False

    async def _absent(self) -> None:
        self._note("reset, and nobody listens for a while")
        await self._away(self._random.uniform(0.05, 0.5))

    async def _long(self) -> None:
        self._note("reset, and nobody listens for seconds")
        await self._away(self._random.uniform(1.5, 4.0))

    async def _away(self, seconds: float) -> None:
        if self._server is not None:
            self._server.close()
        bare = await self._reserve()
        self.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._listen_on(bare)

    async def _reserve(self) -> socket.socket:
        """Keep the port while nobody listens on it: who connects is refused."""
        while True:
            bare = socket.socket()
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                bare.bind(("127.0.0.1", self.port))
                return bare
            bare.close()
            # The loop has not closed the listening one yet.
            await asyncio.sleep(0)

    async def _listen_on(self, bare: socket.socket) -> None:
        self._server = await asyncio.get_running_loop().create_server(self.take, sock=bare, backlog=16)

    async def _dismissed(self, dismiss: Dismiss) -> None:
        code = self._random.choice(DISMISSALS)
        self._note(f"closed by the server with {code}")
        await dismiss(code)

    def _note(self, what: str) -> None:
        if self.links:
            self._counts[f"cuts: {what}"] += len(self.links)
