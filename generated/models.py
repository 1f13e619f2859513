# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Tapewire Trading API."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    Field,
    StrictBool,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.conforms import Conforms
from .runtime.numbers import Integer, Number

Symbol = TypeAliasType("Symbol", Annotated[StrictStr, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$")])
"""The instrument, as the exchange spells it."""


Resolution = TypeAliasType(
    "Resolution", Annotated[StrictStr, Field(pattern="^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$")]
)
"""The length of a bar: a number of minutes (`1`, `5`, `15`, `60`), or a number of seconds, days, weeks or
months with its letter (`1S`, `1D`, `1W`, `1M`). A letter alone means one of it.
"""


Depth = TypeAliasType("Depth", Literal[10, 25, 100, 500, 1000])
"""How many levels of each side of an order book."""


TopicAddress = TypeAliasType("TopicAddress", StrictStr)
"""The topic that a message is for, as the subscribe response named it."""


Sequence = TypeAliasType("Sequence", Annotated[Integer, Field(ge=0)])
"""Counts the updates of a topic, by one, within an epoch."""


SequenceFrom = TypeAliasType("SequenceFrom", Annotated[Integer, Field(ge=0)])
"""The first of the updates that this one stands for, up to its `seq`: they were folded together for a
subscriber that read too slowly. Absent where the update stands for itself alone.
"""


Epoch = TypeAliasType("Epoch", Annotated[StrictStr, Field(max_length=64)])
"""Names the life of a topic's history; a new epoch voids older sequence numbers."""


Snapshot = TypeAliasType("Snapshot", StrictBool)
"""Whether the payload is all that the topic holds, as of its `seq`, and replaces what the client holds,
rather than adding to it.
"""


class Recover(BaseModel):
    """The last position of the topic that the client has.

    One that the topic never had, or has no more, is answered with `recovered: false`.
    """

    epoch: Epoch
    seq: Sequence


Recovered = TypeAliasType("Recovered", StrictBool)
"""Answers `recover`. True: every update after the client's position follows. False: some cannot be sent, and
the client has missed something.
"""


Checksum = TypeAliasType("Checksum", Annotated[Integer, Field(ge=0, le=4294967295)])
"""CRC-32 of what the client holds once it has applied this update; the channel tells of what it is made."""


Timestamp = TypeAliasType("Timestamp", Annotated[Integer, Field(ge=0)])
"""Unix time in milliseconds, UTC."""


class BarsSelection(BaseModel):
    """Which bars are meant."""

    symbol: Symbol
    resolution: Resolution = "1"


class BarsHistory(BaseModel):
    """Which bars are meant, and how many."""

    symbol: Symbol
    resolution: Resolution = "1"
    to: Annotated[Integer | MISSING, Field(ge=0)] = MISSING
    """Only bars that begin before this moment, in Unix milliseconds, UTC; now where it is absent."""
    limit: Annotated[Integer, Field(ge=1, le=5000)] = 300
    """How many bars at most."""


class SymbolSelection(BaseModel):
    """Which symbol is meant."""

    symbol: Symbol


class BookSelection(BaseModel):
    """Which order book is meant, and how deep."""

    symbol: Symbol
    depth: Depth = 25


class Bar(BaseModel):
    """What a symbol's price did in one span of time."""

    time: Annotated[Integer, Field(ge=0)]
    """When the bar begins, in Unix milliseconds, UTC."""
    open: Number
    """The first price."""
    high: Number
    """The highest price."""
    low: Number
    """The lowest price."""
    close: Number
    """The last price, so far."""
    volume: Annotated[Number, Field(ge=0.0)]
    """How much was traded, so far."""


class Quote(BaseModel):
    """What a symbol can be sold and bought for at one moment."""

    time: Annotated[Integer, Field(ge=0)]
    """When it became so, in Unix milliseconds, UTC."""
    bid: Number
    """The highest price that is offered for it."""
    ask: Number
    """The lowest price that is asked for it."""
    bid_size: Annotated[Number, Field(ge=0.0)]
    """How much is bid for at that price."""
    ask_size: Annotated[Number, Field(ge=0.0)]
    """How much is on offer at that price."""
    last: Number
    """The price of the last trade."""
    change: Number
    """The last price minus the first one of the day in UTC."""


AccountId = TypeAliasType(
    "AccountId", Annotated[StrictStr, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
)
"""Names an account."""


Amount = TypeAliasType("Amount", Annotated[Decimal, Conforms({"type": "string"})])
"""A number, exactly, as text."""


class AccountSelection(BaseModel):
    """Which account."""

    account_id: AccountId


class AccountSummary(BaseModel):
    """What is in an account, in its currency."""

    account_id: AccountId
    currency: Annotated[StrictStr, Field(pattern="^[A-Z]{3}$")]
    """What its money is."""
    balance: Amount
    """What was paid in, and what closed positions made."""
    equity: Amount
    """The balance, and what open positions would make now."""
    unrealized_profit: Amount
    """What open positions would make now."""
    time: Annotated[Integer, Field(ge=0)]
    """Of when this is, in Unix milliseconds, UTC."""


class Position(BaseModel):
    """How much of one symbol an account holds."""

    symbol: Symbol
    quantity: Amount
    """How many units; below 0 where they were sold before they were bought, 0 where it is closed."""
    average_price: Amount
    """What one unit cost."""
    market_price: Amount
    """What one unit costs now."""
    unrealized_profit: Amount
    """What closing it now would make, in the account's currency."""


class Order(BaseModel):
    """A wish to buy or sell, and what became of it."""

    order_id: Annotated[StrictStr, Field(max_length=64, min_length=1)]
    """Names the order among those of its account."""
    symbol: Symbol
    side: Literal["buy", "sell"]
    """What the account wants to do."""
    kind: StrictStr
    """At which price; more kinds may be added."""
    status: StrictStr
    """What became of it; more may be added. All but `working` and `partially_filled` are final."""
    quantity: Amount
    """How many units."""
    filled: Amount
    """How many of them so far."""
    limit_price: Amount | MISSING = MISSING
    """The worst price that is accepted; absent where any is."""
    average_price: Amount | MISSING = MISSING
    """At what price, on average, it was filled so far; absent before."""
    reason: StrictStr | MISSING = MISSING
    """Why it was rejected or cancelled, where there is more to say."""
    time: Annotated[Integer, Field(ge=0)]
    """When it changed last, in Unix milliseconds, UTC."""


class Trade(BaseModel):
    """One exchange of something for money."""

    id: Annotated[Integer, Field(ge=0)]
    """Names the trade among those of its symbol; later ones have higher ids."""
    price: Number
    """For how much of the currency one unit went."""
    size: Annotated[Number, Field(ge=0.0)]
    """How many units."""
    side: Literal["buy", "sell"]
    """What the one did who took the other's offer."""
    time: Annotated[Integer, Field(ge=0)]
    """When it happened, in Unix milliseconds, UTC."""


class Level(BaseModel):
    """All that is bid, or asked, at one price."""

    price: Number
    """The price of one unit."""
    size: Annotated[Number, Field(ge=0.0)]
    """How many units; 0 where the level is gone."""


class SymbolsQuery(BaseModel):
    """Which symbols are meant."""

    query: Annotated[StrictStr | MISSING, Field(max_length=64)] = MISSING
    """What the symbol or its description contains, whatever the case; all where it is absent."""
    limit: Annotated[Integer, Field(ge=1, le=1000)] = 100
    """How many symbols at most."""


class SymbolInfo(BaseModel):
    """What one symbol is, and how its numbers are written."""

    symbol: Symbol
    description: StrictStr
    """What it stands for, for people."""
    type: StrictStr
    """What is traded. More kinds may be added; treat an unknown one like `other`."""
    currency: StrictStr
    """What prices are told in."""
    price_decimals: Annotated[Integer, Field(ge=0, le=12)]
    """How many decimal places a price has at most."""
    size_decimals: Annotated[Integer, Field(ge=0, le=12)]
    """How many decimal places a size has at most."""
    session: StrictStr
    """When it is traded; `24x7` is always."""
    timezone: StrictStr
    """The time zone of its days, by its name in the IANA database."""
    resolutions: list[StrictStr]
    """The lengths of bars that are offered, in the spelling that topics have."""


class Credentials(BaseModel):
    """Who the client is."""

    token: Annotated[StrictStr, Field(max_length=16384, min_length=1, repr=False)]
    """A token, as it was issued."""


class Authenticated(BaseModel):
    """The token was accepted."""

    status: Literal["ok"]
    message: StrictStr
    """What was done"""
    expires_in_ms: Annotated[Integer | MISSING, Field(ge=0)] = MISSING
    """After how many milliseconds the token expires; send a fresh one before."""


class TopicNotice(BaseModel):
    """Why something happened to a topic without being asked for."""

    code: StrictStr
    """Why, for programs. More codes may be added.

    `history_lost`: what was published cannot be told any more, or not proven. `forbidden`: the token does
    not grant the topic any more.
    """
    message: StrictStr
    """Why, for people."""


class TopicAnswer(BaseModel):
    """A request about a topic was carried out."""

    status: Literal["ok"]
    message: StrictStr
    """What was done"""
    topic: TopicAddress


class Shutdown(BaseModel):
    """How clients come back after a shutdown."""

    reconnect_in_ms_max: Annotated[Integer, Field(ge=0)]
    """Wait a random time of at most so many milliseconds before you connect again."""


class ProblemDetail(BaseModel):
    """One place of a payload that is wrong."""

    path: StrictStr
    """A JSON Pointer into the message."""
    message: StrictStr
    """What is wrong there."""


class BarsUpdate(BaseModel):
    """The latest state of a bar.

    Sent to subscribers of the topic whenever the bar changes.
    """

    type: Literal["bars.update"] = "bars.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: Bar


class QuotesUpdate(BaseModel):
    """What a symbol can be sold and bought for now.

    Sent to subscribers of the topic whenever something of it changes.
    """

    type: Literal["quotes.update"] = "quotes.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: Quote


class TradesUpdate(BaseModel):
    """A trade has happened.

    Sent to subscribers of the topic for each trade.
    """

    type: Literal["trades.update"] = "trades.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: Trade


class AccountUpdate(BaseModel):
    """What is in the account now.

    Sent to subscribers of the topic whenever something of it changes.
    """

    type: Literal["account.update"] = "account.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: AccountSummary


class TopicReset(BaseModel):
    """What happened in a topic cannot be told any more.

    Sent to subscribers of a topic whose history was lost, or cannot be proven to have no hole. What a client
    holds may be wrong. It goes on from the position that this message gives; where the topic has a snapshot,
    that is the next update.
    """

    type: Literal["topic.reset"] = "topic.reset"
    topic: TopicAddress
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    payload: TopicNotice


class TopicClosed(BaseModel):
    """The server has ended a subscription.

    No further update of the topic is sent on this connection. Sent where a fresh token does not grant the
    topic any more.
    """

    type: Literal["topic.closed"] = "topic.closed"
    topic: TopicAddress
    payload: TopicNotice


class ServerShutdown(BaseModel):
    """The server is about to close this connection.

    A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
    payload gives before you connect again, so that not all clients come back at once.
    """

    type: Literal["server.shutdown"] = "server.shutdown"
    payload: Shutdown


RequestId = TypeAliasType("RequestId", Annotated[StrictStr, Field(max_length=64)] | Integer)
"""Names a request, so that its answer can be told from others; chosen by the client."""


class BarsPage(BaseModel):
    """Bars of the past."""

    status: Literal["ok"]
    symbol: Symbol
    resolution: StrictStr
    """The length of the bars, in the spelling that topics have."""
    bars: list[Bar]
    """The oldest first. A span in which nothing was traded has none."""
    complete: StrictBool
    """Whether there is nothing before the first of them."""


class PositionList(BaseModel):
    """What an account holds."""

    account_id: AccountId
    time: Annotated[Integer, Field(ge=0)]
    """Of when this is, in Unix milliseconds, UTC."""
    positions: list[Position]
    """All that are open, and those just closed."""


class OrderList(BaseModel):
    """What an account wants to buy and sell."""

    account_id: AccountId
    time: Annotated[Integer, Field(ge=0)]
    """Of when this is, in Unix milliseconds, UTC."""
    orders: list[Order]
    """All that are working, and those just ended."""


class Book(BaseModel):
    """The levels of an order book, or those of them that changed."""

    bids: list[Level]
    """What is bid, the highest price first."""
    asks: list[Level]
    """What is asked, the lowest price first."""


class SymbolList(BaseModel):
    """The symbols that were asked for."""

    status: Literal["ok"]
    symbols: list[SymbolInfo]
    """In the order of their names."""


class Problem(BaseModel):
    """Why a request was not carried out."""

    status: Literal["error"]
    code: StrictStr
    """What is wrong, for programs. More codes may be added; treat an unknown one like `internal`.

    `rate_limited` refuses a message that came faster than allowed; who goes on all the same is closed with
    4006. `too_many_subscriptions` refuses to subscribe to more topics than a connection may have.
    `unknown_symbol` and `unknown_resolution` refuse what there is not, and the message names what there
    is. `unauthenticated` refuses a token, or what needs one; `forbidden` what the token does not grant.
    """
    message: StrictStr
    """What is wrong, for people."""
    retryable: StrictBool
    """Whether the same request may succeed later."""
    retry_after_ms: Annotated[Integer | MISSING, Field(ge=0)] = MISSING
    """After how many milliseconds the same request may be tried again, where the server can say."""
    errors: list[ProblemDetail] | MISSING = MISSING
    """For a bad payload, each place that is wrong."""


class BarsSubscribe(BaseModel):
    """Ask for the bars of a symbol at a resolution.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["bars.subscribe"] = "bars.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: BarsSelection


class BarsUnsubscribe(BaseModel):
    """Stop receiving the bars of a symbol at a resolution.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["bars.unsubscribe"] = "bars.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: BarsSelection


class BarsHistoryMessage(BaseModel):
    """Ask for the bars before a moment.

    Of the bars that begin before `to`, the last `limit` are sent. To go further back, ask again with the
    `time` of the earliest.
    """

    type: Literal["bars.history"] = "bars.history"
    id: RequestId | MISSING = MISSING
    payload: BarsHistory


BarsSubscribeResponsePayload = TypeAliasType(
    "BarsSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


BarsUnsubscribeResponsePayload = TypeAliasType(
    "BarsUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


BarsHistoryResponsePayload = TypeAliasType(
    "BarsHistoryResponsePayload", Annotated[BarsPage | Problem, Field(discriminator="status")]
)


class QuotesSubscribe(BaseModel):
    """Ask for the quotes of a symbol.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["quotes.subscribe"] = "quotes.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: SymbolSelection


class QuotesUnsubscribe(BaseModel):
    """Stop receiving the quotes of a symbol.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["quotes.unsubscribe"] = "quotes.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: SymbolSelection


QuotesSubscribeResponsePayload = TypeAliasType(
    "QuotesSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


QuotesUnsubscribeResponsePayload = TypeAliasType(
    "QuotesUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class TradesSubscribe(BaseModel):
    """Ask for the trades of a symbol.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["trades.subscribe"] = "trades.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: SymbolSelection


class TradesUnsubscribe(BaseModel):
    """Stop receiving the trades of a symbol.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["trades.unsubscribe"] = "trades.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: SymbolSelection


TradesSubscribeResponsePayload = TypeAliasType(
    "TradesSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


TradesUnsubscribeResponsePayload = TypeAliasType(
    "TradesUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class OrderbookSubscribe(BaseModel):
    """Ask for the order book of a symbol to a depth.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["orderbook.subscribe"] = "orderbook.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: BookSelection


class OrderbookUnsubscribe(BaseModel):
    """Stop receiving the order book of a symbol to a depth.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["orderbook.unsubscribe"] = "orderbook.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: BookSelection


OrderbookSubscribeResponsePayload = TypeAliasType(
    "OrderbookSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


OrderbookUnsubscribeResponsePayload = TypeAliasType(
    "OrderbookUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class OrderbookUpdate(BaseModel):
    """The whole book, or what of it changed.

    Sent to subscribers of the topic whenever a level of it changes.
    """

    type: Literal["orderbook.update"] = "orderbook.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    checksum: Checksum | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: Book


class AccountSubscribe(BaseModel):
    """Ask for an account.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["account.subscribe"] = "account.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: AccountSelection


class AccountUnsubscribe(BaseModel):
    """Stop receiving an account.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["account.unsubscribe"] = "account.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: AccountSelection


AccountSubscribeResponsePayload = TypeAliasType(
    "AccountSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


AccountUnsubscribeResponsePayload = TypeAliasType(
    "AccountUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class PositionsSubscribe(BaseModel):
    """Ask for positions.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["positions.subscribe"] = "positions.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: AccountSelection


class PositionsUnsubscribe(BaseModel):
    """Stop receiving positions.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["positions.unsubscribe"] = "positions.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: AccountSelection


PositionsSubscribeResponsePayload = TypeAliasType(
    "PositionsSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


PositionsUnsubscribeResponsePayload = TypeAliasType(
    "PositionsUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class PositionsUpdate(BaseModel):
    """What the account holds now.

    Sent to subscribers of the topic whenever a position changes.
    """

    type: Literal["positions.update"] = "positions.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: PositionList


class OrdersSubscribe(BaseModel):
    """Ask for orders.

    Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
    that position are sent again, where the server can prove that it has them all.
    """

    type: Literal["orders.subscribe"] = "orders.subscribe"
    id: RequestId | MISSING = MISSING
    recover: Recover | MISSING = MISSING
    payload: AccountSelection


class OrdersUnsubscribe(BaseModel):
    """Stop receiving orders.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["orders.unsubscribe"] = "orders.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: AccountSelection


OrdersSubscribeResponsePayload = TypeAliasType(
    "OrdersSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


OrdersUnsubscribeResponsePayload = TypeAliasType(
    "OrdersUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


class OrdersUpdate(BaseModel):
    """What the account wants to buy and sell now.

    Sent to subscribers of the topic whenever an order changes.
    """

    type: Literal["orders.update"] = "orders.update"
    topic: TopicAddress | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    seq_from: SequenceFrom | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    snapshot: Snapshot | MISSING = MISSING
    ts: Timestamp | MISSING = MISSING
    payload: OrderList


class SymbolsList(BaseModel):
    """Ask which symbols there are.

    With `query`, those whose symbol or description contains it, whatever the case.
    """

    type: Literal["symbols.list"] = "symbols.list"
    id: RequestId | MISSING = MISSING
    payload: SymbolsQuery


SymbolsListResponsePayload = TypeAliasType(
    "SymbolsListResponsePayload", Annotated[SymbolList | Problem, Field(discriminator="status")]
)


class Ping(BaseModel):
    """A sign of life.

    Any message keeps a connection alive; this one is for clients that have nothing else to say.
    """

    type: Literal["ping"] = "ping"
    id: RequestId | MISSING = MISSING


class SessionAuthenticate(BaseModel):
    """Say who the client is.

    Sent first on a connection, by clients that have a token, and again with a fresh one before the old one
    expires: a connection whose token has expired is closed with 4003. A fresh token is of the same user; what
    it does not grant any more is told by `topic.closed`. A token in the `Authorization` header of the
    handshake
    says the same. Market data need no token, unless the service asks everybody for one.
    """

    type: Literal["session.authenticate"] = "session.authenticate"
    id: RequestId | MISSING = MISSING
    payload: Credentials


class Pong(BaseModel):
    """The answer to `ping`.

    Carries the server's clock, so that a client can measure the way there and back.
    """

    type: Literal["pong"] = "pong"
    id: RequestId | MISSING = MISSING
    ts: Timestamp


SessionAuthenticateResponsePayload = TypeAliasType(
    "SessionAuthenticateResponsePayload", Annotated[Authenticated | Problem, Field(discriminator="status")]
)


class Error(BaseModel):
    """Something arrived that is no answerable request.

    Sent for what cannot be matched with a request: no JSON, no `type`, an unknown `type`, a binary frame.
    The connection stays open, unless a client keeps sending such things: then it is closed with 4501.
    """

    type: Literal["error"] = "error"
    id: RequestId | MISSING = MISSING
    payload: Problem


class BarsSubscribeResponse(BaseModel):
    """The answer to `bars.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest.
    """

    type: Literal["bars.subscribe.response"] = "bars.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: BarsSubscribeResponsePayload


class BarsUnsubscribeResponse(BaseModel):
    """The answer to `bars.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["bars.unsubscribe.response"] = "bars.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: BarsUnsubscribeResponsePayload


class BarsHistoryResponse(BaseModel):
    """The answer to `bars.history`.

    The last of the bars may be the one that is still forming.
    """

    type: Literal["bars.history.response"] = "bars.history.response"
    id: RequestId | MISSING = MISSING
    payload: BarsHistoryResponsePayload


class QuotesSubscribeResponse(BaseModel):
    """The answer to `quotes.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest. Unless it was
    recovered, the first update is the whole quote, as of that position.
    """

    type: Literal["quotes.subscribe.response"] = "quotes.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: QuotesSubscribeResponsePayload


class QuotesUnsubscribeResponse(BaseModel):
    """The answer to `quotes.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["quotes.unsubscribe.response"] = "quotes.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: QuotesUnsubscribeResponsePayload


class TradesSubscribeResponse(BaseModel):
    """The answer to `trades.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest.
    """

    type: Literal["trades.subscribe.response"] = "trades.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: TradesSubscribeResponsePayload


class TradesUnsubscribeResponse(BaseModel):
    """The answer to `trades.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["trades.unsubscribe.response"] = "trades.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: TradesUnsubscribeResponsePayload


class OrderbookSubscribeResponse(BaseModel):
    """The answer to `orderbook.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest. Unless it was
    recovered, the first update is the whole book, as of that position.
    """

    type: Literal["orderbook.subscribe.response"] = "orderbook.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: OrderbookSubscribeResponsePayload


class OrderbookUnsubscribeResponse(BaseModel):
    """The answer to `orderbook.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["orderbook.unsubscribe.response"] = "orderbook.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: OrderbookUnsubscribeResponsePayload


class AccountSubscribeResponse(BaseModel):
    """The answer to `account.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest.
    """

    type: Literal["account.subscribe.response"] = "account.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: AccountSubscribeResponsePayload


class AccountUnsubscribeResponse(BaseModel):
    """The answer to `account.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["account.unsubscribe.response"] = "account.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: AccountUnsubscribeResponsePayload


class PositionsSubscribeResponse(BaseModel):
    """The answer to `positions.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest.
    """

    type: Literal["positions.subscribe.response"] = "positions.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: PositionsSubscribeResponsePayload


class PositionsUnsubscribeResponse(BaseModel):
    """The answer to `positions.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["positions.unsubscribe.response"] = "positions.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: PositionsUnsubscribeResponsePayload


class OrdersSubscribeResponse(BaseModel):
    """The answer to `orders.subscribe`.

    Carries the position after which the topic's updates follow: the one that the request named, where it
    was recovered, else the topic's latest.
    """

    type: Literal["orders.subscribe.response"] = "orders.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    recovered: Recovered | MISSING = MISSING
    payload: OrdersSubscribeResponsePayload


class OrdersUnsubscribeResponse(BaseModel):
    """The answer to `orders.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["orders.unsubscribe.response"] = "orders.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: OrdersUnsubscribeResponsePayload


class SymbolsListResponse(BaseModel):
    """The answer to `symbols.list`.

    In the order of their symbols.
    """

    type: Literal["symbols.list.response"] = "symbols.list.response"
    id: RequestId | MISSING = MISSING
    payload: SymbolsListResponsePayload


class SessionAuthenticateResponse(BaseModel):
    """The answer to `session.authenticate`.

    A refused token costs nothing but this answer; the connection stays as it was.
    """

    type: Literal["session.authenticate.response"] = "session.authenticate.response"
    id: RequestId | MISSING = MISSING
    payload: SessionAuthenticateResponsePayload
