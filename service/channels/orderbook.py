"""Subscribing to order books, and unsubscribing."""

from __future__ import annotations

from generated.handlers import OrderbookHandler
from generated.models import (
    OrderbookSubscribe,
    OrderbookSubscribeResponse,
    OrderbookUnsubscribe,
    OrderbookUnsubscribeResponse,
)
from generated.topics import OrderbookTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Orderbook(OrderbookHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: OrderbookSubscribe
    ) -> OrderbookSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(OrderbookTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return OrderbookSubscribeResponse(
            type="orderbook.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: OrderbookUnsubscribe
    ) -> OrderbookUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(OrderbookTopic.of, request)
        return OrderbookUnsubscribeResponse(
            type="orderbook.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
