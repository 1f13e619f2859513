"""Keeps topics that are not for everybody to those who may read them, at every delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING

from generated.constants import ACCESS
from generated.models import TopicClosed, TopicNotice
from generated.runtime.codec import encode
from service.access.counters import AccessCounters
from service.hub.topic import TopicState

if TYPE_CHECKING:
    from generated.runtime.errors import RequestError
    from service.delivery import Audience, Lanes, Outbox


class Guard:
    """Looks at each subscriber before each update of such a topic; topics for everybody are not looked at."""

    def __init__(self, lanes: Lanes, left: Callable[[TopicState], None], counters: AccessCounters) -> None:
        """`left` is called with a topic that has lost a subscriber."""
        self._lanes = lanes
        self._left = left
        self._counters = counters

    def watch(self, state: TopicState) -> None:
        """Be there when something of a topic is delivered, where it is not for everybody."""
        if state.topic.channel in ACCESS:
            state.guard = self.look

    def look(self, audience: Audience) -> None:
        """Send away who may not read what is about to be delivered."""
        assert isinstance(audience, TopicState)
        lost = False
        for lane in tuple(audience.lanes):
            for outbox in (*lane.fds.values(), *lane.others):
                lost = self._check(audience, outbox) or lost
        if lost:
            # Later: whoever is told may publish, and that must not overtake what is being delivered.
            asyncio.get_running_loop().call_soon(self._left, audience, context=Context())

    def hold_against(self, subscriber: Outbox) -> None:
        """Look at all topics of a subscriber, whose rights have changed."""
        if subscriber.lane is None:
            return
        for audience in tuple(subscriber.lane.audiences):
            if (
                isinstance(audience, TopicState)
                and audience.guard is not None
                and self._check(audience, subscriber)
            ):
                self._left(audience)

    def _check(self, state: TopicState, outbox: Outbox) -> bool:
        """Whether a subscriber had to be sent away. A connection that is ending is sent nothing anyway."""
        refusal = outbox.refuses(state.topic)
        if refusal is None or outbox.farewell is not None:
            return False
        self._lanes.leave(outbox, state)
        outbox.forget(state)
        outbox.tell(_closed(state, refusal))
        self._counters.revoked += 1
        return True


def _closed(state: TopicState, refusal: RequestError) -> bytes:
    message = refusal.message
    if refusal.code == "forbidden":
        # The contract's words: it did so until now, or nobody would have been subscribed.
        message = f"The token does not grant {state.topic.address} any more."
    notice = TopicNotice(code=refusal.code, message=message)
    return encode(TopicClosed(type="topic.closed", topic=state.topic.address, payload=notice))
