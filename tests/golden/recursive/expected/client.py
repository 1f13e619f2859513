# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .constants import reconnect
from .models import Node
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader, MessageType
from .topics import TreeTopic

_NODE_CODEC = Codec(Node)
_TREE_TREE_TYPE = MessageType("tree", None, _NODE_CODEC.decode)
_TREE_READER: MessageReader[Node] = MessageReader(None, [_TREE_TREE_TYPE])


class TreeConnection(ChannelConnection[Node]):
    """A connection to `/tree`."""


class TreeClient:
    """A client of Tree."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def tree(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> TreeConnection:
        """Connect to `/tree`."""
        return TreeConnection(
            self.url,
            TreeTopic().path,
            _TREE_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
