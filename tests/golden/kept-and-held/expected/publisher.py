# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .constants import ENVELOPE
from .models import AlarmUpdateBody, OutlookUpdateBody, Winds
from .runtime.codec import Codec
from .runtime.publication import Framing, Publication, Sink, wrong_topic
from .topics import AlarmTopic, OutlookTopic, SoundingTopic

_SOUNDING_UPDATE = Codec(Winds)
_ALARM_UPDATE = Codec(AlarmUpdateBody)
_OUTLOOK_UPDATE = Codec(OutlookUpdateBody)

_framing = Framing(ENVELOPE)


class Publications:
    """Updates as they are published, to whatever takes them; one method per channel and kind of update."""

    @staticmethod
    def sounding_update(topic: SoundingTopic, payload: Winds, *, snapshot: bool = False) -> Publication:
        """An update `sounding.update`."""
        if not isinstance(topic, SoundingTopic):
            raise wrong_topic(topic, SoundingTopic)
        return Publication(
            channel="sounding",
            topic=topic.address,
            type="sounding.update",
            payload=_SOUNDING_UPDATE.encode(payload),
            snapshot=snapshot,
            changes={
                "air": [(item.metres, item.knots) for item in payload.air],
                "up-draft": [(item.metres, item.knots) for item in payload.up_draft],
            },
        )

    @staticmethod
    def alarm_update(topic: AlarmTopic, payload: AlarmUpdateBody, *, snapshot: bool = False) -> Publication:
        """An update `alarm.update`."""
        if not isinstance(topic, AlarmTopic):
            raise wrong_topic(topic, AlarmTopic)
        return Publication(
            channel="alarm",
            topic=topic.address,
            type="alarm.update",
            payload=_ALARM_UPDATE.encode(payload),
            snapshot=snapshot,
            key=payload.place,
        )

    @staticmethod
    def outlook_update(
        topic: OutlookTopic, payload: OutlookUpdateBody, *, snapshot: bool = False
    ) -> Publication:
        """An update `outlook.update`."""
        if not isinstance(topic, OutlookTopic):
            raise wrong_topic(topic, OutlookTopic)
        return Publication(
            channel="outlook",
            topic=topic.address,
            type="outlook.update",
            payload=_OUTLOOK_UPDATE.encode(payload),
            snapshot=snapshot,
        )


class Publisher:
    """Publishes to the subscribers of a topic; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def sounding_update(self, topic: SoundingTopic, payload: Winds, *, snapshot: bool = False) -> None:
        """Publish `sounding.update`."""
        self._sink.publish(Publications.sounding_update(topic, payload, snapshot=snapshot))

    def alarm_update(self, topic: AlarmTopic, payload: AlarmUpdateBody, *, snapshot: bool = False) -> None:
        """Publish `alarm.update`."""
        self._sink.publish(Publications.alarm_update(topic, payload, snapshot=snapshot))

    def outlook_update(
        self, topic: OutlookTopic, payload: OutlookUpdateBody, *, snapshot: bool = False
    ) -> None:
        """Publish `outlook.update`."""
        self._sink.publish(Publications.outlook_update(topic, payload, snapshot=snapshot))


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
