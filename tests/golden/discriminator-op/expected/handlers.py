# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Counter implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import Add, Added, Changed, Reset
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher, route
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import RootTopic

RootSends: TypeAlias = Added | Changed
"""What a server may send on `/`."""

C = TypeVar("C", bound=Connection[RootSends])

_ADD_CODEC = Codec(Add)
_ADDED_CODEC = Codec(Added)
_RESET_CODEC = Codec(Reset)


class RootHandler(ABC, Generic[C]):
    """Handles the requests of `/`."""

    @abstractmethod
    async def add(self, connection: C, topic: RootTopic, request: Add) -> Added:
        """Handle `add`."""

    @abstractmethod
    async def reset(self, connection: C, topic: RootTopic, request: Reset) -> None:
        """Handle `reset`."""

    async def connected(self, connection: C, topic: RootTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: RootTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def root_dispatcher(handler: RootHandler[C], topic: RootTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/`."""
    return PathDispatcher(
        [
            route(
                "add",
                _ADD_CODEC,
                lambda connection, request: handler.add(connection, topic, request),
                _ADDED_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
            ),
            route(
                "reset", _RESET_CODEC, lambda connection, request: handler.reset(connection, topic, request)
            ),
        ],
        path=("op",),
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def root_route(handler: RootHandler[C], *, connect: Connect[C], path: str = "/") -> WebsocketRouteHandler:
    """Serve the socket at `/` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def root_endpoint(socket: Socket) -> None:
        try:
            topic = RootTopic.parse(filled("/", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = root_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return root_endpoint
