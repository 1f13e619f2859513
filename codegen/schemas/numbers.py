"""A number that meets demands: bounds, multiples, and values that it must not be."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.forms import plain
from codegen.schemas.holding import exact
from codegen.schemas.unfolding import Demand, value_of

if TYPE_CHECKING:
    from codegen.schemas.search import Outcome

MAX_TRIES = 20_000


def find(demands: set[Demand]) -> Outcome:
    """A number, or that there is none."""
    from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415 - it calls this one

    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    step: Fraction | None = None
    no_steps: list[Fraction] = []
    others: set[Fraction] = set()
    for demand in demands:
        match demand:
            case "low", bound, strict:
                low = (bound, strict) if low is None else max(low, (bound, strict))
            case "high", bound, strict:
                high = (bound, strict) if high is None else min(high, (bound, strict), key=_tightness)
            case "multiple", of, True:
                step = of if step is None else _common(step, of)
            case "multiple", of, False:
                no_steps.append(of)
            case "other", text:
                others.add(exact(value_of(text)))  # type: ignore[arg-type]
    if low and high and (low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))):
        return NONE
    if step is not None and any((step / of).denominator == 1 for of in no_steps):
        return NONE
    exhausted = True
    candidates = _free(low, high) if step is None else _stepped(low, high, step)
    for tries, value in enumerate(candidates):
        if tries > MAX_TRIES:
            exhausted = False
            break
        inside = (low is None or value > low[0] or (value == low[0] and not low[1])) and (
            high is None or value < high[0] or (value == high[0] and not high[1])
        )
        if inside and value not in others and all((value / of).denominator != 1 for of in no_steps):
            return Outcome(exists=True, value=_written(value))
    if step is None:  # finitely many exceptions do not fill a span
        span = low is None or high is None or low[0] < high[0]
        return UNKNOWN if span else NONE
    return NONE if exhausted else UNKNOWN


def _tightness(bound: tuple[Fraction, bool]) -> tuple[Fraction, bool]:
    return bound[0], not bound[1]


def _common(first: Fraction, second: Fraction) -> Fraction:
    """The least number that is a multiple of both."""
    return Fraction(lcm(first.numerator, second.numerator), gcd(first.denominator, second.denominator))


def _stepped(
    low: tuple[Fraction, bool] | None, high: tuple[Fraction, bool] | None, step: Fraction
) -> Iterator[Fraction]:
    """Multiples from zero on, or from the end that is nearest to it: all of them where both ends are given."""
    first = None if low is None else ceil(low[0] / step)
    last = None if high is None else floor(high[0] / step)
    if first is not None and first > 0:
        at, way = first, 1
    elif last is not None and last < 0:
        at, way = last, -1
    else:
        at, way = 0, 0
    while True:
        around = dict.fromkeys((at, -at) if way == 0 else (at,))
        inside = [n for n in around if (first is None or n >= first) and (last is None or n <= last)]
        if not inside:
            return
        yield from (step * number for number in inside)
        at += way or 1


def _free(low: tuple[Fraction, bool] | None, high: tuple[Fraction, bool] | None) -> Iterator[Fraction]:
    """Numbers between two ends, short ones first."""
    if low is not None and high is not None:
        start, end = low[0], high[0]
    elif low is not None:
        start, end = low[0], low[0] + 100
    elif high is not None:
        start, end = high[0] - 100, high[0]
    else:
        start, end = Fraction(-100), Fraction(100)
    if start <= 0 <= end:
        yield from (Fraction(0), Fraction(1), Fraction(1, 2))
    if low is not None:
        yield start
    if high is not None:
        yield end
    if start == end:
        return
    for digits in range(13):
        scale = 10**digits
        first, last = ceil(start * scale), floor(end * scale)
        middle = (first + last) // 2
        for number in dict.fromkeys(
            [*range(first, min(first + 60, last + 1)), *range(middle, min(middle + 60, last + 1))]
        ):
            yield Fraction(number, scale)


def _written(value: Fraction) -> Json:
    return value.numerator if value.denominator == 1 else plain(float(value))
