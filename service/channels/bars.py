"""Bars: subscribing, unsubscribing, and the bars of the past."""

from __future__ import annotations

from pydantic import MISSING

from generated.handlers import BarsHandler
from generated.models import (
    BarsHistoryMessage,
    BarsHistoryResponse,
    BarsPage,
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
)
from generated.topics import BarsTopic
from service.bars.model import bar_model
from service.bars.resolution import Resolution
from service.channels.subscriptions import Subscriptions, flag, refusal, subscribed, topic_of
from service.connection import ClientConnection
from service.feeds.base import Feed
from service.hub import TopicUnavailable


class Bars(BarsHandler[ClientConnection]):
    """Joins connections to the hub's topics, and asks the feed for what has been."""

    def __init__(self, subscriptions: Subscriptions, feed: Feed) -> None:
        self._subscriptions = subscriptions
        self._feed = feed

    async def subscribe(self, connection: ClientConnection, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = topic_of(BarsTopic.of, request)
        joined = await self._subscriptions.join(connection, topic, request.recover)
        return BarsSubscribeResponse(
            type="bars.subscribe.response",
            seq=joined.seq,
            epoch=joined.epoch,
            recovered=flag(joined.recovered),
            payload=subscribed(topic),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: BarsUnsubscribe
    ) -> BarsUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = topic_of(BarsTopic.of, request)
        return BarsUnsubscribeResponse(
            type="bars.unsubscribe.response", payload=self._subscriptions.leave(connection, topic)
        )

    async def history(self, connection: ClientConnection, request: BarsHistoryMessage) -> BarsHistoryResponse:
        """Answer with the last bars before a moment, the one still forming included."""
        wanted = request.payload
        # As a topic's parts, since the contract's other spellings of a resolution are read there.
        topic = topic_of(lambda asked: BarsTopic(asked.symbol, asked.resolution), wanted)
        to_ms = None if wanted.to is MISSING else wanted.to
        try:
            page = await self._feed.bars(
                topic.symbol, Resolution.parse(topic.resolution), to_ms, wanted.limit
            )
        except TopicUnavailable as error:
            raise refusal(error) from error
        return BarsHistoryResponse(
            type="bars.history.response",
            payload=BarsPage(
                status="ok",
                symbol=topic.symbol,
                resolution=topic.resolution,
                bars=[bar_model(bar) for bar in page.bars],
                complete=page.complete,
            ),
        )
