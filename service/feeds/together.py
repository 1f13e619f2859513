"""A market and the accounts that trade on it, or that there are none, as one feed."""

from __future__ import annotations

from collections.abc import Sequence

from generated.topics import Topic
from service.bars.resolution import Resolution
from service.feeds.accounts import is_private
from service.feeds.base import Feed, FeedStatus, Instrument, NoFeed, Page
from service.hub import TopicUnavailable


class NoAccounts(NoFeed):
    """Turns away who asks for an account where nothing publishes any: it would be told "ok", and then nothing, ever.

    As with symbols, the feed that the settings name says what there is. Only where other processes may publish, over
    a broker or in place of a feed (`--feed none`), nobody here knows which accounts there are.
    """

    def accepts(self, topic: Topic) -> None:
        """None."""
        raise TopicUnavailable("This service has no accounts.", retryable=False)

    def topic_opened(self, topic: Topic) -> None:
        """Never."""
        self.accepts(topic)


class Together(Feed):
    """The topics of accounts are for one feed, all others for the other."""

    def __init__(self, market: Feed, accounts: Feed) -> None:
        self.market = market
        self.accounts = accounts

    def status(self) -> FeedStatus:
        """The market's, with how many accounts there are; failed where either has."""
        market, accounts = self.market.status(), self.accounts.status()
        state = accounts.state if accounts.state == "failed" else market.state
        return FeedStatus(market.name, state, {**market.detail, **accounts.detail})

    async def start(self) -> None:
        """Start both."""
        await self.market.start()
        await self.accounts.start()

    async def stop(self) -> None:
        """Stop both, the market last: accounts trade on it."""
        await self.accounts.stop()
        await self.market.stop()

    async def leave(self) -> None:
        """Leave both."""
        await self.accounts.leave()
        await self.market.leave()

    def instruments(self) -> Sequence[Instrument]:
        """The market's."""
        return self.market.instruments()

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """The market's."""
        return await self.market.bars(symbol, resolution, to_ms, limit)

    def accepts(self, topic: Topic) -> None:
        """Asked of whom it is for."""
        self._of(topic).accepts(topic)

    def topic_opened(self, topic: Topic) -> None:
        """Told to whom it is for."""
        self._of(topic).topic_opened(topic)

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Told to whom it is for."""
        self._of(topic).topic_subscribers(topic, count)

    def topic_closed(self, topic: Topic) -> None:
        """Told to whom it is for."""
        self._of(topic).topic_closed(topic)

    def topic_base_wanted(self, topic: Topic) -> None:
        """Told to whom it is for."""
        self._of(topic).topic_base_wanted(topic)

    def _of(self, topic: Topic) -> Feed:
        return self.accounts if is_private(topic) else self.market
