"""What one client is owed: messages in order, bounded in bytes, and what becomes of them when it is too slow."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from service.access.rights import ANONYMOUS
from service.delivery.message import Boundary, Folded, Message, Notice, Update
from service.delivery.ways import Farewell, Way

if TYPE_CHECKING:
    from generated.runtime.errors import RequestError
    from generated.topics import Topic
    from service.delivery.lanes import Audience, Lane
    from service.delivery.turn import Turn

_CHUNK = 65_536
"""Bytes written at a time to a client that lags: what the kernel and the loop hold cannot be folded any more."""

_MOVING = 4
"""How many times the bound a client may be owed that goes on reading."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait for a client."""

    bytes: int
    """Beyond, channels that conflate keep only the latest update of each topic."""
    patience: float
    """Seconds without progress after which a client is too slow whose messages cannot be folded; one that
    makes progress may be owed four times the bound."""


class Outbox:
    """A queue that never makes its callers wait.

    Most of the time it is empty: its client goes with its lane. It fills when there is something for this
    client alone, or when the client does not keep up. From `hold` to the next answer updates stay back, so that
    the answer to a subscribe precedes the first update of its topic whatever happens in between.
    """

    __slots__ = (
        "_bounds",
        "_bytes",
        "_farewell",
        "_held",
        "_latest",
        "_moved",
        "_narrow",
        "_on_overflow",
        "_queue",
        "_said",
        "_taken",
        "_turn",
        "_waiter",
        "fd",
        "lane",
        "refuses",
        "seen",
        "way",
    )

    def __init__(self, way: Way, turn: Turn, bounds: Bounds, on_overflow: Callable[[], None]) -> None:
        """`on_overflow` is called when more waits than may."""
        self.way = way
        self.fd = way.fd
        """By which its lane knows it; stays the same when the connection is gone."""
        self.lane: Lane | None = None
        self.refuses: Callable[[Topic], RequestError | None] = ANONYMOUS.allows
        """Why its client may not read a topic at this moment; None where it may."""
        self.seen = 0
        """How many of its lane's pending frames it has taken over; for the lane to say."""
        self._turn = turn
        self._bounds = bounds
        self._on_overflow = on_overflow
        self._queue: deque[Message | Folded] | None = None
        self._bytes = 0
        self._held: list[Update | Notice] | None = None
        self._latest: dict[Audience, Folded] | None = None
        """While folding: where each topic's latest update stands in the queue, after the last answer."""
        self._narrow = False
        """While folding: whether keys no longer count, since what they kept was still too much."""
        self._moved = 0.0
        """When the client last made progress, or began to lag; seconds of the monotonic clock."""
        self._taken = 0
        """What the way said of its progress then."""
        self._farewell: Farewell | None = None
        self._said = False
        self._waiter: asyncio.Future[None] | None = None
        way.listen(self._on_ready, self._on_close)

    @property
    def waiting(self) -> int:
        """How much waits here, in bytes."""
        return self._bytes

    @property
    def bound(self) -> int:
        """How much may wait here before something is done about it, in bytes."""
        return self._bounds.bytes

    @property
    def farewell(self) -> Farewell | None:
        """How the connection ends; None while it goes on."""
        return self._farewell

    def hold(self) -> None:
        """Keep updates back until the next answer, which may say where a topic stands."""
        self.step_out()
        if self._held is None:
            self._held = []
            self._moved = time.monotonic()

    def answer(self, text: bytes) -> None:
        """Owe an answer, and after it whatever was held back. Dropped once the connection is ending."""
        if self._farewell is not None:
            return
        self.step_out()
        held, self._held = self._held, None
        if self._farewell is not None:  # What it stepped out with was too much.
            return
        if held is None:
            self._append(Message(text))
        else:
            if self._latest is not None:
                # Nothing that comes later may take the place of something before the answer.
                self._latest = {}
            self._append(Boundary(text))
        if held:
            for update in held:
                self._bytes -= update.size
            self.take(held)
        self._check()
        self._turn.settle_later(self)

    def tell(self, text: bytes) -> None:
        """Owe word that nobody asked for; what is held back for an answer stays so."""
        if self._farewell is not None:
            return
        self.step_out()
        if self._farewell is not None:
            return
        if self._latest is not None:
            self._latest = {}
        self._append(Boundary(text))
        self._check()
        self._turn.settle_later(self)

    def forget(self, audience: Audience | None = None) -> None:
        """Owe nothing of a topic any more, or of all that are not for everybody.

        Whoever has lost the right to it is not sent what was published while it had it, either.
        """
        self.step_out()

        def stays(message: Message | Folded) -> bool:
            its = message.audience if isinstance(message, Update | Notice | Folded) else None
            if its is None or (its is not audience if audience is not None else its.guard is None):
                return True
            self._bytes -= message.size
            if not isinstance(message, Notice):
                its.counters.dropped_revoked += len(message) if isinstance(message, Folded) else 1
            return False

        if self._queue is not None:
            self._queue = deque(message for message in self._queue if stays(message))
        if self._held is not None:
            self._held = [update for update in self._held if stays(update)]
        if self._latest is not None:
            self._latest = {}

    def take(self, updates: Sequence[Update | Notice]) -> None:
        """Owe updates that its lane has for it. Dropped once the connection is ending."""
        if self._farewell is None:
            self._put(updates)
            self._check()
        else:
            _count_lost(updates)

    def owe(self, updates: Sequence[Update | Notice]) -> None:
        """Owe updates to this client alone; the bound is looked at with the next message, an answer for one."""
        self.step_out()
        if self._farewell is None:
            for update in updates:
                update.audience.delivered += 1
            self._put(updates)

    def _put(self, updates: Sequence[Update | Notice]) -> None:
        if self._held is not None:
            self._held.extend(updates)
            self._bytes += sum(update.size for update in updates)
            return
        for update in updates:
            if self._latest is not None and isinstance(update, Update) and update.conflates:
                self._fold_in(update)
            else:
                self._append(update)
                if self._latest is not None and isinstance(update, Notice):
                    # What comes later is no part of what was before it.
                    self._latest.pop(update.audience, None)

    def step_out(self) -> None:
        """Leave the pace of the lane: something for this client alone is coming."""
        if self.lane is not None:
            self.lane.step_out(self, self._turn)

    def settle(self) -> None:
        """Write what can be written; with nothing left, go with the lane again."""
        way, queue = self.way, self._queue
        while queue and way.ready:
            self._write_some(queue)
        if queue:
            return
        self._queue = self._latest = None
        self._narrow = False
        if self._farewell is not None:
            self._say_bye()
        elif self.lane is not None and self._held is None and way.ready and self in self.lane.others:
            self.lane.step_in(self)

    def flush(self) -> None:
        """Write now what could wait for the end of the turn."""
        self.step_out()
        self.settle()

    def fell_short(self, frames: Sequence[bytes], updates: Sequence[Update | Notice], taken: int) -> None:
        """Of these frames, joined, the kernel took only so many bytes."""
        self._lags()
        for index, frame in enumerate(frames):
            if taken < len(frame):
                self.way.fell_short(frame[taken:])
                self.take(updates[index + 1 :])
                return
            taken -= len(frame)

    def finish(self, farewell: Farewell, *, discard: bool = False) -> None:
        """Take nothing more; write what waits, or discard it, then say goodbye. The first farewell counts."""
        if self._farewell is None:
            self.step_out()
        if self._farewell is not None:
            return
        self._farewell = farewell
        if discard:
            self._drop(slow=True)
        elif self._held:
            self._bytes -= sum(update.size for update in self._held)
            _count_lost(self._held)
        self._held = None
        self._turn.settle_later(self)

    async def ended(self) -> None:
        """Return when the goodbye is said, or there is nobody left to say it to."""
        if not self._said:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _over(self) -> None:
        self._said = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _append(self, message: Message | Folded) -> None:
        if self._queue is None:
            self._queue = deque()
            if not self.way.ready:
                self._lags()
        self._queue.append(message)
        self._bytes += message.size

    def _write_some(self, queue: deque[Message | Folded]) -> None:
        batch: list[Message] = []
        size = 0
        while queue and size < _CHUNK:
            message = queue.popleft()
            size += message.size
            if isinstance(message, Folded):
                if self._latest is not None and self._latest.get(message.audience) is message:
                    del self._latest[message.audience]
                batch.extend(message.messages())
            else:
                batch.append(message)
        self._bytes -= size
        self.way.write(batch)

    def _say_bye(self) -> None:
        if self._said or self._farewell is None:
            return
        self.way.close(self._farewell)
        self._over()

    def _on_ready(self) -> None:
        self._moved = time.monotonic()
        self.settle()

    def _on_close(self) -> None:
        """The connection ends from the other side, or below."""
        if self._farewell is None:
            self._farewell = Farewell(1006, "the client is gone")
        self._over()
        self._drop(slow=False)
        if self.lane is not None:
            self.lane.step_out(self, self._turn)

    def _drop(self, *, slow: bool) -> None:
        """Owe nothing any more of what waits; what is lost with it is counted."""
        _count_lost(chain(self._queue or (), self._held or ()), slow=slow)
        self._queue = self._latest = self._held = None
        self._bytes = 0

    def _check(self) -> None:
        if self._bytes <= self._bounds.bytes or (self.way.ready and self._held is None):
            return
        if self._latest is None:
            self._fold()
        if self._bytes > self._bounds.bytes and not self._narrow:
            self._keep_less()
        if self._bytes <= self._bounds.bytes:
            return
        if not self._moves() or self._bytes > _MOVING * self._bounds.bytes:
            self._on_overflow()

    def _lags(self) -> None:
        """From now on the client is behind."""
        self._moved = time.monotonic()
        self._taken = self.way.taken

    def _moves(self) -> bool:
        """Whether the client has read something of late.

        The kernel says that it takes more only when a third of its buffer is free: a slow reader may need a
        minute for that. So the way is asked.
        """
        now = time.monotonic()
        before, self._taken = self._taken, self.way.taken
        if before != self._taken:
            self._moved = now
        return now - self._moved < self._bounds.patience

    def _fold_in(self, update: Update) -> None:
        """Put an update in the place of the one before it."""
        assert self._latest is not None
        place = self._latest.get(update.audience)
        if place is None:
            place = self._latest[update.audience] = Folded(update)
            self._append(place)
            return
        self._bytes -= place.size
        place.after(update, narrow=self._narrow)
        self._bytes += place.size

    def _keep_less(self) -> None:
        """From now on keep but the latest of each topic, whatever its key."""
        self._narrow = True
        for message in self._queue or ():
            if isinstance(message, Folded):
                self._bytes -= message.size
                message.narrow()
                self._bytes += message.size

    def _fold(self) -> None:
        """Keep the latest of each topic and key whose channel conflates, and merge changes; all else stays.

        Nothing moves across an answer that may say where a topic stands.
        """
        queue, self._queue = self._queue, deque()
        self._latest = {}
        self._bytes -= sum(message.size for message in queue or ())
        for message in queue or ():
            if isinstance(message, Update) and message.conflates:
                self._fold_in(message)
            else:
                self._append(message)
                if isinstance(message, Boundary):
                    self._latest = {}


def _count_lost(messages: Iterable[Message | Folded], *, slow: bool = False) -> None:
    """Count the updates among what is never written: for a client that was too slow, or is gone."""
    for message in messages:
        if not isinstance(message, Update | Folded):
            continue
        lost = len(message) if isinstance(message, Folded) else 1
        if slow:
            message.audience.counters.dropped_slow += lost
        else:
            message.audience.counters.dropped_gone += lost
