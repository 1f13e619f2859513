"""Subscribing to trades, and unsubscribing."""

from __future__ import annotations

from generated.handlers import TradesHandler
from generated.models import (
    TradesSubscribe,
    TradesSubscribeResponse,
    TradesUnsubscribe,
    TradesUnsubscribeResponse,
)
from generated.topics import TradesTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Trades(TradesHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: TradesSubscribe
    ) -> TradesSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(TradesTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return TradesSubscribeResponse(
            type="trades.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: TradesUnsubscribe
    ) -> TradesUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(TradesTopic.of, request)
        return TradesUnsubscribeResponse(
            type="trades.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
