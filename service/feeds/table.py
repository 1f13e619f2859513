"""OHLCV rows out of a CSV file: read one at a time, each either good or wrong in a way that can be named.

Nothing is guessed. The first row names the columns; times are ISO 8601 (UTC where they name no offset) or
Unix seconds or milliseconds, and increase from row to row; prices are finite, between the low and the high.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_ALIASES = {
    "time": ("time", "timestamp", "date", "datetime"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v"),
}
_PRICES = ("open", "high", "low", "close")
_UNIX = re.compile(r"([0-9]{9,14})(?:\.([0-9]+))?")
_LONGEST_QUOTE = 40


class TableError(Exception):
    """A file that no rows can be read from: `file: what` or `file:line: what`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bar; `time` is Unix milliseconds, when it begins."""

    line: int
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no bar, and why."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


def read_rows(path: Path) -> Iterator[Row | BadRow]:
    """The rows of a file, in order; TableError where the file as a whole cannot be read."""
    name = str(path)
    if path.is_dir():
        raise TableError(f"{name}: is a folder; give a CSV file")
    if path.exists() and not path.is_file():
        raise TableError(f"{name}: is no regular file; rows are read more than once")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            yield from _rows(name, reader)
    except OSError as error:
        raise TableError(f"{name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{name}: is not UTF-8 text") from error


def _rows(name: str, reader: Iterator[list[str]]) -> Iterator[Row | BadRow]:
    header = _next(name, reader)
    if header is None:
        raise TableError(f"{name}: is empty; the first row names the columns")
    columns = _columns(name, header)
    last: Row | None = None
    line = _line(reader)
    while (cells := _next(name, reader)) is not None:
        # A quoted cell may span lines: a row is named by its first.
        first, line = line + 1, _line(reader)
        if not cells or all(not cell.strip() for cell in cells):
            continue
        try:
            row = _row(first, cells, columns, len(header))
            _follows(last, row)
        except ValueError as error:
            yield BadRow(name, first, str(error))
        else:
            yield row
            last = row


def _next(name: str, reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise TableError(f"{name}:{_line(reader)}: is not CSV: {error}") from error


def _line(reader: Iterator[list[str]]) -> int:
    number: int = getattr(reader, "line_num")  # noqa: B009, the csv module's reader has no public type
    return number


def _columns(name: str, header: list[str]) -> dict[str, int]:
    """Which column is which; TableError where one is missing, or named twice."""
    names = [cell.strip().lower() for cell in header]
    found: dict[str, int] = {}
    for role, aliases in _ALIASES.items():
        places = [index for index, column in enumerate(names) if column in aliases]
        if len(places) > 1:
            both = ", ".join(repr(header[place]) for place in places)
            raise TableError(f"{name}:1: several columns could be the {role}: {both}")
        if places:
            found[role] = places[0]
    missing = [role for role in _ALIASES if role not in found]
    if missing:
        known = _quoted(", ".join(header))
        raise TableError(f"{name}:1: the first row names no column {', '.join(missing)}; it reads {known}")
    return found


def _row(line: int, cells: list[str], columns: dict[str, int], width: int) -> Row:
    if len(cells) != width:
        raise ValueError(f"has {len(cells)} cells, the first row {width}")
    time = parse_time(cells[columns["time"]].strip())
    values = {role: _number(role, cells[columns[role]]) for role in (*_PRICES, "volume")}
    row = Row(line, time, **values)
    if row.low > row.high:
        raise ValueError(f"low {row.low} is above high {row.high}")
    for role in ("open", "close"):
        if not row.low <= values[role] <= row.high:
            raise ValueError(f"{role} {values[role]} is not between low {row.low} and high {row.high}")
    if row.volume < 0:
        raise ValueError(f"volume {row.volume} is below 0")
    return row


def _follows(last: Row | None, row: Row) -> None:
    if last is None or row.time > last.time:
        return
    if row.time == last.time:
        raise ValueError(f"same time as line {last.line}")
    raise ValueError(f"time is before that of line {last.line}")


def _number(role: str, cell: str) -> float:
    text = cell.strip()
    # float() also reads 1_000 and other scripts' digits, which no CSV writer means.
    if not text:
        raise ValueError(f"{role} is empty")
    if "_" in text or not text.isascii():
        raise ValueError(f"{role} {_quoted(text)} is not a number")
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{role} {_quoted(text)} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{role} {_quoted(text)} is not a finite number")
    return number


def parse_time(text: str) -> int:
    """A time as Unix milliseconds.

    Reads ISO 8601 with a space or a T, taken as UTC where it names no offset, and Unix time: 9 to 11 digits
    are seconds, 12 to 14 milliseconds. ValueError for anything else, and for what is no whole millisecond.
    """
    if not text:
        raise ValueError("time is empty")
    unix = _UNIX.fullmatch(text)
    if unix is not None:
        whole, fraction = unix[1], (unix[2] or "").rstrip("0")
        places = 3 if len(whole) <= 11 else 0
        if len(fraction) > places:
            raise ValueError(f"time {_quoted(text)} is no whole millisecond")
        return int(whole + fraction.ljust(places, "0"))
    # Digits alone may be a date as well as a number; only what has separators is taken for a date.
    if not text.isascii() or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"time {_quoted(text)} is neither ISO 8601 nor Unix seconds or milliseconds")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"time {_quoted(text)} is neither ISO 8601 nor Unix seconds or milliseconds"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.microsecond % 1000:
        raise ValueError(f"time {_quoted(text)} is no whole millisecond")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
    if milliseconds < 0:
        raise ValueError(f"time {_quoted(text)} is before 1970")
    return milliseconds


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…")
