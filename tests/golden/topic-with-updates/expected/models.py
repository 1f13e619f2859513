# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Weather."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    Field,
    StrictBool,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.numbers import Integer, Number


class Station(BaseModel):
    """Station."""

    station: Annotated[StrictStr, Field(pattern="^[a-z]+$")]


class Weather(BaseModel):
    """Weather."""

    celsius: Number
    """The air's temperature."""
    sky: Literal["clear", "cloudy"] = "clear"


class Subscribed(BaseModel):
    """Subscribed."""

    status: Literal["ok"]
    topic: StrictStr


class ProblemErrorsItem(BaseModel):
    """Problem errors item."""

    path: StrictStr
    message: StrictStr


class WeatherSubscribe(BaseModel):
    """Weather subscribe."""

    kind: Literal["weather.subscribe"] = "weather.subscribe"
    ref: Integer | MISSING = MISSING
    body: Station


class WeatherUpdate(BaseModel):
    """The weather changed."""

    kind: Literal["weather.update"] = "weather.update"
    topic: StrictStr | MISSING = MISSING
    n: Integer | MISSING = MISSING
    first: Integer | MISSING = MISSING
    body: Weather


class Problem(BaseModel):
    """Problem."""

    status: Literal["error"]
    code: StrictStr
    message: StrictStr
    retryable: StrictBool
    errors: list[ProblemErrorsItem] | MISSING = MISSING


WeatherSubscribeResponseBody = TypeAliasType(
    "WeatherSubscribeResponseBody", Annotated[Subscribed | Problem, Field(discriminator="status")]
)


class ProblemMessage(BaseModel):
    """Problem message."""

    kind: Literal["problem"] = "problem"
    ref: Integer | MISSING = MISSING
    body: Problem


class WeatherSubscribeResponse(BaseModel):
    """Weather subscribe response."""

    kind: Literal["weather.subscribe.response"] = "weather.subscribe.response"
    ref: Integer | MISSING = MISSING
    n: Integer | MISSING = MISSING
    body: WeatherSubscribeResponseBody
