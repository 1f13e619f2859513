# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Lighthouse implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import LampGoing, Look, Refused, Seen
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = Seen | LampGoing | Refused
"""What a server may send on `/light`."""

C = TypeVar("C", bound=Connection[SocketSends])

_LOOK_CODEC = Codec(Look)
_SEEN_CODEC = Codec(Seen)
_REFUSED_CODEC = Codec(Refused)


class LampHandler(ABC, Generic[C]):
    """Handles the requests of `lamp`."""

    @abstractmethod
    async def look(self, connection: C, request: Look) -> Seen:
        """Handle `look`."""


def socket_dispatcher(*, lamp: LampHandler[C]) -> Dispatcher[C]:
    """Join handlers to the messages of `/light`."""
    return EnvelopeDispatcher(
        [
            route("look", _LOOK_CODEC, lamp.look, _SEEN_CODEC),
        ],
        path=("type",),
        envelope=ENVELOPE,
        error=_REFUSED_CODEC,
    )


def socket_route(*, lamp: LampHandler[C], connect: Connect[C], path: str = "/light") -> WebsocketRouteHandler:
    """Serve the socket at `/light` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(lamp=lamp)

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
