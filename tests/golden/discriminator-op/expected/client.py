# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Counter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import DEFAULT_URL, reconnect
from .models import Add, Added, Changed, Reset
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import RootTopic

_ADD_CODEC = Codec(Add)
_RESET_CODEC = Codec(Reset)
_ADDED_CODEC = Codec(Added)
_CHANGED_CODEC = Codec(Changed)
_ROOT_ADDED_TYPE = MessageType("added", "added", _ADDED_CODEC.decode, identity=("id",))
_ROOT_CHANGED_TYPE = MessageType("changed", "changed", _CHANGED_CODEC.decode)
_ROOT_READER: MessageReader[Added | Changed] = MessageReader(("op",), [_ROOT_ADDED_TYPE, _ROOT_CHANGED_TYPE])


class RootConnection(ChannelConnection[Added | Changed]):
    """A connection to `/`."""

    async def add(self, message: Add, *, response_timeout: float | None = None) -> Added:
        """Send `add`."""
        return await self._ask(
            _ADD_CODEC, message, _ROOT_ADDED_TYPE, identity=("id",), response_timeout=response_timeout
        )

    async def reset(self, message: Reset) -> None:
        """Send `reset`."""
        await self._tell(_RESET_CODEC, message)


class CounterClient:
    """A client of Counter."""

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def root(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> RootConnection:
        """Connect to `/`."""
        return RootConnection(
            self.url,
            RootTopic().path,
            _ROOT_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
