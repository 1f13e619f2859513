# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Reserved words's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, TypeAlias

from .models import ClassSubscribe, ClassSubscribePayload
from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address, text_of

_CLASS = re.compile("class:(?P<import_>.+)")
_CLASS_IMPORT = ParameterRule("import")


@dataclass(frozen=True, slots=True)
class ClassTopic:
    """A topic of `class:{import}`."""

    channel: ClassVar[str] = "class"

    import_: str
    """`import` of the address."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        import_ = _CLASS_IMPORT.normal(self.import_)
        object.__setattr__(self, "import_", import_)
        object.__setattr__(self, "address", f"class:{import_}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> ClassTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_CLASS, address, "class:{import}")
        return cls(import_=parts["import_"])

    @classmethod
    def of(cls, request: ClassSubscribe) -> ClassTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _class_topic(import_=text_of(request.payload.import_, "import"))

    @classmethod
    def of_payload(cls, payload: ClassSubscribePayload) -> ClassTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(import_=text_of(payload.import_, "import"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_class_topic = lru_cache(maxsize=4096)(ClassTopic)


Topic: TypeAlias = ClassTopic
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (ClassTopic,)


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
