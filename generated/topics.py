# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The addresses of Tapewire Trading API's channels, built and parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, TypeAlias

from .models import (
    AccountSelection,
    AccountSubscribe,
    AccountUnsubscribe,
    BarsHistoryMessage,
    BarsSelection,
    BarsSubscribe,
    BarsUnsubscribe,
    BookSelection,
    OrderbookSubscribe,
    OrderbookUnsubscribe,
    OrdersSubscribe,
    OrdersUnsubscribe,
    PositionsSubscribe,
    PositionsUnsubscribe,
    QuotesSubscribe,
    QuotesUnsubscribe,
    SymbolSelection,
    TradesSubscribe,
    TradesUnsubscribe,
)
from .runtime.errors import TopicError
from .runtime.topic import ParameterRule, match_address, text_of

_BARS = re.compile("bars:(?P<symbol>[^:]+):(?P<resolution>.+)")
_BARS_SYMBOL = ParameterRule("symbol", pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$", stop=":")
_BARS_RESOLUTION = ParameterRule(
    "resolution",
    pattern="^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$",
    aliases={"D": "1D", "W": "1W", "M": "1M", "S": "1S"},
)
_QUOTES = re.compile("quotes:(?P<symbol>.+)")
_QUOTES_SYMBOL = ParameterRule("symbol", pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$")
_TRADES = re.compile("trades:(?P<symbol>.+)")
_TRADES_SYMBOL = ParameterRule("symbol", pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$")
_ORDERBOOK = re.compile("orderbook:(?P<symbol>[^:]+):(?P<depth>.+)")
_ORDERBOOK_SYMBOL = ParameterRule("symbol", pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$", stop=":")
_ORDERBOOK_DEPTH = ParameterRule(
    "depth",
    allowed=(
        "10",
        "25",
        "100",
        "500",
        "1000",
    ),
)
_ACCOUNT = re.compile("account:(?P<account_id>.+)")
_ACCOUNT_ACCOUNT_ID = ParameterRule("account_id", pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_POSITIONS = re.compile("positions:(?P<account_id>.+)")
_POSITIONS_ACCOUNT_ID = ParameterRule("account_id", pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_ORDERS = re.compile("orders:(?P<account_id>.+)")
_ORDERS_ACCOUNT_ID = ParameterRule("account_id", pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_SYMBOLS = re.compile("symbols")
_SESSION = re.compile("session")


@dataclass(frozen=True, slots=True)
class BarsTopic:
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

    channel: ClassVar[str] = "bars"

    symbol: str
    """The instrument, as the exchange spells it."""
    resolution: str = "1"
    """The length of a bar; `S`, `D`, `W` and `M` are the same topics as `1S`, `1D`, `1W` and `1M`."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        symbol = _BARS_SYMBOL.normal(self.symbol)
        resolution = _BARS_RESOLUTION.normal(self.resolution)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "resolution", resolution)
        object.__setattr__(self, "address", f"bars:{symbol}:{resolution}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> BarsTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_BARS, address, "bars:{symbol}:{resolution}")
        return cls(symbol=parts["symbol"], resolution=parts["resolution"])

    @classmethod
    def of(cls, request: BarsSubscribe | BarsUnsubscribe | BarsHistoryMessage) -> BarsTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _bars_topic(
            symbol=text_of(request.payload.symbol, "symbol"),
            resolution=text_of(request.payload.resolution, "resolution", "1"),
        )

    @classmethod
    def of_payload(cls, payload: BarsSelection) -> BarsTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(
            symbol=text_of(payload.symbol, "symbol"),
            resolution=text_of(payload.resolution, "resolution", "1"),
        )


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_bars_topic = lru_cache(maxsize=4096)(BarsTopic)


@dataclass(frozen=True, slots=True)
class QuotesTopic:
    """The best prices at which a symbol can be sold and bought now, and the price of its last trade.

    Each update is a whole quote; the first follows the answer to the subscribe request, with `snapshot:
    true`. A subscriber that reads too slowly is sent only the last of the updates that wait for it.
    """

    channel: ClassVar[str] = "quotes"

    symbol: str
    """The instrument, as the exchange spells it."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        symbol = _QUOTES_SYMBOL.normal(self.symbol)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "address", f"quotes:{symbol}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> QuotesTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_QUOTES, address, "quotes:{symbol}")
        return cls(symbol=parts["symbol"])

    @classmethod
    def of(cls, request: QuotesSubscribe | QuotesUnsubscribe) -> QuotesTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _quotes_topic(symbol=text_of(request.payload.symbol, "symbol"))

    @classmethod
    def of_payload(cls, payload: SymbolSelection) -> QuotesTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(symbol=text_of(payload.symbol, "symbol"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_quotes_topic = lru_cache(maxsize=4096)(QuotesTopic)


@dataclass(frozen=True, slots=True)
class TradesTopic:
    """A topic of `trades:{symbol}`.

    Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
    sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.

    A subscriber that reads so slowly that too much waits for it is closed with 4004. One that comes back
    within the history is sent what it missed; one that does not is told that it has missed something.
    """

    channel: ClassVar[str] = "trades"

    symbol: str
    """The instrument, as the exchange spells it."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        symbol = _TRADES_SYMBOL.normal(self.symbol)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "address", f"trades:{symbol}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> TradesTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_TRADES, address, "trades:{symbol}")
        return cls(symbol=parts["symbol"])

    @classmethod
    def of(cls, request: TradesSubscribe | TradesUnsubscribe) -> TradesTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _trades_topic(symbol=text_of(request.payload.symbol, "symbol"))

    @classmethod
    def of_payload(cls, payload: SymbolSelection) -> TradesTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(symbol=text_of(payload.symbol, "symbol"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_trades_topic = lru_cache(maxsize=4096)(TradesTopic)


@dataclass(frozen=True, slots=True)
class OrderbookTopic:
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

    channel: ClassVar[str] = "orderbook"

    symbol: str
    """The instrument, as the exchange spells it."""
    depth: str = "25"
    """How many levels of each side."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        symbol = _ORDERBOOK_SYMBOL.normal(self.symbol)
        depth = _ORDERBOOK_DEPTH.normal(self.depth)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "address", f"orderbook:{symbol}:{depth}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> OrderbookTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_ORDERBOOK, address, "orderbook:{symbol}:{depth}")
        return cls(symbol=parts["symbol"], depth=parts["depth"])

    @classmethod
    def of(cls, request: OrderbookSubscribe | OrderbookUnsubscribe) -> OrderbookTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _orderbook_topic(
            symbol=text_of(request.payload.symbol, "symbol"),
            depth=text_of(request.payload.depth, "depth", "25"),
        )

    @classmethod
    def of_payload(cls, payload: BookSelection) -> OrderbookTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(symbol=text_of(payload.symbol, "symbol"), depth=text_of(payload.depth, "depth", "25"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_orderbook_topic = lru_cache(maxsize=4096)(OrderbookTopic)


@dataclass(frozen=True, slots=True)
class AccountTopic:
    """What is in an account.

    Each update is the whole of it, and one is sent for every change; the first follows the answer to the
    subscribe request, with `snapshot: true`.

    For clients with a token that names the account and has the scope `account:read`; others are answered
    `unauthenticated` or `forbidden`. Where the right is lost while a client listens, `topic.closed` tells it.
    """

    channel: ClassVar[str] = "account"

    account_id: str
    """The account, as the token names it."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        account_id = _ACCOUNT_ACCOUNT_ID.normal(self.account_id)
        object.__setattr__(self, "account_id", account_id)
        object.__setattr__(self, "address", f"account:{account_id}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> AccountTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_ACCOUNT, address, "account:{account_id}")
        return cls(account_id=parts["account_id"])

    @classmethod
    def of(cls, request: AccountSubscribe | AccountUnsubscribe) -> AccountTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _account_topic(account_id=text_of(request.payload.account_id, "account_id"))

    @classmethod
    def of_payload(cls, payload: AccountSelection) -> AccountTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(account_id=text_of(payload.account_id, "account_id"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_account_topic = lru_cache(maxsize=4096)(AccountTopic)


@dataclass(frozen=True, slots=True)
class PositionsTopic:
    """What an account holds.

    Each update lists all positions that are open, and those that it closes, with quantity 0; the first
    follows the answer to the subscribe request, with `snapshot: true`. Between two updates of a position its
    price may move; it is sent again with the next update.

    For the same clients as the account itself.
    """

    channel: ClassVar[str] = "positions"

    account_id: str
    """The account, as the token names it."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        account_id = _POSITIONS_ACCOUNT_ID.normal(self.account_id)
        object.__setattr__(self, "account_id", account_id)
        object.__setattr__(self, "address", f"positions:{account_id}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> PositionsTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_POSITIONS, address, "positions:{account_id}")
        return cls(account_id=parts["account_id"])

    @classmethod
    def of(cls, request: PositionsSubscribe | PositionsUnsubscribe) -> PositionsTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _positions_topic(account_id=text_of(request.payload.account_id, "account_id"))

    @classmethod
    def of_payload(cls, payload: AccountSelection) -> PositionsTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(account_id=text_of(payload.account_id, "account_id"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_positions_topic = lru_cache(maxsize=4096)(PositionsTopic)


@dataclass(frozen=True, slots=True)
class OrdersTopic:
    """What an account wants to buy and sell.

    Each update lists all orders that are working, and those that it ends (filled, cancelled, rejected); none
    of its changes is left out. The first follows the answer to the subscribe request, with `snapshot: true`.

    For the same clients as the account itself.
    """

    channel: ClassVar[str] = "orders"

    account_id: str
    """The account, as the token names it."""
    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        account_id = _ORDERS_ACCOUNT_ID.normal(self.account_id)
        object.__setattr__(self, "account_id", account_id)
        object.__setattr__(self, "address", f"orders:{account_id}")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> OrdersTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        parts = match_address(_ORDERS, address, "orders:{account_id}")
        return cls(account_id=parts["account_id"])

    @classmethod
    def of(cls, request: OrdersSubscribe | OrdersUnsubscribe) -> OrdersTopic:
        """The topic that a message is about; TopicError where it says none."""
        return _orders_topic(account_id=text_of(request.payload.account_id, "account_id"))

    @classmethod
    def of_payload(cls, payload: AccountSelection) -> OrdersTopic:
        """The topic that a message's payload is about; TopicError where it says none."""
        return cls(account_id=text_of(payload.account_id, "account_id"))


# Requests are mostly about topics that others have asked for too, and making one checks each parameter anew.
_orders_topic = lru_cache(maxsize=4096)(OrdersTopic)


@dataclass(frozen=True, slots=True)
class SymbolsTopic:
    """What there is to subscribe to."""

    channel: ClassVar[str] = "symbols"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "symbols")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> SymbolsTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_SYMBOLS, address, "symbols")
        return cls()


@dataclass(frozen=True, slots=True)
class SessionTopic:
    """The connection itself."""

    channel: ClassVar[str] = "session"

    address: str = field(init=False, repr=False, compare=False)
    """The topic in one piece."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", "session")

    def __str__(self) -> str:
        return self.address

    @classmethod
    def parse(cls, address: str) -> SessionTopic:
        """The topic with this address; TopicError where it is none of this channel's."""
        match_address(_SESSION, address, "session")
        return cls()


Topic: TypeAlias = (
    BarsTopic
    | QuotesTopic
    | TradesTopic
    | OrderbookTopic
    | AccountTopic
    | PositionsTopic
    | OrdersTopic
    | SymbolsTopic
    | SessionTopic
)
"""A topic of any channel."""

_TOPICS: tuple[type[Topic], ...] = (
    BarsTopic,
    QuotesTopic,
    TradesTopic,
    OrderbookTopic,
    AccountTopic,
    PositionsTopic,
    OrdersTopic,
    SymbolsTopic,
    SessionTopic,
)


def parse_topic(address: str) -> Topic:
    """The topic with this address; TopicError where it is no channel's."""
    refused: TopicError | None = None
    for topic in _TOPICS:
        try:
            return topic.parse(address)
        except TopicError as error:
            if refused is None or error.parameter is not None:
                refused = error
    raise TopicError(f"{address!r} is no channel's address") if refused is None else refused
