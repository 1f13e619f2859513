"""A server of our own document, small enough for tests to see through."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar.handlers import WebsocketRouteHandler
from pydantic import MISSING

from generated.handlers import BarsHandler, SessionHandler, SocketSends, socket_route
from generated.models import (
    Authenticated,
    Bar,
    BarsHistoryMessage,
    BarsHistoryResponse,
    BarsPage,
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
    Ping,
    Pong,
    SessionAuthenticate,
    SessionAuthenticateResponse,
    TopicAnswer,
)
from generated.publisher import Publisher, encode_update
from generated.runtime.connection import Connection, Socket, accept
from generated.runtime.errors import RequestError
from generated.runtime.publication import Publication
from generated.topics import BarsTopic
from tests.generated.refusing import Account, Orderbook, Orders, Positions, Quotes, Symbols, Trades

Served = Connection[SocketSends]


def bar(time: int) -> Bar:
    """A bar that can be told from others by its time."""
    return Bar(time=time, open=1.0, high=2.0, low=0.5, close=1.5, volume=float(time))


class Bars(BarsHandler[Served]):
    """Remembers who subscribed to what; symbols say how it behaves."""

    def __init__(self) -> None:
        self.subscribed: list[str] = []
        self.unsubscribed: list[str] = []
        self.connections: dict[str, list[Served]] = {}
        self._seqs: Counter[str] = Counter()

    async def subscribe(self, connection: Served, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Refuse `DOWN`, fail for `CRASH`, close for `GONE`; else remember the connection."""
        topic = BarsTopic.of(request)
        if topic.symbol == "DOWN":
            raise RequestError("unavailable", "The feed is down.", retryable=True)
        if topic.symbol == "CRASH":
            raise ZeroDivisionError
        if topic.symbol == "GONE":
            await connection.close(4500, "not you")
        self.subscribed.append(topic.address)
        self.connections.setdefault(topic.address, []).append(connection)
        seq, recover = self._seqs[topic.address], request.recover
        recovered = MISSING if recover is MISSING else (recover.epoch, recover.seq) == ("first", seq)
        return BarsSubscribeResponse(seq=seq, epoch="first", recovered=recovered, payload=self._yes(topic))

    async def unsubscribe(self, connection: Served, request: BarsUnsubscribe) -> BarsUnsubscribeResponse:
        """Forget the connection."""
        topic = BarsTopic.of(request)
        self.unsubscribed.append(topic.address)
        self.connections.get(topic.address, []).remove(connection)
        return BarsUnsubscribeResponse(payload=self._yes(topic))

    async def history(self, connection: Served, request: BarsHistoryMessage) -> BarsHistoryResponse:
        """Say that there is none."""
        topic = BarsTopic.of(request)
        page = BarsPage(status="ok", symbol=topic.symbol, resolution=topic.resolution, bars=[], complete=True)
        return BarsHistoryResponse(payload=page)

    async def publish(self, topic: BarsTopic, *bars: Bar) -> None:
        """Send bars to all who are subscribed."""
        published: list[Publication] = []

        class Sink:
            def publish(self, publication: Publication) -> None:
                published.append(publication)

        for one in bars:
            Publisher(Sink()).bars_update(topic, one)
        for publication in published:
            self._seqs[topic.address] += 1
            frame = encode_update(publication, seq=self._seqs[topic.address], ts=1)
            for connection in self.connections.get(topic.address, []):
                await connection.send_frame(frame)

    @staticmethod
    def _yes(topic: BarsTopic) -> TopicAnswer:
        return TopicAnswer(status="ok", message="done", topic=topic.address)


class Session(SessionHandler[Served]):
    """Answers pings."""

    async def ping(self, connection: Served, request: Ping) -> Pong:
        """Say a time that no clock shows."""
        return Pong(ts=12)

    async def authenticate(
        self, connection: Served, request: SessionAuthenticate
    ) -> SessionAuthenticateResponse:
        """Accept every token but `bad`."""
        if request.payload.token == "bad":
            raise RequestError("unauthenticated", "not you")
        return SessionAuthenticateResponse(payload=Authenticated(status="ok", message="done"))


@asynccontextmanager
async def plain(socket: Socket) -> AsyncIterator[Served]:
    """The run-time's own connection."""
    async with accept(socket) as connection:
        yield connection


def market_route(bars: Bars) -> WebsocketRouteHandler:
    """The socket of our document: bars as they are given, and of all else nothing."""
    return socket_route(
        bars=bars,
        quotes=Quotes(),
        trades=Trades(),
        orderbook=Orderbook(),
        account=Account(),
        positions=Positions(),
        orders=Orders(),
        symbols=Symbols(),
        session=Session(),
        connect=plain,
    )
