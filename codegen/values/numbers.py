"""Numbers within bounds: small ones, with few digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, isfinite, lcm
from random import Random

from codegen.contract import SchemaDict

_NOW_MS = 1_767_623_400_000
"""What clocks show where nothing says otherwise: a Monday in January 2026, 14:30 UTC."""

_WHOLE = re.compile(
    r"(^|_)(code|count|id|ids|index|length|limit|number|offset|page|port|seq|sequence|total|version)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_count(name: str) -> bool:
    """Whether a number of this name has no decimals, as a rule."""
    return _WHOLE.search(_CAMEL.sub("_", name).lower()) is not None


def number(
    parts: Sequence[SchemaDict], random: Random, *, whole: bool, clock: int = 0, attempt: int = 0
) -> int | float | None:
    """A number that keeps to the bounds of all parts; None where there is none.

    `clock` is how many of its units a second has, where the number is a time; 0 where it is none.
    """
    low, high = _bounds(parts)
    step = _step(parts, low, high, whole=whole)
    first = None if low is None else ceil(low[0] / step)
    last = None if high is None else floor(high[0] / step)
    if first is not None and low is not None and low[1] and first * step == low[0]:
        first += 1
    if last is not None and high is not None and high[1] and last * step == high[0]:
        last -= 1
    if first is not None and last is not None and first > last:
        return None
    around = floor(_NOW_MS * clock / 1000 / step) if clock else 0
    width = floor((3600 * clock if clock else 1000 if attempt < 6 else 10**6) / step) or 20
    start, end = _window(first, last, around, min(width, 2**53))
    value = random.randint(start, end) * step
    return int(value) if value.denominator == 1 else float(value)


def _window(first: int | None, last: int | None, around: int, width: int) -> tuple[int, int]:
    """A part of the range in which to choose: from `around` up where that is inside, else at the nearest end."""
    start, end = around, around + width
    if first is not None and start < first:
        start, end = first, first + width
    if last is not None and end > last:
        end = last
        if start > last:
            start = last - width
    if first is not None:
        start = max(start, first)
    return min(start, end), end


def _bounds(
    parts: Sequence[SchemaDict],
) -> tuple[tuple[Fraction, bool] | None, tuple[Fraction, bool] | None]:
    """The least and the greatest value, each with whether it is itself excluded."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    for part in parts:
        for keyword, exclusive in (("minimum", False), ("exclusiveMinimum", True)):
            bound = exact(part.get(keyword))
            if bound is not None and (low is None or (bound, exclusive) > low):
                low = bound, exclusive
        for keyword, exclusive in (("maximum", False), ("exclusiveMaximum", True)):
            bound = exact(part.get(keyword))
            if bound is not None and (high is None or (bound, not exclusive) < (high[0], not high[1])):
                high = bound, exclusive
    return low, high


def _step(
    parts: Sequence[SchemaDict],
    low: tuple[Fraction, bool] | None,
    high: tuple[Fraction, bool] | None,
    *,
    whole: bool,
) -> Fraction:
    """What every number to choose from is a multiple of."""
    steps = [step for part in parts if (step := exact(part.get("multipleOf"))) is not None and step > 0]
    if whole:
        steps.append(Fraction(1))
    if not steps:
        step = Fraction(1, 100)
        if low is not None and high is not None:
            if low[0] == high[0] != 0:
                return abs(low[0])
            while 0 < high[0] - low[0] < 10 * step:
                step /= 10
        return step
    step = steps[0]
    for other in steps[1:]:
        step = Fraction(
            lcm(step.numerator * other.denominator, other.numerator * step.denominator),
            step.denominator * other.denominator,
        )
    return step


def exact(value: object) -> Fraction | None:
    """A JSON number without the error that its binary form has; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return Fraction(repr(value))
