# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Closed, Opened
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import EventsTopic

_EVENTS_OPENED = Codec(Opened)
_EVENTS_CLOSED_MESSAGE = Codec(Closed)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def events_opened(self, topic: EventsTopic, message: Opened, *, snapshot: bool = False) -> None:
        """Publish `opened`."""
        if not isinstance(topic, EventsTopic):
            raise wrong_topic(topic, EventsTopic)
        self._sink.publish(
            Publication(
                channel="events",
                topic=topic.address,
                type="opened",
                payload=_EVENTS_OPENED.encode(message),
                snapshot=snapshot,
            )
        )

    def events_closed_message(self, topic: EventsTopic, message: Closed, *, snapshot: bool = False) -> None:
        """Publish `closed`."""
        if not isinstance(topic, EventsTopic):
            raise wrong_topic(topic, EventsTopic)
        self._sink.publish(
            Publication(
                channel="events",
                topic=topic.address,
                type="closed",
                payload=_EVENTS_CLOSED_MESSAGE.encode(message),
                snapshot=snapshot,
            )
        )
