# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Null and absent implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Never, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import State as StateModel
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher, route
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import StateChannelTopic

StateChannelSends: TypeAlias = Never
"""What a server may send on `/state`."""

C = TypeVar("C", bound=Connection[StateChannelSends])

_STATE_CODEC = Codec(StateModel)


class StateChannelHandler(ABC, Generic[C]):
    """Handles the requests of `/state`."""

    @abstractmethod
    async def state_message(self, connection: C, topic: StateChannelTopic, request: StateModel) -> None:
        """Handle `state`."""

    async def connected(self, connection: C, topic: StateChannelTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: StateChannelTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def state_channel_dispatcher(handler: StateChannelHandler[C], topic: StateChannelTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/state`."""
    return PathDispatcher(
        [
            route(
                None,
                _STATE_CODEC,
                lambda connection, request: handler.state_message(connection, topic, request),
            ),
        ],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def state_channel_route(
    handler: StateChannelHandler[C], *, connect: Connect[C], path: str = "/state"
) -> WebsocketRouteHandler:
    """Serve the socket at `/state` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def state_channel_endpoint(socket: Socket) -> None:
        try:
            topic = StateChannelTopic.parse(filled("/state", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = state_channel_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return state_channel_endpoint
