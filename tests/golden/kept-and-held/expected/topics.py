# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Soundings's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, TypeAlias

from .models import SoundingSubscribe, SoundingSubscribeBody
from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address, text_of

_SOUNDING = re.compile("sounding/(?P<station>[^/]+)/(?P<layers>.+)")
_SOUNDING_STATION = ParameterRule("station", stop="/")
_SOUNDING_LAYERS = ParameterRule(
    "layers",
    allowed=(
        "5",
        "50",
    ),
)
_ALARM = re.compile("alarm")
_OUTLOOK = re.compile("outlook")
_SESSION = re.compile("session")


@dataclass(frozen=True, slots=True)
class SoundingTopic:
    """The wind by height."""

    channel: ClassVar[str] = "sounding"

    station: str
    """`station` of the address."""
    layers: str = "5"
    """How many layers."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        station = _SOUNDING_STATION.normal(self.station)
        layers = _SOUNDING_LAYERS.normal(self.layers)
        object.__setattr__(self, "station", station)
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "address", f"sounding/{station}/{layers}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> SoundingTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_SOUNDING, address, "sounding/{station}/{layers}")
        return cls(station=parts["station"], layers=parts["layers"])

    @classmethod
    def of(cls, request: SoundingSubscribe) -> SoundingTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _sounding_topic(
            station=text_of(request.body.station, "station"),
            layers=text_of(request.body.layers, "layers", "5"),
        )

    @classmethod
    def of_payload(cls, payload: SoundingSubscribeBody) -> SoundingTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(station=text_of(payload.station, "station"), layers=text_of(payload.layers, "layers", "5"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_sounding_topic = lru_cache(maxsize=4096)(SoundingTopic)


@dataclass(frozen=True, slots=True)
class AlarmTopic:
    """A topic of `alarm`."""

    channel: ClassVar[str] = "alarm"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "alarm")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> AlarmTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_ALARM, address, "alarm")
        return cls()


@dataclass(frozen=True, slots=True)
class OutlookTopic:
    """A topic of `outlook`."""

    channel: ClassVar[str] = "outlook"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "outlook")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> OutlookTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_OUTLOOK, address, "outlook")
        return cls()


@dataclass(frozen=True, slots=True)
class SessionTopic:
    """A topic of `session`."""

    channel: ClassVar[str] = "session"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "session")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> SessionTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_SESSION, address, "session")
        return cls()


Topic: TypeAlias = SoundingTopic | AlarmTopic | OutlookTopic | SessionTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (
    SoundingTopic,
    AlarmTopic,
    OutlookTopic,
    SessionTopic,
)


def parse_topic(address: str) -> Topic:
    """The topic with this address; TopicError where it is no channel's."""
    refused: TopicError | None = None
    for topic in _TOPICS:
        try:
            return topic.parse(address)
        except TopicError as error:
            if refused is None or error.parameter is not None:
                refused = error
    raise TopicError(f"{address!r} is no channel's address") if refused is None else refused
