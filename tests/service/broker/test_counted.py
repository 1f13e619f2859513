"""What two services on one broker count: what each published itself, and what each delivered."""

from __future__ import annotations

from generated.models import Trade
from generated.publisher import Publisher
from generated.topics import Topic
from service.feeds.base import Feed, FeedStatus
from tests.service.broker.nodes import TRADES, Tape, node
from tests.service.metrics.asked import scrape
from tests.service.running import Running, eventually
from tests.valkey import ValkeyServer


class Once(Feed):
    """Publishes three trades when a topic opens."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def status(self) -> FeedStatus:
        """It plays."""
        return FeedStatus("once", "running")

    def topic_opened(self, topic: Topic) -> None:
        """Publish."""
        for number in (1, 2, 3):
            trade = Trade(id=number, price=1.0, size=1.0, side="buy", time=number)
            self._publisher.trades_update(TRADES, trade)


async def counted(running: Running) -> tuple[float, float]:
    """Publications and deliveries of trades."""
    scraped = await scrape(running)
    labels = {"channel": "trades"}
    return scraped["tapewire_publications_total", labels], scraped["tapewire_deliveries_total", labels]


async def test_what_is_published_counts_where_it_was_published(valkey: ValkeyServer) -> None:
    """The feed's counts at the leader alone, one's own where it was handed over; summed up, each counts once."""
    async with node(valkey.url, feed=Once) as one, node(valkey.url, feed=Once) as two:
        await eventually(lambda: one.app.state.feed.leads or two.app.state.feed.leads)
        leader, follower = (one, two) if one.app.state.feed.leads else (two, one)
        async with follower.client() as client:
            await client.ask({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}})
            Tape().print(follower, 2)
            updates = 0
            while updates < 5:
                updates += (await client.receive())["type"] == "trades.update"
        assert await counted(leader) == (3, 0)
        assert await counted(follower) == (2, 5)
