# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Label, Point
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import FeedTopic

_FEED_POINT = Codec(Point)
_FEED_LABEL = Codec(Label)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def feed_point(self, topic: FeedTopic, message: Point, *, snapshot: bool = False) -> None:
        """Publish `point`."""
        if not isinstance(topic, FeedTopic):
            raise wrong_topic(topic, FeedTopic)
        self._sink.publish(
            Publication(
                channel="feed",
                topic=topic.address,
                type="point",
                payload=_FEED_POINT.encode(message),
                snapshot=snapshot,
            )
        )

    def feed_label(self, topic: FeedTopic, message: Label, *, snapshot: bool = False) -> None:
        """Publish `label`."""
        if not isinstance(topic, FeedTopic):
            raise wrong_topic(topic, FeedTopic)
        self._sink.publish(
            Publication(
                channel="feed",
                topic=topic.address,
                type="label",
                payload=_FEED_LABEL.encode(message),
                snapshot=snapshot,
            )
        )
