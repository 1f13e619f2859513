"""Bars or trades out of a CSV file: read one at a time, each either good or wrong in a way that can be named.

The first row names the columns, and so says which of the two they are; times are ISO 8601 (UTC where they name no
offset) or Unix time. Bars increase in time from row to row, and their prices are finite, between the low and the
high. Trades may stand in any order, as they became known; where nothing says who took whose offer, it is told by
the tick rule: who raised the price bought, who lowered it sold.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from service.feeds.cells import Side, parse_id, parse_maker, parse_number, parse_side, parse_time, quoted

_TIME = ("time", "timestamp", "date", "datetime")
_BAR = {
    "time": _TIME,
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v"),
}
_TRADE = {
    "time": _TIME,
    "price": ("price",),
    "size": ("size", "qty", "quantity", "amount", "volume"),
    "side": ("side", "is_buyer_maker", "isbuyermaker"),
    "id": ("id", "trade_id", "tradeid"),
}
_OPTIONAL = ("side", "id")
_BOOK = ("update_type", "first_update_id", "last_update_id")
"""Columns that price and size have beside them where they are levels of an order book."""
_PRICES = ("open", "high", "low", "close")


class TableError(Exception):
    """A file that no rows can be read from: `file: what` or `file:line: what`."""


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar; `time` is Unix milliseconds, when it begins."""

    line: int
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One trade; `time` is Unix milliseconds, cut where the file is finer. Without ids they are numbered from 1."""

    line: int
    time: int
    price: float
    size: float
    side: Side
    id: int


Row: TypeAlias = BarRow | TradeRow


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is neither, and why."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file's columns are."""

    trades: bool
    """Whether its rows are trades, and not bars."""
    places: dict[str, int]
    """Which column is which; `side` and `id` may be missing."""
    header: list[str]


def read_columns(path: Path) -> Columns:
    """What the first row of a file says; TableError where it does not say what the rows are."""
    with _opened(path) as reader:
        return _columns(str(path), reader)


def read_rows(path: Path) -> Iterator[Row | BadRow]:
    """The rows of a file, in order; TableError where the file as a whole cannot be read."""
    name = str(path)
    with _opened(path) as reader:
        columns = _columns(name, reader)
        parse = _trades(columns) if columns.trades else _bars(columns)
        for line, cells in _lines(name, reader):
            try:
                row = parse(line, cells)
            except ValueError as error:
                yield BadRow(name, line, str(error))
            else:
                yield row


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[list[str]]]:
    name = str(path)
    if path.is_dir():
        raise TableError(f"{name}: is a folder; give a CSV file")
    if path.exists() and not path.is_file():
        raise TableError(f"{name}: is no regular file; rows are read more than once")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield csv.reader(file, strict=True)
    except OSError as error:
        raise TableError(f"{name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{name}: is not UTF-8 text") from error


def _lines(name: str, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """What is left of a file but blank lines. A quoted cell may span lines: a row is named by its first."""
    line = _line(reader)
    while (cells := _next(name, reader)) is not None:
        first, line = line + 1, _line(reader)
        if any(cell.strip() for cell in cells):
            yield first, cells


def _next(name: str, reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise TableError(f"{name}:{_line(reader)}: is not CSV: {error}") from error


def _line(reader: Iterator[list[str]]) -> int:
    number: int = getattr(reader, "line_num")  # noqa: B009, the csv module's reader has no public type
    return number


def _columns(name: str, reader: Iterator[list[str]]) -> Columns:
    """Which column is which; TableError where one is missing, or named twice."""
    header = _next(name, reader)
    if header is None:
        raise TableError(f"{name}: is empty; the first row names the columns")
    names = [cell.strip().lower() for cell in header]
    whole = all(any(alias in names for alias in _BAR[role]) for role in _PRICES)
    trades = not whole and any(alias in names for alias in _TRADE["price"])
    if trades and (levels := [column for column in names if column in _BOOK]):
        raise TableError(
            f"{name}:1: holds levels of an order book, as its column {levels[0]!r} tells, and no trades"
        )
    wanted = _TRADE if trades else _BAR
    places: dict[str, int] = {}
    for role, aliases in wanted.items():
        found = [index for index, column in enumerate(names) if column in aliases]
        if len(found) > 1:
            both = ", ".join(repr(header[place]) for place in found)
            raise TableError(f"{name}:1: several columns could be the {role}: {both}")
        if found:
            places[role] = found[0]
    missing = [role for role in wanted if role not in places and not (trades and role in _OPTIONAL)]
    if missing:
        known = quoted(", ".join(header))
        more = "" if trades or len(missing) < len(_PRICES) else " (trades have time, price and size)"
        raise TableError(
            f"{name}:1: the first row names no column {', '.join(missing)}{more}; it reads {known}"
        )
    return Columns(trades, places, header)


def _check_width(columns: Columns, cells: list[str]) -> None:
    if len(cells) != len(columns.header):
        raise ValueError(f"has {len(cells)} cells, the first row {len(columns.header)}")


def _bars(columns: Columns) -> Callable[[int, list[str]], BarRow]:
    places = columns.places
    last: BarRow | None = None

    def parse(line: int, cells: list[str]) -> BarRow:
        nonlocal last
        _check_width(columns, cells)
        time = parse_time(cells[places["time"]])
        values = {role: parse_number(role, cells[places[role]]) for role in (*_PRICES, "volume")}
        row = BarRow(line, time, **values)
        if row.low > row.high:
            raise ValueError(f"low {row.low} is above high {row.high}")
        for role in ("open", "close"):
            if not row.low <= values[role] <= row.high:
                raise ValueError(f"{role} {values[role]} is not between low {row.low} and high {row.high}")
        if row.volume < 0:
            raise ValueError(f"volume {row.volume} is below 0")
        if last is not None and row.time == last.time:
            raise ValueError(f"same time as line {last.line}")
        if last is not None and row.time < last.time:
            raise ValueError(f"time is before that of line {last.line}")
        last = row
        return row

    return parse


def _trades(columns: Columns) -> Callable[[int, list[str]], TradeRow]:
    places = columns.places
    time_at, price_at, size_at = places["time"], places["price"], places["size"]
    side_at, id_at = places.get("side"), places.get("id")
    read_side = parse_side
    if side_at is not None and columns.header[side_at].strip().lower() != "side":
        read_side = parse_maker
    number = 0
    last_price: float | None = None
    ticked: Side = "buy"

    def parse(line: int, cells: list[str]) -> TradeRow:
        nonlocal number, last_price, ticked
        _check_width(columns, cells)
        time = parse_time(cells[time_at], cut=True)
        price = parse_number("price", cells[price_at])
        size = parse_number("size", cells[size_at])
        if size < 0:
            raise ValueError(f"size {size} is below 0")
        if side_at is not None:
            side = read_side(cells[side_at])
        elif last_price is None or price == last_price:
            side = ticked
        else:
            side = "buy" if price > last_price else "sell"
        identity = number + 1 if id_at is None else parse_id(cells[id_at])
        number, last_price, ticked = number + 1, price, side
        return TradeRow(line, time, price, size, side, identity)

    return parse
