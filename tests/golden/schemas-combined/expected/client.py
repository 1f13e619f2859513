# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Combined."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import Shape
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import ShapesTopic

_SHAPE_CODEC = Codec(Shape)
_SHAPES_SHAPE_TYPE = MessageType("shape", None, _SHAPE_CODEC.decode)
_SHAPES_READER: MessageReader[Shape] = MessageReader(("kind",), [_SHAPES_SHAPE_TYPE])


class ShapesConnection(ChannelConnection[Shape]):
    """A connection to `/shapes`."""


class CombinedClient:
    """A client of Combined."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def shapes(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> ShapesConnection:
        """Connect to `/shapes`."""
        return ShapesConnection(
            self.url,
            ShapesTopic().path,
            _SHAPES_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
