"""What a client of a multiplexed socket does: connects, comes back, and hands on what is asked and what comes."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from .backoff import Backoff, Retry
from .codec import Codec, TagValue
from .envelope import Envelope
from .errors import (
    OWN_CLOSE,
    ConnectionLost,
    InvalidMessage,
    QueueFullError,
    RequestError,
    ResponseTimeout,
)
from .exchange import Authentication, ChannelRule, Exchange, Pair
from .feeds import Feeds
from .heartbeat import keep_alive
from .hole import Hole
from .identity import Identity
from .link import Link, Protocol
from .listeners import Listeners
from .options import ClientOptions
from .pending import within
from .received import Received, natural
from .subscription import Subscription
from .transport import Advice, open_transport

logger = logging.getLogger(__name__)

A = TypeVar("A")
M = TypeVar("M")
Item = TypeVar("Item")
Update = TypeVar("Update")

State: TypeAlias = Literal["idle", "connecting", "open", "reconnecting", "closed"]
"""Not connected yet, connecting for the first time, connected, on the way back, or through."""

_RATE_LIMITED = 4006
"""The code of a close after which the server's last advice how long to wait counts."""


class Session:
    """Requests and subscriptions, over one connection after another."""

    def __init__(
        self,
        url: str,
        envelope: Envelope,
        advice: Advice,
        *,
        options: ClientOptions,
        heartbeat: tuple[float, Pair] | None = None,
        authentication: Authentication | None = None,
        string_ids: bool = False,
    ) -> None:
        self._identity: Identity | None = None
        if options.token is not None:
            if authentication is None:
                raise ValueError("this contract does not say how to send a token")
            self._identity = Identity(options.token, authentication, options)
        self.url = url
        self.options = options
        self.state: State = "idle"
        self.lost: ConnectionLost | None = None
        """Why the client is closed; None while it is not."""
        self.states: Listeners[[State, ConnectionLost | None]] = Listeners("states")
        self.feeds = Feeds(self, options)
        numbers = itertools.count(1)
        self._protocol = Protocol(envelope, map(str, numbers) if string_ids else numbers, options.clock)
        self._advice = advice
        self._heartbeat = heartbeat
        self._retry = Retry(options.reconnect or Backoff(), options.clock)
        self._was_open = False
        self._last_loss: ConnectionLost | None = None
        self._connection: Link | None = None
        """The connection, whether or not it is known yet who is there."""
        self._open_link: Link | None = None
        self._waiting: dict[asyncio.Future[None], None] = {}
        self._running: asyncio.Task[None] | None = None
        self._listeners: dict[TagValue, Listeners[[str | bytes]]] = {}

    async def open(self) -> None:
        """Wait until there is a connection; see `Client.open`."""
        if self.state in ("idle", "closed"):
            await self._start()
        try:
            async with within(self.options.open_timeout, self.url):
                await self._wait_for_link()
        except ResponseTimeout as error:
            loss = self._last_loss
            raise loss or ConnectionLost(1006, str(error), reconnect=True) from error

    async def close(self) -> None:
        """End everything; see `Client.close`."""
        connection, running = self._connection, self._running
        self._end(ConnectionLost(1000, OWN_CLOSE, reconnect=False), quiet=True)
        if running is None:
            return
        if connection is not None and connection.is_own:
            # Asked by what ends with the connection, the token callback: that cannot wait for its own end.
            connection.spawn(connection.transport.close())
            return
        try:
            if connection is not None:
                await connection.transport.close()
        finally:
            running.cancel()
        await asyncio.wait([running])

    async def request(
        self, exchange: Exchange[A], payload: bytes | None = None, *, response_timeout: float | None = None
    ) -> A:
        """Send a request, once there is a connection, and wait for its answer.

        Raises RequestError where it is refused, ResponseTimeout, ConnectionLost, QueueFullError, and InvalidMessage
        where the answer is not what the contract says.
        """
        seconds = self.options.response_timeout if response_timeout is None else response_timeout
        async with within(seconds, exchange.request):
            link = await self.ready()
            received = await link.ask(exchange, payload)
        return exchange.answer.decode(received.frame if exchange.whole else received.payload)

    async def tell(self, type_: TagValue, payload: bytes | None = None) -> None:
        """Send a message that nobody answers, once there is a connection. Raises what `request` raises."""
        async with within(self.options.response_timeout, type_):
            link = await self.ready()
            link.tell(type_, payload)

    async def subscribe(
        self,
        topic: str,
        rule: ChannelRule[Item, Update],
        payload: bytes | None,
        *,
        on_update: Callable[[Item], None] | None = None,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Item, Update]:
        """Ask for a topic, once for all who want it; raises what `request` raises."""
        return await self.feeds.subscribe(
            topic,
            rule,
            payload,
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )

    def listen(self, type_: TagValue, codec: Codec[M], heard: Callable[[M], None]) -> Callable[[], None]:
        """Call `heard` for each message of a type that is no answer and no update; returns what ends that."""
        listeners = self._listeners.setdefault(type_, Listeners(str(type_)))
        return listeners.add(lambda frame: heard(codec.decode(frame)))

    @property
    def link(self) -> Link | None:
        """The open connection; None where there is none."""
        link = self._open_link
        return None if link is None or link.lost is not None else link

    async def ready(self) -> Link:
        """The open connection, once there is one. Raises ConnectionLost, QueueFullError."""
        if self.link is None and len(self._waiting) >= self.options.max_queued:
            raise QueueFullError(f"{len(self._waiting)} requests wait for a connection already")
        if self.state == "idle":
            await self._start()
        return await self._wait_for_link()

    async def _wait_for_link(self) -> Link:
        while (link := self.link) is None:
            if self.lost is not None:
                raise self.lost
            waiter = asyncio.get_running_loop().create_future()
            self._waiting[waiter] = None
            try:
                await waiter
            finally:
                self._waiting.pop(waiter, None)
        return link

    # The life of a connection

    async def _start(self) -> None:
        """Connect for the first time, also after the end."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running])
        if self.state not in ("idle", "closed"):
            return  # somebody else was faster
        self.lost = self._last_loss = None
        self._was_open = False
        self._retry.succeed()
        self._enter("connecting", None)
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Connect, and again, until that is of no use any more; whatever goes wrong, everybody is told."""
        try:
            await self._come_back()
        except Exception as error:
            logger.exception("the client failed")
            self._end(_because(error, 1006, repr(error), reconnect=False))

    async def _come_back(self) -> None:
        while True:
            loss, link = await self._live()
            if self.lost is not None:
                return
            wait = self._wait(loss, link)
            if wait is None:
                self._end(loss)
                return
            self._last_loss = loss
            logger.info("%s; trying again in %.3f s", loss, wait)
            self._enter("reconnecting", loss)
            await self.options.clock.sleep(wait)

    async def _live(self) -> tuple[ConnectionLost, Link | None]:
        """One connection from its opening to its loss: why it is lost, and what it was, if it was."""
        try:
            transport = await open_transport(self.url, self.options, self._advice)
        except ConnectionLost as error:
            # A server that was there once may be again, however it says no now.
            again = error.reconnect or self._was_open
            return _because(error.__cause__, error.code, error.reason, reconnect=again), None
        link = self._connection = Link(transport, self._protocol)
        try:
            link.spawn(link.send())
            link.spawn(self._begin(link))
            loss = await link.receive(lambda received: self._take(link, received))
            self.feeds.lost()
            return loss, link
        finally:
            self._connection = self._open_link = None
            await link.end()

    def _wait(self, loss: ConnectionLost, link: Link | None) -> float | None:
        """How many seconds to wait before connecting again; None where that is of no use."""
        if not loss.reconnect or self.options.reconnect is None:
            return None
        if link is None:
            return self._retry.wait()
        if link.answered:
            self._retry.succeed()
        at_least = link.retry_after if loss.code == _RATE_LIMITED else 0.0
        if link.window is not None:
            return max(at_least, self.options.clock.random() * link.window)
        return self._retry.wait(at_least)

    async def _begin(self, link: Link) -> None:
        """Say who is there, then let everybody have the connection, and keep it alive."""
        lasts, loss = None, None
        if self._identity is not None:
            try:
                lasts = await self._identity.tell(link)
            except ConnectionLost as error:
                loss = error
            link.answered = False  # that alone makes no connection that is of use
        if loss is not None:
            await link.fail(loss)
            return
        if link.lost is not None or self.lost is not None:
            return
        self._open_link, self._was_open = link, True
        self._enter("open", None)
        if self._identity is not None:
            link.spawn(self._identity.keep(link, lasts))
        self.feeds.opened(link)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        if self._heartbeat is not None:
            interval, pair = self._heartbeat
            await keep_alive(
                interval, self.options.clock, lambda: link.last_sent, lambda: self._beat(link, pair, interval)
            )

    async def _beat(self, link: Link, pair: Pair, interval: float) -> None:
        try:
            if pair.response is None:
                link.tell(pair.request)
            else:
                await link.ask(pair, None, min(interval, self.options.response_timeout))
        except ResponseTimeout as error:
            await link.fail(_because(error, 1006, "the heartbeat was not answered", reconnect=True))
        except (RequestError, InvalidMessage) as error:
            logger.warning("%s: %s", pair.request, error)
        except ConnectionLost:
            return

    def _end(self, error: ConnectionLost, *, quiet: bool = False) -> None:
        """Close for good."""
        if self.state == "closed":
            return
        self.lost = error
        if self._connection is not None:
            self._connection.give_up(error)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)
        self.feeds.end(error, quiet=quiet)
        self._enter("closed", error)

    def _enter(self, state: State, reason: ConnectionLost | None) -> None:
        if state != self.state:  # attempts in vain are no news
            self.state = state
            self.states.tell(state, reason)

    # What comes

    def _take(self, link: Link, received: Received) -> None:
        head = received.head
        type_ = head.type
        if not isinstance(type_, str | int):
            logger.warning("ignored a message without type: %.200r", received.frame)
            return
        if isinstance(head.topic, str) and self.feeds.take(head.topic, type_, received):
            return
        envelope = self._protocol.envelope
        if isinstance(head.topic, str) and type_ == envelope.reset:
            self.feeds.reset(head.topic, received)
        elif isinstance(head.topic, str) and type_ == envelope.close:
            self.feeds.close(head.topic, _told(received))
        listeners = self._listeners.get(type_)
        if type_ == envelope.error:
            error = link.refuse(received)
            if error is not None:
                logger.warning("the server says: %s", error)
                if listeners is not None:
                    listeners.tell(received.frame)
        elif not link.resolve(received, type_):
            if isinstance(head.topic, str) and head.id is None and type_ not in envelope.events:
                self.feeds.take_unknown(head.topic, type_, received)
            self._heed(link, received)
            if listeners is not None:
                listeners.tell(received.frame)

    def _heed(self, link: Link, received: Received) -> None:
        """Keep in mind when a server that leaves wants its clients back."""
        body = received.body
        window = natural(body.get("reconnect_in_ms_max")) if isinstance(body, dict) else None
        if window is not None:
            link.window = window / 1000


def _told(received: Received) -> RequestError:
    """Why a server takes a subscription back."""
    body = received.body if isinstance(received.body, dict) else {}
    return RequestError(str(body.get("code", "")), str(body.get("message", "")))


def _because(error: BaseException | None, code: int, reason: str, *, reconnect: bool) -> ConnectionLost:
    loss = ConnectionLost(code, reason, reconnect=reconnect)
    loss.__cause__ = error
    return loss
