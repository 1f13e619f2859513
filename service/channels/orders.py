"""Subscribing to the orders of an account, and unsubscribing."""

from __future__ import annotations

from generated.handlers import OrdersHandler
from generated.models import (
    OrdersSubscribe,
    OrdersSubscribeResponse,
    OrdersUnsubscribe,
    OrdersUnsubscribeResponse,
)
from generated.topics import OrdersTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Orders(OrdersHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: OrdersSubscribe
    ) -> OrdersSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(OrdersTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return OrdersSubscribeResponse(
            type="orders.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: OrdersUnsubscribe
    ) -> OrdersUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(OrdersTopic.of, request)
        return OrdersUnsubscribeResponse(
            type="orders.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
