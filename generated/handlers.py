# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Tapewire Trading API implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .constants import ENVELOPE
from .models import (
    AccountSubscribe,
    AccountSubscribeResponse,
    AccountUnsubscribe,
    AccountUnsubscribeResponse,
    AccountUpdate,
    BarsHistoryMessage,
    BarsHistoryResponse,
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
    BarsUpdate,
    Error,
    OrderbookSubscribe,
    OrderbookSubscribeResponse,
    OrderbookUnsubscribe,
    OrderbookUnsubscribeResponse,
    OrderbookUpdate,
    OrdersSubscribe,
    OrdersSubscribeResponse,
    OrdersUnsubscribe,
    OrdersUnsubscribeResponse,
    OrdersUpdate,
    Ping,
    Pong,
    PositionsSubscribe,
    PositionsSubscribeResponse,
    PositionsUnsubscribe,
    PositionsUnsubscribeResponse,
    PositionsUpdate,
    QuotesSubscribe,
    QuotesSubscribeResponse,
    QuotesUnsubscribe,
    QuotesUnsubscribeResponse,
    QuotesUpdate,
    ServerShutdown,
    SessionAuthenticate,
    SessionAuthenticateResponse,
    SymbolsList,
    SymbolsListResponse,
    TopicClosed,
    TopicReset,
    TradesSubscribe,
    TradesSubscribeResponse,
    TradesUnsubscribe,
    TradesUnsubscribeResponse,
    TradesUpdate,
)
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, EnvelopeDispatcher, route
from .runtime.serve import Connect, serve

SocketSends: TypeAlias = (
    BarsSubscribeResponse
    | BarsUnsubscribeResponse
    | BarsHistoryResponse
    | BarsUpdate
    | QuotesSubscribeResponse
    | QuotesUnsubscribeResponse
    | QuotesUpdate
    | TradesSubscribeResponse
    | TradesUnsubscribeResponse
    | TradesUpdate
    | OrderbookSubscribeResponse
    | OrderbookUnsubscribeResponse
    | OrderbookUpdate
    | AccountSubscribeResponse
    | AccountUnsubscribeResponse
    | AccountUpdate
    | PositionsSubscribeResponse
    | PositionsUnsubscribeResponse
    | PositionsUpdate
    | OrdersSubscribeResponse
    | OrdersUnsubscribeResponse
    | OrdersUpdate
    | SymbolsListResponse
    | Pong
    | SessionAuthenticateResponse
    | TopicReset
    | TopicClosed
    | ServerShutdown
    | Error
)
"""What a server may send on `/api/v1/ws`."""

C = TypeVar("C", bound=Connection[SocketSends])

_BARS_SUBSCRIBE_CODEC = Codec(BarsSubscribe)
_BARS_SUBSCRIBE_RESPONSE_CODEC = Codec(BarsSubscribeResponse)
_BARS_UNSUBSCRIBE_CODEC = Codec(BarsUnsubscribe)
_BARS_UNSUBSCRIBE_RESPONSE_CODEC = Codec(BarsUnsubscribeResponse)
_BARS_HISTORY_MESSAGE_CODEC = Codec(BarsHistoryMessage)
_BARS_HISTORY_RESPONSE_CODEC = Codec(BarsHistoryResponse)
_QUOTES_SUBSCRIBE_CODEC = Codec(QuotesSubscribe)
_QUOTES_SUBSCRIBE_RESPONSE_CODEC = Codec(QuotesSubscribeResponse)
_QUOTES_UNSUBSCRIBE_CODEC = Codec(QuotesUnsubscribe)
_QUOTES_UNSUBSCRIBE_RESPONSE_CODEC = Codec(QuotesUnsubscribeResponse)
_TRADES_SUBSCRIBE_CODEC = Codec(TradesSubscribe)
_TRADES_SUBSCRIBE_RESPONSE_CODEC = Codec(TradesSubscribeResponse)
_TRADES_UNSUBSCRIBE_CODEC = Codec(TradesUnsubscribe)
_TRADES_UNSUBSCRIBE_RESPONSE_CODEC = Codec(TradesUnsubscribeResponse)
_ORDERBOOK_SUBSCRIBE_CODEC = Codec(OrderbookSubscribe)
_ORDERBOOK_SUBSCRIBE_RESPONSE_CODEC = Codec(OrderbookSubscribeResponse)
_ORDERBOOK_UNSUBSCRIBE_CODEC = Codec(OrderbookUnsubscribe)
_ORDERBOOK_UNSUBSCRIBE_RESPONSE_CODEC = Codec(OrderbookUnsubscribeResponse)
_ACCOUNT_SUBSCRIBE_CODEC = Codec(AccountSubscribe)
_ACCOUNT_SUBSCRIBE_RESPONSE_CODEC = Codec(AccountSubscribeResponse)
_ACCOUNT_UNSUBSCRIBE_CODEC = Codec(AccountUnsubscribe)
_ACCOUNT_UNSUBSCRIBE_RESPONSE_CODEC = Codec(AccountUnsubscribeResponse)
_POSITIONS_SUBSCRIBE_CODEC = Codec(PositionsSubscribe)
_POSITIONS_SUBSCRIBE_RESPONSE_CODEC = Codec(PositionsSubscribeResponse)
_POSITIONS_UNSUBSCRIBE_CODEC = Codec(PositionsUnsubscribe)
_POSITIONS_UNSUBSCRIBE_RESPONSE_CODEC = Codec(PositionsUnsubscribeResponse)
_ORDERS_SUBSCRIBE_CODEC = Codec(OrdersSubscribe)
_ORDERS_SUBSCRIBE_RESPONSE_CODEC = Codec(OrdersSubscribeResponse)
_ORDERS_UNSUBSCRIBE_CODEC = Codec(OrdersUnsubscribe)
_ORDERS_UNSUBSCRIBE_RESPONSE_CODEC = Codec(OrdersUnsubscribeResponse)
_SYMBOLS_LIST_CODEC = Codec(SymbolsList)
_SYMBOLS_LIST_RESPONSE_CODEC = Codec(SymbolsListResponse)
_PING_CODEC = Codec(Ping)
_PONG_CODEC = Codec(Pong)
_SESSION_AUTHENTICATE_CODEC = Codec(SessionAuthenticate)
_SESSION_AUTHENTICATE_RESPONSE_CODEC = Codec(SessionAuthenticateResponse)
_ERROR_CODEC = Codec(Error)


class BarsHandler(ABC, Generic[C]):
    """Price bars (open, high, low, close, volume) of one symbol at one resolution.

    While a bar is forming, each update carries its whole state so far; the bar with the next `time` closes
    the one before it.

    A bar is the fold of the trades that fall into its span, in whatever order they arrive: a trade that comes
    late corrects the bar it belongs to, which is then sent again, with a `time` older than that of the bar
    still forming. A span without trades has no bar.

    A subscriber that reads too slowly is sent only the last of the updates of each bar that wait for it; its
    `seq_from` says which was the first of those that it stands for. One that is slower still is sent only the
    last of all, and `bars.history` gives the bars between.

    A subscriber that cannot be sent all it missed is told so, and sent the latest bar; `bars.history` gives
    those before it.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Ask for the bars of a symbol at a resolution.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: BarsUnsubscribe) -> BarsUnsubscribeResponse:
        """Stop receiving the bars of a symbol at a resolution.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """

    @abstractmethod
    async def history(self, connection: C, request: BarsHistoryMessage) -> BarsHistoryResponse:
        """Ask for the bars before a moment.

        Of the bars that begin before `to`, the last `limit` are sent. To go further back, ask again with the
        `time` of the earliest.
        """


class QuotesHandler(ABC, Generic[C]):
    """The best prices at which a symbol can be sold and bought now, and the price of its last trade.

    Each update is a whole quote; the first follows the answer to the subscribe request, with `snapshot:
    true`. A subscriber that reads too slowly is sent only the last of the updates that wait for it.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: QuotesSubscribe) -> QuotesSubscribeResponse:
        """Ask for the quotes of a symbol.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: QuotesUnsubscribe) -> QuotesUnsubscribeResponse:
        """Stop receiving the quotes of a symbol.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class TradesHandler(ABC, Generic[C]):
    """Handles the requests of `trades:{symbol}`.

    Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
    sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.

    A subscriber that reads so slowly that too much waits for it is closed with 4004. One that comes back
    within the history is sent what it missed; one that does not is told that it has missed something.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: TradesSubscribe) -> TradesSubscribeResponse:
        """Ask for the trades of a symbol.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: TradesUnsubscribe) -> TradesUnsubscribeResponse:
        """Stop receiving the trades of a symbol.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class OrderbookHandler(ABC, Generic[C]):
    """What is offered and asked for, level by level, from the best price on, to a depth.

    The first update after the answer to a subscribe request carries the whole book (`snapshot: true`). Each
    after it carries the levels that changed: a level's new size replaces its old one, size 0 removes the
    level, a price that was not there is a new level. A level that falls out of the depth is removed, and one
    that comes into it is sent, so that a client holds exactly `depth` levels of each side, or all there are.

    `checksum` tells whether the book that a client then holds is right. It is the CRC-32 of the UTF-8 text
    `bids|asks`: of each side the first ten levels, the best first, each as `price:size`, joined by commas, the
    numbers as JavaScript prints them. A client whose book gives another one subscribes anew.

    A subscriber that reads too slowly is sent one update for all that wait for it: their changes merged, so
    that the book it holds is right again.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: OrderbookSubscribe) -> OrderbookSubscribeResponse:
        """Ask for the order book of a symbol to a depth.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: OrderbookUnsubscribe) -> OrderbookUnsubscribeResponse:
        """Stop receiving the order book of a symbol to a depth.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class AccountHandler(ABC, Generic[C]):
    """What is in an account.

    Each update is the whole of it, and one is sent for every change; the first follows the answer to the
    subscribe request, with `snapshot: true`.

    For clients with a token that names the account and has the scope `account:read`; others are answered
    `unauthenticated` or `forbidden`. Where the right is lost while a client listens, `topic.closed` tells it.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: AccountSubscribe) -> AccountSubscribeResponse:
        """Ask for an account.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: AccountUnsubscribe) -> AccountUnsubscribeResponse:
        """Stop receiving an account.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class PositionsHandler(ABC, Generic[C]):
    """What an account holds.

    Each update lists all positions that are open, and those that it closes, with quantity 0; the first
    follows the answer to the subscribe request, with `snapshot: true`. Between two updates of a position its
    price may move; it is sent again with the next update.

    For the same clients as the account itself.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: PositionsSubscribe) -> PositionsSubscribeResponse:
        """Ask for positions.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: PositionsUnsubscribe) -> PositionsUnsubscribeResponse:
        """Stop receiving positions.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class OrdersHandler(ABC, Generic[C]):
    """What an account wants to buy and sell.

    Each update lists all orders that are working, and those that it ends (filled, cancelled, rejected); none
    of its changes is left out. The first follows the answer to the subscribe request, with `snapshot: true`.

    For the same clients as the account itself.
    """

    @abstractmethod
    async def subscribe(self, connection: C, request: OrdersSubscribe) -> OrdersSubscribeResponse:
        """Ask for orders.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """

    @abstractmethod
    async def unsubscribe(self, connection: C, request: OrdersUnsubscribe) -> OrdersUnsubscribeResponse:
        """Stop receiving orders.

        Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
        """


class SymbolsHandler(ABC, Generic[C]):
    """What there is to subscribe to."""

    @abstractmethod
    async def list(self, connection: C, request: SymbolsList) -> SymbolsListResponse:
        """Ask which symbols there are.

        With `query`, those whose symbol or description contains it, whatever the case.
        """


class SessionHandler(ABC, Generic[C]):
    """The connection itself."""

    @abstractmethod
    async def ping(self, connection: C, request: Ping) -> Pong:
        """A sign of life.

        Any message keeps a connection alive; this one is for clients that have nothing else to say.
        """

    @abstractmethod
    async def authenticate(self, connection: C, request: SessionAuthenticate) -> SessionAuthenticateResponse:
        """Say who the client is.

        Sent first on a connection, by clients that have a token, and again with a fresh one before the old
        one expires: a connection whose token has expired is closed with 4003. A fresh token is of the same
        user; what it does not grant any more is told by `topic.closed`. A token in the `Authorization` header
        of the handshake says the same. Market data need no token, unless the service asks everybody for one.
        """


def socket_dispatcher(
    *,
    bars: BarsHandler[C],
    quotes: QuotesHandler[C],
    trades: TradesHandler[C],
    orderbook: OrderbookHandler[C],
    account: AccountHandler[C],
    positions: PositionsHandler[C],
    orders: OrdersHandler[C],
    symbols: SymbolsHandler[C],
    session: SessionHandler[C],
) -> Dispatcher[C]:
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
                "bars.history",
                _BARS_HISTORY_MESSAGE_CODEC,
                bars.history,
                _BARS_HISTORY_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="bars.history.response",
            ),
            route(
                "quotes.subscribe",
                _QUOTES_SUBSCRIBE_CODEC,
                quotes.subscribe,
                _QUOTES_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="quotes.subscribe.response",
            ),
            route(
                "quotes.unsubscribe",
                _QUOTES_UNSUBSCRIBE_CODEC,
                quotes.unsubscribe,
                _QUOTES_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="quotes.unsubscribe.response",
            ),
            route(
                "trades.subscribe",
                _TRADES_SUBSCRIBE_CODEC,
                trades.subscribe,
                _TRADES_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="trades.subscribe.response",
            ),
            route(
                "trades.unsubscribe",
                _TRADES_UNSUBSCRIBE_CODEC,
                trades.unsubscribe,
                _TRADES_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="trades.unsubscribe.response",
            ),
            route(
                "orderbook.subscribe",
                _ORDERBOOK_SUBSCRIBE_CODEC,
                orderbook.subscribe,
                _ORDERBOOK_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="orderbook.subscribe.response",
            ),
            route(
                "orderbook.unsubscribe",
                _ORDERBOOK_UNSUBSCRIBE_CODEC,
                orderbook.unsubscribe,
                _ORDERBOOK_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="orderbook.unsubscribe.response",
            ),
            route(
                "account.subscribe",
                _ACCOUNT_SUBSCRIBE_CODEC,
                account.subscribe,
                _ACCOUNT_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="account.subscribe.response",
            ),
            route(
                "account.unsubscribe",
                _ACCOUNT_UNSUBSCRIBE_CODEC,
                account.unsubscribe,
                _ACCOUNT_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="account.unsubscribe.response",
            ),
            route(
                "positions.subscribe",
                _POSITIONS_SUBSCRIBE_CODEC,
                positions.subscribe,
                _POSITIONS_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="positions.subscribe.response",
            ),
            route(
                "positions.unsubscribe",
                _POSITIONS_UNSUBSCRIBE_CODEC,
                positions.unsubscribe,
                _POSITIONS_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="positions.unsubscribe.response",
            ),
            route(
                "orders.subscribe",
                _ORDERS_SUBSCRIBE_CODEC,
                orders.subscribe,
                _ORDERS_SUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="orders.subscribe.response",
            ),
            route(
                "orders.unsubscribe",
                _ORDERS_UNSUBSCRIBE_CODEC,
                orders.unsubscribe,
                _ORDERS_UNSUBSCRIBE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="orders.unsubscribe.response",
            ),
            route(
                "symbols.list",
                _SYMBOLS_LIST_CODEC,
                symbols.list,
                _SYMBOLS_LIST_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="symbols.list.response",
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
            route(
                "session.authenticate",
                _SESSION_AUTHENTICATE_CODEC,
                session.authenticate,
                _SESSION_AUTHENTICATE_RESPONSE_CODEC,
                identity=("id",),
                answer_identity=("id",),
                answer_attribute="id",
                refused_by="session.authenticate.response",
            ),
        ],
        path=("type",),
        envelope=ENVELOPE,
        error=_ERROR_CODEC,
    )


def socket_route(
    *,
    bars: BarsHandler[C],
    quotes: QuotesHandler[C],
    trades: TradesHandler[C],
    orderbook: OrderbookHandler[C],
    account: AccountHandler[C],
    positions: PositionsHandler[C],
    orders: OrdersHandler[C],
    symbols: SymbolsHandler[C],
    session: SessionHandler[C],
    connect: Connect[C],
    path: str = "/api/v1/ws",
) -> WebsocketRouteHandler:
    """Serve the socket at `/api/v1/ws` by these handlers.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """
    dispatcher = socket_dispatcher(
        bars=bars,
        quotes=quotes,
        trades=trades,
        orderbook=orderbook,
        account=account,
        positions=positions,
        orders=orders,
        symbols=symbols,
        session=session,
    )

    @websocket(path)
    async def socket_endpoint(socket: Socket) -> None:
        async with connect(socket) as connection:
            await serve(connection, dispatcher)

    return socket_endpoint
