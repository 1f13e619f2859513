"""Subscribing to bars, and unsubscribing."""

from __future__ import annotations

from functools import lru_cache

from generated.handlers import BarsHandler
from generated.models import (
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
    TopicAnswer,
)
from generated.runtime.errors import RequestError, TopicError
from generated.topics import BarsTopic
from service.connection import ClientConnection
from service.hub import Hub, TooManyTopics, TopicUnavailable


class Bars(BarsHandler[ClientConnection]):
    """Joins connections to the hub's topics."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def subscribe(self, connection: ClientConnection, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Answer with the topic's position; every update after it follows."""
        topic = _topic_of(request)
        connection.outbox.hold()
        try:
            position = self._hub.subscribe(topic, connection.outbox)
        except TopicUnavailable as error:
            raise RequestError("unavailable", error.message, retryable=error.retryable) from error
        except TooManyTopics as error:
            raise RequestError("too_many_subscriptions", f"Refused: {error}.") from error
        return BarsSubscribeResponse(
            type="bars.subscribe.response",
            seq=position.seq,
            epoch=position.epoch,
            payload=_ok("Subscribed to", topic.address),
        )

    async def unsubscribe(
        self, connection: ClientConnection, request: BarsUnsubscribe
    ) -> BarsUnsubscribeResponse:
        """Answer, and send no further update of the topic."""
        topic = _topic_of(request)
        connection.outbox.hold()
        if self._hub.unsubscribe(topic, connection.outbox):
            done = "Unsubscribed from"
        else:
            done = "There was no subscription to"
        return BarsUnsubscribeResponse(
            type="bars.unsubscribe.response",
            payload=_ok(done, topic.address),
        )


@lru_cache(maxsize=4096)
def _ok(done: str, address: str) -> TopicAnswer:
    """The same for everybody, and so made once: making it is a tenth of a request's cost."""
    return TopicAnswer(status="ok", message=f"{done} {address}", topic=address)


def _topic_of(request: BarsSubscribe | BarsUnsubscribe) -> BarsTopic:
    try:
        return BarsTopic.of(request)
    except TopicError as error:
        raise RequestError("bad_payload", str(error)) from error
