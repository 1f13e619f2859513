# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing from any process, over the Redis or Valkey that nodes share; no service is needed for it.

    async with Publisher("redis://localhost:6379") as publisher:
        epoch, seq = await publisher.bars_update(topic, payload)

Each method returns when Redis has the update, and raises what `runtime/redis_errors.py` lists. Needs the package
`redis`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from .constants import DELIVERY, HISTORY, SNAPSHOT, STATE
from .models import AccountSummary, Bar, Book, OrderList, PositionList, Quote, Trade
from .publisher import Publications
from .publisher import Publisher as ToSink
from .runtime.redis_outgoing import PublicationBatch, PublishedAt, PublisherOptions
from .runtime.redis_protocol import ChannelRules
from .runtime.redis_publisher import AsyncBrokerPublisher, SyncBrokerPublisher
from .topics import (
    AccountTopic,
    BarsTopic,
    OrderbookTopic,
    OrdersTopic,
    PositionsTopic,
    QuotesTopic,
    TradesTopic,
)

DEFAULT_BROKER: Final = "redis://localhost:6379"
"""Where publishers connect to unless they are told."""

RULES: Final = ChannelRules(delivery=DELIVERY, history=HISTORY, snapshot=SNAPSHOT, state=STATE)
"""What the contract says of channels that Redis has to know."""


class Publisher(AsyncBrokerPublisher):
    """Publishes over the broker; one method per channel and kind of update.

    What is published while a round trip is under way leaves together in the next one.
    """

    def __init__(self, url: str = DEFAULT_BROKER, *, options: PublisherOptions | None = None) -> None:
        super().__init__(url, RULES, options)

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[ToSink]:
        """Gather updates, and publish them in order at the block's end; the first error is raised there."""
        gathered = PublicationBatch()
        yield ToSink(gathered)
        await self._publish_all(gathered.publications)

    async def bars_update(self, topic: BarsTopic, payload: Bar, *, snapshot: bool = False) -> PublishedAt:
        """The latest state of a bar.

        Sent to subscribers of the topic whenever the bar changes.
        """
        return await self.publish(Publications.bars_update(topic, payload, snapshot=snapshot))

    async def quotes_update(
        self, topic: QuotesTopic, payload: Quote, *, snapshot: bool = False
    ) -> PublishedAt:
        """What a symbol can be sold and bought for now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        return await self.publish(Publications.quotes_update(topic, payload, snapshot=snapshot))

    async def trades_update(
        self, topic: TradesTopic, payload: Trade, *, snapshot: bool = False
    ) -> PublishedAt:
        """A trade has happened.

        Sent to subscribers of the topic for each trade.
        """
        return await self.publish(Publications.trades_update(topic, payload, snapshot=snapshot))

    async def orderbook_update(
        self, topic: OrderbookTopic, payload: Book, *, snapshot: bool = False
    ) -> PublishedAt:
        """The whole book, or what of it changed.

        Sent to subscribers of the topic whenever a level of it changes.
        """
        return await self.publish(Publications.orderbook_update(topic, payload, snapshot=snapshot))

    async def account_update(
        self, topic: AccountTopic, payload: AccountSummary, *, snapshot: bool = False
    ) -> PublishedAt:
        """What is in the account now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        return await self.publish(Publications.account_update(topic, payload, snapshot=snapshot))

    async def positions_update(
        self, topic: PositionsTopic, payload: PositionList, *, snapshot: bool = False
    ) -> PublishedAt:
        """What the account holds now.

        Sent to subscribers of the topic whenever a position changes.
        """
        return await self.publish(Publications.positions_update(topic, payload, snapshot=snapshot))

    async def orders_update(
        self, topic: OrdersTopic, payload: OrderList, *, snapshot: bool = False
    ) -> PublishedAt:
        """What the account wants to buy and sell now.

        Sent to subscribers of the topic whenever an order changes.
        """
        return await self.publish(Publications.orders_update(topic, payload, snapshot=snapshot))


class SyncPublisher(SyncBrokerPublisher):
    """The same for programs without an event loop: each method blocks until Redis has the update."""

    def __init__(self, url: str = DEFAULT_BROKER, *, options: PublisherOptions | None = None) -> None:
        super().__init__(url, RULES, options)

    @contextmanager
    def batch(self) -> Iterator[ToSink]:
        """Gather updates, and publish them in order at the block's end; the first error is raised there."""
        gathered = PublicationBatch()
        yield ToSink(gathered)
        self._publish_all(gathered.publications)

    def bars_update(self, topic: BarsTopic, payload: Bar, *, snapshot: bool = False) -> PublishedAt:
        """The latest state of a bar.

        Sent to subscribers of the topic whenever the bar changes.
        """
        return self.publish(Publications.bars_update(topic, payload, snapshot=snapshot))

    def quotes_update(self, topic: QuotesTopic, payload: Quote, *, snapshot: bool = False) -> PublishedAt:
        """What a symbol can be sold and bought for now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        return self.publish(Publications.quotes_update(topic, payload, snapshot=snapshot))

    def trades_update(self, topic: TradesTopic, payload: Trade, *, snapshot: bool = False) -> PublishedAt:
        """A trade has happened.

        Sent to subscribers of the topic for each trade.
        """
        return self.publish(Publications.trades_update(topic, payload, snapshot=snapshot))

    def orderbook_update(
        self, topic: OrderbookTopic, payload: Book, *, snapshot: bool = False
    ) -> PublishedAt:
        """The whole book, or what of it changed.

        Sent to subscribers of the topic whenever a level of it changes.
        """
        return self.publish(Publications.orderbook_update(topic, payload, snapshot=snapshot))

    def account_update(
        self, topic: AccountTopic, payload: AccountSummary, *, snapshot: bool = False
    ) -> PublishedAt:
        """What is in the account now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        return self.publish(Publications.account_update(topic, payload, snapshot=snapshot))

    def positions_update(
        self, topic: PositionsTopic, payload: PositionList, *, snapshot: bool = False
    ) -> PublishedAt:
        """What the account holds now.

        Sent to subscribers of the topic whenever a position changes.
        """
        return self.publish(Publications.positions_update(topic, payload, snapshot=snapshot))

    def orders_update(self, topic: OrdersTopic, payload: OrderList, *, snapshot: bool = False) -> PublishedAt:
        """What the account wants to buy and sell now.

        Sent to subscribers of the topic whenever an order changes.
        """
        return self.publish(Publications.orders_update(topic, payload, snapshot=snapshot))
