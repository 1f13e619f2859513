# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Combined implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import Shape
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import ShapesTopic

ShapesSends: TypeAlias = Shape
"""What a server may send on `/shapes`."""

C = TypeVar("C", bound=Connection[ShapesSends])


class ShapesHandler(ABC, Generic[C]):
    """Handles the requests of `/shapes`."""

    async def connected(self, connection: C, topic: ShapesTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: ShapesTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def shapes_dispatcher(handler: ShapesHandler[C], topic: ShapesTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/shapes`."""
    return PathDispatcher(
        [],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def shapes_route(
    handler: ShapesHandler[C], *, connect: Connect[C], path: str = "/shapes"
) -> WebsocketRouteHandler:
    """Serve the socket at `/shapes` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def shapes_endpoint(socket: Socket) -> None:
        try:
            topic = ShapesTopic.parse(filled("/shapes", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = shapes_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return shapes_endpoint
