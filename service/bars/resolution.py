"""Spans of time: where the bar begins that a moment falls into, and where the next one does.

All in UTC. Seconds, minutes and days count from 1970-01-01, weeks begin on Mondays, months on their first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

Unit = Literal["second", "minute", "day", "week", "month"]

_UNITS: dict[str, Unit] = {"S": "second", "": "minute", "D": "day", "W": "week", "M": "month"}
_LETTERS: dict[Unit, str] = {unit: letter for letter, unit in _UNITS.items()}
_SECONDS: dict[Unit, int] = {"second": 1, "minute": 60, "day": 86_400, "week": 604_800}
_PATTERN = re.compile(r"([1-9][0-9]{0,3})?([SDWM]?)")

_NEARLY = re.compile(r"([0-9]{0,9}) ?([A-Za-z]{0,7})")
_MEANT: dict[str, tuple[str, int, str]] = {
    name: (rule, factor, letter)
    for names, rule, factor, letter in [
        ("s sec secs second seconds", "seconds are written with S", 1, "S"),
        ("m min mins minute minutes", "minutes are a number alone", 1, ""),
        ("h hr hrs hour hours", "hours are written in minutes", 60, ""),
        ("d day days", "days are written with D", 1, "D"),
        ("w wk week weeks", "weeks are written with W", 1, "W"),
        ("M mo mon month months", "months are written with M", 1, "M"),
        ("y yr year years", "years are written in months", 12, "M"),
    ]
    for name in names.split()
}
"""Other spellings, and what is meant by them: so many times the number, with this letter. m is a minute, M a month."""

OFFERED: Final = ("1S", "5S", "15S", "30S", "1", "5", "15", "30", "60", "240", "1D", "1W", "1M")
"""Resolutions for charts to offer, in the spelling that topics have."""

_FIRST_MONDAY_MS = 4 * 86_400_000
"""1970-01-05; the epoch itself was a Thursday."""

_MONTH_S = (28 * 86_400, 31 * 86_400)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_MS = 146_097 * 86_400_000
_CYCLE_MONTHS = 4_800


@dataclass(frozen=True, slots=True)
class Resolution:
    """The length of a bar: so many of a unit."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Resolution:
        """Read `1`, `60`, `1S`, `D`, `1W`, `3M`; a letter alone means one of it.

        ValueError for all else, with what was probably meant: letters are capitals, hours are written in minutes
        and years in months.
        """
        found = _PATTERN.fullmatch(text)
        if not text or found is None:
            raise ValueError(f"{text!r} is no resolution; {_advice(text)}")
        return cls(int(found[1] or 1), _UNITS[found[2]])

    def __str__(self) -> str:
        return f"{self.count}{_LETTERS[self.unit]}"

    def floor(self, at_ms: int) -> int:
        """When the bar begins that this moment falls into. Unix milliseconds, both."""
        if self.unit == "month":
            months = _month_of(at_ms)
            return _month_ms(months - months % self.count)
        length, origin = self._grid()
        return at_ms - (at_ms - origin) % length

    def next(self, start_ms: int) -> int:
        """When the bar after the one that begins at `start_ms` begins. Unix milliseconds, both."""
        if self.unit == "month":
            return _month_ms(_month_of(start_ms) + self.count)
        return start_ms + self.count * _SECONDS[self.unit] * 1000

    def spanned(self, first_ms: int, last_ms: int) -> int:
        """How many bars long it is from the beginning of one bar to the end of another that begins later."""
        if self.unit == "month":
            months = _month_of(last_ms) - _month_of(first_ms)
            return -(-months // self.count) + 1
        return -(-(last_ms - first_ms) // self._grid()[0]) + 1

    def later(self, at_ms: int, bars: int) -> int:
        """The moment that is so many bars after another, as far into its bar. Unix milliseconds, both."""
        if self.unit == "month":
            month = _month_of(at_ms)
            return _month_ms(month + bars * self.count) + at_ms - _month_ms(month)
        return at_ms + bars * self._grid()[0]

    def divides(self, coarser: Resolution) -> bool:
        """Whether each of the coarser one's bars is made of whole bars of this one; each divides itself."""
        if coarser.unit == "month" and self.unit == "month":
            return coarser.count % self.count == 0
        if self.unit == "month":
            return False
        length, origin = self._grid()
        # Months begin with days, and on every day of the week.
        longer, begins = (86_400_000, 0) if coarser.unit == "month" else coarser._grid()
        return longer % length == 0 and (begins - origin) % length == 0

    def _grid(self) -> tuple[int, int]:
        """How long a bar is that is always as long, and when one begins. Milliseconds, both."""
        return self.count * _SECONDS[self.unit] * 1000, _FIRST_MONDAY_MS if self.unit == "week" else 0

    @classmethod
    def of_spacing(cls, gaps_ms: Iterable[tuple[int, int]]) -> Resolution:
        """The resolution of rows whose neighbours stand `(gap, how often)` apart: that of the commonest gap.

        Where two gaps are as common, the shorter one counts. Raises ValueError when there is no gap to go by,
        or when no resolution has that length.
        """
        gaps = sorted(gaps_ms, key=lambda gap: (-gap[1], gap[0]))
        if not gaps:
            raise ValueError("one row has no spacing")
        if all(_MONTH_S[0] <= gap / 1000 <= _MONTH_S[1] for gap, _ in gaps):
            return cls(1, "month")
        seconds, rest = divmod(gaps[0][0], 1000)
        if rest == 0:
            for unit in ("week", "day", "minute", "second"):
                count, rest = divmod(seconds, _SECONDS[unit])
                if rest == 0 and 1 <= count <= 9999:
                    return cls(count, unit)
        raise ValueError(f"no resolution is {gaps[0][0] / 1000:g} s long")


def _advice(text: str) -> str:
    """How to write what somebody may have meant who wrote this."""
    found = _NEARLY.fullmatch(text.strip())
    known = _MEANT.get(found[2] if found[2] == "M" else found[2].lower()) if found else None
    if found is None or known is None:
        return "write minutes (60) or a number with S, D, W or M"
    rule, factor, letter = known
    meant = f"{int(found[1] or 1) * factor}{letter}"
    if _PATTERN.fullmatch(meant) is None:
        return "numbers are 1 to 9999"
    return f"{rule}: {meant}"


def _month_of(at_ms: int) -> int:
    """How many months after January 1970 a moment is."""
    # The calendar repeats every 400 years, and datetime ends with the year 9999.
    cycles, rest_ms = divmod(at_ms, _CYCLE_MS)
    moment = _EPOCH + timedelta(milliseconds=rest_ms)
    return cycles * _CYCLE_MONTHS + (moment.year - 1970) * 12 + moment.month - 1


def _month_ms(months: int) -> int:
    """When a month begins that is so many after January 1970. Unix milliseconds."""
    cycles, rest = divmod(months, _CYCLE_MONTHS)
    begins = datetime(1970 + rest // 12, rest % 12 + 1, 1, tzinfo=UTC)
    return cycles * _CYCLE_MS + (begins - _EPOCH) // timedelta(milliseconds=1)
