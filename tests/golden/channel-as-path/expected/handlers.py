# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Rooms implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import Presence, Said, Say
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher, route
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import PresenceChannelTopic, RoomsTopic

RoomsSends: TypeAlias = Said
"""What a server may send on `/v1/rooms/{room}`."""

RoomsC = TypeVar("RoomsC", bound=Connection[RoomsSends])

PresenceChannelSends: TypeAlias = Presence
"""What a server may send on `/v1/presence`."""

PresenceChannelC = TypeVar("PresenceChannelC", bound=Connection[PresenceChannelSends])

_SAY_CODEC = Codec(Say)


class RoomsHandler(ABC, Generic[RoomsC]):
    """What is said in a room."""

    @abstractmethod
    async def say(self, connection: RoomsC, topic: RoomsTopic, request: Say) -> None:
        """Handle `say`."""

    async def connected(self, connection: RoomsC, topic: RoomsTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: RoomsC, topic: RoomsTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


class PresenceChannelHandler(ABC, Generic[PresenceChannelC]):
    """Handles the requests of `/presence`."""

    async def connected(self, connection: PresenceChannelC, topic: PresenceChannelTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(
        self, connection: PresenceChannelC, topic: PresenceChannelTopic, error: RequestError
    ) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def rooms_dispatcher(handler: RoomsHandler[RoomsC], topic: RoomsTopic) -> Dispatcher[RoomsC]:
    """Join a handler to the messages of one connection to `/v1/rooms/{room}`."""
    return PathDispatcher(
        [
            route(None, _SAY_CODEC, lambda connection, request: handler.say(connection, topic, request)),
        ],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def rooms_route(
    handler: RoomsHandler[RoomsC], *, connect: Connect[RoomsC], path: str = "/v1/rooms/{room:str}"
) -> WebsocketRouteHandler:
    """Serve the socket at `/v1/rooms/{room}` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def rooms_endpoint(socket: Socket) -> None:
        try:
            topic = RoomsTopic.parse(filled("/v1/rooms/{room:str}", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = rooms_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return rooms_endpoint


def presence_dispatcher(
    handler: PresenceChannelHandler[PresenceChannelC], topic: PresenceChannelTopic
) -> Dispatcher[PresenceChannelC]:
    """Join a handler to the messages of one connection to `/v1/presence`."""
    return PathDispatcher(
        [],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def presence_route(
    handler: PresenceChannelHandler[PresenceChannelC],
    *,
    connect: Connect[PresenceChannelC],
    path: str = "/v1/presence",
) -> WebsocketRouteHandler:
    """Serve the socket at `/v1/presence` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def presence_endpoint(socket: Socket) -> None:
        try:
            topic = PresenceChannelTopic.parse(filled("/v1/presence", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = presence_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return presence_endpoint
