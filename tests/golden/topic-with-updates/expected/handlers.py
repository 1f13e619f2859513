# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Weather implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import (
    ProblemMessage,
    WeatherSubscribe,
    WeatherSubscribeResponse,
    WeatherUpdate,
)
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = WeatherSubscribeResponse | WeatherUpdate | ProblemMessage
"""What a server may send on `/live`."""

C = TypeVar("C", bound=Connection[SocketSends])

_WEATHER_SUBSCRIBE_CODEC = Codec(WeatherSubscribe)
_WEATHER_SUBSCRIBE_RESPONSE_CODEC = Codec(WeatherSubscribeResponse)
_PROBLEM_MESSAGE_CODEC = Codec(ProblemMessage)


class WeatherChannelHandler(ABC, Generic[C]):
    """The weather at a station."""

    @abstractmethod
    async def subscribe(self, connection: C, request: WeatherSubscribe) -> WeatherSubscribeResponse:
        """Handle `weather.subscribe`."""


def socket_dispatcher(*, weather: WeatherChannelHandler[C]) -> Dispatcher[C]:
    """Join handlers to the messages of `/live`."""
    return EnvelopeDispatcher(
        [
            route(
                "weather.subscribe",
                _WEATHER_SUBSCRIBE_CODEC,
                weather.subscribe,
                _WEATHER_SUBSCRIBE_RESPONSE_CODEC,
                identity=("ref",),
                answer_identity=("ref",),
                answer_attribute="ref",
                refused_by="weather.subscribe.response",
            ),
        ],
        path=("kind",),
        envelope=ENVELOPE,
        error=_PROBLEM_MESSAGE_CODEC,
    )


def socket_route(
    *, weather: WeatherChannelHandler[C], connect: Connect[C], path: str = "/live"
) -> WebsocketRouteHandler:
    """Serve the socket at `/live` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(weather=weather)

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
