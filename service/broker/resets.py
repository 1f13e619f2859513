"""How often topics were reset, and one line in the log for all that are reset together."""

from __future__ import annotations

import asyncio
import logging

from service.access.naming import in_log
from service.logs import event

log = logging.getLogger(__name__)

_WAVE = 1.0
"""Seconds after the first within which others are of the same wave."""


class Resets:
    """Counts them; tells of a wave once it is over."""

    def __init__(self) -> None:
        self.total = 0
        """Since the beginning."""
        self._told = 0
        self._first = self._reason = ""
        self._timer: asyncio.TimerHandle | None = None

    def add(self, address: str, reason: str) -> None:
        """A topic was reset."""
        self.total += 1
        if self._timer is None:
            self._first, self._reason = address, reason
            self._timer = asyncio.get_running_loop().call_later(_WAVE, self.tell)

    def tell(self) -> None:
        """Tell of those that nobody was told of yet."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        count, self._told = self.total - self._told, self.total
        log.warning(event("topics reset", topics=count, first=in_log(self._first), reason=self._reason))
