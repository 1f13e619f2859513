# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Lighthouse's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from .runtime.errors import TopicError
from .runtime.topic import match_address

_LAMP = re.compile("lamp")


@dataclass(frozen=True, slots=True)
class LampTopic:
    """A topic of `lamp`."""

    channel: ClassVar[str] = "lamp"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "lamp")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> LampTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_LAMP, address, "lamp")
        return cls()


Topic: TypeAlias = LampTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (LampTopic,)


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
