# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Untagged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import Label, Point
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import FeedTopic

_POINT_CODEC = Codec(Point)
_LABEL_CODEC = Codec(Label)
_FEED_POINT_TYPE = MessageType("point", None, _POINT_CODEC.decode)
_FEED_LABEL_TYPE = MessageType("label", None, _LABEL_CODEC.decode)
_FEED_READER: MessageReader[Point | Label] = MessageReader(None, [_FEED_POINT_TYPE, _FEED_LABEL_TYPE])


class FeedConnection(ChannelConnection[Point | Label]):
    """A connection to `/feed`."""


class UntaggedClient:
    """A client of Untagged."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def feed(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> FeedConnection:
        """Connect to `/feed`."""
        return FeedConnection(
            self.url,
            FeedTopic().path,
            _FEED_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
