# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .constants import ENVELOPE
from .models import AccountSummary, Bar, Book, OrderList, PositionList, Quote, Trade
from .runtime.codec import Codec
from .runtime.publication import Framing, Publication, Sink, wrong_topic
from .topics import (
    AccountTopic,
    BarsTopic,
    OrderbookTopic,
    OrdersTopic,
    PositionsTopic,
    QuotesTopic,
    TradesTopic,
)

_BARS_UPDATE = Codec(Bar)
_QUOTES_UPDATE = Codec(Quote)
_TRADES_UPDATE = Codec(Trade)
_ORDERBOOK_UPDATE = Codec(Book)
_ACCOUNT_UPDATE = Codec(AccountSummary)
_POSITIONS_UPDATE = Codec(PositionList)
_ORDERS_UPDATE = Codec(OrderList)

_framing = Framing(ENVELOPE)


class Publications:
    """Updates as they are published, to whatever takes them; one method per channel and kind of update."""

    @staticmethod
    def bars_update(topic: BarsTopic, payload: Bar, *, snapshot: bool = False) -> Publication:
        """An update `bars.update`."""
        if not isinstance(topic, BarsTopic):
            raise wrong_topic(topic, BarsTopic)
        return Publication(
            channel="bars",
            topic=topic.address,
            type="bars.update",
            payload=_BARS_UPDATE.encode(payload),
            snapshot=snapshot,
            key=payload.time,
        )

    @staticmethod
    def quotes_update(topic: QuotesTopic, payload: Quote, *, snapshot: bool = False) -> Publication:
        """An update `quotes.update`."""
        if not isinstance(topic, QuotesTopic):
            raise wrong_topic(topic, QuotesTopic)
        return Publication(
            channel="quotes",
            topic=topic.address,
            type="quotes.update",
            payload=_QUOTES_UPDATE.encode(payload),
            snapshot=snapshot,
        )

    @staticmethod
    def trades_update(topic: TradesTopic, payload: Trade, *, snapshot: bool = False) -> Publication:
        """An update `trades.update`."""
        if not isinstance(topic, TradesTopic):
            raise wrong_topic(topic, TradesTopic)
        return Publication(
            channel="trades",
            topic=topic.address,
            type="trades.update",
            payload=_TRADES_UPDATE.encode(payload),
            snapshot=snapshot,
        )

    @staticmethod
    def orderbook_update(topic: OrderbookTopic, payload: Book, *, snapshot: bool = False) -> Publication:
        """An update `orderbook.update`."""
        if not isinstance(topic, OrderbookTopic):
            raise wrong_topic(topic, OrderbookTopic)
        return Publication(
            channel="orderbook",
            topic=topic.address,
            type="orderbook.update",
            payload=_ORDERBOOK_UPDATE.encode(payload),
            snapshot=snapshot,
            changes={
                "bids": [(item.price, item.size) for item in payload.bids],
                "asks": [(item.price, item.size) for item in payload.asks],
            },
        )

    @staticmethod
    def account_update(
        topic: AccountTopic, payload: AccountSummary, *, snapshot: bool = False
    ) -> Publication:
        """An update `account.update`."""
        if not isinstance(topic, AccountTopic):
            raise wrong_topic(topic, AccountTopic)
        return Publication(
            channel="account",
            topic=topic.address,
            type="account.update",
            payload=_ACCOUNT_UPDATE.encode(payload),
            snapshot=snapshot,
        )

    @staticmethod
    def positions_update(
        topic: PositionsTopic, payload: PositionList, *, snapshot: bool = False
    ) -> Publication:
        """An update `positions.update`."""
        if not isinstance(topic, PositionsTopic):
            raise wrong_topic(topic, PositionsTopic)
        return Publication(
            channel="positions",
            topic=topic.address,
            type="positions.update",
            payload=_POSITIONS_UPDATE.encode(payload),
            snapshot=snapshot,
        )

    @staticmethod
    def orders_update(topic: OrdersTopic, payload: OrderList, *, snapshot: bool = False) -> Publication:
        """An update `orders.update`."""
        if not isinstance(topic, OrdersTopic):
            raise wrong_topic(topic, OrdersTopic)
        return Publication(
            channel="orders",
            topic=topic.address,
            type="orders.update",
            payload=_ORDERS_UPDATE.encode(payload),
            snapshot=snapshot,
        )


class Publisher:
    """Publishes to the subscribers of a topic; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def bars_update(self, topic: BarsTopic, payload: Bar, *, snapshot: bool = False) -> None:
        """The latest state of a bar.

        Sent to subscribers of the topic whenever the bar changes.
        """
        self._sink.publish(Publications.bars_update(topic, payload, snapshot=snapshot))

    def quotes_update(self, topic: QuotesTopic, payload: Quote, *, snapshot: bool = False) -> None:
        """What a symbol can be sold and bought for now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        self._sink.publish(Publications.quotes_update(topic, payload, snapshot=snapshot))

    def trades_update(self, topic: TradesTopic, payload: Trade, *, snapshot: bool = False) -> None:
        """A trade has happened.

        Sent to subscribers of the topic for each trade.
        """
        self._sink.publish(Publications.trades_update(topic, payload, snapshot=snapshot))

    def orderbook_update(self, topic: OrderbookTopic, payload: Book, *, snapshot: bool = False) -> None:
        """The whole book, or what of it changed.

        Sent to subscribers of the topic whenever a level of it changes.
        """
        self._sink.publish(Publications.orderbook_update(topic, payload, snapshot=snapshot))

    def account_update(self, topic: AccountTopic, payload: AccountSummary, *, snapshot: bool = False) -> None:
        """What is in the account now.

        Sent to subscribers of the topic whenever something of it changes.
        """
        self._sink.publish(Publications.account_update(topic, payload, snapshot=snapshot))

    def positions_update(
        self, topic: PositionsTopic, payload: PositionList, *, snapshot: bool = False
    ) -> None:
        """What the account holds now.

        Sent to subscribers of the topic whenever a position changes.
        """
        self._sink.publish(Publications.positions_update(topic, payload, snapshot=snapshot))

    def orders_update(self, topic: OrdersTopic, payload: OrderList, *, snapshot: bool = False) -> None:
        """What the account wants to buy and sell now.

        Sent to subscribers of the topic whenever an order changes.
        """
        self._sink.publish(Publications.orders_update(topic, payload, snapshot=snapshot))


def encode_update(
    publication: Publication,
    *,
    seq: int,
    ts: int,
    epoch: str | None = None,
    seq_from: int | None = None,
    checksum: int | None = None,
) -> bytes:
    """The whole frame of an update; its payload is not encoded again.

    `seq` counts the topic's updates within an epoch, `ts` is the time of publishing in Unix milliseconds, and
    `epoch` is given where the update is the first of one. With `seq_from` it stands for the updates from that
    one to `seq`, folded together for a reader that was too slow. `checksum` is that of what a subscriber then
    holds.
    """
    return _framing.update(publication, seq=seq, ts=ts, epoch=epoch, seq_from=seq_from, checksum=checksum)
