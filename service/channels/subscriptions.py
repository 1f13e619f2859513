"""What subscribing and unsubscribing come to, whatever the channel."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from pydantic import MISSING

from generated.constants import ACCESS
from generated.models import Recover, TopicAnswer
from generated.runtime.errors import RequestError, TopicError
from generated.topics import Topic
from service.access.gate import Access
from service.connection import ClientConnection
from service.hub import Hub, Joined, Position, TooManyTopics, TopicUnavailable

T = TypeVar("T", bound=Topic)
Request = TypeVar("Request")


class Subscriptions:
    """Joins connections to the hub's topics. Each method refuses by RequestError, and changes nothing then."""

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access

    async def join(self, connection: ClientConnection, topic: Topic, recover: Recover | MISSING) -> Joined:
        """Subscribe; updates wait for the answer, which has to follow without waiting for anything else."""
        self._check(connection, topic)
        after = None if recover is MISSING else Position(recover.seq, recover.epoch)
        try:
            self._hub.make_room(topic, connection.outbox)
            await self._hub.ready(topic, after)
            # What the client might read may have changed while the broker was asked.
            self._check(connection, topic)
            # From here on nothing waits: the topic may close again, the connection may end.
            connection.outbox.hold()
            return self._hub.subscribe(topic, connection.outbox, after)
        except TopicUnavailable as error:
            raise refusal(error) from error
        except TooManyTopics as error:
            raise RequestError("too_many_subscriptions", f"Refused: {error}.") from error

    def _check(self, connection: ClientConnection, topic: Topic) -> None:
        """Refuse what the client may not read, before anything is done about it, whether it exists or not."""
        if topic.channel not in ACCESS:
            return
        if not self._access.enabled:
            raise RequestError("unavailable", "This service has no accounts.", retryable=False)
        if (refusal := connection.grant.allows_new(topic)) is not None:
            self._access.counters.forbidden += 1
            raise refusal

    def leave(self, connection: ClientConnection, topic: Topic) -> TopicAnswer:
        """Unsubscribe; no update of the topic follows the answer."""
        connection.outbox.hold()
        if self._hub.unsubscribe(topic, connection.outbox):
            return _ok("Unsubscribed from", topic.address)
        return _ok("There was no subscription to", topic.address)


def refusal(error: TopicUnavailable) -> RequestError:
    """What a client is told of a topic that cannot be served."""
    return RequestError(error.code, error.message, retryable=error.retryable)


def topic_of(make: Callable[[Request], T], request: Request) -> T:
    """The topic that a request is about."""
    try:
        return make(request)
    except TopicError as error:
        raise RequestError("bad_payload", str(error)) from error


def subscribed(topic: Topic) -> TopicAnswer:
    """That a client is subscribed."""
    return _ok("Subscribed to", topic.address)


def flag(value: bool | None) -> bool | MISSING:
    """A field that is left out where nothing is to be said."""
    return MISSING if value is None else value


@lru_cache(maxsize=4096)
def _ok(done: str, address: str) -> TopicAnswer:
    """The same for everybody, and so made once: making it is a tenth of a request's cost."""
    return TopicAnswer(status="ok", message=f"{done} {address}", topic=address)
