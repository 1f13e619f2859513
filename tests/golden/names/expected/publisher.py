# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import PromiseSchema
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import ClassTopic

_CLASS_ERROR = Codec(PromiseSchema)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def class__error(self, topic: ClassTopic, message: PromiseSchema, *, snapshot: bool = False) -> None:
        """Publish `Error`."""
        if not isinstance(topic, ClassTopic):
            raise wrong_topic(topic, ClassTopic)
        self._sink.publish(
            Publication(
                channel="class",
                topic=topic.address,
                type="Error",
                payload=_CLASS_ERROR.encode(message),
                snapshot=snapshot,
            )
        )
