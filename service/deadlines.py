"""Many deadlines, one timer of the event loop: a connection has one for life, and most are never reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from heapq import heapify, heappop, heappush
from typing import Final

_NEVER: Final = 3600.0
"""Seconds until what is to be called sooner would be called at the latest."""

_FEW: Final = 64
"""Cancelled deadlines that are not worth clearing away."""


class Deadline:
    """A moment at which something is called, unless it is cancelled."""

    __slots__ = ("_call", "_deadlines", "due")

    def __init__(self, deadlines: Deadlines, due: float, call: Callable[[], None]) -> None:
        self.due = due
        """Seconds of the loop's clock."""
        self._call: Callable[[], None] | None = call
        self._deadlines = deadlines

    def __lt__(self, other: Deadline) -> bool:
        return self.due < other.due

    @property
    def cancelled(self) -> bool:
        """Whether nothing will be called."""
        return self._call is None

    def cancel(self) -> None:
        """Call nothing."""
        if self._call is not None:
            self._call = None
            self._deadlines.forget()

    def hasten(self) -> None:
        """Call now."""
        call = self._call
        if call is not None:
            self.cancel()
            call()

    def reach(self) -> None:
        """Call."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Deadlines:
    """All deadlines of an event loop, soonest first. What is called must not raise."""

    __slots__ = ("_cancelled", "_heap", "_loop", "_timer")

    def __init__(self) -> None:
        self._heap: list[Deadline] = []
        self._cancelled = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def at(self, due: float, call: Callable[[], None]) -> Deadline:
        """Call something at a time of the running loop's clock, in seconds."""
        deadline = Deadline(self, due, call)
        heappush(self._heap, deadline)
        if self._heap[0] is deadline:
            self._set_timer()
        return deadline

    def soon(self, call: Callable[[], None]) -> Deadline:
        """Call something once the loop has read what lies in its sockets: two turns from now, whatever the time.

        A timer says nothing of that: the clock goes by milliseconds, and a timer that is due is not made to wait.
        """
        loop = self._loop or asyncio.get_running_loop()
        deadline = self.at(loop.time() + _NEVER, call)
        loop.call_soon(loop.call_soon, deadline.hasten, context=Context())
        return deadline

    def forget(self) -> None:
        """Take note that one was cancelled; when these are most of all, clear them away."""
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled > len(self._heap) // 2:
            self._heap = [deadline for deadline in self._heap if not deadline.cancelled]
            heapify(self._heap)
            self._cancelled = 0
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._heap:
            loop = self._loop = self._loop or asyncio.get_running_loop()
            # In nobody's name: it serves whoever is due.
            self._timer = loop.call_at(self._heap[0].due, self._ring, context=Context())

    def _ring(self) -> None:
        self._timer = None
        assert self._loop is not None
        now = self._loop.time()
        while self._heap and self._heap[0].due <= now:
            deadline = heappop(self._heap)
            if deadline.cancelled:
                self._cancelled -= 1
            else:
                deadline.reach()
        if self._timer is None:
            self._set_timer()
