"""What one client is owed: ready frames, in order, bounded in bytes, written by a task of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from generated.runtime.errors import Disconnected


@dataclass(frozen=True, slots=True)
class Farewell:
    """How a connection ends from this side."""

    code: int
    reason: str


class Outbox:
    """A queue that never makes its callers wait.

    Updates come in by `push`, answers by `answer`. From `hold` to the next answer updates stay back, so that
    the answer to a subscribe precedes the first update of its topic whatever happens in between.
    """

    __slots__ = (
        "_bytes",
        "_farewell",
        "_frames",
        "_held",
        "_limit",
        "_on_overflow",
        "_say_bye",
        "_wake",
        "_write",
    )

    def __init__(
        self,
        *,
        write: Callable[[bytes], Awaitable[None]],
        say_bye: Callable[[Farewell], Awaitable[None]],
        limit: int,
        on_overflow: Callable[[], None],
    ) -> None:
        """`limit` is in bytes that `write` has not taken; `on_overflow` is called each time it is passed."""
        self._write = write
        self._say_bye = say_bye
        self._limit = limit
        self._on_overflow = on_overflow
        self._frames: deque[bytes] = deque()
        self._held: list[bytes] | None = None
        self._bytes = 0
        self._farewell: Farewell | None = None
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How much waits, in bytes."""
        return self._bytes

    @property
    def farewell(self) -> Farewell | None:
        """How the connection ends; None while it goes on."""
        return self._farewell

    def push(self, frame: bytes) -> None:
        """Take an update. Dropped once the connection is ending."""
        if self._farewell is not None:
            return
        self._bytes += len(frame)
        if self._held is not None:
            self._held.append(frame)
        else:
            self._frames.append(frame)
            self._wake.set()
        if self._bytes > self._limit:
            self._on_overflow()

    def hold(self) -> None:
        """Keep updates back until the next answer."""
        if self._held is None:
            self._held = []

    def answer(self, frame: bytes) -> None:
        """Take an answer, and after it whatever was held back. Dropped once the connection is ending."""
        held, self._held = self._held, None
        if self._farewell is not None:
            return
        self._bytes += len(frame)
        self._frames.append(frame)
        if held:
            self._frames.extend(held)
        self._wake.set()
        if self._bytes > self._limit:
            self._on_overflow()

    def finish(self, farewell: Farewell, *, discard: bool = False) -> None:
        """Take nothing more; write what waits, or discard it, then say goodbye. The first farewell counts."""
        if self._farewell is not None:
            return
        self._farewell = farewell
        if discard:
            self._frames.clear()
        self._held = None
        self._wake.set()

    async def run(self) -> None:
        """Write until the goodbye is said, or the other side is gone."""
        frames = self._frames
        try:
            while True:
                while frames:
                    frame = frames.popleft()
                    self._bytes -= len(frame)
                    await self._write(frame)
                if self._farewell is not None:
                    await self._say_bye(self._farewell)
                    return
                self._wake.clear()
                await self._wake.wait()
        except Disconnected:
            if self._farewell is None:
                self._farewell = Farewell(1006, "the client is gone")
        finally:
            frames.clear()
            self._bytes = 0
