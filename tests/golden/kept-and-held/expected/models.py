# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Soundings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.numbers import Integer, Number


class Position(BaseModel):
    """Position."""

    life: StrictStr
    n: Annotated[Integer, Field(ge=0)]


Metres = TypeAliasType("Metres", Integer)


class Welcome(BaseModel):
    """Welcome."""

    status: Literal["ok"]
    lasts: Integer | MISSING = MISSING
    """For how many milliseconds the ticket is good."""


class Notice(BaseModel):
    """Notice."""

    code: StrictStr
    message: StrictStr


class Done(BaseModel):
    """Done."""

    status: Literal["ok"]
    topic: StrictStr | MISSING = MISSING


class Problem(BaseModel):
    """Problem."""

    status: Literal["error"]
    code: StrictStr
    message: StrictStr
    retryable: StrictBool


class SoundingSubscribeBody(BaseModel):
    """Sounding subscribe body."""

    station: StrictStr
    layers: Literal[5, 50] = 5


class AlarmSubscribe(BaseModel):
    """Alarm subscribe."""

    kind: Literal["alarm.subscribe"] = "alarm.subscribe"
    since: Position | MISSING = MISSING


class AlarmUpdateBody(BaseModel):
    """Alarm update body."""

    place: StrictStr
    text: StrictStr


class OutlookSubscribe(BaseModel):
    """Outlook subscribe."""

    kind: Literal["outlook.subscribe"] = "outlook.subscribe"
    since: Position | MISSING = MISSING


class OutlookUpdateBody(BaseModel):
    """Outlook update body."""

    place: StrictStr
    text: StrictStr


class LoginBody(BaseModel):
    """Login body."""

    ticket: Annotated[StrictStr, Field(repr=False)]


LoginResponseBody = TypeAliasType(
    "LoginResponseBody", Annotated[Welcome | Problem, Field(discriminator="status")]
)


class Anew(BaseModel):
    """A topic begins anew."""

    kind: Literal["anew"] = "anew"
    topic: StrictStr
    n: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    body: Notice


class Over(BaseModel):
    """A topic is taken away."""

    kind: Literal["over"] = "over"
    topic: StrictStr
    body: Notice


class ProblemMessage(BaseModel):
    """Problem message."""

    kind: Literal["problem"] = "problem"
    ref: Integer | MISSING = MISSING
    body: Problem


class Layer(BaseModel):
    """Layer."""

    metres: Metres
    knots: Annotated[Number, Field(ge=0.0)]


Answer = TypeAliasType("Answer", Annotated[Done | Problem, Field(discriminator="status")])


class SoundingSubscribe(BaseModel):
    """Sounding subscribe."""

    kind: Literal["sounding.subscribe"] = "sounding.subscribe"
    ref: Integer | MISSING = MISSING
    since: Position | MISSING = MISSING
    body: SoundingSubscribeBody


class SoundingSubscribeResponse(BaseModel):
    """Sounding subscribe response."""

    kind: Literal["sounding.subscribe.response"] = "sounding.subscribe.response"
    ref: Integer | MISSING = MISSING
    n: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    gapless: StrictBool | MISSING = MISSING
    body: Answer


class AlarmSubscribeResponse(BaseModel):
    """Alarm subscribe response."""

    kind: Literal["alarm.subscribe.response"] = "alarm.subscribe.response"
    n: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    gapless: StrictBool | MISSING = MISSING
    body: Answer


class AlarmUpdate(BaseModel):
    """Alarm update."""

    kind: Literal["alarm.update"] = "alarm.update"
    topic: StrictStr | MISSING = MISSING
    n: Integer | MISSING = MISSING
    first: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    whole: StrictBool | MISSING = MISSING
    at: Integer | MISSING = MISSING
    body: AlarmUpdateBody


class OutlookSubscribeResponse(BaseModel):
    """Outlook subscribe response."""

    kind: Literal["outlook.subscribe.response"] = "outlook.subscribe.response"
    n: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    gapless: StrictBool | MISSING = MISSING
    body: Answer


class OutlookUpdate(BaseModel):
    """Outlook update."""

    kind: Literal["outlook.update"] = "outlook.update"
    topic: StrictStr | MISSING = MISSING
    n: Integer | MISSING = MISSING
    first: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    whole: StrictBool | MISSING = MISSING
    at: Integer | MISSING = MISSING
    body: OutlookUpdateBody


class Login(BaseModel):
    """Login."""

    kind: Literal["login"] = "login"
    ref: Integer | MISSING = MISSING
    body: LoginBody


class LoginResponse(BaseModel):
    """Login response."""

    kind: Literal["login.response"] = "login.response"
    ref: Integer | MISSING = MISSING
    body: LoginResponseBody


Layers = TypeAliasType("Layers", list[Layer])


class Winds(BaseModel):
    """Layers, or those that changed."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    air: Layers
    up_draft: Annotated[list[Layer], Field(alias="up-draft")]


class SoundingUpdate(BaseModel):
    """Sounding update."""

    kind: Literal["sounding.update"] = "sounding.update"
    topic: StrictStr | MISSING = MISSING
    n: Integer | MISSING = MISSING
    first: Integer | MISSING = MISSING
    life: StrictStr | MISSING = MISSING
    whole: StrictBool | MISSING = MISSING
    sum: Integer | MISSING = MISSING
    at: Integer | MISSING = MISSING
    body: Winds
