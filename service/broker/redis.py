"""The broker that many processes share: a Redis or Valkey.

It numbers what is published and keeps what topics hold; every node follows the topics that its clients have. When
it is lost, clients stay, what is published waits, and once it is back each topic goes on where that can be proven
to leave nothing out, and is reset aloud where it cannot.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING

from redis.exceptions import NoScriptError, ReadOnlyError, ResponseError

from generated.runtime.backoff import Backoff, Clock, Retry
from generated.runtime.redis_protocol import (
    Reading,
    parse_reading,
    read_command,
    renew_command,
    topic_key,
    topic_keys,
)
from service.broker.address import shown
from service.broker.base import BrokerStatus, BrokerUnavailable, Receiver, Seed
from service.broker.condition import Condition
from service.broker.link import Link, LinkLost
from service.broker.outgoing import Outgoing
from service.broker.replica import Replica, Verdict
from service.broker.resets import Resets
from service.broker.writable import OUT_OF_MEMORY, REPLICA, passes, try_to_write, watch
from service.tasks import end

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from generated.topics import Topic
from service.logs import event

log = logging.getLogger(__name__)

_BACKOFF = Backoff(base=0.2, cap=5.0)
"""Between attempts to connect, with jitter: nodes do not come back at once."""

_READ_AT_ONCE = 32
_CHECKED_AT_ONCE = 200
"""Topics that are read, or looked at, by one batch of commands."""

_CHECK = 10.0
"""Seconds between two looks at whether topics that say nothing still are where they were."""

_FAREWELL = 1.0
"""Seconds for what is yet to be handed over at the end."""

_CHANGED = "The broker has lost what was published, or has begun anew."
_BEHIND = "More was published than the broker keeps while this server could not follow."


class RedisBroker:
    """Numbers come from Redis; this node follows."""

    remote = True

    def __init__(self, address: str, *, timeout: float, queue_bytes: int, ttl: float) -> None:
        """`address` is a URL, `timeout` and `ttl` are in seconds."""
        self.node = secrets.token_urlsafe(9)
        """Tells this node from others."""
        self._address = address
        self._timeout = timeout
        self._ttl = round(ttl)
        self._receiver: Receiver
        self._condition = Condition(shown(address))
        self._outgoing = Outgoing(
            most_bytes=queue_bytes,
            ttl=ttl,
            on_base_wanted=self._base_wanted,
            on_trouble=self._condition.troubled,
        )
        self._replicas: dict[bytes, Replica] = {}
        """By pub/sub channel."""
        self._doubtful: dict[Replica, None] = {}
        self._doubts = asyncio.Event()
        self._link: Link | None = None
        """While what is asked for can be had."""
        self._up = asyncio.Event()
        """Set then."""
        self._task: asyncio.Task[None] | None = None
        self._resets = Resets()
        self._connects = 0

    def bind(self, receiver: Receiver) -> None:
        """Say who follows topics; before `start`."""
        self._receiver = receiver

    async def start(self) -> None:
        """Begin to connect."""
        # In nobody's name: it serves all.
        self._task = asyncio.get_running_loop().create_task(self._run(), name="broker", context=Context())

    async def reached(self, patience: float) -> bool:
        """Whether it serves; waits for that, so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._up.wait()
        return self._up.is_set()

    async def stop(self) -> None:
        """Hand over what is published, as far as that goes at once, and end."""
        if self._task is None:
            return
        if self._link is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    await self._outgoing.empty()
        await end([self._task])
        self._resets.tell()

    def status(self) -> BrokerStatus:
        """How it is doing."""
        condition = self._condition
        return BrokerStatus(
            name=condition.name,
            state=condition.state,
            since=condition.since,
            reason=condition.reason,
            lag_ms=None if condition.lag is None else round(condition.lag * 1000, 3),
            queued=self._outgoing.bytes,
            dropped=self._outgoing.dropped,
            resets=self._resets.total,
            full=condition.full,
            reconnects=max(0, self._connects - 1),
        )

    def publish(self, publication: Publication, *, exclusive: bool = False) -> None:
        """Take one publication; returns at once. With `exclusive` it comes from who alone feeds the topic."""
        self._outgoing.put(publication, exclusive=exclusive)

    def begin(self, address: str) -> None:
        """What is published exclusively on a topic from now on does not follow on what came before."""
        self._outgoing.begin(address)

    def end(self, address: str) -> None:
        """Nothing more is published exclusively on a topic, unless it begins again."""
        self._outgoing.end(address)

    def withdraw(self) -> None:
        """Forget what was published exclusively and has not been sent: another feeds now."""
        self._outgoing.withdraw()

    async def open(self, topic: Topic) -> None:
        """Follow a topic. Raises BrokerUnavailable at once while the broker is lost, or when it does not answer."""
        if self._link is None:
            raise BrokerUnavailable("the broker cannot be reached")
        replica = Replica(topic, self._receiver, self._doubt, self._reset)
        self._replicas[replica.channel] = replica
        try:
            async with asyncio.timeout(self._timeout):
                self._link.listen(replica.channel)
                await replica.subscribed
                self._doubt(replica)
                await replica.opened
        except TimeoutError:
            raise BrokerUnavailable("the broker does not answer in time") from None
        finally:
            if not replica.followed:
                self._forget(replica)

    async def catch_up(self, address: str) -> None:
        """Read an open topic again. Raises BrokerUnavailable while the broker is lost, or when it does not answer."""
        replica = self._replicas.get(topic_key(address).encode())
        if self._link is None or replica is None:
            raise BrokerUnavailable("the broker cannot be reached")
        try:
            async with asyncio.timeout(self._timeout):
                await replica.read_again()
        except TimeoutError:
            raise BrokerUnavailable("the broker does not answer in time") from None

    def close(self, address: str) -> None:
        """Follow a topic no more."""
        replica = self._replicas.get(topic_key(address).encode())
        if replica is not None:
            self._forget(replica)

    def _forget(self, replica: Replica) -> None:
        if self._replicas.get(replica.channel) is not replica:
            return
        del self._replicas[replica.channel]
        replica.abandon()
        self._doubtful.pop(replica, None)
        if self._link is not None:
            self._link.ignore(replica.channel)

    async def _run(self) -> None:
        """Connect, serve until that is lost, and again."""
        retry = Retry(_BACKOFF, Clock())
        while True:
            link = Link(
                self._address,
                self.node,
                timeout=self._timeout,
                on_message=self._heard,
                on_subscribed=self._subscribed,
                on_lag=self._condition.lagged,
            )
            why = ""
            try:
                await link.connect()
                self._connects += 1
                link.spawn(self._serve(link, retry))
                await link.lost
            except LinkLost as error:
                why = str(error)
            except Exception as error:
                log.exception("the broker's client failed")
                why = f"a fault of its own: {error!r}"
            finally:
                self._link = None
                self._condition.cut()
                self._up.clear()
                self._outgoing.pause()
                for replica in list(self._replicas.values()):
                    replica.let_down()
                await link.close()
            self._condition.down(why)
            await asyncio.sleep(retry.wait())

    async def _serve(self, link: Link, retry: Retry) -> None:
        """Follow every topic again, then take what comes. Raises LinkLost."""
        # Before anything else: a replica answers all that is only read, and would pass for a broker each time.
        self._condition.tried(await try_to_write(link, self.node))
        self._doubtful.clear()
        link.spawn(self._read(link))
        replicas = list(self._replicas.values())
        for replica in replicas:
            link.listen(replica.channel)
        for replica in replicas:
            await replica.subscribed
        await self._check(link, replicas)
        self._link = link
        self._up.set()
        retry.succeed()
        self._condition.serve()
        link.spawn(self._outgoing.run(link))
        link.spawn(self._watch(link))
        link.spawn(watch(link, self.node, self._condition.tried))
        waiting = sum(replica.waits for replica in replicas)
        log.info(event("the broker serves", topics=len(replicas), to_prove=waiting))

    async def _watch(self, link: Link) -> None:
        """Look now and then whether all topics are where Redis says, and have them kept there."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(min(_CHECK, self._ttl / 4))
            replicas = list(self._replicas.values())
            await self._check(link, [replica for replica in replicas if not replica.waits])
            if time.monotonic() - renewed >= self._ttl / 3:
                renewed = time.monotonic()
                for some in _parts(replicas, _CHECKED_AT_ONCE):
                    keys = [key for replica in some for key in topic_keys(replica.address)]
                    await link.call([("EXPIRE", key, self._ttl) for key in keys])

    async def _check(self, link: Link, replicas: Sequence[Replica]) -> None:
        """Let those go on that are where Redis says, and have the others read."""
        for some in _parts(replicas, _CHECKED_AT_ONCE):
            before = [replica.position for replica in some]
            answers = await link.call(
                [("HMGET", topic_key(replica.address), "epoch", "seq", "tag") for replica in some]
            )
            for replica, position, answer in zip(some, before, answers, strict=True):
                if self._replicas.get(replica.channel) is not replica:
                    continue
                if not replica.agrees(position, answer):
                    replica.doubt()
                elif replica.waits and replica not in self._doubtful:
                    replica.resume()

    async def _read(self, link: Link) -> None:
        """Read the topics that are in doubt."""
        retry = Retry(Backoff(base=0.2, cap=2.0), Clock())
        while True:
            await self._doubts.wait()
            some = list(self._doubtful)[:_READ_AT_ONCE]
            for replica in some:
                del self._doubtful[replica]
                replica.reading()
            if not self._doubtful:
                self._doubts.clear()
            answers = await link.call(
                [
                    read_command(replica.address, epoch=replica.epoch, seq=replica.seq, ttl=self._ttl)
                    for replica in some
                ]
            )
            readings: list[tuple[Replica, Reading]] = []
            refused = False
            for replica, answer in zip(some, answers, strict=True):
                if self._replicas.get(replica.channel) is not replica:
                    continue
                if isinstance(answer, ResponseError):
                    refused = True
                    await self._refused(link, replica, answer)
                else:
                    readings.append((replica, parse_reading(replica.topic.channel, replica.address, answer)))
            await self._settle(link, readings)
            if refused:
                await asyncio.sleep(retry.wait())
            else:
                retry.succeed()

    async def _refused(self, link: Link, replica: Replica, refusal: ResponseError) -> None:
        """A topic could not be read: who has it goes on trying, who wants it hears why."""
        if isinstance(refusal, ReadOnlyError):
            raise LinkLost(REPLICA)
        if isinstance(refusal, NoScriptError):
            await link.load()
        elif not replica.opened.done():
            why = passes(refusal)
            if why == OUT_OF_MEMORY:
                self._condition.tried(why)
                told = "the broker is out of memory, and takes no topic that it does not have yet"
            else:
                log.warning(event("the broker refuses to open a topic", error=refusal))
                told = "the broker does not let it be opened"
            replica.opened.set_exception(BrokerUnavailable(told))
            return
        self._doubt(replica)

    async def _settle(self, link: Link, readings: Sequence[tuple[Replica, Reading]]) -> None:
        forked: list[Replica] = []
        for replica, reading in readings:
            verdict = replica.judge(reading)
            if verdict is Verdict.FORKED:
                # Others may hold what Redis has forgotten, under numbers that it gives anew.
                forked.append(replica)
            else:
                replica.settle(reading, _CHANGED if reading.epoch != replica.epoch else _BEHIND)
        if forked:
            await link.call(
                [renew_command(replica.address, replica.epoch, ttl=self._ttl) for replica in forked]
            )
            for replica in forked:
                replica.doubt()

    def _doubt(self, replica: Replica) -> None:
        self._doubtful[replica] = None
        self._doubts.set()

    def _heard(self, channel: bytes, data: bytes) -> None:
        replica = self._replicas.get(channel)
        if replica is not None:
            replica.take(data)

    def _subscribed(self, channel: bytes) -> None:
        replica = self._replicas.get(channel)
        if replica is not None and not replica.subscribed.done():
            replica.subscribed.set_result(None)

    def _reset(self, address: str, seed: Seed, message: str) -> None:
        self._resets.add(address, message)
        self._receiver.reset(address, seed, message)

    def _base_wanted(self, address: str) -> None:
        self._receiver.base_wanted(address)


def _parts(replicas: Sequence[Replica], size: int) -> Iterator[Sequence[Replica]]:
    for first in range(0, len(replicas), size):
        yield replicas[first : first + size]
