# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Rooms's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias
from urllib.parse import quote

from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address

_ROOMS = re.compile("/v1/rooms/(?P<room>.+)")
_ROOMS_ROOM = ParameterRule("room", stop="/")
_PRESENCE = re.compile("/v1/presence")


@dataclass(frozen=True, slots=True)
class RoomsTopic:
    """What is said in a room."""

    channel: ClassVar[str] = "rooms"

    room: str
    """The room's name."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        room = _ROOMS_ROOM.normal(self.room)
        object.__setattr__(self, "room", room)
        object.__setattr__(self, "address", f"/v1/rooms/{room}")

    def __str__(self) -> str:
        return self.address

    @property
    def path(self) -> str:
        """The path of the topic's socket, percent-encoded."""
        return f"/v1/rooms/{quote(self.room, safe='')}"

    @classmethod
    def parse(cls, address: str) -> RoomsTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_ROOMS, address, "/v1/rooms/{room}")
        return cls(room=parts["room"])


@dataclass(frozen=True, slots=True)
class PresenceChannelTopic:
    """A topic of `/v1/presence`."""

    channel: ClassVar[str] = "presence"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "/v1/presence")

    def __str__(self) -> str:
        return self.address

    @property
    def path(self) -> str:
        """The path of the topic's socket, percent-encoded."""
        return "/v1/presence"

    @classmethod
    def parse(cls, address: str) -> PresenceChannelTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_PRESENCE, address, "/v1/presence")
        return cls()


Topic: TypeAlias = RoomsTopic | PresenceChannelTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (
    RoomsTopic,
    PresenceChannelTopic,
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
