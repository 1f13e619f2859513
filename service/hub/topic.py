"""One topic that somebody listens to, or did a moment ago: its position, its history, and what it holds."""

from __future__ import annotations

import secrets
import time
from asyncio import TimerHandle
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, cast

import msgspec

from generated.constants import HISTORY, SNAPSHOT, STATE
from generated.models import TopicNotice, TopicReset
from generated.runtime.codec import encode
from generated.runtime.state import HeldState
from service.broker import Numbered, Seed
from service.counters import ChannelCounters
from service.delivery import Audience, Notice, Update

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from generated.topics import Topic


@dataclass(frozen=True, slots=True)
class Position:
    """Where a topic stands: the next update is `seq + 1` of this epoch."""

    seq: int
    epoch: str


@dataclass(frozen=True, slots=True)
class Joined(Position):
    """From where a subscriber is told of a topic."""

    recovered: bool | None = None
    """Whether it missed nothing since the position that it asked to go on from; None where it named none."""


class TopicState(Audience):
    """A new state is a new epoch, unless a broker's seed says otherwise: what came before it cannot be told any more.

    It numbers what is published (`number`), or follows what the broker has numbered (`follow`), never both.
    """

    __slots__ = ("_history", "_last", "_snapshot", "_untold", "closing", "epoch", "fed", "topic")

    def __init__(
        self, topic: Topic, counters: ChannelCounters | None = None, seed: Seed | None = None
    ) -> None:
        super().__init__(counters)
        self.topic = topic
        self.epoch = secrets.token_hex(5)
        self.closing: TimerHandle | None = None
        """Running while nobody listens."""
        self.fed = False
        """Whether the listeners have been told that it is open."""
        kept = HISTORY.get(topic.channel)
        self._history: deque[Update | Numbered] | None = None if kept is None else deque(maxlen=kept)
        """The last updates; those that a seed brought are framed once somebody needs them."""
        rule = STATE.get(topic.channel)
        self.held = None if rule is None else HeldState(rule)
        self._last: Publication | None = None
        """The latest, which is what the topic holds where it has no lists."""
        self._snapshot: Update | None = None
        """What the topic holds, once somebody needed to be told and until it changes."""
        self._untold = False
        """Whether subscribers have yet to be told the epoch, which is not theirs any more."""
        if seed is not None:
            self._take_over(seed)

    @property
    def remembers(self) -> bool:
        """Whether an update matters though nobody listens: somebody may come, or come back."""
        return self._history is not None or self.held is not None or self.topic.channel in SNAPSHOT

    def number(self, publication: Publication) -> Update:
        """The next update; from now on the topic stands there."""
        return self._next(publication, self.seq + 1, _now_ms())

    def follow(self, numbered: Numbered) -> Update:
        """The next update, as the broker has numbered it; from now on the topic stands there."""
        return self._next(numbered.publication, numbered.seq, numbered.ts)

    def begin_anew(self, seed: Seed, message: str) -> list[Notice | Update]:
        """Forget everything for a seed; what subscribers are to be told: that, and what the topic holds now."""
        self._take_over(seed)
        notice = TopicReset(
            topic=self.topic.address,
            seq=self.seq,
            epoch=self.epoch,
            payload=TopicNotice(code="history_lost", message=message),
        )
        whole = self._whole(epoch=self.epoch)
        self._untold = not whole
        return [Notice(self, encode(notice)), *whole]

    def _next(self, publication: Publication, seq: int, ts: int) -> Update:
        changes = publication.changes
        if self.held is not None and changes is not None:
            self.held.apply(changes, snapshot=publication.snapshot)
        self.seq = seq
        epoch = self.epoch if seq == 1 or self._untold else None
        self._untold = False
        update = Update(self, publication, seq, ts, epoch, checksum=self._checksum())
        if self._history is not None:
            self._history.append(update)
        if not _is_older(publication, self._last):
            self._last = publication
        self._snapshot = None
        return update

    def skip(self) -> None:
        """Count an update that nobody will ever be told of."""
        self.seq += 1

    def join(self, after: Position | None, most: int) -> tuple[Joined, Sequence[Update]]:
        """Where a subscriber begins, who may have a position already, and what it is owed before what is to come.

        A replay of more than `most` bytes counts as one that cannot be given: who is cut off for it would only
        come back for the same.
        """
        if after is None:
            owed = self._whole() if SNAPSHOT.get(self.topic.channel) == "subscribe" else ()
            return Joined(self.seq, self.epoch), owed
        missed = self._since(after)
        if missed is not None and sum(update.size for update in missed) <= most:
            return Joined(after.seq, self.epoch, recovered=True), missed
        return Joined(self.seq, self.epoch, recovered=False), self._whole()

    def knows(self, position: Position) -> bool:
        """Whether a position is one that it has or had, so that nobody is ahead of it."""
        return position.epoch == self.epoch and position.seq <= self.seq

    def _since(self, position: Position) -> Sequence[Update] | None:
        """Every update after a position; None where that cannot be proved."""
        missed = self.seq - position.seq
        if position.epoch != self.epoch or missed < 0:
            return None
        if missed == 0:
            return ()
        history = self._history
        if history is None or missed > len(history):
            return None
        first = len(history) - missed
        for place in range(first, len(history)):
            kept = history[place]
            if isinstance(kept, Numbered):
                history[place] = self._framed(kept)
        return tuple(cast("Iterable[Update]", islice(history, first, None)))

    def _framed(self, kept: Numbered) -> Update:
        """An update of before this replica was: what was held then is not known, and so it has no checksum."""
        return Update(self, kept.publication, kept.seq, kept.ts, self.epoch if kept.seq == 1 else None)

    def _take_over(self, seed: Seed) -> None:
        """Stand where a seed says."""
        self.epoch, self.seq = seed.epoch, seed.seq
        self._last, self._snapshot = seed.last, None
        if self._history is not None:
            self._history.clear()
            self._history.extend(seed.history)
        if self.held is not None:
            self.held = HeldState(self.held.rule)
            self.held.apply(seed.held or {}, snapshot=True)

    def _whole(self, epoch: str | None = None) -> Sequence[Update]:
        """What the topic holds, as one update that replaces; nothing where there is nothing to hold.

        With an `epoch` it is for those who have yet to be told that.
        """
        last = self._last
        if last is None or self.topic.channel not in SNAPSHOT:
            return ()
        if self._snapshot is None or epoch is not None:
            payload, changes = last.payload, None
            if self.held is not None:
                payload, changes = encode(self.held.payload()), self.held.changes()
            whole = msgspec.structs.replace(last, payload=payload, changes=changes, snapshot=True)
            update = Update(self, whole, self.seq, _now_ms(), epoch, checksum=self._checksum())
            if epoch is not None:
                return (update,)
            self._snapshot = update
        return (self._snapshot,)

    def _checksum(self) -> int | None:
        """Of what a subscriber holds now; None where there are no lists."""
        return None if self.held is None else self.held.checksum()


def _is_older(publication: Publication, last: Publication | None) -> bool:
    """Whether it corrects what is not the latest any more: of the states of several things, the last key's counts."""
    key, latest = publication.key, None if last is None else last.key
    if isinstance(key, str) and isinstance(latest, str):
        return key < latest
    return isinstance(key, int) and isinstance(latest, int) and key < latest


def _now_ms() -> int:
    return int(time.time() * 1000)
