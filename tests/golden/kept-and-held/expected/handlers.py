# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Soundings implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import (
    AlarmSubscribe,
    AlarmSubscribeResponse,
    AlarmUpdate,
    Anew,
    Login,
    LoginResponse,
    OutlookSubscribe,
    OutlookSubscribeResponse,
    OutlookUpdate,
    Over,
    ProblemMessage,
    SoundingSubscribe,
    SoundingSubscribeResponse,
    SoundingUpdate,
)
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = (
    SoundingSubscribeResponse
    | SoundingUpdate
    | AlarmSubscribeResponse
    | AlarmUpdate
    | OutlookSubscribeResponse
    | OutlookUpdate
    | LoginResponse
    | Anew
    | Over
    | ProblemMessage
)
"""What a server may send on `/live`."""

C = TypeVar("C", bound=Connection[SocketSends])

_SOUNDING_SUBSCRIBE_CODEC = Codec(SoundingSubscribe)
_SOUNDING_SUBSCRIBE_RESPONSE_CODEC = Codec(SoundingSubscribeResponse)
_ALARM_SUBSCRIBE_CODEC = Codec(AlarmSubscribe)
_ALARM_SUBSCRIBE_RESPONSE_CODEC = Codec(AlarmSubscribeResponse)
_OUTLOOK_SUBSCRIBE_CODEC = Codec(OutlookSubscribe)
_OUTLOOK_SUBSCRIBE_RESPONSE_CODEC = Codec(OutlookSubscribeResponse)
_LOGIN_CODEC = Codec(Login)
_LOGIN_RESPONSE_CODEC = Codec(LoginResponse)
_PROBLEM_MESSAGE_CODEC = Codec(ProblemMessage)


class SoundingHandler(ABC, Generic[C]):
    """The wind by height."""

    @abstractmethod
    async def subscribe(self, connection: C, request: SoundingSubscribe) -> SoundingSubscribeResponse:
        """Handle `sounding.subscribe`."""


class AlarmHandler(ABC, Generic[C]):
    """Handles the requests of `alarm`."""

    @abstractmethod
    async def subscribe(self, connection: C, request: AlarmSubscribe) -> AlarmSubscribeResponse:
        """Handle `alarm.subscribe`."""


class OutlookHandler(ABC, Generic[C]):
    """Handles the requests of `outlook`."""

    @abstractmethod
    async def subscribe(self, connection: C, request: OutlookSubscribe) -> OutlookSubscribeResponse:
        """Handle `outlook.subscribe`."""


class SessionHandler(ABC, Generic[C]):
    """Handles the requests of `session`."""

    @abstractmethod
    async def login(self, connection: C, request: Login) -> LoginResponse:
        """Handle `login`."""


def socket_dispatcher(
    *,
    sounding: SoundingHandler[C],
    alarm: AlarmHandler[C],
    outlook: OutlookHandler[C],
    session: SessionHandler[C],
) -> Dispatcher[C]:
    """Join handlers to the messages of `/live`."""
    return EnvelopeDispatcher(
        [
            route(
                "sounding.subscribe",
                _SOUNDING_SUBSCRIBE_CODEC,
                sounding.subscribe,
                _SOUNDING_SUBSCRIBE_RESPONSE_CODEC,
                identity=("ref",),
                answer_identity=("ref",),
                answer_attribute="ref",
                refused_by="sounding.subscribe.response",
            ),
            route(
                "alarm.subscribe",
                _ALARM_SUBSCRIBE_CODEC,
                alarm.subscribe,
                _ALARM_SUBSCRIBE_RESPONSE_CODEC,
                refused_by="alarm.subscribe.response",
            ),
            route(
                "outlook.subscribe",
                _OUTLOOK_SUBSCRIBE_CODEC,
                outlook.subscribe,
                _OUTLOOK_SUBSCRIBE_RESPONSE_CODEC,
                refused_by="outlook.subscribe.response",
            ),
            route(
                "login",
                _LOGIN_CODEC,
                session.login,
                _LOGIN_RESPONSE_CODEC,
                identity=("ref",),
                answer_identity=("ref",),
                answer_attribute="ref",
                refused_by="login.response",
            ),
        ],
        path=("kind",),
        envelope=ENVELOPE,
        error=_PROBLEM_MESSAGE_CODEC,
    )


def socket_route(
    *,
    sounding: SoundingHandler[C],
    alarm: AlarmHandler[C],
    outlook: OutlookHandler[C],
    session: SessionHandler[C],
    connect: Connect[C],
    path: str = "/live",
) -> WebsocketRouteHandler:
    """Serve the socket at `/live` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(sounding=sounding, alarm=alarm, outlook=outlook, session=session)

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
