# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Nested implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import Closed, Opened
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import EventsTopic

EventsSends: TypeAlias = Opened | Closed
"""What a server may send on `/events`."""

C = TypeVar("C", bound=Connection[EventsSends])


class EventsHandler(ABC, Generic[C]):
    """Handles the requests of `events`."""

    async def connected(self, connection: C, topic: EventsTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: EventsTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def events_dispatcher(handler: EventsHandler[C], topic: EventsTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/events`."""
    return PathDispatcher(
        [],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def events_route(
    handler: EventsHandler[C], *, connect: Connect[C], path: str = "/events"
) -> WebsocketRouteHandler:
    """Serve the socket at `/events` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def events_endpoint(socket: Socket) -> None:
        try:
            topic = EventsTopic.parse(filled("/events", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = events_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return events_endpoint
