"""A topic that somebody here wants: how far it was followed, what it holds, and who is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from .backoff import Backoff, Clock, Retry
from .codec import TagValue
from .errors import InvalidMessage, WireError
from .exchange import ChannelRule
from .held import HeldLists
from .hole import Hole, Reason
from .link import Link
from .position import Position, Track, Verdict
from .received import Received, natural, text
from .subscription import Subscriber

logger = logging.getLogger(__name__)


class Feed:
    """One topic, over all connections for as long as anybody wants it.

    Between a subscribe request and its answer it is not active: what comes then belongs to what was before.
    """

    def __init__(
        self,
        topic: str,
        rule: ChannelRule[object, object],
        payload: bytes | None,
        *,
        backoff: Backoff,
        clock: Clock,
        in_trouble: Callable[[Feed], None],
        heard_of_holes: Callable[[Hole], bool],
    ) -> None:
        self.topic = topic
        self.rule = rule
        self.payload = payload
        self.subscriptions: dict[Subscriber, asyncio.Future[None] | None] = {}
        """Who wants it, in order; with what they wait on where it was not active when they came."""
        self.active = False
        self.established = False
        """Whether the server has ever said yes."""
        self.asked_on: Link | None = None
        """The connection on which the server was asked, and so may send it."""
        self.asking: asyncio.Task[None] | None = None
        self.retry = Retry(backoff, clock)
        """Of subscribe requests that the server refuses for now."""
        self._reason: Reason = "reconnect"
        self._from_nothing = False
        """Whether what is held is wrong, so that no position is worth anything."""
        self._troubles = Retry(backoff, clock)
        self._last_trouble = 0.0
        self._backoff = backoff
        self._clock = clock
        self._in_trouble = in_trouble
        self._heard_of_holes = heard_of_holes
        self._kinds = {kind.type: kind for kind in rule.updates}
        self._track = Track()
        self._held = None if rule.state is None else HeldLists(rule.state)
        self._last: tuple[object, object] | None = None
        self._owed = False
        """Whether the server is to send what the topic holds; without that the position is worth nothing."""
        self._former: Position | None = None
        """The last one that was worth something, as long as that is owed."""

    def add(self, subscription: Subscriber) -> asyncio.Future[None] | None:
        """One more wants it; what to wait for before it is subscribed, None where it is."""
        waiter = None if self.active else asyncio.get_running_loop().create_future()
        self.subscriptions[subscription] = waiter
        self._welcome()
        return waiter

    def knows(self, type_: TagValue) -> bool:
        """Whether messages of this type are updates of it."""
        return type_ in self._kinds

    @property
    def position(self) -> Position | None:
        """From where to recover; None where that cannot be."""
        if not self.established or self._from_nothing:
            return None
        return self._former if self._owed else self._track.position

    def answered(self, received: Received, asked: Position | None) -> None:
        """The server has said yes to a subscribe request, which named this position."""
        if not (self.established and self._recovers(received, asked)):
            self._begin(received, asked)
        self.established = self.active = True
        self._reason, self._from_nothing = "reconnect", False
        self.retry.succeed()
        self._settle()

    def refused(self, error: WireError) -> None:
        """The topic is not to be had, or not any more."""
        self.deny(error)
        for subscription, waiter in self.subscriptions.items():
            if waiter is None:
                subscription.end(error)

    def end(self, error: WireError) -> None:
        """The client was closed by its user; an error only to those who still wait to be subscribed."""
        self.deny(error)
        for subscription in self.subscriptions:
            subscription.end()

    def deny(self, error: WireError) -> None:
        """Those who wait to be subscribed are not; the others go on waiting for what comes."""
        self.active = False
        for waiter in self.subscriptions.values():
            if waiter is not None and not waiter.done():
                waiter.set_exception(error)

    def adopt(self, other: Feed) -> None:
        """The server has the same topic for both."""
        self.subscriptions.update(other.subscriptions)
        if self.active:
            self._settle()

    def take(self, type_: TagValue, received: Received) -> None:
        """Take an update, or what has an update's number though it is none that can be read."""
        if not self.active:
            return
        head, track = received.head, self._track
        verdict = track.judge(head)
        if verdict is Verdict.OLD:
            return
        if verdict is Verdict.GAP or (verdict is Verdict.LEAP and not self.rule.current):
            self._trouble("gap")
            return
        kind = self._kinds.get(type_)
        if kind is None:
            self._unreadable(received, f"its type {type_!r} is none that this client knows")
            return
        try:
            item, update = kind.read(received.frame)
            if self._held is not None:
                # Before a topic's first update nothing is held; later something has to be.
                item = self._held.take(item, kind.lists, snapshot=head.snapshot is True, first=not track.seq)
        except InvalidMessage as error:
            self._unreadable(received, error)
            return
        checksum = natural(head.checksum)
        if self._held is not None and checksum is not None and checksum != self._held.checksum():
            self._trouble("checksum")
            return
        track.count(head)
        self._owed = False
        self._last = item, update
        for subscription in list(self.subscriptions):
            subscription.deliver(item, update)

    def reset(self, received: Received) -> None:
        """The server begins the topic anew: what is held is void, and what comes follows where it says."""
        if not self.active:
            return  # what it is asked already says where to go on
        former, before = self.position, self._track.seq
        self._track.begin(natural(received.head.seq), text(received.head.epoch))
        self._void()
        for subscription in list(self.subscriptions):
            subscription.void()
        if self._track.seq is None and self._held is not None:
            self._trouble("reset")  # changes to what nobody knows
            return
        self._owed = bool(self._track.seq) and self.rule.snapshot is not None
        self._former = former if self._held is None else None
        self._tell(Hole(self.topic, "reset", before, self._track.seq))

    def trouble_wait(self) -> float:
        """How many seconds to wait before the server is asked again: nothing, unless that has not helped."""
        now = self._clock.time()
        if now - self._last_trouble > self._backoff.cap:
            self._troubles.succeed()
        self._last_trouble = now
        first = self._troubles.attempts == 0
        wait = self._troubles.wait()
        return 0.0 if first else wait

    def _recovers(self, received: Received, asked: Position | None) -> bool:
        """Whether an answer says that what was missed follows; then the topic goes on from where it was."""
        head = received.head
        if asked is None or head.recovered is not True or text(head.epoch) not in (None, asked.epoch):
            return False
        self._track.begin(asked.seq, asked.epoch)
        self._owed = False
        return True

    def _begin(self, received: Received, asked: Position | None) -> None:
        """Go on from where the server says, whatever lies between."""
        track, owed, snapshot = self._track, self._owed, self.rule.snapshot
        former, before = self.position, (self._track.seq, self._track.epoch)
        track.begin(natural(received.head.seq), text(received.head.epoch))
        moved = track.seq is None or (track.seq, track.epoch) != before
        # What was told when the snapshot was owed first need not be told again.
        missed = moved or self._from_nothing or (asked is not None and not owed)
        self._owed = bool(track.seq) and (
            snapshot == "subscribe" or (snapshot == "recover" and asked is not None)
        )
        self._former = former if self._held is None else None
        self._void()
        if self.established and missed:
            self._tell(Hole(self.topic, self._reason, before[0], track.seq))

    def _void(self) -> None:
        """Hold nothing."""
        self._last = None
        if self._held is not None:
            self._held.clear()

    def _settle(self) -> None:
        """All who wait are subscribed now."""
        for subscription, waiter in self.subscriptions.items():
            self.subscriptions[subscription] = None
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
        self._welcome()

    def _welcome(self) -> None:
        """Tell those who came late how things are."""
        if self.active and self.rule.current and self._last is not None:
            for subscription in list(self.subscriptions):
                if subscription.fresh:
                    subscription.deliver(*self._last)

    def _unreadable(self, received: Received, why: object) -> None:
        logger.warning("an update of %s cannot be read: %s: %.200r", self.topic, why, received.frame)
        if self._held is not None:
            self._trouble("checksum")
            return
        after = self._track.seq
        self._track.count(received.head)
        self._tell(Hole(self.topic, "gap", after, natural(received.head.seq)))

    def _trouble(self, reason: Reason) -> None:
        """Ask the server again; what comes before its answer is of no use."""
        self.active = False
        self._reason = reason
        self._from_nothing = self._from_nothing or reason != "gap"
        self._in_trouble(self)

    def _tell(self, hole: Hole) -> None:
        told = [one.tell(hole) for one, waiter in list(self.subscriptions.items()) if waiter is None]
        if told and not any([self._heard_of_holes(hole), *told]):
            logger.warning(
                "updates of %s were missed: those after %s; what comes now follows %s (%s)",
                hole.topic,
                hole.after,
                hole.seq,
                hole.reason,
            )
