"""Trades folded into bars: exactly, and in whatever order they arrive.

A bar is what its trades make of it in the order of (time, id), not in the order of their coming: the first one
opens it, the last one closes it. A late trade corrects the bar that it belongs to. A span without trades has no
bar. Sizes are added up as the decimal numbers that they are written as, so 0.1 + 0.2 is 0.3.
"""

from __future__ import annotations

import sys
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from service.bars.resolution import Resolution

LATE_MS = 3_600_000
"""How much older than the newest trade one may be, by default, and still be taken: an hour."""

_FAST_PLACES = 22
"""Powers of ten up to this one are doubles."""
_FAST_UNITS = 10**15
"""Any two decimal numbers of no more than 15 digits are two different doubles."""


class Tick(NamedTuple):
    """One trade: when (Unix milliseconds), at what price, how much, and its place among those of one time."""

    time_ms: int
    price: float
    size: float
    id: int


@dataclass(slots=True)
class Forming:
    """A bar, finished or not. Times are Unix milliseconds; low ≤ open, close ≤ high always holds."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(slots=True)
class Held(Forming):
    """A bar, and what it takes to put another trade into it at its place."""

    first_ms: int
    first_id: int
    last_ms: int
    last_id: int
    units: int
    """The exact volume, `units / 10 ** places`; `volume` is the double nearest to it."""
    places: int


class Fold:
    """Folds one symbol's trades, or its finer bars, into bars of one resolution.

    Remembers the bars of the last `late_ms` milliseconds. The bound is one of time and not of bars, so that folds
    of different resolutions take, or leave out, the same trades.
    """

    def __init__(
        self,
        resolution: Resolution,
        *,
        late_ms: int = LATE_MS,
        dropped: Callable[[Held], None] | None = None,
    ) -> None:
        """`dropped` is given each bar that is forgotten, oldest first: nothing will change it any more."""
        self.resolution = resolution
        self.bar: Held | None = None
        """The latest bar."""
        self.too_late = 0
        """How many trades, or bars, were too old to be taken."""
        self._late_ms = late_ms
        self._dropped = dropped
        self._ends_ms = 0
        self._held: dict[int, Held] = {}
        self._starts: list[int] = []
        self._scale_to(0)

    def __iter__(self) -> Iterator[Held]:
        """The bars that are remembered, oldest first."""
        return (self._held[start] for start in list(self._starts))

    def add(self, tick: Tick) -> Held | None:
        """Take one trade into the bar that it belongs to, and give that bar as it stands now.

        None where the trade is too late; it is counted then. The bar is the fold's own: it goes on changing. Of
        trades with the same time and id the later to come is the later one. Sizes are finite and not negative.
        """
        at, price, size, number = tick
        bar = self.bar
        if bar is None or not bar.last_ms <= at < self._ends_ms:
            bar = self._bar_at(at, price, number)
            if bar is None:
                return None
        if price > bar.high:
            bar.high = price
        elif price < bar.low:
            bar.low = price
        if at > bar.last_ms or (at == bar.last_ms and number >= bar.last_id):
            bar.close, bar.last_ms, bar.last_id = price, at, number
        elif at < bar.first_ms or (at == bar.first_ms and number < bar.first_id):
            bar.open, bar.first_ms, bar.first_id = price, at, number
        units = int(size * self._multiplier + 0.5)
        if units >= self._fast_units or units / self._multiplier != size:
            units = self._units_of(size)
        bar.units = units = bar.units + units
        try:
            bar.volume = units / self._scale
        except OverflowError:
            bar.volume = sys.float_info.max
        return bar

    def add_bar(self, bar: Forming) -> Held | None:
        """Take one finer bar, which stands for all trades of its span, and give the bar that it belongs to.

        Each finer bar is given once, when nothing changes it any more; in any order, as trades are. It must lie
        within one bar of this resolution (`Resolution.divides`). None where it is too late.
        """
        first = (bar.first_ms, bar.first_id) if isinstance(bar, Held) else (bar.time, 0)
        last = (bar.last_ms, bar.last_id) if isinstance(bar, Held) else (bar.time, 0)
        into = self._bar_at(first[0], bar.open, first[1])
        if into is None:
            return None
        into.high = max(into.high, bar.high)
        into.low = min(into.low, bar.low)
        if last >= (into.last_ms, into.last_id):
            into.close, (into.last_ms, into.last_id) = bar.close, last
        if first < (into.first_ms, into.first_id):
            into.open, (into.first_ms, into.first_id) = bar.open, first
        # Before it is added: what the fold holds may have to be counted in finer units first.
        units = self._units_in(bar) if isinstance(bar, Held) else self._units_of(bar.volume)
        into.units += units
        into.volume = nearest(into.units, self._scale)
        return into

    def _bar_at(self, at_ms: int, price: float, number: int) -> Held | None:
        """The bar of this moment, begun with no volume where there is none; None for what is too late."""
        newest = self.bar
        if newest is not None and at_ms < newest.last_ms - self._late_ms:
            self.too_late += 1
            return None
        start = self.resolution.floor(at_ms)
        bar = self._held.get(start)
        if bar is None:
            bar = Held(start, price, price, price, price, 0.0, at_ms, number, at_ms, number, 0, self._places)
            self._held[start] = bar
            insort(self._starts, start)
            if newest is None or start > newest.time:
                self.bar = bar
                self._ends_ms = self.resolution.next(start)
                self._forget(at_ms - self._late_ms)
        return bar

    def _forget(self, before_ms: int) -> None:
        """Let go of the bars that ended at this moment or before."""
        while self.resolution.next(self._starts[0]) <= before_ms:
            bar = self._held.pop(self._starts.pop(0))
            if self._dropped is not None:
                self._dropped(bar)

    def _units_of(self, size: float) -> int:
        """A size in units of the fold, which become finer where it takes that."""
        return self._scaled(*_exact(size))

    def _units_in(self, bar: Held) -> int:
        return self._scaled(bar.units, bar.places)

    def _scaled(self, units: int, places: int) -> int:
        if places > self._places:
            self._scale_to(places)
        finer: int = 10 ** (self._places - places)
        return units * finer

    def _scale_to(self, places: int) -> None:
        """Count in units of 10^-places from now on."""
        for bar in self._held.values():
            bar.units *= 10 ** (places - bar.places)
            bar.places = places
        self._places = places
        self._scale = 10**places
        fast = places <= _FAST_PLACES
        self._multiplier = float(self._scale) if fast else 1.0
        self._fast_units = _FAST_UNITS if fast else -1


def held(bar: Forming) -> Held:
    """A bar that stands for all trades of its span, ready to be folded into coarser ones."""
    units, places = _exact(bar.volume)
    return Held(
        bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume,
        bar.time, 0, bar.time, 0, units, places,
    )  # fmt: skip


def nearest(units: int, scale: int) -> float:
    """The double nearest to a quotient; the largest there is where that is too small."""
    try:
        return units / scale
    except OverflowError:
        return sys.float_info.max


def _exact(size: float) -> tuple[int, int]:
    """A number as it is written: units, and how many of its digits stand after the point."""
    sign, digits, exponent = Decimal(repr(float(size))).as_tuple()
    assert isinstance(exponent, int)
    units = int("".join(map(str, digits))) * (-1 if sign else 1)
    if exponent >= 0:
        whole: int = 10**exponent
        return units * whole, 0
    # 5.0 is 5.
    return (units // 10, -exponent - 1) if units % 10 == 0 else (units, -exponent)
