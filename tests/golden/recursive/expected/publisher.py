# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Node
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import TreeTopic

_TREE_TREE = Codec(Node)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def tree_tree(self, topic: TreeTopic, message: Node, *, snapshot: bool = False) -> None:
        """Publish `tree`."""
        if not isinstance(topic, TreeTopic):
            raise wrong_topic(topic, TreeTopic)
        self._sink.publish(
            Publication(
                channel="tree",
                topic=topic.address,
                type="tree",
                payload=_TREE_TREE.encode(message),
                snapshot=snapshot,
            )
        )
