"""What one cell of a table means: a time, a number, a side, an id. ValueError, naming the cell, for all else."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["buy", "sell"]

_UNIX = re.compile(r"([0-9]{9,20})(?:\.([0-9]+))?")
_PLACES = {9: 0, 10: 0, 11: 0, 12: 3, 13: 3, 14: 3, 15: 6, 16: 6, 17: 6, 18: 9, 19: 9, 20: 9}
"""By the number of their digits: Unix seconds, milliseconds, microseconds, nanoseconds."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_QUOTE = 40

LARGEST_ID = 2**53 - 1
"""The largest whole number that every reader of JSON can tell from the next one."""
_SIDES: dict[str, Side] = {"buy": "buy", "b": "buy", "sell": "sell", "s": "sell"}
_MAKER_SIDES: dict[str, Side] = {"true": "sell", "1": "sell", "false": "buy", "0": "buy"}


def parse_number(role: str, cell: str) -> float:
    """A finite number."""
    text = cell.strip()
    # float() also reads 1_000 and other scripts' digits, which no CSV writer means.
    if not text:
        raise ValueError(f"{role} is empty")
    if "_" in text or not text.isascii():
        raise ValueError(f"{role} {quoted(text)} is not a number")
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{role} {quoted(text)} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{role} {quoted(text)} is not a finite number")
    return number


def parse_time(cell: str, *, cut: bool = False) -> int:
    """A time as Unix milliseconds.

    Reads ISO 8601 with a space or a T, taken as UTC where it names no offset, and Unix time: 9 to 11 digits
    are seconds, 12 to 14 milliseconds. What is no whole millisecond is an error, or, with `cut`, cut to one;
    then 15 to 17 digits are microseconds, and 18 to 20 nanoseconds.
    """
    text = cell.strip()
    if not text:
        raise ValueError("time is empty")
    unix = _UNIX.fullmatch(text)
    if unix is not None and (cut or len(unix[1]) <= 14):
        whole, fraction = unix[1], unix[2] or ""
        places = _PLACES[len(whole)]
        digits = whole + fraction
        keep = len(whole) + 3 - places
        if digits[keep:].strip("0") and not cut:
            raise ValueError(f"time {quoted(text)} is no whole millisecond")
        return int(digits[:keep].ljust(keep, "0"))
    return _iso(text, cut)


def _iso(text: str, cut: bool) -> int:
    # Digits alone may be a date as well as a number; only what has separators is taken for a date.
    wrong = f"time {quoted(text)} is neither ISO 8601 nor Unix seconds or milliseconds"
    if not text.isascii() or _DATE.match(text) is None:
        raise ValueError(wrong)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(wrong) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.microsecond % 1000 and not cut:
        raise ValueError(f"time {quoted(text)} is no whole millisecond")
    delta = moment - _EPOCH
    milliseconds = (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
    if milliseconds < 0:
        raise ValueError(f"time {quoted(text)} is before 1970")
    return milliseconds


def parse_side(cell: str) -> Side:
    """What the taker did: `buy`, `sell` or their first letters, whatever the case."""
    side = _SIDES.get(cell.strip().lower())
    if side is None:
        raise ValueError(f"side {quoted(cell.strip())} is neither buy nor sell")
    return side


def parse_maker(cell: str) -> Side:
    """What the taker did, out of whether the buyer was the other one."""
    side = _MAKER_SIDES.get(cell.strip().lower())
    if side is None:
        raise ValueError(f"buyer is maker {quoted(cell.strip())} is neither true nor false")
    return side


def parse_id(cell: str) -> int:
    """A whole number that no reader of JSON rounds."""
    text = cell.strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"id {quoted(text)} is no whole number; without a column id, trades are numbered")
    number = int(text) if len(text) <= 20 else LARGEST_ID + 1
    if number > LARGEST_ID:
        raise ValueError(f"id {quoted(text)} is above {LARGEST_ID}, and would be rounded by many a client")
    return number


def quoted(text: str) -> str:
    """A cell in an error."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…")
