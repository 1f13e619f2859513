"""Subscribing to an account, and unsubscribing."""

from __future__ import annotations

from generated.handlers import AccountHandler
from generated.models import (
    AccountSubscribe,
    AccountSubscribeResponse,
    AccountUnsubscribe,
    AccountUnsubscribeResponse,
)
from generated.topics import AccountTopic
from service.channels.subscriptions import Subscriptions, flag, subscribed, topic_of
from service.connection import ClientConnection


class Account(AccountHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def subscribe(
        self, connection: ClientConnection, request: AccountSubscribe
    ) -> AccountSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(AccountTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return AccountSubscribeResponse(
            type="account.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: AccountUnsubscribe
    ) -> AccountUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(AccountTopic.of, request)
        return AccountUnsubscribeResponse(
            type="account.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )
