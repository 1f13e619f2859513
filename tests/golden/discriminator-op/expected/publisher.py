# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Changed
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import RootTopic

_ROOT_CHANGED = Codec(Changed)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def root_changed(self, topic: RootTopic, message: Changed, *, snapshot: bool = False) -> None:
        """Publish `changed`."""
        if not isinstance(topic, RootTopic):
            raise wrong_topic(topic, RootTopic)
        self._sink.publish(
            Publication(
                channel="root",
                topic=topic.address,
                type="changed",
                payload=_ROOT_CHANGED.encode(message),
                snapshot=snapshot,
            )
        )
