# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .constants import ENVELOPE
from .models import ClassReturnPayload
from .runtime.codec import Codec
from .runtime.publication import Framing, Publication, Sink, wrong_topic
from .topics import ClassTopic

_CLASS_CLASS_RETURN = Codec(ClassReturnPayload)

_framing = Framing(ENVELOPE)


class Publications:
    """Updates as they are published, to whatever takes them; one method per channel and kind of update."""

    @staticmethod
    def class__class_return(
        topic: ClassTopic, payload: ClassReturnPayload, *, snapshot: bool = False
    ) -> Publication:
        """An update `class.return`."""
        if not isinstance(topic, ClassTopic):
            raise wrong_topic(topic, ClassTopic)
        return Publication(
            channel="class",
            topic=topic.address,
            type="class.return",
            payload=_CLASS_CLASS_RETURN.encode(payload),
            snapshot=snapshot,
        )


class Publisher:
    """Publishes to the subscribers of a topic; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def class__class_return(
        self, topic: ClassTopic, payload: ClassReturnPayload, *, snapshot: bool = False
    ) -> None:
        """Publish `class.return`."""
        self._sink.publish(Publications.class__class_return(topic, payload, snapshot=snapshot))


def encode_update(
    publication: Publication,
    *,
    seq: int,
    ts: int,
    epoch: str | None = None,
    seq_from: int | None = None,
    checksum: int | None = None,
) -> bytes:
    """The whole frame of an update; its payload is not encoded again.

    `seq` counts the topic's updates within an epoch, `ts` is the time of publishing in Unix milliseconds, and
    `epoch` is given where the update is the first of one. With `seq_from` it stands for the updates from that
    one to `seq`, folded together for a reader that was too slow. `checksum` is that of what a subscriber then
    holds.
    """
    return _framing.update(publication, seq=seq, ts=ts, epoch=epoch, seq_from=seq_from, checksum=checksum)
