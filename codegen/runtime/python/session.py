"""What a client of a multiplexed socket remembers: requests under way, topics, listeners.

The transport is a part that can be replaced; nothing here depends on how it was opened.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from .codec import Codec, Json, TagValue, decode_json
from .envelope import Envelope
from .errors import (
    ConnectionLost,
    InvalidMessage,
    RequestError,
    ResponseTimeout,
    WireError,
)
from .heartbeat import keep_alive
from .options import ClientOptions
from .pending import Pending, within
from .subscription import Subscriber, Subscription, UpdateType
from .transport import Advice, Transport, open_transport

logger = logging.getLogger(__name__)

A = TypeVar("A")
M = TypeVar("M")
Item = TypeVar("Item")
Update = TypeVar("Update")

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Pair:
    """The types of a request and its answer; None where there is no answer."""

    request: TagValue
    response: TagValue | None


@dataclass(frozen=True, slots=True)
class Exchange(Pair, Generic[A]):
    """A request and its answer, which has a type of its own."""

    answer: Codec[A]
    whole: bool = False
    """Whether the answer is the whole message, rather than its payload."""


@dataclass(frozen=True, slots=True)
class Received:
    """A frame, its fields still undecoded."""

    frame: str | bytes
    fields: dict[str, msgspec.Raw]

    def value(self, name: str | None) -> Json:
        """One field; None where it is absent."""
        raw = None if name is None else self.fields.get(name)
        return None if raw is None else decode_json(bytes(raw))

    def raw(self, name: str) -> bytes:
        """One field as it came; `null` where it is absent."""
        raw = self.fields.get(name)
        return b"null" if raw is None else bytes(raw)


@dataclass(eq=False, slots=True)
class _Feed:
    """A topic that the server sends, and who here wants it."""

    topic: str
    unsubscribe: Pair | None
    payload: bytes | None
    subscribers: set[Subscriber] = field(default_factory=set)
    active: bool = False
    """Whether the server has said yes; what comes before belongs to an earlier subscription."""
    answer: asyncio.Task[Received] | None = None


class Session:
    """One connection's worth of requests and subscriptions."""

    def __init__(
        self,
        url: str,
        envelope: Envelope,
        advice: Advice,
        *,
        options: ClientOptions,
        heartbeat: tuple[float, Pair] | None = None,
        string_ids: bool = False,
    ) -> None:
        self.url = url
        self.options = options
        self.lost: ConnectionLost | None = None
        """Why the connection is over; None while it lives."""
        self._envelope = envelope
        self._advice = advice
        self._heartbeat = heartbeat
        self._transport: Transport | None = None
        self._pending: Pending[Received] = Pending()
        self._feeds: dict[str, _Feed] = {}
        self._listeners: dict[TagValue, list[Callable[[str | bytes], None]]] = {}
        numbers = itertools.count(1)
        self._ids: Iterator[int | str] = map(str, numbers) if string_ids else numbers
        self._last_sent = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect; ConnectionLost where that fails. Nothing is sent before the first request."""
        if self._transport is not None:
            raise RuntimeError("this client is open, or was; make another")
        self._transport = await open_transport(self.url, self.options, self._advice)
        self._last_sent = asyncio.get_running_loop().time()
        self._start(self._read(self._transport))
        if self._heartbeat is not None:
            interval, exchange = self._heartbeat
            self._start(keep_alive(interval, lambda: self._last_sent, lambda: self._beat(exchange)))

    async def close(self) -> None:
        """Close the connection; subscriptions end quietly, requests under way with ConnectionLost."""
        self._end(ConnectionLost(1000, "closed by this client", reconnect=False), quiet=True)
        if self._transport is not None:
            await self._transport.close()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def request(
        self, exchange: Exchange[A], payload: bytes | None = None, *, response_timeout: float | None = None
    ) -> A:
        """Send a request and wait for its answer.

        Raises RequestError where it is refused, ResponseTimeout, ConnectionLost, and InvalidMessage where the
        answer is not what the contract says.
        """
        received = await self._ask(exchange, payload, response_timeout=response_timeout)
        if exchange.whole:
            return exchange.answer.decode(received.frame)
        return exchange.answer.decode(received.raw(self._envelope.payload))

    async def tell(self, type_: TagValue, payload: bytes | None = None) -> None:
        """Send a message that nobody answers."""
        await self._send(self._envelope.request(type_, next(self._ids), payload))

    async def subscribe(
        self,
        topic: str,
        exchange: Pair,
        payload: bytes | None,
        kinds: tuple[UpdateType[Item, Update], ...],
        *,
        unsubscribe: Pair | None = None,
        on_update: Callable[[Item], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Item, Update]:
        """Ask for a topic, once for all who want it; raises what `request` raises."""
        self._require_open()
        feed = self._feeds.get(topic) or _Feed(topic, unsubscribe, payload)
        subscription = Subscription(
            topic,
            kinds,
            self.options.capacity if capacity is None else capacity,
            on_update,
            lambda subscriber: self._leave(feed, subscriber),
        )
        if topic not in self._feeds:
            self._feeds[topic] = feed
            feed.answer = asyncio.create_task(self._open_feed(feed, exchange, response_timeout))
            feed.answer.add_done_callback(lambda task: task.cancelled() or task.exception())
        feed.subscribers.add(subscription)
        answered = False
        try:
            if feed.answer is not None:
                await asyncio.shield(feed.answer)
            answered = True
        finally:
            if not answered:
                subscription.end()
                feed.subscribers.discard(subscription)
                if not feed.subscribers and self._feeds.get(topic) is feed:
                    self._start(self._quietly(self._abandon(feed)))
        return subscription

    def listen(self, type_: TagValue, codec: Codec[M], heard: Callable[[M], None]) -> Callable[[], None]:
        """Call `heard` for each message of a type that is no answer and no update; returns what ends that."""

        def take(frame: str | bytes) -> None:
            try:
                heard(codec.decode(frame))
            except Exception:
                logger.exception("the callback for %s failed", type_)

        listeners = self._listeners.setdefault(type_, [])
        listeners.append(take)
        return lambda: listeners.remove(take) if take in listeners else None

    async def _ask(
        self,
        exchange: Pair,
        payload: bytes | None,
        *,
        response_timeout: float | None,
        on_answer: Callable[[Received], None] | None = None,
    ) -> Received:
        identity = next(self._ids)
        answer = self._pending.add(identity, exchange.response or "", on_answer)
        try:
            await self._send(self._envelope.request(exchange.request, identity, payload))
            seconds = self.options.response_timeout if response_timeout is None else response_timeout
            received = await within(answer, seconds, str(exchange.request))
        finally:
            self._pending.forget(answer)
        problem = self._envelope.problem_in(received.value(self._envelope.payload))
        if problem is not None:
            raise problem
        return received

    def _require_open(self) -> Transport:
        if self.lost is not None:
            raise self.lost
        if self._transport is None:
            raise RuntimeError("the client is not open: use `async with`, or await its `open()`")
        return self._transport

    async def _send(self, frame: bytes) -> None:
        transport = self._require_open()
        self._last_sent = asyncio.get_running_loop().time()
        await transport.send(frame)

    async def _open_feed(self, feed: _Feed, exchange: Pair, response_timeout: float | None) -> Received:
        def activate(received: Received) -> None:
            feed.active = True
            answer = received.value(self._envelope.payload)
            named = answer.get("topic") if isinstance(answer, dict) else None
            if isinstance(named, str) and named not in self._feeds:
                self._feeds[named] = feed  # the server has another spelling

        try:
            return await self._ask(
                exchange, feed.payload, response_timeout=response_timeout, on_answer=activate
            )
        except WireError as error:
            if isinstance(error, ResponseTimeout) and feed.unsubscribe is not None:
                # The server may have said yes too late, and would go on sending.
                self._start(self._quietly(self._ask(feed.unsubscribe, feed.payload, response_timeout=None)))
            self._forget(feed)
            for subscriber in feed.subscribers:
                subscriber.end(error)
            raise

    async def _leave(self, feed: _Feed, subscriber: Subscriber) -> None:
        if subscriber not in feed.subscribers:
            return
        feed.subscribers.discard(subscriber)
        if not feed.subscribers:
            await self._abandon(feed)

    async def _abandon(self, feed: _Feed) -> None:
        if self._feeds.get(feed.topic) is not feed:
            return
        self._forget(feed)
        if self.lost is None and feed.unsubscribe is not None:
            await self._ask(feed.unsubscribe, feed.payload, response_timeout=None)

    def _forget(self, feed: _Feed) -> None:
        for topic in [topic for topic, known in self._feeds.items() if known is feed]:
            del self._feeds[topic]

    async def _read(self, transport: Transport) -> None:
        try:
            while True:
                self._take(await transport.receive())
        except ConnectionLost as error:
            self._end(error)
            for task in self._tasks - {asyncio.current_task()}:
                task.cancel()

    def _take(self, frame: str | bytes) -> None:
        try:
            received = Received(frame, _fields.decode(frame))
            type_ = received.value(self._envelope.type)
        except (ValueError, RecursionError):
            logger.warning("ignored a frame that is no message of this contract: %.200r", frame)
            return
        if not isinstance(type_, str | int):
            logger.warning("ignored a message without type: %.200r", frame)
            return
        topic = received.value(self._envelope.topic)
        feed = self._feeds.get(topic) if isinstance(topic, str) else None
        if feed is not None:
            self._deliver(feed, type_, frame)
        elif type_ == self._envelope.error:
            self._refused(received)
        elif not self._pending.resolve(received.value(self._envelope.id), type_, received):
            for heard in list(self._listeners.get(type_, ())):
                heard(frame)

    def _deliver(self, feed: _Feed, type_: TagValue, frame: str | bytes) -> None:
        if not feed.active:
            return
        for subscriber in list(feed.subscribers):
            subscriber.deliver(type_, frame)
            if subscriber.ended:
                self._start(self._quietly(self._leave(feed, subscriber)))

    def _refused(self, received: Received) -> None:
        problem = self._envelope.problem_in(received.value(self._envelope.payload))
        error = problem or RequestError("internal", "the server sent an error that does not say what it is")
        if self._envelope.id is None:  # errors cannot say whose they are, and a server answers in order
            failed = self._pending.fail_oldest(error)
        else:
            failed = self._pending.fail(received.value(self._envelope.id), error)
        if not failed:
            logger.warning("the server says: %s", error)
            for heard in list(self._listeners.get(self._envelope.error, ())):
                heard(received.frame)

    def _end(self, error: ConnectionLost, *, quiet: bool = False) -> None:
        if self.lost is not None:
            return
        self.lost = error
        self._pending.fail_all(error)
        feeds, self._feeds = set(self._feeds.values()), {}
        for feed in feeds:
            for subscriber in feed.subscribers:
                subscriber.end(None if quiet else error)

    async def _beat(self, exchange: Pair) -> None:
        if exchange.response is None:
            await self._quietly(self.tell(exchange.request))
        else:
            await self._quietly(self._ask(exchange, None, response_timeout=None))

    async def _quietly(self, work: Awaitable[object]) -> None:
        """Do what nobody waits for."""
        try:
            await work
        except (RequestError, ResponseTimeout, InvalidMessage) as error:
            logger.warning("%s", error)
        except ConnectionLost:
            return

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
