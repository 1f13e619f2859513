# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Tapewire Trading API implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import (
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
    BarsUpdate,
    Error,
    Ping,
    Pong,
    ServerShutdown,
)
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = (
    BarsSubscribeResponse | BarsUnsubscribeResponse | BarsUpdate | Pong | ServerShutdown | Error
)
"""What a server may send on `/api/v1/ws`."""

C = TypeVar("C", bound=Connection[SocketSends])

_BARS_SUBSCRIBE_CODEC = Codec(BarsSubscribe)
_BARS_SUBSCRIBE_RESPONSE_CODEC = Codec(BarsSubscribeResponse)
_BARS_UNSUBSCRIBE_CODEC = Codec(BarsUnsubscribe)
_BARS_UNSUBSCRIBE_RESPONSE_CODEC = Codec(BarsUnsubscribeResponse)
_PING_CODEC = Codec(Ping)
_PONG_CODEC = Codec(Pong)
_ERROR_CODEC = Codec(Error)


class BarsHandler(ABC, Generic[C]):
    """Price bars (open, high, low, close, volume) of one symbol at one resolution.

    While a bar is forming, each update carries its whole state so far; the bar with the next `time` closes
    the one before it.

    A subscriber that reads too slowly is sent only the last of the updates that wait for it; its `seq_from`
    says which was the first of those that it stands for.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Ask for the bars of a symbol at a resolution.

        Subscribing to a topic that one has already is answered `ok` again.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: BarsUnsubscribe) -> BarsUnsubscribeResponse:
        """Stop receiving the bars of a symbol at a resolution.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class SessionHandler(ABC, Generic[C]):
    """The connection itself."""

    @abstractmethod
    async def ping(self, connection: C, request: Ping) -> Pong:
        """A sign of life.

        Any message keeps a connection alive; this one is for clients that have nothing else to say.
        """


def socket_dispatcher(*, bars: BarsHandler[C], session: SessionHandler[C]) -> Dispatcher[C]:
    """Join handlers to the messages of `/api/v1/ws`."""
    return EnvelopeDispatcher(
        [
            route(
                "bars.subscribe",
                _BARS_SUBSCRIBE_CODEC,
                bars.subscribe,
                _BARS_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="bars.subscribe.response",
            ),
            route(
                "bars.unsubscribe",
                _BARS_UNSUBSCRIBE_CODEC,
                bars.unsubscribe,
                _BARS_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="bars.unsubscribe.response",
            ),
            route(
                "ping",
                _PING_CODEC,
                session.ping,
                _PONG_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
            ),
        ],
        path=("type",),
        envelope=ENVELOPE,
        error=_ERROR_CODEC,
    )


def socket_route(
    *, bars: BarsHandler[C], session: SessionHandler[C], connect: Connect[C], path: str = "/api/v1/ws"
) -> WebsocketRouteHandler:
    """Serve the socket at `/api/v1/ws` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(bars=bars, session=session)

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
