"""Lanes: clients that have the same topics are owed the same bytes, so these are queued and joined once for all.

A publication costs a step for each lane, not for each client; what is left for each client is one write. A
client's topics are those of its lane.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from os import write
from typing import TYPE_CHECKING

from service.counters import ChannelCounters
from service.wire import NOT_DIRECT

if TYPE_CHECKING:
    from generated.runtime.state import HeldState
    from service.delivery.outbox import Outbox
    from service.delivery.turn import Turn

_MARK_BITS = 128
_DEFLATES = secrets.randbits(_MARK_BITS)


class Audience:
    """Who listens to one topic."""

    __slots__ = ("count", "counters", "delivered", "dirty", "guard", "held", "lanes", "mark", "seq")

    def __init__(self, counters: ChannelCounters | None = None) -> None:
        """`counters` are those of the topic's channel."""
        self.counters = counters or ChannelCounters()
        """What becomes of its updates, and of those of all topics of the channel."""
        self.delivered = 0
        """Updates that were owed to clients, once for each of them."""
        self.lanes: dict[Lane, Callable[[bytes], None]] = {}
        """With each lane, what appends to its pending frames."""
        self.count = 0
        """How many clients."""
        self.mark = secrets.randbits(_MARK_BITS)
        """A lane's key is the marks of its topics, added without carry: the same in whatever order they came."""
        self.dirty = False
        """Whether something was published in this turn of the loop."""
        self.seq = 0
        """The number of the last update; the first update of an epoch is 1."""
        self.guard: Callable[[Audience], None] | None = None
        """Called before each update is owed to its audience, to send away who may not read it; None where all may."""
        self.held: HeldState | None = None
        """What a subscriber holds after that update, where updates are changes to keyed lists."""


class Lane:
    """Clients with the same topics, and the frames that they are owed in this turn of the loop."""

    __slots__ = ("audiences", "deflates", "fds", "key", "others", "pending")

    def __init__(self, key: int, *, deflates: bool) -> None:
        self.key = key
        self.deflates = deflates
        self.audiences: dict[Audience, None] = {}
        self.pending: list[bytes] = []
        """Plain frames; the same list for life, since audiences append to it."""
        self.fds: dict[int, Outbox] = {}
        """Who keeps up: their descriptors are written to as they are."""
        self.others: dict[Outbox, None] = {}
        """Who has something of its own to be sent, or does not keep up, or has no descriptor."""

    def __len__(self) -> int:
        return len(self.fds) + len(self.others)

    def add(self, outbox: Outbox) -> None:
        """Take a client in; what is pending already is not for it."""
        outbox.lane = self
        outbox.seen = len(self.pending)
        self.others[outbox] = None

    def remove(self, outbox: Outbox) -> None:
        """Let a client go."""
        self._leave_pace(outbox)
        self.others.pop(outbox, None)
        outbox.lane = None

    def step_out(self, outbox: Outbox, turn: Turn) -> None:
        """Put a client on its own for a while: what is pending so far goes into its own queue."""
        if self._leave_pace(outbox):
            self.others[outbox] = None
            outbox.seen = 0
        if outbox.seen < len(self.pending):
            owed = self.pending[outbox.seen :]
            outbox.seen = len(self.pending)
            outbox.take(turn.updates_of(owed))

    def _leave_pace(self, outbox: Outbox) -> bool:
        """Write to a client's descriptor no more; whether it was. By now the number may be a newcomer's."""
        if self.fds.get(outbox.fd) is not outbox:
            return False
        del self.fds[outbox.fd]
        return True

    def step_in(self, outbox: Outbox) -> None:
        """Let a client that has nothing of its own any more go with the others again."""
        if not self.pending and outbox.fd != NOT_DIRECT:
            del self.others[outbox]
            self.fds[outbox.fd] = outbox

    def flush(self, turn: Turn) -> None:
        """Write what is pending to everybody."""
        pending = self.pending
        if self.fds:
            frames = turn.deflated(pending) if self.deflates else pending
            self._write(frames, turn)
        if self.others:
            for outbox in tuple(self.others):
                self.step_out(outbox, turn)
        pending.clear()
        for outbox in tuple(self.others):
            outbox.seen = 0
            outbox.settle()

    def _write(self, frames: list[bytes], turn: Turn) -> None:
        """The loop that everything else here is for: one system call a client."""
        data = frames[0] if len(frames) == 1 else b"".join(frames)
        size = len(data)
        short: list[tuple[int, int | None]] = []
        for fd in self.fds:
            try:
                taken: int | None = write(fd, data)
            except BlockingIOError:
                taken = 0
            except OSError:
                taken = None
            if taken != size:
                short.append((fd, taken))
        turn.counters.bytes_sent += size * len(self.fds)
        for fd, taken in short:
            outbox = self.fds.pop(fd)
            self.others[outbox] = None
            outbox.seen = len(self.pending)
            turn.counters.bytes_sent -= size - (taken or 0)
            if taken is None:
                for update in turn.updates_of(self.pending):
                    update.audience.counters.dropped_gone += 1
                outbox.way.abort()
            else:
                outbox.fell_short(frames, turn.updates_of(self.pending), taken)


class Lanes:
    """All lanes by their topics."""

    __slots__ = ("_by_key", "_turn")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._by_key: dict[int, Lane] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def has(self, outbox: Outbox, audience: Audience) -> bool:
        """Whether a client listens to a topic."""
        return outbox.lane is not None and audience in outbox.lane.audiences

    def join(self, outbox: Outbox, audience: Audience) -> None:
        """Let a client listen to a topic that it does not listen to yet."""
        audience.count += 1
        lane = outbox.lane
        before = lane.key if lane is not None else _DEFLATES if outbox.way.deflates else 0
        key = before ^ audience.mark
        target = self._by_key.get(key)
        if target is None and lane is not None and len(lane) == 1:
            self._rekey(lane, key)
            _attach(lane, (audience,))
            return
        if target is None:
            target = self._by_key[key] = Lane(key, deflates=outbox.way.deflates)
            _attach(target, (*lane.audiences, audience) if lane is not None else (audience,))
        self._move(outbox, target)

    def leave(self, outbox: Outbox, audience: Audience) -> None:
        """Let a client no longer listen to a topic that it listens to."""
        audience.count -= 1
        lane = outbox.lane
        if lane is None:
            return
        if len(lane.audiences) == 1:
            self._move(outbox, None)
            return
        key = lane.key ^ audience.mark
        target = self._by_key.get(key)
        if target is None and len(lane) == 1:
            # What is pending so far goes into the client's own queue: its topic may have been this one.
            lane.step_out(outbox, self._turn)
            lane.pending.clear()
            outbox.seen = 0
            self._rekey(lane, key)
            del lane.audiences[audience], audience.lanes[lane]
            return
        if target is None:
            target = self._by_key[key] = Lane(key, deflates=lane.deflates)
            _attach(target, (other for other in lane.audiences if other is not audience))
        self._move(outbox, target)

    def drop(self, outbox: Outbox) -> list[Audience]:
        """Let a client listen to nothing; returns what it listened to."""
        if outbox.lane is None:
            return []
        audiences = list(outbox.lane.audiences)
        for audience in audiences:
            audience.count -= 1
        self._move(outbox, None)
        return audiences

    def _rekey(self, lane: Lane, key: int) -> None:
        del self._by_key[lane.key]
        lane.key = key
        self._by_key[key] = lane

    def _move(self, outbox: Outbox, target: Lane | None) -> None:
        lane = outbox.lane
        if lane is not None:
            lane.step_out(outbox, self._turn)
            lane.remove(outbox)
            if not len(lane):
                del self._by_key[lane.key]
                for audience in lane.audiences:
                    del audience.lanes[lane]
        if target is not None:
            target.add(outbox)
        # Whatever it took along, or nothing: then it joins the others' pace at the end of the turn.
        self._turn.settle_later(outbox)


def _attach(lane: Lane, audiences: Iterable[Audience]) -> None:
    append = lane.pending.append
    for audience in audiences:
        lane.audiences[audience] = None
        audience.lanes[lane] = append
