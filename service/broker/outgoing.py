"""What is published here and waits for Redis: in order, bounded in bytes, and never forgotten without a sign."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from redis.exceptions import NoScriptError, ReadOnlyError, ResponseError

from generated.constants import DELIVERY, HISTORY, SNAPSHOT, STATE
from generated.runtime.backoff import Backoff, Clock, Retry
from generated.runtime.publication import Publication
from generated.runtime.redis_protocol import (
    ChannelRules,
    Command,
    new_publisher,
    parse_published,
    publish_command,
)
from generated.runtime.redis_refusals import may_pass
from service.access.naming import in_log
from service.broker.link import Answer, LinkLost
from service.broker.writable import REPLICA, passes
from service.logs import event

log = logging.getLogger(__name__)

_RULES = ChannelRules(delivery=DELIVERY, history=HISTORY, snapshot=SNAPSHOT, state=STATE)

_BATCH = 128
"""Publications that are sent at a time."""

_OVERHEAD = 300
"""What a publication takes here beside its payload, in bytes, about."""

_MOST_TOPICS = 50_000
"""Topics of which the numbers are kept. Over that all are forgotten, under another name, and each topic that is
published again begins an epoch: of what was left out before, nobody knows any more."""

_ASK_AGAIN = 1.0
"""Seconds after which a feed is asked once more for the whole of what a topic holds."""


class Server(Protocol):
    """As much of a link as is needed here."""

    async def call(self, commands: Sequence[Command]) -> list[Answer]:
        """The answers to commands. Raises LinkLost."""

    async def load(self) -> None:
        """Make the scripts known."""


@dataclass(slots=True)
class _Source:
    """In whose name a topic is published, and the last number of what was sent."""

    publisher: str
    n: int = 0


@dataclass(slots=True)
class _Waiting:
    publication: Publication
    exclusive: bool
    source: _Source
    size: int
    after_loss: bool
    """Whether one of its topic was dropped just before it."""
    n: int = 0
    """Its number among this publisher's of the topic; 0 until it is sent first. From then on it stays as it is."""


class Outgoing:
    """A queue of publications.

    Each gets a number, topic by topic, when it is sent first; sent again, it has the same, so that Redis carries
    it out once. Where one was dropped a number is left out, and by that Redis knows that the topic has a hole.
    """

    def __init__(
        self,
        *,
        most_bytes: int,
        ttl: float,
        on_base_wanted: Callable[[str], None],
        on_trouble: Callable[[str | None], None],
    ) -> None:
        """`ttl` is in seconds.

        `on_base_wanted` gets the address of a topic that has to be published whole; `on_trouble` why Redis takes
        nothing for now, or None once it does again.
        """
        self._publisher = new_publisher()
        self._most_bytes = most_bytes
        self._ttl = round(ttl)
        self._on_base_wanted = on_base_wanted
        self._on_trouble = on_trouble
        self._queue: deque[_Waiting] = deque()
        self._sources: dict[str, _Source] = {}
        """By topic, of `_MOST_TOPICS` at most."""
        self._first = 0
        """The number before a topic's first: after numbers were forgotten one is left out, by which Redis knows."""
        self._feeding: dict[str, _Source] = {}
        """By topic, where what is exclusive has begun: each that begins is another owner to Redis."""
        self._lossy: set[str] = set()
        """Topics of which the next publication follows on one that was dropped."""
        self._unsent: dict[tuple[str, int | str | None], _Waiting] | None = {}
        """While nothing is sent: what a later publication may take the place of, by topic and key."""
        self._asked: dict[str, float] = {}
        self._something = asyncio.Event()
        self._nothing = asyncio.Event()
        self._nothing.set()
        self._full = False
        self.bytes = 0
        """How much waits."""
        self.dropped = 0
        """How many were given up."""

    def put(self, publication: Publication, *, exclusive: bool) -> None:
        """Take one; returns at once."""
        if self._unsent is not None and self._replaces(publication, exclusive=exclusive):
            return
        size = len(publication.payload) + _OVERHEAD
        if self.bytes + size > self._most_bytes:
            self._drop(publication.topic)
            return
        after_loss = publication.topic in self._lossy
        if after_loss:
            self._lossy.discard(publication.topic)
        waiting = _Waiting(
            publication, exclusive, self._source(publication.topic, exclusive), size, after_loss
        )
        self.bytes += size
        self._queue.append(waiting)
        if self._unsent is not None and _whole(publication):
            self._unsent[publication.topic, publication.key] = waiting
        self._something.set()
        self._nothing.clear()

    def begin(self, address: str) -> None:
        """What is published exclusively on a topic from now on does not follow on what came before."""
        self._feeding[address] = _Source(new_publisher())
        if self._unsent is not None:
            for place in [place for place in self._unsent if place[0] == address]:
                del self._unsent[place]

    def end(self, address: str) -> None:
        """Nothing more is published exclusively on a topic, unless it begins again."""
        self._feeding.pop(address, None)

    def withdraw(self) -> None:
        """Forget what was published exclusively and was never sent."""
        kept = [waiting for waiting in self._queue if waiting.n or not waiting.exclusive]
        self._queue = deque(kept)
        self.bytes = sum(waiting.size for waiting in kept)
        if self._unsent is not None:
            self._unsent = {
                place: waiting for place, waiting in self._unsent.items() if not waiting.exclusive
            }
        if not kept:
            self._something.clear()
            self._nothing.set()

    def pause(self) -> None:
        """Nothing is sent from now on: of what only the latest matters of, only that is kept."""
        if self._unsent is None:
            self._unsent = {
                (waiting.publication.topic, waiting.publication.key): waiting
                for waiting in self._queue
                if not waiting.n and _whole(waiting.publication)
            }

    async def run(self, server: Server) -> None:
        """Send what waits, and what will come, until the link is lost. Raises LinkLost."""
        self._unsent = None
        self._full = False
        retry = Retry(Backoff(base=0.1, cap=2.0), Clock())
        while True:
            await self._something.wait()
            batch = [self._queue[place] for place in range(min(len(self._queue), _BATCH))]
            for waiting in batch:
                if not waiting.n:
                    waiting.n = self._next_number(waiting)
            answers = await server.call([self._command(waiting) for waiting in batch])
            trouble = await self._answered(batch, answers, server)
            self._on_trouble(trouble)
            if trouble is None:
                retry.succeed()
            else:
                await asyncio.sleep(retry.wait())

    async def empty(self) -> None:
        """Return when nothing waits."""
        await self._nothing.wait()

    def _source(self, address: str, exclusive: bool) -> _Source:
        source = self._feeding.get(address) if exclusive else None
        if source is None:
            source = self._sources.get(address)
        if source is None:
            if len(self._sources) >= _MOST_TOPICS:
                self._sources.clear()
                self._publisher, self._first = new_publisher(), 1
            source = self._sources[address] = _Source(self._publisher, self._first)
        return source

    def _command(self, waiting: _Waiting) -> Command:
        publication = waiting.publication
        return publish_command(
            _RULES.of(publication.channel),
            publication,
            publisher=waiting.source.publisher,
            n=waiting.n,
            exclusive=waiting.exclusive,
            ttl=self._ttl,
        )

    def _next_number(self, waiting: _Waiting) -> int:
        # One is left out for all that were dropped; Redis begins an epoch then.
        waiting.source.n += 2 if waiting.after_loss else 1
        return waiting.source.n

    async def _answered(
        self, batch: Sequence[_Waiting], answers: Sequence[Answer], server: Server
    ) -> str | None:
        """Take what was carried out off the queue; why the rest was not, None where there is none."""
        again: list[_Waiting] = []
        trouble: str | None = None
        for waiting, answer in zip(batch, answers, strict=True):
            if not isinstance(answer, ResponseError):
                if parse_published(answer).status == "NEEDBASE":
                    self._ask(waiting.publication.topic)
            elif may_pass(answer):
                again.append(waiting)
                if not isinstance(answer, NoScriptError):  # that is mended before the next try
                    trouble = trouble or passes(answer)
            else:
                log.error(
                    event("a publication was refused", topic=in_log(waiting.publication.topic), error=answer)
                )
                self.dropped += 1
        for waiting in batch:
            self._queue.popleft()
            self.bytes -= waiting.size
        self._queue.extendleft(reversed(again))
        self.bytes += sum(waiting.size for waiting in again)
        if not self._queue:
            self._something.clear()
            self._nothing.set()
        if any(isinstance(answer, ReadOnlyError) for answer in answers):
            raise LinkLost(REPLICA)
        if any(isinstance(answer, NoScriptError) for answer in answers):
            await server.load()
        return trouble

    def _ask(self, address: str) -> None:
        now = time.monotonic()
        if now - self._asked.get(address, -_ASK_AGAIN) >= _ASK_AGAIN:
            # Those whose time is up are asked again whether they stand here or not.
            self._asked = {topic: at for topic, at in self._asked.items() if now - at < _ASK_AGAIN}
            self._asked[address] = now
            self._on_base_wanted(address)

    def _replaces(self, publication: Publication, *, exclusive: bool) -> bool:
        """Put a publication in the place of one that nobody needs any more; whether there was one."""
        assert self._unsent is not None
        waiting = self._unsent.get((publication.topic, publication.key))
        if waiting is None or waiting.exclusive != exclusive or publication.topic in self._lossy:
            return False
        size = len(publication.payload) + _OVERHEAD
        self.bytes += size - waiting.size
        waiting.publication, waiting.size = publication, size
        return True

    def _drop(self, address: str) -> None:
        self.dropped += 1
        self._lossy.add(address)
        if not self._full:
            self._full = True
            log.warning("more is published than may wait for the broker: it is dropped from now on")


def _whole(publication: Publication) -> bool:
    """Whether a later one of the same key makes up for it."""
    return DELIVERY.get(publication.channel) == "conflate" and publication.channel not in STATE
