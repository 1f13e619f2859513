# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Weather's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, TypeAlias

from .models import Station, WeatherSubscribe
from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address, text_of

_WEATHER = re.compile("weather/(?P<station>.+)")
_WEATHER_STATION = ParameterRule("station", pattern="^[a-z]+$", aliases={"lon": "london"})


@dataclass(frozen=True, slots=True)
class WeatherChannelTopic:
    """The weather at a station."""

    channel: ClassVar[str] = "weather"

    station: str
    """The station's short name."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        station = _WEATHER_STATION.normal(self.station)
        object.__setattr__(self, "station", station)
        object.__setattr__(self, "address", f"weather/{station}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> WeatherChannelTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_WEATHER, address, "weather/{station}")
        return cls(station=parts["station"])

    @classmethod
    def of(cls, request: WeatherSubscribe) -> WeatherChannelTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _weather_topic(station=text_of(request.body.station, "station"))

    @classmethod
    def of_payload(cls, payload: Station) -> WeatherChannelTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(station=text_of(payload.station, "station"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_weather_topic = lru_cache(maxsize=4096)(WeatherChannelTopic)


Topic: TypeAlias = WeatherChannelTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (WeatherChannelTopic,)


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
