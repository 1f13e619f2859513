"""All topics that somebody here wants: asks for them, again where that is needed, and gives them back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from .backoff import Backoff
from .codec import TagValue
from .errors import (
    ConnectionLost,
    InvalidMessage,
    RequestError,
    ResponseTimeout,
    WireError,
)
from .exchange import ChannelRule
from .feed import Feed
from .hole import Hole
from .link import Link
from .listeners import Listeners
from .options import ClientOptions
from .pending import within
from .position import Position
from .received import Received, natural
from .subscription import Subscriber, Subscription

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Update = TypeVar("Update")

_AT_ONCE = 16
"""How many topics are asked for at once, so that a server that limits requests is not flooded."""
_TOO_FAST = "rate_limited"
"""The code by which a server says that it limits requests, whatever they ask for."""
_MOST_RELEASES = 5
"""How often a server is told that a topic is not wanted any more, where it refuses to hear it for now."""


class Line(Protocol):
    """What feeds need of the client."""

    async def ready(self) -> Link:
        """The open connection, once there is one. Raises ConnectionLost, QueueFullError."""
        ...

    @property
    def link(self) -> Link | None:
        """The open connection; None where there is none."""
        ...


class Feeds:
    """Topics by address; each is asked for once, however many want it."""

    def __init__(self, line: Line, options: ClientOptions) -> None:
        self.holes: Listeners[[Hole]] = Listeners("holes")
        self._line = line
        self._options = options
        self._backoff = options.reconnect or Backoff()
        self._feeds: dict[str, Feed] = {}
        self._pace = asyncio.Semaphore(_AT_ONCE)
        self._gate = asyncio.Lock()
        self._asking = 0
        """How many are asked for without waiting for a turn."""

    async def subscribe(
        self,
        topic: str,
        rule: ChannelRule[Item, Update],
        payload: bytes | None,
        *,
        on_update: Callable[[Item], None] | None,
        on_hole: Callable[[Hole], None] | None,
        capacity: int | None,
        response_timeout: float | None,
    ) -> Subscription[Item, Update]:
        """Ask for a topic, once for all who want it; raises what requests raise."""
        subscription: Subscription[Item, Update] = Subscription(
            topic, self._options.capacity if capacity is None else capacity, on_update, on_hole, self._leave
        )
        seconds = self._options.response_timeout if response_timeout is None else response_timeout
        async with within(seconds, rule.subscribe.request):
            link = await self._line.ready()
            feed = self._feeds.get(topic) or self._open(link, topic, rule, payload)
            waiter = feed.add(subscription)
            if waiter is not None:
                try:
                    await waiter
                except BaseException:
                    subscription.end()
                    self._drop(subscription)
                    raise
        return subscription

    def take(self, topic: str, type_: TagValue, received: Received) -> bool:
        """Take a frame with this topic, where it is an update that somebody may want."""
        feed = self._feeds.get(topic)
        if feed is None or not feed.knows(type_):
            return False
        self._take(feed, type_, received)
        return True

    def take_unknown(self, topic: str, type_: TagValue, received: Received) -> None:
        """Take a frame with this topic that nobody here knows: with a number it is an update of a later contract."""
        feed = self._feeds.get(topic)
        if feed is not None and natural(received.head.seq) is not None:
            self._take(feed, type_, received)

    def reset(self, topic: str, received: Received) -> None:
        """The server begins a topic anew."""
        feed = self._feeds.get(topic)
        if feed is not None:
            feed.reset(received)

    def close(self, topic: str, error: RequestError) -> None:
        """The server has taken a topic back. One that is being asked for hears of that by the answer."""
        feed = self._feeds.get(topic)
        if feed is not None and feed.active:
            self._refuse(feed, error)

    def opened(self, link: Link) -> None:
        """There is a connection: ask for everything that is wanted."""
        self._pace, self._gate = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
        for feed in self._all():
            if feed.established:
                feed.asking = link.spawn(self._ask_again(link, feed, 0.0))
            else:
                self._ask(link, feed)

    def lost(self) -> None:
        """There is no connection any more. Topics are asked for again, also those that were not granted yet."""
        for feed in self._all():
            feed.active = False
            feed.asked_on = feed.asking = None

    def end(self, error: ConnectionLost, *, quiet: bool) -> None:
        """There will be no connection any more; `quiet`, since the user wants none."""
        feeds = self._all()
        self._feeds.clear()
        for feed in feeds:
            if quiet:
                feed.end(error)
            else:
                feed.refused(error)

    def _take(self, feed: Feed, type_: TagValue, received: Received) -> None:
        feed.take(type_, received)
        for subscription in list(feed.subscriptions):
            if subscription.ended:
                self._drop(subscription)

    def _all(self) -> list[Feed]:
        return list(dict.fromkeys(self._feeds.values()))

    def _open(self, link: Link, topic: str, rule: ChannelRule[object, object], payload: bytes | None) -> Feed:
        feed = Feed(
            topic,
            rule,
            payload,
            backoff=self._backoff,
            clock=self._options.clock,
            in_trouble=self._in_trouble,
            heard_of_holes=self.holes.tell,
        )
        self._feeds[topic] = feed
        self._ask(link, feed)
        return feed

    def _ask(self, link: Link, feed: Feed) -> None:
        """Ask for a topic for the first time: at once, unless many are being asked for already."""
        if self._asking >= _AT_ONCE:
            feed.asking = link.spawn(self._ask_first_in_turn(link, feed))
            return
        self._asking += 1
        feed.asking = link.spawn(self._ask_first(link, feed, self._begin(link, feed, None)))
        feed.asking.add_done_callback(self._asked)

    def _asked(self, _: asyncio.Task[None]) -> None:
        self._asking -= 1

    def _in_trouble(self, feed: Feed) -> None:
        link = self._line.link
        if link is not None:
            feed.asking = link.spawn(self._ask_again(link, feed, feed.trouble_wait()))

    async def _ask_first(self, link: Link, feed: Feed, answer: asyncio.Future[Received]) -> None:
        """Wait for the first answer of all, for as long as those wait who want it: each has a time of their own."""
        try:
            await link.finish(feed.rule.subscribe, answer, None)
        except ConnectionLost:
            return  # asked again on the next one
        except WireError as error:
            self._refuse(feed, error)

    async def _ask_first_in_turn(self, link: Link, feed: Feed) -> None:
        """The same where many are asked for: with so many, that the server limits requests is no refusal."""
        try:
            async with self._pace:
                await self._ask_in_turn(link, feed)
        except ConnectionLost:
            return  # asked again on the next one
        except WireError as error:
            self._refuse(feed, error)

    def _refuse(self, feed: Feed, error: WireError) -> None:
        if self._feeds.get(feed.topic) is feed:
            self._forget(feed)
            feed.refused(error)

    async def _ask_again(self, link: Link, feed: Feed, wait: float) -> None:
        """Have the server send a topic again, however often that takes while this connection lasts."""
        while True:
            if wait:
                await self._options.clock.sleep(wait)
            try:
                async with self._pace:
                    await self._ask_in_turn(link, feed)
            except RequestError as error:
                if not error.retryable:
                    self._forget(feed)
                    feed.refused(error)
                    return
                feed.deny(error)
                logger.info("%s is refused for now: %s", feed.topic, error)
                wait = feed.retry.wait(at_least=_advised(error))
            except (ResponseTimeout, InvalidMessage) as error:
                logger.warning("%s: %s", feed.topic, error)
                wait = feed.retry.wait()
            except ConnectionLost:
                return
            else:
                return

    async def _ask_in_turn(self, link: Link, feed: Feed) -> None:
        """Ask for a topic; where that was too fast, have all others wait until it is granted."""
        async with self._gate:
            answer = self._begin_again(link, feed)
        refusal = await self._too_fast(link, feed, answer)
        if refusal is not None:
            async with self._gate:
                while refusal is not None:
                    await self._options.clock.sleep(_advised(refusal) or feed.retry.wait())
                    refusal = await self._too_fast(link, feed, self._begin_again(link, feed))

    async def _too_fast(
        self, link: Link, feed: Feed, answer: asyncio.Future[Received]
    ) -> RequestError | None:
        """Wait for an answer; the refusal, where that says that the client asks too fast. Raises the others."""
        try:
            await link.finish(feed.rule.subscribe, answer, self._options.response_timeout)
        except RequestError as error:
            if error.code == _TOO_FAST:
                return error
            raise
        return None

    def _begin_again(self, link: Link, feed: Feed) -> asyncio.Future[Received]:
        return self._begin(link, feed, feed.position if link.recovers else None)

    def _begin(self, link: Link, feed: Feed, recover: Position | None) -> asyncio.Future[Received]:
        """Ask for a topic; whatever comes of it is not to be mistaken for what comes of another request."""

        def answered(received: Received) -> None:
            if self._feeds.get(feed.topic) is feed and not self._same(feed, received):
                feed.answered(received, recover)

        feed.asked_on = link
        return link.begin(feed.rule.subscribe, feed.payload, recover=recover, on_answer=answered)

    def _same(self, feed: Feed, received: Received) -> bool:
        """Know a topic by the address that the server gives it too; whether that is another feed's."""
        body = received.body
        named = body.get("topic") if isinstance(body, dict) else None
        if not isinstance(named, str):
            return False
        known = self._feeds.setdefault(named, feed)
        if known is feed:
            return False
        for topic in [topic for topic, one in self._feeds.items() if one is feed]:
            self._feeds[topic] = known
        known.adopt(feed)
        return True

    async def _leave(self, subscription: Subscriber) -> None:
        """Give a subscription up, and wait until the server knows, where it has to."""
        task = self._drop(subscription)
        if task is not None:
            await asyncio.wait([task])

    def _drop(self, subscription: Subscriber) -> asyncio.Task[None] | None:
        """Give a subscription up; what tells the server, where it has to know."""
        feed = self._feeds.get(subscription.topic)
        if feed is None or subscription not in feed.subscriptions:
            return None
        del feed.subscriptions[subscription]
        if feed.subscriptions:
            return None
        self._forget(feed)
        if feed.asking is not None:
            feed.asking.cancel()
        link = self._line.link
        if link is None or feed.asked_on is not link or feed.rule.unsubscribe is None:
            return None
        return link.spawn(self._release(link, feed))

    async def _release(self, link: Link, feed: Feed) -> None:
        assert feed.rule.unsubscribe is not None
        for _ in range(_MOST_RELEASES):
            if feed.topic in self._feeds:
                return  # wanted again
            try:
                await link.ask(feed.rule.unsubscribe, feed.payload, self._options.response_timeout)
            except ConnectionLost:
                return
            except (RequestError, ResponseTimeout, InvalidMessage) as error:
                logger.warning("unsubscribing from %s: %s", feed.topic, error)
                if not (isinstance(error, RequestError) and error.retryable):
                    return
                await self._options.clock.sleep(feed.retry.wait(at_least=_advised(error)))
            else:
                return

    def _forget(self, feed: Feed) -> None:
        for topic in [topic for topic, known in self._feeds.items() if known is feed]:
            del self._feeds[topic]


def _advised(error: RequestError) -> float:
    """How many seconds to wait, as the server said; 0 where it said nothing."""
    return (error.retry_after_ms or 0) / 1000
