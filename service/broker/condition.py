"""How the broker is doing: what its parts found, judged together, and said when it changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from service.broker.base import BrokerState
from service.broker.writable import OUT_OF_MEMORY
from service.logs import event

log = logging.getLogger(__name__)

_SLOW = 0.5
"""Seconds that a publication may take there and back before the broker counts as slow."""

_ADVICE: Mapping[BrokerState, str] = {
    "down": "see that it runs and that --broker says where; docs/on-call.md, TapewireBrokerDown",
    "degraded": "docs/on-call.md, TapewireBrokerDegraded",
}
"""What to do about it, for the log."""


class Condition:
    """Of one broker, over all its connections."""

    def __init__(self, name: str) -> None:
        self.name = name
        """The broker's address without its password."""
        self.state: BrokerState = "connecting"
        self.reason = "it is not connected yet"
        self.since = time.time()
        """When that began, in Unix seconds."""
        self.lag: float | None = None
        """Seconds that a publication takes there and back; None where that is not known."""
        self._serves = False
        self._trouble: str | None = None
        self._refusal: str | None = None

    @property
    def full(self) -> bool:
        """Whether it is degraded since it has no memory left."""
        return self.state == "degraded" and self.reason == OUT_OF_MEMORY

    def serve(self) -> None:
        """It serves: as well as what was found so far lets it."""
        self._serves = True
        self._judge()

    def cut(self) -> None:
        """It serves no more, and what was found means nothing now; `down` says why."""
        self._serves = False
        self.lag = self._trouble = self._refusal = None

    def down(self, why: str) -> None:
        """There is no connection."""
        self._say("down", why)

    def lagged(self, seconds: float) -> None:
        """So long a publication has taken there and back, or takes already."""
        self.lag = seconds
        self._judge()

    def troubled(self, why: str | None) -> None:
        """Why nothing that was published is taken; None where it is."""
        if why != self._trouble:
            self._trouble = why
            self._judge()

    def tried(self, why: str | None) -> None:
        """Why nothing at all is taken; None where something was."""
        if why != self._refusal:
            self._refusal = why
            self._judge()

    def _judge(self) -> None:
        if not self._serves:
            return
        if (why := self._trouble or self._refusal) is not None:
            self._say("degraded", why)
        elif self.lag is not None and self.lag > _SLOW:
            self._say("degraded", "it is slow")
        else:
            self._say("up", "")

    def _say(self, state: BrokerState, reason: str) -> None:
        if state != self.state:
            level = logging.INFO if state == "up" else logging.WARNING
            fields = {"reason": reason, "advice": _ADVICE[state]} if state in _ADVICE else {}
            log.log(level, event("broker", name=self.name, state=state, **fields))
            self.since = time.time()
        self.state, self.reason = state, reason
