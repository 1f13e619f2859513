# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import DEFAULT_URL, reconnect
from .models import Presence, Said, Say
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import PresenceChannelTopic, RoomsTopic

_SAY_CODEC = Codec(Say)
_SAID_CODEC = Codec(Said)
_PRESENCE_CODEC = Codec(Presence)
_ROOMS_SAID_TYPE = MessageType("said", None, _SAID_CODEC.decode)
_ROOMS_READER: MessageReader[Said] = MessageReader(None, [_ROOMS_SAID_TYPE])
_PRESENCE_PRESENCE_TYPE = MessageType("presence", None, _PRESENCE_CODEC.decode)
_PRESENCE_READER: MessageReader[Presence] = MessageReader(None, [_PRESENCE_PRESENCE_TYPE])


class RoomsConnection(ChannelConnection[Said]):
    """What is said in a room."""

    async def say(self, message: Say) -> None:
        """Send `say`."""
        await self._tell(_SAY_CODEC, message)


class PresenceChannelConnection(ChannelConnection[Presence]):
    """A connection to `/v1/presence`."""


class RoomsClient:
    """A client of Rooms."""

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def rooms(
        self,
        room: str,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> RoomsConnection:
        """What is said in a room."""
        return RoomsConnection(
            self.url,
            RoomsTopic(room=room).path,
            _ROOMS_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )

    def presence(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> PresenceChannelConnection:
        """Connect to `/v1/presence`."""
        return PresenceChannelConnection(
            self.url,
            PresenceChannelTopic().path,
            _PRESENCE_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
