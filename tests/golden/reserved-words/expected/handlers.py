# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Reserved words implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import ClassReturn, ClassSubscribe, ClassSubscribeResponse, Error
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = ClassSubscribeResponse | ClassReturn | Error
"""What a server may send on `/live`."""

C = TypeVar("C", bound=Connection[SocketSends])

_CLASS_SUBSCRIBE_CODEC = Codec(ClassSubscribe)
_CLASS_SUBSCRIBE_RESPONSE_CODEC = Codec(ClassSubscribeResponse)
_ERROR_CODEC = Codec(Error)


class ClassHandler(ABC, Generic[C]):
    """Handles the requests of `class:{import}`."""

    @abstractmethod
    async def class_subscribe(self, connection: C, request: ClassSubscribe) -> ClassSubscribeResponse:
        """Handle `class.subscribe`."""


def socket_dispatcher(*, class_: ClassHandler[C]) -> Dispatcher[C]:
    """Join handlers to the messages of `/live`."""
    return EnvelopeDispatcher(
        [
            route(
                "class.subscribe",
                _CLASS_SUBSCRIBE_CODEC,
                class_.class_subscribe,
                _CLASS_SUBSCRIBE_RESPONSE_CODEC,
            ),
        ],
        path=("type",),
        envelope=ENVELOPE,
        error=_ERROR_CODEC,
    )


def socket_route(
    *, class_: ClassHandler[C], connect: Connect[C], path: str = "/live"
) -> WebsocketRouteHandler:
    """Serve the socket at `/live` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(class_=class_)

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
