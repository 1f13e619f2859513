# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Untagged's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from .runtime.errors import TopicError
from .runtime.topic import match_address

_FEED = re.compile("/feed")


@dataclass(frozen=True, slots=True)
class FeedTopic:
    """A topic of `/feed`."""

    channel: ClassVar[str] = "feed"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "/feed")

    def __str__(self) -> str:
        return self.address

    @property
    def path(self) -> str:
        """The path of the topic's socket, percent-encoded."""
        return "/feed"

    @classmethod
    def parse(cls, address: str) -> FeedTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_FEED, address, "/feed")
        return cls()


Topic: TypeAlias = FeedTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (FeedTopic,)


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
