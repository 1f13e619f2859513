# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .constants import ENVELOPE
from .models import Weather
from .runtime.codec import Codec
from .runtime.publication import Framing, Publication, Sink, wrong_topic
from .topics import WeatherChannelTopic

_WEATHER_UPDATE = Codec(Weather)

_framing = Framing(ENVELOPE)


class Publications:
    """Updates as they are published, to whatever takes them; one method per channel and kind of update."""

    @staticmethod
    def weather_update(
        topic: WeatherChannelTopic, payload: Weather, *, snapshot: bool = False
    ) -> Publication:
        """An update `weather.update`."""
        if not isinstance(topic, WeatherChannelTopic):
            raise wrong_topic(topic, WeatherChannelTopic)
        return Publication(
            channel="weather",
            topic=topic.address,
            type="weather.update",
            payload=_WEATHER_UPDATE.encode(payload),
            snapshot=snapshot,
        )


class Publisher:
    """Publishes to the subscribers of a topic; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def weather_update(self, topic: WeatherChannelTopic, payload: Weather, *, snapshot: bool = False) -> None:
        """The weather changed."""
        self._sink.publish(Publications.weather_update(topic, payload, snapshot=snapshot))


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
