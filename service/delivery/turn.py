"""One turn of the event loop: what was published and answered in it is written at its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import Context
from time import perf_counter
from typing import TYPE_CHECKING, ParamSpec

from service.counters import Counters
from service.delivery.message import Compression, Notice, Update

if TYPE_CHECKING:
    from service.delivery.lanes import Audience, Lane
    from service.delivery.outbox import Outbox

log = logging.getLogger(__name__)

P = ParamSpec("P")

_LONG = 0.001
"""Seconds that a fan-out may take before what follows rests."""

_TIMED = 7
"""How many turns go untimed between two that are timed: reading the clock for each would cost more than it tells."""

_SHARE = 4
"""A rest takes this part of what the fan-out before it took, at most."""


class Turn:
    """Gathers, so that what one client is owed in one turn leaves in one write.

    A fan-out to many takes milliseconds. Who publishes turn after turn would have the loop do nothing else, with a
    write a client for each turn; so after a long one updates rest for a moment, others get theirs of the loop,
    and what is published meanwhile leaves together. Answers do not rest.
    """

    __slots__ = (
        "_audiences",
        "_later",
        "_outboxes",
        "_rest",
        "_rests_until",
        "_since",
        "_soon",
        "_timed",
        "_turns",
        "_updates",
        "compression",
        "counters",
    )

    def __init__(self, compression: Compression, rest: float = 0.0, counters: Counters | None = None) -> None:
        """`rest` is in seconds: how long, at most, what is published waits after a fan-out that took long."""
        self.compression = compression
        self.counters = counters or Counters()
        """What is written, and how it went."""
        self._audiences: list[Audience] = []
        self._outboxes: dict[Outbox, None] = {}
        self._updates: dict[bytes, Update | Notice] = {}
        """What each plain frame that is pending says, for those who cannot be written to at once."""
        self._soon = False
        """Whether the end of this turn is looked at."""
        self._later = False
        """Whether the end of a rest is."""
        self._rest = rest
        self._rests_until = 0.0
        self._timed = False
        """Whether it is told how long this turn's updates take."""
        self._since = 0.0
        """When the first of them was published; 0 where none has been."""
        self._turns = 0

    def publish(self, update: Update | Notice) -> None:
        """Owe an update, or a notice, to its audience."""
        frame, audience = update.frame, update.audience
        if audience.guard is not None:
            audience.guard(audience)
        self._updates[frame] = update
        audience.delivered += audience.count
        for append in audience.lanes.values():
            append(frame)
        if not audience.dirty:
            if self._timed and not self._since:
                self._since = perf_counter()
            audience.dirty = True
            self._audiences.append(audience)
            self._look_soon()

    def settle_later(self, outbox: Outbox) -> None:
        """Look after one client at the end of the turn."""
        self._outboxes[outbox] = None
        self._look_soon()

    def updates_of(self, frames: Sequence[bytes]) -> list[Update | Notice]:
        """What frames of this turn say."""
        return [self._updates[frame] for frame in frames]

    def deflated(self, frames: Sequence[bytes]) -> list[bytes]:
        """The same for clients that read compressed frames; each compressed once."""
        return [self._updates[frame].deflated(self.compression) for frame in frames]

    def flush(self) -> None:
        """Write everything that is owed."""
        began = perf_counter()
        audiences, self._audiences = self._audiences, []
        for audience in audiences:
            audience.dirty = False
        for lane in _lanes_of(audiences):
            if lane.pending:
                _safely(lane.flush, self)
        ended = perf_counter()
        if audiences:
            if ended - began > _LONG:
                self._rests_until = ended + min((ended - began) / _SHARE, self._rest)
                self.counters.long_fanout_seconds += ended - began
            self._turns += 1
            if self._timed or self._turns == _TIMED:
                self._time(audiences, ended)
        self._settle()
        # Whose last subscriber has just gone may have published; that is for the next turn.
        if not self._audiences:
            self._updates.clear()

    def _time(self, audiences: Sequence[Audience], ended: float) -> None:
        """Note how long this turn's updates took; where it was not told, that of the next will be."""
        counters = self.counters
        counters.turns += self._turns
        self._turns = 0
        if self._since:
            owed = sum(audience.count for audience in audiences)
            counters.publish_to_write.add(ended - self._since, owed)
        self._timed, self._since = not self._since, 0.0

    def _settle(self) -> None:
        outboxes, self._outboxes = self._outboxes, {}
        for outbox in outboxes:
            _safely(outbox.settle)

    def _look_soon(self) -> None:
        if not self._soon:
            self._soon = True
            # In nobody's name: it serves whoever is owed something.
            asyncio.get_running_loop().call_soon(self._end, context=Context())

    def _end(self) -> None:
        """The end of a turn: answers are written at once, updates unless a rest is due."""
        self._soon = False
        wait = self._rests_until - perf_counter() if self._audiences else 0.0
        if wait <= 0:
            self.flush()
            return
        self._settle()
        if not self._later:
            self._later = True
            asyncio.get_running_loop().call_later(wait, self._end_rest, context=Context())

    def _end_rest(self) -> None:
        self._later = False
        self.flush()


def _safely(call: Callable[P, None], *arguments: P.args, **options: P.kwargs) -> None:
    """Whatever happens to some, the others get theirs."""
    try:
        call(*arguments, **options)
    except Exception:
        log.exception("writing failed")


def _lanes_of(audiences: Sequence[Audience]) -> Sequence[Lane] | set[Lane]:
    if len(audiences) == 1:
        return tuple(audiences[0].lanes)
    lanes: set[Lane] = set()
    return lanes.union(*(audience.lanes for audience in audiences))
