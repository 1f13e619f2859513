"""Bars that nothing changes any more, stored side by side: some eighty bytes each, and folded in a few steps."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from service.bars.fold import Forming, Held, nearest
from service.bars.resolution import Resolution


class Columns:
    """Bars in order of time."""

    def __init__(self, bars: Iterable[Held] = (), *, most: int | None = None) -> None:
        """Beyond `most` bars, the oldest are forgotten."""
        self.times = array("q")
        self.opens = array("d")
        self.highs = array("d")
        self.lows = array("d")
        self.closes = array("d")
        self.units: list[int] = []
        self.places = 0
        """The exact volumes are `units / 10 ** places`."""
        self._most = most
        for bar in bars:
            self.append(bar)

    def append(self, bar: Held) -> None:
        """Take one more bar, later than all others."""
        if bar.places > self.places:
            self.scale_to(bar.places)
        self.times.append(bar.time)
        self.opens.append(bar.open)
        self.highs.append(bar.high)
        self.lows.append(bar.low)
        self.closes.append(bar.close)
        self.units.append(bar.units * _power(self.places - bar.places))
        if self._most is not None and len(self.times) > self._most + self._most // 4:
            for column in (self.times, self.opens, self.highs, self.lows, self.closes, self.units):
                del column[: len(column) - self._most]

    def scale_to(self, places: int) -> None:
        """Count volumes in units of 10^-places, which may only become finer."""
        finer = _power(places - self.places)
        self.units = [units * finer for units in self.units]
        self.places = places

    def since(self, start_ms: int) -> Iterator[Held]:
        """The bars that begin at this moment or later."""
        scale = _power(self.places)
        for index in range(bisect_left(self.times, start_ms), len(self.times)):
            at, units = self.times[index], self.units[index]
            yield Held(*self._prices(index), nearest(units, scale), at, 0, at, 0, units, self.places)

    def backwards(self, end: int) -> Iterator[Forming]:
        """The bars before an index, the last one first."""
        scale = _power(self.places)
        for index in range(end - 1, -1, -1):
            yield Forming(*self._prices(index), nearest(self.units[index], scale))

    def _prices(self, index: int) -> tuple[int, float, float, float, float]:
        return self.times[index], self.opens[index], self.highs[index], self.lows[index], self.closes[index]


def last_bars(
    parts: Sequence[Columns], resolution: Resolution | None, before_ms: int | None, limit: int
) -> tuple[list[Forming], bool]:
    """The last `limit` bars that begin before a moment, oldest first, and whether there is nothing before them.

    The parts follow one another in time. Their bars are folded into those of a resolution that they divide, or
    given as they are. All of a bar counts that begins before the moment, also what of it comes later.
    """
    until = before_ms
    if resolution is not None and before_ms is not None:
        until = resolution.next(resolution.floor(before_ms - 1))
    ends = [len(part.times) if until is None else bisect_left(part.times, until) for part in parts]
    if resolution is None:
        last = chain.from_iterable(
            part.backwards(end) for part, end in reversed(list(zip(parts, ends, strict=True)))
        )
        bars = list(islice(last, limit))
        return bars[::-1], len(bars) == sum(ends)
    places = max(part.places for part in parts)
    for part in parts:
        part.scale_to(places)
    scale = _power(places)
    bars = []
    while any(ends) and len(bars) < limit:
        newest = max(part.times[end - 1] for part, end in zip(parts, ends, strict=True) if end)
        start = resolution.floor(newest)
        begins = [bisect_left(part.times, start, 0, end) for part, end in zip(parts, ends, strict=True)]
        spans = [
            (part, slice(begin, end))
            for part, begin, end in zip(parts, begins, ends, strict=True)
            if begin < end
        ]
        (first, opening), (last_part, closing) = spans[0], spans[-1]
        bars.append(
            Forming(
                start,
                first.opens[opening.start],
                max(max(part.highs[span]) for part, span in spans),
                min(min(part.lows[span]) for part, span in spans),
                last_part.closes[closing.stop - 1],
                nearest(sum(sum(part.units[span]) for part, span in spans), scale),
            )
        )
        ends = begins
    return bars[::-1], not any(ends)


def _power(places: int) -> int:
    power: int = 10**places
    return power
