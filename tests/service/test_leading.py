"""Of several processes that share a broker one feeds: which, for whom, and never two by one's own clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from generated.models import Trade
from generated.publisher import Publisher
from generated.runtime.publication import Publication
from generated.runtime.redis_protocol import topic_key, topic_keys
from generated.topics import Topic, TradesTopic
from service.broker import MemoryBroker
from service.broker.connection import redis_at
from service.feeds.base import Feed, FeedStatus
from service.hub import TopicUnavailable
from service.leading import Lease, SharedFeed, shared
from service.leading.lease import LEASE_KEY, Gate
from tests.service.running import PATIENCE, eventually
from tests.valkey import ValkeyServer

AAPL, MSFT = TradesTopic("AAPL"), TradesTopic("MSFT")
TRADE = Trade(id=1, price=1.0, size=1.0, side="buy", time=0)
SECONDS = 1.0


class Noting(Feed):
    """Knows what it is told to feed."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.open: list[str] = []
        self.started = 0
        self.stopped = False

    def status(self) -> FeedStatus:
        """Running."""
        return FeedStatus("noting", "running", {"own": 1})

    async def start(self) -> None:
        """Counted."""
        self.started += 1

    async def stop(self) -> None:
        """Noted."""
        self.stopped = True

    def accepts(self, topic: Topic) -> None:
        """All but one."""
        if topic.address == "trades:NONE":
            raise TopicUnavailable("There is none.", retryable=False, code="unknown_symbol")

    def topic_opened(self, topic: Topic) -> None:
        """Noted; said at once."""
        self.accepts(topic)
        assert topic.address not in self.open
        self.open.append(topic.address)
        self.publisher.trades_update(AAPL, TRADE)

    def topic_closed(self, topic: Topic) -> None:
        """Noted."""
        self.open.remove(topic.address)


class NotedBroker(MemoryBroker):
    """What a feed has a broker do."""

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []

    def begin(self, address: str) -> None:
        """Noted."""
        self.did.append(f"begin {address}")

    def end(self, address: str) -> None:
        """Noted."""
        self.did.append(f"end {address}")

    def withdraw(self) -> None:
        """Noted."""
        self.did.append("withdraw")


class Node:
    """One process's share, without a process."""

    def __init__(self, server: ValkeyServer, name: str, seconds: float = SECONDS) -> None:
        self.published: list[Publication] = []
        self.lease = Lease(redis_at(server.url, timeout=seconds / 2), name, seconds=seconds)
        self.feed = Noting(Publisher(Gate(self, self.lease)))
        self.broker = NotedBroker()
        self.shared = SharedFeed(self.feed, self.lease, self.broker, seconds)

    def publish(self, publication: Publication) -> None:
        """Keep what gets through."""
        self.published.append(publication)

    @property
    def role(self) -> object:
        """What health says of it."""
        return self.shared.status().detail["role"]

    async def lead(self) -> None:
        """Return when it feeds."""
        await eventually(lambda: self.shared.leads)

    async def crash(self) -> None:
        """Do nothing any more, and tell nobody."""
        for task in self.shared._tasks:
            task.cancel()


@asynccontextmanager
async def node(server: ValkeyServer, name: str, seconds: float = SECONDS) -> AsyncIterator[Node]:
    """One that takes part."""
    one = Node(server, name, seconds)
    await one.shared.start()
    try:
        yield one
    finally:
        await one.shared.stop()
        await one.shared.leave()


@contextmanager
def open_somewhere(server: ValkeyServer, topic: Topic) -> Iterator[None]:
    """As if some process had a topic open."""
    with server.client() as client, client.pubsub() as listening:
        listening.subscribe(topic_key(topic.address))
        listening.get_message(timeout=PATIENCE)
        yield


async def test_one_of_many_feeds(valkey: ValkeyServer) -> None:
    """The first leads, the second follows: it accepts the feed's topics, refuses others, and feeds none."""
    async with node(valkey, "one") as one:
        await one.lead()
        async with node(valkey, "two") as two:
            await eventually(lambda: two.lease.holder == "one")
            assert (one.role, two.role) == ("leader", "follower")
            assert two.shared.status() == FeedStatus("noting", "idle", {"role": "follower", "leader": "one"})
            two.shared.topic_opened(AAPL)
            with pytest.raises(TopicUnavailable):
                two.shared.topic_opened(TradesTopic("NONE"))
            assert (two.feed.open, two.feed.started, one.feed.started) == ([], 0, 1)


async def test_a_topic_that_is_opened_elsewhere_is_fed_at_once(valkey: ValkeyServer) -> None:
    """What a follower opens, the leader feeds, long before it would look by itself."""
    async with node(valkey, "one") as one, node(valkey, "two") as two:
        await eventually(lambda: one.shared.leads or two.shared.leads)
        leader, follower = (one, two) if one.shared.leads else (two, one)
        began = time.monotonic()
        with open_somewhere(valkey, AAPL):
            # Its ear may not be there yet; then only looking finds it.
            await eventually(
                lambda: (
                    valkey.command("PUBSUB", "NUMSUB", "tapewire:feed:interest")
                    == [
                        b"tapewire:feed:interest",
                        2,
                    ]
                )
            )
            follower.shared.topic_opened(AAPL)
            await eventually(lambda: leader.feed.open == ["trades:AAPL"])
        assert time.monotonic() - began < shared._LOOK
        assert (follower.feed.open, len(leader.published)) == ([], 1)


async def test_what_nobody_has_open_any_more_is_closed(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look finds what is open anywhere though nobody told of it, and what is not any more."""
    monkeypatch.setattr(shared, "_LOOK", 0.05)
    async with node(valkey, "one") as one:
        await one.lead()
        one.shared.topic_opened(MSFT)
        key, *_ = topic_keys("trades:AAPL")
        with open_somewhere(valkey, AAPL):
            await eventually(lambda: sorted(one.feed.open) == ["trades:AAPL", "trades:MSFT"])
            valkey.command("HSET", key, "epoch", "1", "seq", "7")
        await eventually(lambda: one.feed.open == ["trades:MSFT"])
        # Whoever comes back after that finds nothing that it could go on from.
        await eventually(lambda: valkey.command("EXISTS", key) == 0)
        one.shared.topic_closed(MSFT)
        await eventually(lambda: one.feed.open == [])


async def test_who_leaves_hands_over_at_once(valkey: ValkeyServer) -> None:
    """The next one feeds without waiting for the lease to end, and feeds what is open anywhere."""
    with open_somewhere(valkey, AAPL):
        one = Node(valkey, "one", PATIENCE)
        await one.shared.start()
        await eventually(lambda: one.feed.open == ["trades:AAPL"])
        async with node(valkey, "two", PATIENCE) as two:
            await eventually(
                lambda: (
                    valkey.command("PUBSUB", "NUMSUB", "tapewire:feed:interest")
                    == [
                        b"tapewire:feed:interest",
                        2,
                    ]
                )
            )
            await one.shared.stop()
            assert (one.feed.open, one.feed.stopped) == ([], True)
            # What it published is still handed over, and then the lease.
            assert one.broker.did == ["begin trades:AAPL", "end trades:AAPL"]
            assert valkey.command("GET", LEASE_KEY) == b"one"
            began = time.monotonic()
            await one.shared.leave()
            await eventually(lambda: two.feed.open == ["trades:AAPL"])
            assert time.monotonic() - began < PATIENCE / 6


async def test_who_crashes_is_replaced_when_its_lease_ends(valkey: ValkeyServer) -> None:
    """Nobody else feeds while the dead one might, then somebody does; the dead one's feed is not heard any more."""
    one = Node(valkey, "one")
    await one.shared.start()
    await one.lead()
    async with node(valkey, "two") as two:
        await one.crash()
        await eventually(lambda: two.lease.holder == "one")
        while not two.shared.leads:
            assert valkey.command("GET", LEASE_KEY) in {b"one", b"two", None}
            await asyncio.sleep(0.01)
        assert not one.lease.held
        one.feed.publisher.trades_update(AAPL, TRADE)
        assert one.published == []


async def test_a_leader_without_redis_stops_in_time_and_resumes(valkey: ValkeyServer) -> None:
    """While Redis stands still, feeding ends before the lease may be another's; afterwards it goes on."""
    async with node(valkey, "one") as one:
        with open_somewhere(valkey, AAPL):
            await eventually(lambda: one.feed.open == ["trades:AAPL"])
            valkey.pause()
            paused = time.monotonic()
            await eventually(lambda: one.feed.open == [])
            # The lease is over for its holder by its own clock, which a test of its own looks at closely.
            assert time.monotonic() - paused < 5 * SECONDS
            assert one.role == "follower"
            assert "reason" in one.shared.status().detail
            assert one.broker.did == ["begin trades:AAPL", "end trades:AAPL", "withdraw"]
            valkey.resume()
            await eventually(lambda: one.feed.open == ["trades:AAPL"])
            assert one.feed.started == 1
            assert "reason" not in one.shared.status().detail


async def test_redis_that_comes_back_empty_finds_a_leader(valkey: ValkeyServer) -> None:
    """Killed and started again, Redis knows of no lease: one takes it, and hears again of what others open."""
    async with node(valkey, "one") as one:
        await one.lead()
        await valkey.akill()
        await eventually(lambda: not one.shared.leads)
        await valkey.astart()
        await one.lead()
        await eventually(
            lambda: (
                valkey.command("PUBSUB", "NUMSUB", "tapewire:feed:interest")
                == [
                    b"tapewire:feed:interest",
                    1,
                ]
            )
        )


async def test_a_lease_that_was_lost_to_another_ends_at_the_next_question(valkey: ValkeyServer) -> None:
    """Flushed and taken by another, the lease is no more: the leader follows when it hears of it."""
    async with node(valkey, "one") as one:
        await one.lead()
        valkey.command("SET", LEASE_KEY, "two")
        await eventually(lambda: not one.shared.leads)
        assert one.lease.holder == "two"
        # And what is another's is not taken from it on leaving.
    assert valkey.command("GET", LEASE_KEY) == b"two"


async def test_not_one_publication_after_the_lease(valkey: ValkeyServer) -> None:
    """However late the process notices: the clock alone decides, with a margin before Redis gives the lease away."""
    now = 100.0
    lease = Lease(redis_at(valkey.url, timeout=1.0), "one", seconds=10.0, clock=lambda: now)
    published: list[Publication] = []

    class Keep:
        def publish(self, publication: Publication) -> None:
            published.append(publication)

    publisher = Publisher(Gate(Keep(), lease))
    publisher.trades_update(AAPL, TRADE)
    assert published == []
    assert await lease.take()
    now = 108.9
    publisher.trades_update(AAPL, TRADE)
    assert len(published) == 1
    now = 109.1
    publisher.trades_update(AAPL, TRADE)
    assert len(published) == 1
    assert await lease.take()
    publisher.trades_update(AAPL, TRADE)
    assert len(published) == 2
    await lease.redis.aclose()


async def test_an_answer_that_came_late_counts_from_the_question(valkey: ValkeyServer) -> None:
    """Time on the way is not the holder's: the lease is counted from before it was asked for."""
    moments = iter([100.0, 104.0, 104.0])
    lease = Lease(redis_at(valkey.url, timeout=1.0), "one", seconds=10.0, clock=lambda: next(moments, 104.0))
    await lease.take()
    assert lease.until == 109.0
    await lease.redis.aclose()


async def test_keeping_a_lease_works_though_memory_is_out(valkey: ValkeyServer) -> None:
    """A server that takes nothing new lets the leader go on; who has no lease gets none, and says why."""
    async with node(valkey, "one") as one:
        await one.lead()
        valkey.limit_memory(1)
        until = one.lease.until
        await eventually(lambda: one.lease.until > until)
        valkey.command("DEL", LEASE_KEY)
        await eventually(lambda: "maxmemory" in str(one.shared.status().detail.get("reason")))
        valkey.limit_memory(0)
        await one.lead()
