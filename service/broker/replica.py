"""What this node has followed of one topic, and whether what Redis says goes on from there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from generated.runtime.redis_protocol import Message, Reading, decode_message, topic_key
from service.access.naming import in_log
from service.broker.base import BrokerUnavailable, Numbered, Receiver, Seed

if TYPE_CHECKING:
    from generated.topics import Topic
from service.logs import event

log = logging.getLogger(__name__)

_MOST_WAITING = 20_000
"""Messages that may wait for a topic to be read; more are thrown away, and the topic is read again."""


class Verdict(Enum):
    """What a reading is to a replica."""

    PROVEN = "all that was missed is known"
    LOST = "it is not known what was missed"
    FORKED = "what was heard here has not happened there"


class Replica:
    """One topic. While it is being read, what is heard of it waits; else it is followed, message by message."""

    __slots__ = (
        "_asked",
        "_on_doubt",
        "_on_reset",
        "_overrun",
        "_receiver",
        "_unasked",
        "_waiting",
        "address",
        "channel",
        "epoch",
        "opened",
        "seq",
        "subscribed",
        "tag",
        "topic",
    )

    def __init__(
        self,
        topic: Topic,
        receiver: Receiver,
        on_doubt: Callable[[Replica], None],
        on_reset: Callable[[str, Seed, str], None],
    ) -> None:
        """`on_doubt` is called when it has to be read again, `on_reset` instead of the receiver's `reset`."""
        self.topic = topic
        self.address = topic.address
        self.channel = topic_key(topic.address).encode()
        """Where it is published."""
        self.epoch, self.seq, self.tag = "", 0, ""
        """The last update that was followed."""
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when whatever is published is heard."""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the receiver has it."""
        self._receiver = receiver
        self._on_doubt = on_doubt
        self._on_reset = on_reset
        self._waiting: list[bytes] | None = []
        self._overrun = False
        self._unasked: list[asyncio.Future[None]] = []
        """Those who wait for a reading that has yet to begin."""
        self._asked: list[asyncio.Future[None]] = []
        """Those for whom it has begun."""

    @property
    def position(self) -> tuple[str, int, str]:
        """Epoch, seq and tag of the last update."""
        return self.epoch, self.seq, self.tag

    @property
    def waits(self) -> bool:
        """Whether it is yet to be read."""
        return self._waiting is not None

    @property
    def followed(self) -> bool:
        """Whether the receiver has it."""
        opened = self.opened
        return opened.done() and not opened.cancelled() and opened.exception() is None

    def let_down(self) -> None:
        """The link is lost: who waits for it to be opened waits in vain, others until it can be read again."""
        if not self.opened.done():
            self.opened.set_exception(BrokerUnavailable("the broker was lost"))
        if not self.subscribed.done():
            self.subscribed.set_exception(BrokerUnavailable("the broker was lost"))
        # Who waits for the one waits for the other no more.
        for told in (self.opened, self.subscribed):
            told.exception()
        self.subscribed = asyncio.get_running_loop().create_future()
        self.abandon()
        self.hold()

    def abandon(self) -> None:
        """Who waits for it to be read waits in vain."""
        waiting, self._asked, self._unasked = self._asked + self._unasked, [], []
        for one in waiting:
            if not one.done():
                one.set_exception(BrokerUnavailable("the broker was lost"))
                one.exception()  # told already, whoever has gone

    async def read_again(self) -> None:
        """Return once it was read, from now on. Raises BrokerUnavailable where the link is lost before."""
        read: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unasked.append(read)
        self.doubt()
        await read

    def reading(self) -> None:
        """It will be read now; what is heard from here on waits for that."""
        self.hold()
        self._asked += self._unasked
        self._unasked = []

    def agrees(self, before: tuple[str, int, str], answer: object) -> bool:
        """Whether Redis says (by epoch, seq and tag) what this holds, or held before it was asked."""
        if not isinstance(answer, list) or answer[0] is None or answer[1] is None:
            return False
        epoch, seq, tag = answer[0].decode(), int(answer[1]), (answer[2] or b"").decode()
        if epoch != before[0] or epoch != self.epoch:
            return False
        if seq == before[1]:
            return bool(tag == before[2])
        return bool(before[1] < seq <= self.seq)

    def hold(self) -> None:
        """Follow nothing until it has been read."""
        if self._waiting is None:
            self._waiting = []

    def doubt(self) -> None:
        """Have it read again."""
        self.hold()
        self._on_doubt(self)

    def take(self, data: bytes) -> None:
        """Something was published."""
        if self._waiting is None:
            self._follow(data)
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting.append(data)
        else:
            self._overrun = True

    def judge(self, reading: Reading) -> Verdict:
        """What a reading tells of what was missed."""
        if not self.followed or reading.epoch != self.epoch:
            return Verdict.LOST
        if reading.since(*self.position) is not None:
            return Verdict.PROVEN
        if reading.seq < self.seq or (reading.seq == self.seq and reading.tag != self.tag):
            return Verdict.FORKED
        there = next((one.tag for one in reading.history if one.seq == self.seq), self.tag)
        return Verdict.LOST if there == self.tag else Verdict.FORKED

    def settle(self, reading: Reading, why: str) -> bool:
        """Go on from a reading, and with what was heard meanwhile; whether subscribers had to be told of a loss."""
        missed = reading.since(*self.position) if self.followed else None
        lost = self.followed and missed is None
        if missed is not None:
            for message in missed:
                self._receive(message)
        else:
            self.epoch, self.seq, self.tag = reading.epoch, reading.seq, reading.tag
            if lost:
                self._on_reset(self.address, _seed(reading), why)
            else:
                self._receiver.opened(self.topic, _seed(reading))
                self.opened.set_result(None)
        self.resume()
        asked, self._asked = self._asked, []
        for one in asked:
            if not one.done():
                one.set_result(None)
        return lost

    def resume(self) -> None:
        """Nothing was missed: go on with what was heard meanwhile."""
        waiting, self._waiting = self._waiting, None
        overrun, self._overrun = self._overrun, False
        for data in waiting or ():
            self.take(data)
        if overrun:
            self.doubt()

    def _follow(self, data: bytes) -> None:
        try:
            message = decode_message(self.topic.channel, self.address, data)
        except ValueError as error:
            log.warning(event("what was published cannot be read", topic=in_log(self.address), error=error))
            return
        if message.epoch == self.epoch:
            if message.seq == self.seq + 1:
                self._receive(message)
            elif message.seq != self.seq or message.tag != self.tag:
                self.doubt()
        elif message.seq == 1:
            # The first of an epoch: nothing of that is missed, but who knows what of the one before.
            self.epoch, self.seq, self.tag = message.epoch, 0, ""
            self._on_reset(self.address, Seed(message.epoch, 0), BEGUN)
            self._receive(message)
        else:
            self.doubt()

    def _receive(self, message: Message) -> None:
        if message.publication is None:
            return
        self.seq, self.tag = message.seq, message.tag
        try:
            self._receiver.receive(Numbered(message.seq, message.epoch, message.ts, message.publication))
        except Exception:
            # Changes that cannot be applied: what is held is wrong from here on.
            log.exception(event("an update cannot be taken", topic=in_log(self.address), seq=message.seq))


BEGUN = "Its publisher could not prove that nothing is missing, so it has begun anew."


def _seed(reading: Reading) -> Seed:
    last = reading.last.publication if reading.last is not None else None
    return Seed(
        reading.epoch,
        reading.seq,
        last,
        reading.state,
        tuple(
            Numbered(one.seq, one.epoch, one.ts, one.publication)
            for one in reading.history
            if one.publication is not None
        ),
    )
