"""How late the event loop is: what a timer of our own tells of everybody's."""

from __future__ import annotations

import asyncio
import time
from contextvars import Context
from typing import Final

from service.counters import Histogram

PERIOD: Final = 0.25
"""Seconds between two looks."""


class LoopLag:
    """Sets a timer again and again, and notes how much later than due it rang. A late one is everybody's delay."""

    def __init__(self) -> None:
        self.last = 0.0
        """Seconds that the last look came late."""
        self.histogram = Histogram()
        """Of all looks."""
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Look from now on; called on the loop."""
        self._set(asyncio.get_running_loop())

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, loop: asyncio.AbstractEventLoop) -> None:
        # By a clock of our own: the loop's stands still while a turn lasts, and the turn is what is measured.
        self._due = time.monotonic() + PERIOD
        self._timer = loop.call_later(PERIOD, self._ring, loop, context=Context())

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self.last = max(time.monotonic() - self._due, 0.0)
        self.histogram.add(self.last)
        self._set(loop)
