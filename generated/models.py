# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Tapewire Trading API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    Field,
    StrictBool,
    StrictFloat,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.numbers import Integer

RequestId = TypeAliasType("RequestId", Annotated[StrictStr, Field(max_length=64)] | Integer)
"""Names a request, so that its answer can be told from others; chosen by the client."""


Symbol = TypeAliasType("Symbol", Annotated[StrictStr, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$")])
"""The instrument, as the exchange spells it."""


Resolution = TypeAliasType(
    "Resolution", Annotated[StrictStr, Field(pattern="^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$")]
)
"""The length of a bar: a number of minutes (`1`, `5`, `15`, `60`), or a number of seconds, days, weeks or
months with its letter (`1S`, `1D`, `1W`, `1M`). A letter alone means one of it.
"""


TopicAddress = TypeAliasType("TopicAddress", StrictStr)
"""The topic that a message is for, as the subscribe response named it."""


Sequence = TypeAliasType("Sequence", Annotated[Integer, Field(ge=0)])
"""Counts the updates of a topic, by one, within an epoch."""


SequenceFrom = TypeAliasType("SequenceFrom", Annotated[Integer, Field(ge=0)])
"""The first of the updates that this one stands for, up to its `seq`: they were folded together for a
subscriber that read too slowly. Absent where the update stands for itself alone.
"""


Epoch = TypeAliasType("Epoch", StrictStr)
"""Names the life of a topic's history; a new epoch voids older sequence numbers."""


Snapshot = TypeAliasType("Snapshot", StrictBool)
"""Whether the payload replaces what the client holds, rather than adding to it."""


Timestamp = TypeAliasType("Timestamp", Annotated[Integer, Field(ge=0)])
"""Unix time in milliseconds, UTC."""


class BarsSelection(BaseModel):
    """Which bars are meant."""

    symbol: Symbol
    resolution: Resolution = "1"


class Bar(BaseModel):
    """What a symbol's price did in one span of time."""

    time: Annotated[Integer, Field(ge=0)]
    """When the bar begins, in Unix milliseconds, UTC."""
    open: StrictFloat
    """The first price."""
    high: StrictFloat
    """The highest price."""
    low: StrictFloat
    """The lowest price."""
    close: StrictFloat
    """The last price, so far."""
    volume: Annotated[StrictFloat, Field(ge=0.0)]
    """How much was traded, so far."""


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


class BarsSubscribe(BaseModel):
    """Ask for the bars of a symbol at a resolution.

    Subscribing to a topic that one has already is answered `ok` again.
    """

    type: Literal["bars.subscribe"] = "bars.subscribe"
    id: RequestId | MISSING = MISSING
    payload: BarsSelection


class BarsUnsubscribe(BaseModel):
    """Stop receiving the bars of a symbol at a resolution.

    Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
    """

    type: Literal["bars.unsubscribe"] = "bars.unsubscribe"
    id: RequestId | MISSING = MISSING
    payload: BarsSelection


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


class Ping(BaseModel):
    """A sign of life.

    Any message keeps a connection alive; this one is for clients that have nothing else to say.
    """

    type: Literal["ping"] = "ping"
    id: RequestId | MISSING = MISSING


class Pong(BaseModel):
    """The answer to `ping`.

    Carries the server's clock, so that a client can measure the way there and back.
    """

    type: Literal["pong"] = "pong"
    id: RequestId | MISSING = MISSING
    ts: Timestamp


class ServerShutdown(BaseModel):
    """The server is about to close this connection.

    A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
    payload gives before you connect again, so that not all clients come back at once.
    """

    type: Literal["server.shutdown"] = "server.shutdown"
    payload: Shutdown


class Problem(BaseModel):
    """Why a request was not carried out."""

    status: Literal["error"]
    code: StrictStr
    """What is wrong, for programs. More codes may be added; treat an unknown one like `internal`.

    `rate_limited` refuses a message that came faster than allowed; who goes on all the same is closed with
    4006. `too_many_subscriptions` refuses to subscribe to more topics than a connection may have.
    """
    message: StrictStr
    """What is wrong, for people."""
    retryable: StrictBool
    """Whether the same request may succeed later."""
    retry_after_ms: Annotated[Integer | MISSING, Field(ge=0)] = MISSING
    """After how many milliseconds the same request may be tried again, where the server can say."""
    errors: list[ProblemDetail] | MISSING = MISSING
    """For a bad payload, each place that is wrong."""


BarsSubscribeResponsePayload = TypeAliasType(
    "BarsSubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
)


BarsUnsubscribeResponsePayload = TypeAliasType(
    "BarsUnsubscribeResponsePayload", Annotated[TopicAnswer | Problem, Field(discriminator="status")]
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

    Carries the topic's position, so that a client knows from where its updates count.
    """

    type: Literal["bars.subscribe.response"] = "bars.subscribe.response"
    id: RequestId | MISSING = MISSING
    seq: Sequence | MISSING = MISSING
    epoch: Epoch | MISSING = MISSING
    payload: BarsSubscribeResponsePayload


class BarsUnsubscribeResponse(BaseModel):
    """The answer to `bars.unsubscribe`.

    After it no further update of the topic is sent on this connection.
    """

    type: Literal["bars.unsubscribe.response"] = "bars.unsubscribe.response"
    id: RequestId | MISSING = MISSING
    payload: BarsUnsubscribeResponsePayload
