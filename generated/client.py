# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Tapewire Trading API."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, HEARTBEAT_INTERVAL_MS, STATE, reconnect
from .models import (
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
    Pong,
    Quote,
    QuotesUpdate,
    ServerShutdown,
    SymbolList,
    SymbolSelection,
    SymbolsQuery,
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
    BarsTopic,
    OrderbookTopic,
    QuotesTopic,
    TradesTopic,
)

_BARS_SELECTION_CODEC = Codec(BarsSelection)
_BARS_HISTORY_CODEC = Codec(BarsHistory)
_SYMBOL_SELECTION_CODEC = Codec(SymbolSelection)
_BOOK_SELECTION_CODEC = Codec(BookSelection)
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
        one expires. Market data need no token.
        """
        return await self._session.request(
            _SESSION_AUTHENTICATE, _CREDENTIALS_CODEC.encode(payload), response_timeout=response_timeout
        )

    def on_server_shutdown(self, heard: Callable[[ServerShutdown], None]) -> Callable[[], None]:
        """The server is about to close this connection.

        A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
        payload gives before you connect again, so that not all clients come back at once.
        """
        return self._session.listen("server.shutdown", _SESSION_SERVER_SHUTDOWN_HEARD, heard)


class TradingClient(Client):
    """Real-time market data over one WebSocket.

    A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
    receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
    request, and readers ignore fields they do not know.

    Nothing is missed in silence. The updates of a topic are numbered (`seq`) within the life of its history
    (`epoch`). A client that comes back names the last position it has (`recover`), and is sent what followed,
    or is told that this cannot be done (`recovered: false`).
    """

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        super().__init__(
            Session(
                url,
                ENVELOPE,
                reconnect,
                options=options or ClientOptions(),
                authentication=Authentication(
                    "session.authenticate", "session.authenticate.response", "token"
                ),
                heartbeat=(HEARTBEAT_INTERVAL_MS / 1000, Pair("ping", "pong")),
            )
        )
        self.bars = BarsChannel(self._session)
        self.quotes = QuotesChannel(self._session)
        self.trades = TradesChannel(self._session)
        self.orderbook = OrderbookChannel(self._session)
        self.symbols = SymbolsChannel(self._session)
        self.session = SessionChannel(self._session)
