# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Null and absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Never

from .constants import reconnect
from .models import State as StateModel
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader
from .topics import StateChannelTopic

_STATE_CODEC = Codec(StateModel)
_STATE_CHANNEL_READER: MessageReader[Never] = MessageReader(None, [])


class StateChannelConnection(ChannelConnection[Never]):
    """A connection to `/state`."""

    async def state_message(self, message: StateModel) -> None:
        """Send `state`."""
        await self._tell(_STATE_CODEC, message)


class NullAndAbsentClient:
    """A client of Null and absent."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def state_channel(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> StateChannelConnection:
        """Connect to `/state`."""
        return StateChannelConnection(
            self.url,
            StateChannelTopic().path,
            _STATE_CHANNEL_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
