# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of 2 odd: names implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import PromiseSchema, Return
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher, route
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import ClassTopic

ClassSends: TypeAlias = PromiseSchema
"""What a server may send on `/class/{import}`."""

C = TypeVar("C", bound=Connection[ClassSends])

_RETURN_CODEC = Codec(Return)


class ClassHandler(ABC, Generic[C]):
    """Handles the requests of `/class/{import}`."""

    @abstractmethod
    async def return_(self, connection: C, topic: ClassTopic, request: Return) -> None:
        """Handle `return`."""

    async def connected(self, connection: C, topic: ClassTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: ClassTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def class__dispatcher(handler: ClassHandler[C], topic: ClassTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/class/{import}`."""
    return PathDispatcher(
        [
            route(
                None, _RETURN_CODEC, lambda connection, request: handler.return_(connection, topic, request)
            ),
        ],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def class__route(
    handler: ClassHandler[C], *, connect: Connect[C], path: str = "/class/{import_:str}"
) -> WebsocketRouteHandler:
    """Serve the socket at `/class/{import}` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def class__endpoint(socket: Socket) -> None:
        try:
            topic = ClassTopic.parse(filled("/class/{import_:str}", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = class__dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return class__endpoint
