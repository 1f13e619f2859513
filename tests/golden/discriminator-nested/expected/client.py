# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Nested."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import Closed, Opened
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import EventsTopic

_OPENED_CODEC = Codec(Opened)
_CLOSED_CODEC = Codec(Closed)
_EVENTS_OPENED_TYPE = MessageType("opened", "opened", _OPENED_CODEC.decode)
_EVENTS_CLOSED_MESSAGE_TYPE = MessageType("closed", "closed", _CLOSED_CODEC.decode)
_EVENTS_READER: MessageReader[Opened | Closed] = MessageReader(
    ("header", "event"), [_EVENTS_OPENED_TYPE, _EVENTS_CLOSED_MESSAGE_TYPE]
)


class EventsConnection(ChannelConnection[Opened | Closed]):
    """A connection to `/events`."""


class NestedClient:
    """A client of Nested."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def events(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> EventsConnection:
        """Connect to `/events`."""
        return EventsConnection(
            self.url,
            EventsTopic().path,
            _EVENTS_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
