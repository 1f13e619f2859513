"""All bars of one symbol so far, at every resolution that its trades, or its finest bars, fold into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.bars.columns import Columns, last_bars
from service.bars.fold import LATE_MS, Fold, Forming, Held, Tick, held
from service.bars.resolution import Resolution

SECOND = Resolution(1, "second")
_STEPS = tuple(Resolution.parse(text) for text in ("1", "60", "1D"))
"""Kept beside the finest, so that long bars are not put together out of very many short ones."""


@dataclass(slots=True)
class _Level:
    """The bars of one resolution: those that are final, and, where trades may still change some, a fold of these."""

    resolution: Resolution
    done: Columns
    fold: Fold | None

    def parts(self, before_ms: int | None) -> list[Columns]:
        """The bars that begin before a moment, and maybe some more."""
        changing = [] if self.fold is None else list(self.fold)
        if not changing or (before_ms is not None and before_ms <= changing[0].time):
            return [self.done]
        return [self.done, Columns(changing)]

    def since(self, start_ms: int) -> Iterator[Held]:
        yield from self.done.since(start_ms)
        if self.fold is not None:
            yield from (bar for bar in self.fold if bar.time >= start_ms)


class History:
    """Folds one symbol's trades, or its bars of one resolution, into bars of all others and remembers them."""

    def __init__(self, finest: Resolution | None, *, most: int | None = None) -> None:
        """`finest` is the resolution of the bars that will be added; None where trades will be.

        At each of a few resolutions, beyond `most` bars, the oldest are forgotten.
        """
        self.finest = SECOND if finest is None else finest
        # Whole bars come in order, so that none but the latest of a coarser one changes any more.
        self._late_ms = LATE_MS if finest is None else 0
        steps = [step for step in _STEPS if step != self.finest and self.finest.divides(step)]
        self._levels = [self._level(step, most) for step in (self.finest, *steps)]
        if finest is not None:
            self._levels[0].fold = None
        self._followed: dict[Resolution, Fold | None] = {}
        self._folds: list[tuple[Fold, bool]] = []
        self._list_folds()

    @property
    def too_late(self) -> int:
        """How many trades came too late for their bar, and are in none."""
        fold = self._levels[0].fold
        return 0 if fold is None else fold.too_late

    def has(self, resolution: Resolution) -> bool:
        """Whether there are bars of it."""
        return self.finest.divides(resolution)

    def follow(self, resolution: Resolution) -> None:
        """Tell of its bars from now on; those that are forming have all that came before."""
        self._followed[resolution] = self._fold_of(resolution)
        self._list_folds()

    def unfollow(self, resolution: Resolution) -> None:
        """Tell of its bars no more."""
        self._followed.pop(resolution, None)
        self._list_folds()

    def add(self, tick: Tick) -> list[tuple[Resolution, Forming]]:
        """Take one trade; the bars that it changed, of the resolutions that are followed. None if it is too late."""
        changed: list[tuple[Resolution, Forming]] = []
        for fold, told in self._folds:
            bar = fold.add(tick)
            if bar is not None and told:
                changed.append((fold.resolution, bar))
        return changed

    def add_bar(self, bar: Forming) -> list[tuple[Resolution, Forming]]:
        """Take one bar of the finest resolution, later than all others; the bars that it changed or is."""
        exact = held(bar)
        self._levels[0].done.append(exact)
        changed: list[tuple[Resolution, Forming]] = []
        if self.finest in self._followed:
            changed.append((self.finest, bar))
        for fold, told in self._folds:
            coarser = fold.add_bar(exact)
            if coarser is not None and told:
                changed.append((fold.resolution, coarser))
        return changed

    def last(self, resolution: Resolution, before_ms: int | None, limit: int) -> tuple[list[Forming], bool]:
        """The last `limit` bars that begin before a moment, and whether there is nothing before them."""
        level = self._under(resolution)
        until = before_ms
        if before_ms is not None:
            until = resolution.next(resolution.floor(before_ms - 1))
        into = None if level.resolution == resolution else resolution
        return last_bars(level.parts(until), into, before_ms, limit)

    def _level(self, resolution: Resolution, most: int | None) -> _Level:
        done = Columns(most=most)
        return _Level(resolution, done, Fold(resolution, late_ms=self._late_ms, dropped=done.append))

    def _under(self, resolution: Resolution) -> _Level:
        """The coarsest of the levels whose bars this resolution's are made of."""
        return next(level for level in reversed(self._levels) if level.resolution.divides(resolution))

    def _fold_of(self, resolution: Resolution) -> Fold | None:
        level = self._under(resolution)
        if level.resolution == resolution:
            return level.fold
        fold = Fold(resolution, late_ms=self._late_ms)
        newest = self._newest_ms()
        if newest is not None:
            for bar in level.since(resolution.floor(newest - self._late_ms)):
                fold.add_bar(bar)
        return fold

    def _newest_ms(self) -> int | None:
        level = self._levels[0]
        if level.fold is None:
            return level.done.times[-1] if level.done.times else None
        return None if level.fold.bar is None else level.fold.bar.last_ms

    def _list_folds(self) -> None:
        """Every fold once, and whether it is followed."""
        kept = [level.fold for level in self._levels if level.fold is not None]
        more = [fold for fold in self._followed.values() if fold is not None and fold not in kept]
        self._folds = [(fold, fold.resolution in self._followed) for fold in (*kept, *more)]
