"""Spans of time: where the bar begins that a moment falls into, and where the next one does.

All in UTC. Seconds, minutes and days count from 1970-01-01, weeks begin on Mondays, months on their first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Unit = Literal["second", "minute", "day", "week", "month"]

_UNITS: dict[str, Unit] = {"S": "second", "": "minute", "D": "day", "W": "week", "M": "month"}
_LETTERS: dict[Unit, str] = {unit: letter for letter, unit in _UNITS.items()}
_SECONDS: dict[Unit, int] = {"second": 1, "minute": 60, "day": 86_400, "week": 604_800}
_PATTERN = re.compile(r"([1-9][0-9]{0,3})?([SDWM]?)")

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
        """Read `1`, `60`, `1S`, `D`, `1W`, `3M`; a letter alone means one of it. ValueError for all else."""
        found = _PATTERN.fullmatch(text)
        if not text or found is None:
            raise ValueError(f"{text!r} is no resolution; write minutes (60) or a number with S, D, W or M")
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
