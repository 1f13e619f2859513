"""Subscribing to the positions of an account, and unsubscribing."""

from __future__ import annotations

from generated.handlers import PositionsHandler
from generated.models import (
    PositionsSubscribe,
    PositionsSubscribeResponse,
    PositionsUnsubscribe,
    PositionsUnsubscribeResponse,
)
from generated.topics import PositionsTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Positions(PositionsHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: PositionsSubscribe
    ) -> PositionsSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(PositionsTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return PositionsSubscribeResponse(
            type="positions.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: PositionsUnsubscribe
    ) -> PositionsUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(PositionsTopic.of, request)
        return PositionsUnsubscribeResponse(
            type="positions.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
