# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Several files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import Liked
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import LikesTopic

_LIKED_CODEC = Codec(Liked)
_LIKES_LIKED_TYPE = MessageType("liked", None, _LIKED_CODEC.decode)
_LIKES_READER: MessageReader[Liked] = MessageReader(None, [_LIKES_LIKED_TYPE])


class LikesConnection(ChannelConnection[Liked]):
    """A connection to `/likes`."""


class SeveralFilesClient:
    """A client of Several files."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def likes(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> LikesConnection:
        """Connect to `/likes`."""
        return LikesConnection(
            self.url,
            LikesTopic().path,
            _LIKES_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
