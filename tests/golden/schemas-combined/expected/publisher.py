# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Shape
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import ShapesTopic

_SHAPES_SHAPE = Codec(Shape)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def shapes_shape(self, topic: ShapesTopic, message: Shape, *, snapshot: bool = False) -> None:
        """Publish `shape`."""
        if not isinstance(topic, ShapesTopic):
            raise wrong_topic(topic, ShapesTopic)
        self._sink.publish(
            Publication(
                channel="shapes",
                topic=topic.address,
                type="shape",
                payload=_SHAPES_SHAPE.encode(message),
                snapshot=snapshot,
            )
        )
