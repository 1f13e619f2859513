# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing: each update encoded once, for all who are subscribed."""

from __future__ import annotations

from .models import Presence, Said
from .runtime.codec import Codec
from .runtime.publication import Publication, Sink, wrong_topic
from .topics import PresenceChannelTopic, RoomsTopic

_ROOMS_SAID = Codec(Said)
_PRESENCE_PRESENCE = Codec(Presence)


class Publisher:
    """Publishes what goes to the connections of a channel; one method per channel and kind of update.

    Nothing is awaited: what becomes of a publication is for the sink to say.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def rooms_said(self, topic: RoomsTopic, message: Said, *, snapshot: bool = False) -> None:
        """Somebody spoke."""
        if not isinstance(topic, RoomsTopic):
            raise wrong_topic(topic, RoomsTopic)
        self._sink.publish(
            Publication(
                channel="rooms",
                topic=topic.address,
                type="said",
                payload=_ROOMS_SAID.encode(message),
                snapshot=snapshot,
            )
        )

    def presence_presence(
        self, topic: PresenceChannelTopic, message: Presence, *, snapshot: bool = False
    ) -> None:
        """Publish `presence`."""
        if not isinstance(topic, PresenceChannelTopic):
            raise wrong_topic(topic, PresenceChannelTopic)
        self._sink.publish(
            Publication(
                channel="presence",
                topic=topic.address,
                type="presence",
                payload=_PRESENCE_PRESENCE.encode(message),
                snapshot=snapshot,
            )
        )
