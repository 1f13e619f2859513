# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Tapewire Trading API's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, TypeAlias

from .models import BarsSelection, BarsSubscribe, BarsUnsubscribe
from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address, text_of

_BARS = re.compile("bars:(?P<symbol>[^:]+):(?P<resolution>.+)")
_BARS_SYMBOL = ParameterRule("symbol", pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$", stop=":")
_BARS_RESOLUTION = ParameterRule(
    "resolution",
    pattern="^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$",
    aliases={"D": "1D", "W": "1W", "M": "1M", "S": "1S"},
)
_SESSION = re.compile("session")


@dataclass(frozen=True, slots=True)
class BarsTopic:
    """Price bars (open, high, low, close, volume) of one symbol at one resolution.

    While a bar is forming, each update carries its whole state so far; the bar with the next `time` closes
    the one before it.

    A subscriber that reads too slowly is sent only the last of the updates that wait for it; its `seq_from`
    says which was the first of those that it stands for.
    """

    channel: ClassVar[str] = "bars"

    symbol: str
    """The instrument, as the exchange spells it."""
    resolution: str = "1"
    """The length of a bar; `D`, `W` and `M` are the same topics as `1D`, `1W` and `1M`."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        symbol = _BARS_SYMBOL.normal(self.symbol)
        resolution = _BARS_RESOLUTION.normal(self.resolution)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "resolution", resolution)
        object.__setattr__(self, "address", f"bars:{symbol}:{resolution}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> BarsTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_BARS, address, "bars:{symbol}:{resolution}")
        return cls(symbol=parts["symbol"], resolution=parts["resolution"])

    @classmethod
    def of(cls, request: BarsSubscribe | BarsUnsubscribe) -> BarsTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _bars_topic(
            symbol=text_of(request.payload.symbol, "symbol"),
            resolution=text_of(request.payload.resolution, "resolution", "1"),
        )

    @classmethod
    def of_payload(cls, payload: BarsSelection) -> BarsTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(
            symbol=text_of(payload.symbol, "symbol"),
            resolution=text_of(payload.resolution, "resolution", "1"),
        )


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_bars_topic = lru_cache(maxsize=4096)(BarsTopic)


@dataclass(frozen=True, slots=True)
class SessionTopic:
    """The connection itself."""

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


Topic: TypeAlias = BarsTopic | SessionTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (
    BarsTopic,
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
