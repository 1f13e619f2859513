"""A feed of which there is one for many processes: it runs where the lease is held, for all that listen anywhere."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from redis.exceptions import RedisError

from generated.runtime.errors import TopicError
from generated.topics import Topic, parse_topic
from service.access.naming import in_log
from service.bars.resolution import Resolution
from service.broker import Broker
from service.feeds.base import Feed, FeedState, FeedStatus, Instrument, Page, run_feed
from service.hub import TopicUnavailable
from service.leading.interest import Interest
from service.leading.lease import Lease
from service.logs import event
from service.tasks import end

log = logging.getLogger(__name__)

_RENEWALS = 4
"""How often the lease is taken anew in its time."""
_LOOK = 5.0
"""Seconds between two looks at what is listened to anywhere; what is told of reaches the feed at once."""
_JITTER = 0.05
"""Seconds within which those who hear that nobody feeds ask for the lease."""
_SLICE = 0.005
"""Seconds for which topics are opened and closed before others get their turn on the event loop."""


class SharedFeed(Feed):
    """The feed of this process, which feeds only while this process is the leader; then for all processes.

    Topics are accepted everywhere, and bars of the past are those of the feed here, which knows them as well.
    """

    def __init__(self, feed: Feed, lease: Lease, broker: Broker, seconds: float) -> None:
        """`seconds` is how long the lease is held; the feed is to publish through a `Gate` of it, to the broker."""
        self._feed = feed
        self._broker = broker
        self._lease = lease
        self._period = seconds / _RENEWALS
        self._interest = Interest(lease.redis, on_open=self._opened_somewhere, on_free=self._freed)
        self._here: dict[str, int] = {}
        """How many listen here to each topic that is open here."""
        self._fed: dict[str, tuple[Topic, float]] = {}
        """What this process feeds, and since when, by the event loop's clock."""
        self._begun = False
        """Whether the feed was started."""
        self._leads = False
        self._reason = ""
        """Why the lease cannot be asked for."""
        self._look = asyncio.Event()
        self._campaign_again = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def leads(self) -> bool:
        """Whether this process feeds."""
        return self._leads and self._lease.held

    def status(self) -> FeedStatus:
        """The feed's own, and as `role` whether it is `leader` or `follower`; a follower's feed is `idle`."""
        status = self._feed.status()
        if self.leads:
            return replace(status, detail={**status.detail, "role": "leader", "topics": len(self._fed)})
        state: FeedState = "failed" if status.state == "failed" else "idle"
        detail: dict[str, str | int | float] = {"role": "follower", "leader": self._lease.holder}
        if self._reason:
            detail["reason"] = self._reason
        return FeedStatus(status.name, state, detail)

    async def start(self) -> None:
        """Ask for the lease from now on."""
        self._tasks = [
            run_feed(self._campaign(), "lease"),
            run_feed(self._interest.hear(), "interest"),
            run_feed(self._keep_looking(), "topics everywhere"),
        ]

    async def stop(self) -> None:
        """Feed no more. The lease is kept until `leave`, so that what has been published can still be handed over."""
        await end(self._tasks)
        self._leads = False
        self._close_all()
        if self._begun:
            await self._feed.stop()

    async def leave(self) -> None:
        """Leave the lease to others, and tell them; without waiting for long."""
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(self._period):
                if await self._lease.release():
                    await self._interest.freed()
        await self._lease.redis.aclose()

    def instruments(self) -> Sequence[Instrument]:
        """The feed's."""
        return self._feed.instruments()

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """The feed's."""
        return await self._feed.bars(symbol, resolution, to_ms, limit)

    def accepts(self, topic: Topic) -> None:
        """As the feed does."""
        self._feed.accepts(topic)

    def topic_opened(self, topic: Topic) -> None:
        """Feed it, or tell whoever does."""
        if self.leads:
            self._open(topic)
        else:
            self._feed.accepts(topic)
            self._interest.opened(topic.address)
        self._here[topic.address] = 0

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Told to the feed of those who listen here."""
        self._here[topic.address] = count
        if topic.address in self._fed:
            self._feed.topic_subscribers(topic, count)

    def topic_closed(self, topic: Topic) -> None:
        """It is fed until a look shows that nobody has it open any more."""
        self._here.pop(topic.address, None)

    def topic_base_wanted(self, topic: Topic) -> None:
        """Told to the feed, where it is this one that feeds."""
        if topic.address in self._fed:
            self._feed.topic_base_wanted(topic)

    def _opened_somewhere(self, address: str) -> None:
        if self.leads:
            self._open_by_address(address)

    def _freed(self) -> None:
        if not self._leads:
            asyncio.get_running_loop().call_later(random.uniform(0, _JITTER), self._campaign_again.set)  # noqa: S311

    async def _campaign(self) -> None:
        """Take the lease whenever it is free, and keep it; lead while it is held."""
        failed = False
        while True:
            try:
                # Not longer than it is held: who cannot keep it has to stop in time.
                async with asyncio.timeout(self._left()):
                    held = await self._lease.take()
                self._reason = ""
            except (RedisError, OSError, TimeoutError) as error:
                held, self._reason = self._lease.held, str(error) or type(error).__name__
                if not failed:
                    log.warning(
                        event(
                            "cannot ask who feeds",
                            reason=self._reason,
                            advice="see that --broker can be reached",
                        )
                    )
                failed = True
            else:
                if failed:
                    log.info("can ask again who feeds")
                failed = False
            if held and not self._leads:
                await self._lead()
            elif not held and self._leads:
                self._follow()
            self._campaign_again.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self._period, self._left())):
                    await self._campaign_again.wait()

    def _left(self) -> float:
        """Seconds until the lease ends that is held; where none is, until another try may as well be made."""
        return max(0.0, self._lease.left) if self._leads else _RENEWALS * self._period

    async def _lead(self) -> None:
        log.info(event("this process feeds from now on", node=self._lease.node))
        self._leads = True
        if not self._begun:
            self._begun = True
            await self._feed.start()
        for address in list(self._here):
            self._open_by_address(address)
        self._look.set()

    def _follow(self) -> None:
        log.info(event("this process feeds no more", node=self._lease.node, leader=self._lease.holder))
        self._leads = False
        self._close_all()
        # What has not been sent yet is old when it can be, and whoever feeds then has told it otherwise.
        self._broker.withdraw()

    async def _keep_looking(self) -> None:
        """Feed what is open anywhere, and nothing else."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._look.wait()
            self._look.clear()
            if self.leads:
                with suppress(RedisError, OSError):
                    await self._compare()

    async def _compare(self) -> None:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        everywhere = await self._interest.everywhere()
        until = time.perf_counter() + _SLICE
        closed: list[str] = []
        for address in (everywhere - self._fed.keys()) | (self._fed.keys() - everywhere):
            if not self.leads:
                return
            if address in everywhere:
                self._open_by_address(address)
            elif address not in self._here and (fed := self._fed.get(address)) is not None and fed[1] < asked:
                self._close(address)
                closed.append(address)
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE
        if closed:
            await self._interest.forget(closed)

    def _open_by_address(self, address: str) -> None:
        """Feed a topic for others; one that there is not, or not any more, is nobody's."""
        try:
            self._open(parse_topic(address))
        except (TopicError, TopicUnavailable) as error:
            log.debug(event("topic is not fed", topic=address, reason=str(error)))
        except Exception:
            log.exception(event("feed failed to open", topic=in_log(address)))

    def _open(self, topic: Topic) -> None:
        address = topic.address
        if address in self._fed:
            return
        # What happened while nobody fed it will never be told: whoever was there before has to hear of that.
        self._broker.begin(address)
        self._feed.topic_opened(topic)
        self._fed[address] = topic, asyncio.get_running_loop().time()
        self._feed.topic_subscribers(topic, self._here.get(address) or 1)

    def _close_all(self) -> None:
        for address in list(self._fed):
            self._close(address)

    def _close(self, address: str) -> None:
        topic, _ = self._fed.pop(address)
        self._broker.end(address)
        try:
            self._feed.topic_closed(topic)
        except Exception:
            log.exception(event("feed failed to close", topic=in_log(address)))
