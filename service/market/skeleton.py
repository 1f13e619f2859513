"""All that one symbol ever did, and will do: months, days, hours, minutes and trades, each told when asked for.

Nothing is stored. A month is a function of seed, symbol and month; its days are what it is split into, and so on
down to the trades. So any bar of any time costs no more than the spans that it lies in, and equals what its
trades fold into.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import UTC, datetime
from functools import lru_cache

from service.market.chance import STRENGTH, Drift, key_of, numbers
from service.market.listing import Listing
from service.market.splitting import Span, Trade, split, trades, whole

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
MONTHS_MS = [
    int((datetime(year, month, 1, tzinfo=UTC) - _EPOCH).total_seconds()) * 1000
    for year in range(_FIRST_YEAR, _LAST_YEAR + 1)
    for month in range(1, 13)
]
"""When each month begins that the market knows, Unix milliseconds; the last one is the end."""

BEGINS_MS, ENDS_MS = MONTHS_MS[0], MONTHS_MS[-1]
"""There are no trades before, and none after."""

_BUSY = tuple(0.55 + 0.45 * (1 - abs(hour - 15) / 12) ** 2 * 2 for hour in range(24))
"""How busy each hour of a day is, in UTC; the afternoon is busiest."""
_EVEN = (1.0,) * 60


class Skeleton:
    """One symbol of one seed. The same answers in whatever order one asks; moments are Unix milliseconds."""

    def __init__(self, seed: int, listing: Listing) -> None:
        self.listing = listing
        key = key_of(seed, listing.symbol)
        self._keys = {level: key_of(key, level) for level in ("month", "day", "hour", "minute", "trade")}
        self._drift = Drift(key, listing.liveliness)
        self._per_minute = listing.trades_per_minute * listing.lots_per_trade
        # What is asked for once is asked for again: neighbours lie in the same span. Bounded, some 3 MB in all.
        self.month = lru_cache(maxsize=512)(self._month)
        self._days = lru_cache(maxsize=64)(self._days_of)
        self._hours = lru_cache(maxsize=64)(self._hours_of)
        self._minutes = lru_cache(maxsize=64)(self._minutes_of)
        self.trades = lru_cache(maxsize=4)(self._trades_of)

    def day(self, begins_ms: int) -> Span | None:
        """The day that begins at this moment."""
        month = month_of(begins_ms)
        return self._days(month)[(begins_ms - MONTHS_MS[month]) // DAY_MS]

    def hour(self, begins_ms: int) -> Span | None:
        """The hour that begins at this moment; None where nothing was traded."""
        day, hour = divmod(begins_ms, DAY_MS)
        return self._hours(day)[hour // HOUR_MS]

    def minute(self, begins_ms: int) -> Span | None:
        """The minute that begins at this moment; None where nothing was traded."""
        hour, minute = divmod(begins_ms, HOUR_MS)
        return self._minutes(hour)[minute // MINUTE_MS]

    def _month(self, month: int) -> Span:
        """A month by its place in MONTHS_MS."""
        begins, ends = MONTHS_MS[month], MONTHS_MS[month + 1]
        listing = self.listing
        opened, closed = self._level(begins), self._level(ends)
        sigma = opened * listing.liveliness * STRENGTH * math.sqrt((ends - begins) / 1000)
        chance = numbers(self._keys["month"], month)
        volume = self._per_minute * (ends - begins) / MINUTE_MS * (0.7 + 0.6 * chance())
        return whole(chance, opened, closed, sigma, int(volume))

    def _level(self, at_ms: int) -> int:
        price = self.listing.base * self._drift.factor(at_ms / 1000)
        return max(1, self.listing.ticks_of(price))

    def _days_of(self, month: int) -> list[Span | None]:
        count = (MONTHS_MS[month + 1] - MONTHS_MS[month]) // DAY_MS
        return split(numbers(self._keys["day"], month), self.month(month), (1.0,) * count, 0.0)

    def _hours_of(self, day: int) -> list[Span | None]:
        """The hours of a day, counted from 1970."""
        span = self.day(day * DAY_MS)
        return [None] * 24 if span is None else split(numbers(self._keys["hour"], day), span, _BUSY, 0.0)

    def _minutes_of(self, hour: int) -> list[Span | None]:
        """The minutes of an hour, counted from 1970."""
        span = self.hour(hour * HOUR_MS)
        if span is None:
            return [None] * 60
        return split(numbers(self._keys["minute"], hour), span, _EVEN, self.listing.idle)

    def _trades_of(self, minute: int) -> list[Trade]:
        """The trades of a minute, counted from 1970, in order; ids increase from minute to minute."""
        span = self.minute(minute * MINUTE_MS)
        if span is None:
            return []
        listing = self.listing
        return trades(
            numbers(self._keys["trade"], minute),
            span,
            minute,
            rate=listing.trades_per_minute / (1.0 - listing.idle),
            lots=listing.lots_per_trade,
        )


def month_of(at_ms: int) -> int:
    """The place in MONTHS_MS of the month that a moment lies in."""
    return bisect_right(MONTHS_MS, at_ms) - 1
