# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Liked
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import LikesTopic

_LIKES_LIKED = Codec(Liked)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def likes_liked(self, topic: LikesTopic, message: Liked, *, snapshot: bool = False) -> None:
        """Somebody liked something."""
        if not isinstance(topic, LikesTopic):
            raise wrong_topic(topic, LikesTopic)
        self._sink.publish(
            Publication(
                channel="likes",
                topic=topic.address,
                type="liked",
                payload=_LIKES_LIKED.encode(message),
                snapshot=snapshot,
            )
        )
