"""Trades folded into the bar that is forming."""

from __future__ import annotations

from dataclasses import dataclass

from service.bars.resolution import Resolution


@dataclass(slots=True)
class Forming:
    """A bar that is still forming. Times are Unix milliseconds; low ≤ open, close ≤ high always holds."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class Fold:
    """Folds one symbol's trades, in order of time, into bars of one resolution."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.bar: Forming | None = None
        self._ends_ms = 0

    def add(self, at_ms: int, price: float, size: float) -> Forming:
        """Take one trade into the bar that it belongs to, and give that bar as it stands now."""
        bar = self.bar
        if bar is None or at_ms >= self._ends_ms:
            start = self.resolution.floor(at_ms)
            self._ends_ms = self.resolution.next(start)
            self.bar = bar = Forming(start, price, price, price, price, size)
            return bar
        bar.high = max(bar.high, price)
        bar.low = min(bar.low, price)
        bar.close = price
        bar.volume += size
        return bar
