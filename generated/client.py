# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Tapewire Trading API."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, HEARTBEAT_INTERVAL_MS, STATE, reconnect
from .models import (
    AccountSelection,
    AccountSummary,
    AccountUpdate,
    Authenticated,
    Bar,
    BarsHistory,
    BarsPage,
    BarsSelection,
    BarsUpdate,
    Book,
    BookSelection,
    Credentials,
    OrderbookUpdate,
    OrderList,
    OrdersUpdate,
    Pong,
    PositionList,
    PositionsUpdate,
    Quote,
    QuotesUpdate,
    ServerShutdown,
    SymbolList,
    SymbolSelection,
    SymbolsQuery,
    TopicClosed,
    TopicReset,
    Trade,
    TradesUpdate,
)
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.exchange import (
    Authentication,
    ChannelRule,
    Exchange,
    KeyedList,
    Pair,
    update_type,
)
from .runtime.hole import Hole
from .runtime.options import ClientOptions
from .runtime.session import Session
from .runtime.subscription import Subscription
from .topics import (
    AccountTopic,
    BarsTopic,
    OrderbookTopic,
    OrdersTopic,
    PositionsTopic,
    QuotesTopic,
    TradesTopic,
)

_BARS_SELECTION_CODEC = Codec(BarsSelection)
_BARS_HISTORY_CODEC = Codec(BarsHistory)
_SYMBOL_SELECTION_CODEC = Codec(SymbolSelection)
_BOOK_SELECTION_CODEC = Codec(BookSelection)
_ACCOUNT_SELECTION_CODEC = Codec(AccountSelection)
_SYMBOLS_QUERY_CODEC = Codec(SymbolsQuery)
_CREDENTIALS_CODEC = Codec(Credentials)
_BARS_SUBSCRIBE = Pair("bars.subscribe", "bars.subscribe.response")
_BARS_UNSUBSCRIBE = Pair("bars.unsubscribe", "bars.unsubscribe.response")
_BARS_HISTORY = Exchange("bars.history", "bars.history.response", Codec(BarsPage))
_QUOTES_SUBSCRIBE = Pair("quotes.subscribe", "quotes.subscribe.response")
_QUOTES_UNSUBSCRIBE = Pair("quotes.unsubscribe", "quotes.unsubscribe.response")
_TRADES_SUBSCRIBE = Pair("trades.subscribe", "trades.subscribe.response")
_TRADES_UNSUBSCRIBE = Pair("trades.unsubscribe", "trades.unsubscribe.response")
_ORDERBOOK_SUBSCRIBE = Pair("orderbook.subscribe", "orderbook.subscribe.response")
_ORDERBOOK_UNSUBSCRIBE = Pair("orderbook.unsubscribe", "orderbook.unsubscribe.response")
_ACCOUNT_SUBSCRIBE = Pair("account.subscribe", "account.subscribe.response")
_ACCOUNT_UNSUBSCRIBE = Pair("account.unsubscribe", "account.unsubscribe.response")
_POSITIONS_SUBSCRIBE = Pair("positions.subscribe", "positions.subscribe.response")
_POSITIONS_UNSUBSCRIBE = Pair("positions.unsubscribe", "positions.unsubscribe.response")
_ORDERS_SUBSCRIBE = Pair("orders.subscribe", "orders.subscribe.response")
_ORDERS_UNSUBSCRIBE = Pair("orders.unsubscribe", "orders.unsubscribe.response")
_SYMBOLS_LIST = Exchange("symbols.list", "symbols.list.response", Codec(SymbolList))
_SESSION_PING = Exchange("ping", "pong", Codec(Pong), whole=True)
_SESSION_AUTHENTICATE = Exchange(
    "session.authenticate", "session.authenticate.response", Codec(Authenticated)
)
_BARS_UPDATE = update_type("bars.update", Codec(BarsUpdate), lambda update: update.payload)
_BARS_SUBSCRIBE_RULE: ChannelRule[Bar, BarsUpdate] = ChannelRule(
    _BARS_SUBSCRIBE, _BARS_UNSUBSCRIBE, (_BARS_UPDATE,), current=True, snapshot="recover"
)
_QUOTES_UPDATE = update_type("quotes.update", Codec(QuotesUpdate), lambda update: update.payload)
_QUOTES_SUBSCRIBE_RULE: ChannelRule[Quote, QuotesUpdate] = ChannelRule(
    _QUOTES_SUBSCRIBE, _QUOTES_UNSUBSCRIBE, (_QUOTES_UPDATE,), current=True, snapshot="subscribe"
)
_TRADES_UPDATE = update_type("trades.update", Codec(TradesUpdate), lambda update: update.payload)
_TRADES_SUBSCRIBE_RULE: ChannelRule[Trade, TradesUpdate] = ChannelRule(
    _TRADES_SUBSCRIBE, _TRADES_UNSUBSCRIBE, (_TRADES_UPDATE,)
)
_ORDERBOOK_UPDATE = update_type(
    "orderbook.update",
    Codec(OrderbookUpdate),
    lambda update: update.payload,
    {"bids": KeyedList("bids", "price", "size"), "asks": KeyedList("asks", "price", "size")},
)
_ORDERBOOK_SUBSCRIBE_RULE: ChannelRule[Book, OrderbookUpdate] = ChannelRule(
    _ORDERBOOK_SUBSCRIBE,
    _ORDERBOOK_UNSUBSCRIBE,
    (_ORDERBOOK_UPDATE,),
    current=True,
    snapshot="subscribe",
    state=STATE["orderbook"],
)
_ACCOUNT_UPDATE = update_type("account.update", Codec(AccountUpdate), lambda update: update.payload)
_ACCOUNT_SUBSCRIBE_RULE: ChannelRule[AccountSummary, AccountUpdate] = ChannelRule(
    _ACCOUNT_SUBSCRIBE, _ACCOUNT_UNSUBSCRIBE, (_ACCOUNT_UPDATE,), snapshot="subscribe"
)
_POSITIONS_UPDATE = update_type("positions.update", Codec(PositionsUpdate), lambda update: update.payload)
_POSITIONS_SUBSCRIBE_RULE: ChannelRule[PositionList, PositionsUpdate] = ChannelRule(
    _POSITIONS_SUBSCRIBE, _POSITIONS_UNSUBSCRIBE, (_POSITIONS_UPDATE,), snapshot="subscribe"
)
_ORDERS_UPDATE = update_type("orders.update", Codec(OrdersUpdate), lambda update: update.payload)
_ORDERS_SUBSCRIBE_RULE: ChannelRule[OrderList, OrdersUpdate] = ChannelRule(
    _ORDERS_SUBSCRIBE, _ORDERS_UNSUBSCRIBE, (_ORDERS_UPDATE,), snapshot="subscribe"
)
_SESSION_TOPIC_RESET_HEARD = Codec(TopicReset)
_SESSION_TOPIC_CLOSED_HEARD = Codec(TopicClosed)
_SESSION_SERVER_SHUTDOWN_HEARD = Codec(ServerShutdown)


class BarsChannel:
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

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: BarsSelection,
        on_update: Callable[[Bar], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Bar, BarsUpdate]:
        """Ask for the bars of a symbol at a resolution.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            BarsTopic.of_payload(payload).address,
            _BARS_SUBSCRIBE_RULE,
            _BARS_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )

    async def history(self, payload: BarsHistory, *, response_timeout: float | None = None) -> BarsPage:
        """Ask for the bars before a moment.

        Of the bars that begin before `to`, the last `limit` are sent. To go further back, ask again with the
        `time` of the earliest.
        """
        return await self._session.request(
            _BARS_HISTORY, _BARS_HISTORY_CODEC.encode(payload), response_timeout=response_timeout
        )


class QuotesChannel:
    """The best prices at which a symbol can be sold and bought now, and the price of its last trade.

    Each update is a whole quote; the first follows the answer to the subscribe request, with `snapshot:
    true`. A subscriber that reads too slowly is sent only the last of the updates that wait for it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: SymbolSelection,
        on_update: Callable[[Quote], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Quote, QuotesUpdate]:
        """Ask for the quotes of a symbol.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            QuotesTopic.of_payload(payload).address,
            _QUOTES_SUBSCRIBE_RULE,
            _SYMBOL_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class TradesChannel:
    """`trades:{symbol}`.

    Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
    sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.

    A subscriber that reads so slowly that too much waits for it is closed with 4004. One that comes back
    within the history is sent what it missed; one that does not is told that it has missed something.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: SymbolSelection,
        on_update: Callable[[Trade], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Trade, TradesUpdate]:
        """Ask for the trades of a symbol.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            TradesTopic.of_payload(payload).address,
            _TRADES_SUBSCRIBE_RULE,
            _SYMBOL_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class OrderbookChannel:
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

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: BookSelection,
        on_update: Callable[[Book], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Book, OrderbookUpdate]:
        """Ask for the order book of a symbol to a depth.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            OrderbookTopic.of_payload(payload).address,
            _ORDERBOOK_SUBSCRIBE_RULE,
            _BOOK_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class AccountChannel:
    """What is in an account.

    Each update is the whole of it, and one is sent for every change; the first follows the answer to the
    subscribe request, with `snapshot: true`.

    For clients with a token that names the account and has the scope `account:read`; others are answered
    `unauthenticated` or `forbidden`. Where the right is lost while a client listens, `topic.closed` tells it.

    For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
    `account_id`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: AccountSelection,
        on_update: Callable[[AccountSummary], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[AccountSummary, AccountUpdate]:
        """Ask for an account.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            AccountTopic.of_payload(payload).address,
            _ACCOUNT_SUBSCRIBE_RULE,
            _ACCOUNT_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class PositionsChannel:
    """What an account holds.

    Each update lists all positions that are open, and those that it closes, with quantity 0; the first
    follows the answer to the subscribe request, with `snapshot: true`. Between two updates of a position its
    price may move; it is sent again with the next update.

    For the same clients as the account itself.

    For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
    `account_id`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: AccountSelection,
        on_update: Callable[[PositionList], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[PositionList, PositionsUpdate]:
        """Ask for positions.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            PositionsTopic.of_payload(payload).address,
            _POSITIONS_SUBSCRIBE_RULE,
            _ACCOUNT_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class OrdersChannel:
    """What an account wants to buy and sell.

    Each update lists all orders that are working, and those that it ends (filled, cancelled, rejected); none
    of its changes is left out. The first follows the answer to the subscribe request, with `snapshot: true`.

    For the same clients as the account itself.

    For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
    `account_id`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: AccountSelection,
        on_update: Callable[[OrderList], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[OrderList, OrdersUpdate]:
        """Ask for orders.

        Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
        that position are sent again, where the server can prove that it has them all.
        """
        return await self._session.subscribe(
            OrdersTopic.of_payload(payload).address,
            _ORDERS_SUBSCRIBE_RULE,
            _ACCOUNT_SELECTION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class SymbolsChannel:
    """What there is to subscribe to."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list(self, payload: SymbolsQuery, *, response_timeout: float | None = None) -> SymbolList:
        """Ask which symbols there are.

        With `query`, those whose symbol or description contains it, whatever the case.
        """
        return await self._session.request(
            _SYMBOLS_LIST, _SYMBOLS_QUERY_CODEC.encode(payload), response_timeout=response_timeout
        )


class SessionChannel:
    """The connection itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ping(self, *, response_timeout: float | None = None) -> Pong:
        """A sign of life.

        Any message keeps a connection alive; this one is for clients that have nothing else to say.
        """
        return await self._session.request(_SESSION_PING, response_timeout=response_timeout)

    async def authenticate(
        self, payload: Credentials, *, response_timeout: float | None = None
    ) -> Authenticated:
        """Say who the client is.

        Sent first on a connection, by clients that have a token, and again with a fresh one before the old
        one expires: a connection whose token has expired is closed with 4003. A fresh token is of the same
        user; what it does not grant any more is told by `topic.closed`. A token in the `Authorization` header
        of the handshake says the same. Market data need no token, unless the service asks everybody for one.
        """
        return await self._session.request(
            _SESSION_AUTHENTICATE, _CREDENTIALS_CODEC.encode(payload), response_timeout=response_timeout
        )

    def on_topic_reset(self, heard: Callable[[TopicReset], None]) -> Callable[[], None]:
        """What happened in a topic cannot be told any more.

        Sent to subscribers of a topic whose history was lost, or cannot be proven to have no hole. What a
        client holds may be wrong. It goes on from the position that this message gives; where the topic has a
        snapshot, that is the next update.
        """
        return self._session.listen("topic.reset", _SESSION_TOPIC_RESET_HEARD, heard)

    def on_topic_closed(self, heard: Callable[[TopicClosed], None]) -> Callable[[], None]:
        """The server has ended a subscription.

        No further update of the topic is sent on this connection. Sent where a fresh token does not grant the
        topic any more.
        """
        return self._session.listen("topic.closed", _SESSION_TOPIC_CLOSED_HEARD, heard)

    def on_server_shutdown(self, heard: Callable[[ServerShutdown], None]) -> Callable[[], None]:
        """The server is about to close this connection.

        A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
        payload gives before you connect again, so that not all clients come back at once.
        """
        return self._session.listen("server.shutdown", _SESSION_SERVER_SHUTDOWN_HEARD, heard)


class TradingClient(Client):
    """Real-time market data, and one's own accounts, over one WebSocket.

    A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
    receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
    request, and readers ignore fields they do not know.

    Nothing is missed in silence. The updates of a topic are numbered (`seq`) within the life of its history
    (`epoch`). A client that comes back names the last position it has (`recover`), and is sent what followed,
    or is told that this cannot be done (`recovered: false`).

    What concerns somebody's account is for those whose token names the account. Money and quantities of
    accounts are decimal strings, market data are numbers.
    """

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        super().__init__(
            Session(
                url,
                ENVELOPE,
                reconnect,
                options=options or ClientOptions(),
                authentication=Authentication(
                    "session.authenticate", "session.authenticate.response", "token", "expires_in_ms"
                ),
                heartbeat=(HEARTBEAT_INTERVAL_MS / 1000, Pair("ping", "pong")),
            )
        )
        self.bars = BarsChannel(self._session)
        self.quotes = QuotesChannel(self._session)
        self.trades = TradesChannel(self._session)
        self.orderbook = OrderbookChannel(self._session)
        self.account = AccountChannel(self._session)
        self.positions = PositionsChannel(self._session)
        self.orders = OrdersChannel(self._session)
        self.symbols = SymbolsChannel(self._session)
        self.session = SessionChannel(self._session)
