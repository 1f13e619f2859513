"""Where updates come from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from service.bars.resolution import Resolution
from service.settings.part import Part


class Feeding(Part):
    """Where updates come from."""

    feed: Literal["simulate", "replay", "none"] = Field(
        default="simulate",
        description="where updates come from: a simulated market, a CSV file, or nowhere but the publisher",
    )
    speed: float | Literal["max"] | None = Field(
        default=None,
        description="times real time: 60 plays an hour in a minute (replay: as the rows' times say); "
        "replay also takes max, as fast as can be",
    )
    seed: int = Field(default=1, description="same seed, same market")
    updates_per_second: float = Field(
        default=4.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="how often forming bars, quotes and order books are sent, where they have changed; trades are "
        "sent one by one",
    )
    accounts: Literal["off", "simulate"] = Field(
        default="off",
        description="whether the simulated market has simulated accounts, one for every id that a token names",
    )
    file: Path | None = Field(
        default=None, description="bars (OHLCV) or trades to play; implies --feed replay"
    )
    symbol: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
        description="whose rows these are (default: the file's name up to its first - or _, in capitals)",
    )
    resolution: str | None = Field(
        default=None,
        description="length of the rows, where they are bars: 1, 60, 1D (default: the commonest distance between them)",
    )
    rate: float | None = Field(
        default=None,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="rows a second, whatever their times (default: 10)",
    )
    start: Literal["on-subscribe", "immediately"] = Field(
        default="on-subscribe", description="play when somebody listens, or at once"
    )
    wait_for: int = Field(
        default=1,
        ge=1,
        description="with on-subscribe: how many subscriptions, to any of its topics, before the first row",
    )
    loop: bool = Field(
        default=False, description="start over after the last row, with times that go on growing"
    )
    bad_rows: Literal["refuse", "skip"] = Field(
        default="refuse",
        description="what to do about a file with bad rows: list them and stop, or list and skip them",
    )

    @field_validator("resolution")
    @classmethod
    def _canonical(cls, text: str | None) -> str | None:
        return None if text is None else str(Resolution.parse(text))

    @field_validator("speed", mode="before")
    @classmethod
    def _number_or_max(cls, speed: object) -> object:
        if speed is None or speed == "max":
            return speed
        try:
            number = float(str(speed))
        except ValueError:
            number = 0.0
        if not 0 < number <= 1_000_000:
            raise ValueError("give a number above 0 and up to 1000000, or max")
        return number

    @model_validator(mode="before")
    @classmethod
    def _file_implies_replay(cls, values: dict[str, object]) -> dict[str, object]:
        return {"feed": "replay", **values} if values.get("file") is not None else values
