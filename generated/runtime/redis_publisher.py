"""Publishing over the broker from a process of one's own, by whatever way that process waits.

What is asked for while a round trip is under way leaves together in the next one: `asyncio.gather` of many is as good
as a batch. A publication is sent again until Redis has answered, and carried out once: Redis knows the publisher's
number for each topic.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from .backoff import Clock, Retry
from .publication import Publication
from .redis_errors import BrokerError, BrokerQueueFull, BrokerUnavailable, PublisherClosed
from .redis_link import FAULTS, AsyncLink, Link
from .redis_outgoing import (
    Entry,
    Outcome,
    Outgoing,
    PublishedAt,
    PublisherOptions,
    all_published,
    in_parts,
)
from .redis_protocol import ChannelRules
from .redis_refusals import is_fault

_MOST_BYTES_AT_ONCE = 1024 * 1024


class AsyncBrokerPublisher:
    """What the generated publisher is, without its methods for the contract's updates.

    Used by one event loop. Where a task that awaits a publication is cancelled, it is carried out all the same.
    """

    def __init__(self, url: str, rules: ChannelRules, options: PublisherOptions | None = None) -> None:
        self._options = options or PublisherOptions()
        self._link = AsyncLink(url, self._options.socket_timeout_s)
        self._outgoing = Outgoing(url, rules, self._options)
        self._waiting: deque[Entry] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            self._idle.set()  # who gives up does not want to wait for Redis
        await self.close()

    async def open(self) -> None:
        """Connect; tried again for as long as a publication is. Raises BrokerUnavailable or BrokerRefused."""
        if self._task is not None:
            return
        retry, until = Retry(self._options.backoff, Clock()), time.monotonic() + self._options.timeout_s
        while True:
            try:
                await self._link.open()
                break
            except FAULTS as error:
                await asyncio.sleep(_pause_to_open(error, retry, until, self._outgoing))
        self._closing = False
        self._idle.set()
        self._task = asyncio.create_task(self._run(), name="publisher over the broker")

    async def close(self) -> None:
        """Wait until what was published has gone out, or has failed; then disconnect."""
        task = self._task
        if task is None:
            return
        try:
            await self._idle.wait()
        finally:
            self._task = None
            self._closing = True  # the client's `wait_for` may swallow what comes next
            self._wake.set()
            task.cancel()
            await asyncio.wait([task])
            await self._link.close()

    async def publish(self, publication: Publication) -> PublishedAt:
        """Publish, and wait until it is in Redis; where in its topic it stands. Raises what BrokerError says."""
        return await self._submit(publication)

    async def _publish_all(self, publications: Sequence[Publication]) -> list[PublishedAt]:
        """Publish many in as few round trips as can be, in order; the first error is raised when all were tried."""
        outcomes: list[Outcome] = []
        for part in in_parts(publications):
            futures = [self._submit(publication, bounded=False) for publication in part]
            await asyncio.wait(futures)
            outcomes += [_outcome(future) for future in futures]
        return all_published(outcomes)

    def _submit(self, publication: Publication, *, bounded: bool = True) -> asyncio.Future[PublishedAt]:
        if self._task is None or self._task.done():
            raise PublisherClosed("the publisher is not open: use it in `async with`")
        if bounded and self._bytes > self._options.most_waiting_bytes:
            raise BrokerQueueFull(
                f"{len(self._waiting)} publications wait for Redis at {self._outgoing.where}"
            )
        entry = self._outgoing.entry(publication)
        future: asyncio.Future[PublishedAt] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            self._bytes -= len(entry.command)
            if future.done():
                return
            if isinstance(outcome, BrokerError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        entry.done = done
        self._bytes += len(entry.command)
        self._waiting.append(entry)
        self._idle.clear()
        self._wake.set()
        return future

    async def _run(self) -> None:
        sending: list[Entry] = []
        retry = Retry(self._options.backoff, Clock())
        try:
            while not self._closing:
                if not sending and not self._waiting:
                    self._idle.set()
                    self._wake.clear()
                    await self._wake.wait()
                self._take(sending)
                sending = self._outgoing.unexpired(sending)
                if sending:
                    sending = await self._send(sending, retry)
        finally:
            for entry in (*sending, *self._waiting):
                if entry.outcome is None:
                    entry.settle(PublisherClosed("the publisher was closed before this had been sent"))
            self._waiting.clear()
            self._idle.set()

    def _take(self, sending: list[Entry]) -> None:
        """Add what waits, as much as is sent at once."""
        size = sum(len(entry.command) for entry in sending)
        while self._waiting and size < _MOST_BYTES_AT_ONCE:
            entry = self._waiting.popleft()
            size += len(entry.command)
            sending.append(entry)

    async def _send(self, entries: list[Entry], retry: Retry) -> list[Entry]:
        """One try; what is left of it, after a pause where it was in vain."""
        try:
            answers = await self._link.exchange([entry.command for entry in entries])
        except FAULTS as error:
            again = _after_fault(entries, error, self._outgoing)
        else:
            again = self._outgoing.judge(entries, answers)
        if again:
            await asyncio.sleep(_pause(again, retry))
        else:
            retry.succeed()
        return again


class SyncBrokerPublisher:
    """What the generated synchronous publisher is, without its methods for the contract's updates.

    Used by any thread; one at a time is sent for. In a child after a fork, make another.
    """

    def __init__(self, url: str, rules: ChannelRules, options: PublisherOptions | None = None) -> None:
        self._options = options or PublisherOptions()
        self._link = Link(url, self._options.socket_timeout_s)
        self._outgoing = Outgoing(url, rules, self._options)
        self._lock = threading.Lock()
        self._open = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect; tried again for as long as a publication is. Raises BrokerUnavailable or BrokerRefused."""
        with self._lock:
            retry, until = Retry(self._options.backoff, Clock()), time.monotonic() + self._options.timeout_s
            while not self._open:
                try:
                    self._link.open()
                    self._open = True
                except FAULTS as error:
                    time.sleep(_pause_to_open(error, retry, until, self._outgoing))

    def close(self) -> None:
        """Disconnect, when what another thread publishes has gone out."""
        with self._lock:
            self._open = False
            self._link.close()

    def publish(self, publication: Publication) -> PublishedAt:
        """Publish, and wait until it is in Redis; where in its topic it stands. Raises what BrokerError says."""
        return self._publish_all([publication])[0]

    def _publish_all(self, publications: Sequence[Publication]) -> list[PublishedAt]:
        """Publish many in as few round trips as can be, in order; the first error is raised when all were tried."""
        outcomes: list[Outcome] = []
        with self._lock:
            if not self._open:
                raise PublisherClosed("the publisher is not open: use it in `with`")
            for part in in_parts(publications):
                entries = [self._outgoing.entry(publication) for publication in part]
                self._send(entries)
                outcomes += [entry.outcome for entry in entries if entry.outcome is not None]
        return all_published(outcomes)

    def _send(self, entries: list[Entry]) -> None:
        """Try until each is settled."""
        retry = Retry(self._options.backoff, Clock())
        left = entries
        while left := self._outgoing.unexpired(left):
            try:
                answers = self._link.exchange([entry.command for entry in left])
            except FAULTS as error:
                left = _after_fault(left, error, self._outgoing)
            else:
                left = self._outgoing.judge(left, answers)
            if left:
                time.sleep(_pause(left, retry))


def _after_fault(entries: list[Entry], error: Exception, outgoing: Outgoing) -> list[Entry]:
    """What to try again; nothing where the error will not pass, and all has failed."""
    if is_fault(error):
        outgoing.fault = error
        return entries
    for entry in entries:
        entry.settle(outgoing.refused(error))
    return []


def _pause(entries: list[Entry], retry: Retry) -> float:
    """How long to wait before the next try, but not for longer than the first of them may take."""
    return max(0.0, min(retry.wait(), entries[0].deadline - time.monotonic()))


def _pause_to_open(error: Exception, retry: Retry, until: float, outgoing: Outgoing) -> float:
    """How long to wait before connecting again; raises where that is no use, or the time is up."""
    if not is_fault(error):
        raise outgoing.refused(error) from error
    outgoing.fault = error
    left = until - time.monotonic()
    if left <= 0:
        raise outgoing.unavailable() from error
    return min(left, retry.wait())


def _outcome(future: asyncio.Future[PublishedAt]) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    return error if isinstance(error, BrokerError) else BrokerUnavailable(str(error))
