"""Subscribing to quotes, and unsubscribing."""

from __future__ import annotations

from generated.handlers import QuotesHandler
from generated.models import (
    QuotesSubscribe,
    QuotesSubscribeResponse,
    QuotesUnsubscribe,
    QuotesUnsubscribeResponse,
)
from generated.topics import QuotesTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Quotes(QuotesHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: QuotesSubscribe
    ) -> QuotesSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(QuotesTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return QuotesSubscribeResponse(
            type="quotes.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: QuotesUnsubscribe
    ) -> QuotesUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(QuotesTopic.of, request)
        return QuotesUnsubscribeResponse(
            type="quotes.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
