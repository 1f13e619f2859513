# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of 2 odd: names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import PromiseSchema, Return
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import ClassTopic

_RETURN_CODEC = Codec(Return)
_PROMISE_SCHEMA_CODEC = Codec(PromiseSchema)
_CLASS_ERROR_TYPE = MessageType("Error", None, _PROMISE_SCHEMA_CODEC.decode)
_CLASS_READER: MessageReader[PromiseSchema] = MessageReader(None, [_CLASS_ERROR_TYPE])


class ClassConnection(ChannelConnection[PromiseSchema]):
    """A connection to `/class/{import}`."""

    async def return_(self, message: Return) -> None:
        """Send `return`."""
        await self._tell(_RETURN_CODEC, message)


class N2OddNamesClient:
    """A client of 2 odd: names."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def class_(
        self,
        import_: str,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> ClassConnection:
        """Connect to `/class/{import}`."""
        return ClassConnection(
            self.url,
            ClassTopic(import_=import_).path,
            _CLASS_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
