"""One turn of the event loop: what was published and answered in it is written at its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, ParamSpec

from service.delivery.message import Compression, Update

if TYPE_CHECKING:
    from service.delivery.lanes import Audience, Lane
    from service.delivery.outbox import Outbox

log = logging.getLogger(__name__)

P = ParamSpec("P")


class Turn:
    """Gathers, so that what one client is owed in one turn leaves in one write."""

    __slots__ = ("_audiences", "_outboxes", "_scheduled", "_updates", "compression")

    def __init__(self, compression: Compression) -> None:
        self.compression = compression
        self._audiences: list[Audience] = []
        self._outboxes: dict[Outbox, None] = {}
        self._updates: dict[bytes, Update] = {}
        """What each plain frame of this turn says, for those who cannot be written to at once."""
        self._scheduled = False

    def publish(self, update: Update) -> None:
        """Owe an update to its audience."""
        frame, audience = update.frame, update.audience
        self._updates[frame] = update
        for append in audience.lanes.values():
            append(frame)
        if not audience.dirty:
            audience.dirty = True
            self._audiences.append(audience)
            self._schedule()

    def settle_later(self, outbox: Outbox) -> None:
        """Look after one client at the end of the turn."""
        self._outboxes[outbox] = None
        self._schedule()

    def updates_of(self, frames: Sequence[bytes]) -> list[Update]:
        """What frames of this turn say."""
        return [self._updates[frame] for frame in frames]

    def deflated(self, frames: Sequence[bytes]) -> list[bytes]:
        """The same for clients that read compressed frames; each compressed once."""
        return [self._updates[frame].deflated(self.compression) for frame in frames]

    def flush(self) -> None:
        """Write everything that is owed."""
        self._scheduled = False
        audiences, self._audiences = self._audiences, []
        outboxes, self._outboxes = self._outboxes, {}
        for audience in audiences:
            audience.dirty = False
        for lane in _lanes_of(audiences):
            if lane.pending:
                _safely(lane.flush, self)
        for outbox in outboxes:
            _safely(outbox.settle)
        # Whose last subscriber has just gone may have published; that is for the next turn.
        if not self._audiences:
            self._updates.clear()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            # In nobody's name: it serves whoever is owed something.
            asyncio.get_running_loop().call_soon(self.flush, context=Context())


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
