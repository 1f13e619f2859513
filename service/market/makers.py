"""Those who offer: they keep the order book that trades take from, and move it out of the trades' way."""

from __future__ import annotations

import math

from service.book import OrderBook, Side
from service.market.chance import STRENGTH, key_of, numbers
from service.market.listing import Listing
from service.market.splitting import Chance, Trade

DEPTH = 600
"""Levels of each side, about."""

_SLACK = 60
_PER_STEP = 4
_STEPS_MS = (200, 4_000)
"""How often makers think again, by the market's clock: in a lively market, and in one that hardly trades."""


class Makers:
    """The order book of one symbol, from a moment on. In ticks and lots.

    What it is depends on seed, symbol and the moment it begins, and on the trades since; on nothing else.
    """

    def __init__(self, seed: int, listing: Listing, begins_ms: int, ticks: int) -> None:
        """`ticks` is the last price before `begins_ms`."""
        self.book = OrderBook()
        self.changed_ms = begins_ms
        """When something of it changed last."""
        self._chance: Chance = numbers(key_of(seed, listing.symbol, "book"), begins_ms)
        self._lots = max(4, 2 * listing.lots_per_trade)
        self._gap = gap_of(listing, ticks)
        self._usual = 1.2 * DEPTH * (self._gap + 0.5)
        self._thought_ms = begins_ms
        self._rest_ms = round(min(max(15_000 / listing.trades_per_minute, _STEPS_MS[0]), _STEPS_MS[1]))
        self._fill(self.book.asks, ticks + 1, None)
        self._fill(self.book.bids, ticks - 1, None)

    def pass_time(self, upto_ms: int) -> None:
        """Do what makers do by themselves up to and with a moment."""
        # On a grid of its own, so that it matters to nobody how often this is called.
        while self._thought_ms + self._rest_ms <= upto_ms:
            self._thought_ms += self._rest_ms
            self._think()
            self.changed_ms = self._thought_ms

    def make_way(self, trade: Trade) -> None:
        """Have what a trade takes on offer, at the touch; it is still there when this returns."""
        taken, other = self._sides(trade)
        price = trade.ticks
        while taken.best is not None and taken.better(taken.best, price):
            taken.put(taken.best, 0)
        while other.best is not None and not other.better(price, other.best):
            other.put(other.best, 0)
        best = taken.best
        if best is None or taken.better(price, best):
            self._fill(taken, price, best)
        there = taken.size_at(price)
        if there < trade.lots:
            # Now and then a trade takes all there is.
            left = 0 if self._chance() < 0.3 else self._size(0)
            taken.put(price, trade.lots + left)
        self.changed_ms = trade.time

    def take(self, trade: Trade) -> None:
        """Take from the book what a trade takes, and close up behind it."""
        taken, other = self._sides(trade)
        price = trade.ticks
        taken.put(price, taken.size_at(price) - trade.lots)
        away = 1 if taken is self.book.asks else -1
        if taken.best != price:
            self._close_up(taken, price + away * self._some(self._gap))
        self._close_up(other, price - away * self._some(self._gap))
        self.changed_ms = trade.time

    def _sides(self, trade: Trade) -> tuple[Side, Side]:
        """The side that a trade takes from, and the other."""
        book = self.book
        return (book.asks, book.bids) if trade.buy else (book.bids, book.asks)

    def _close_up(self, side: Side, touch: int) -> None:
        """Offer from a price on up to what is on offer, unless that is near enough."""
        best = side.best
        if best is None or (side.better(touch, best) and abs(best - touch) > 2 * self._gap):
            self._fill(side, touch, best)
        self._keep_depth(side)

    def _fill(self, side: Side, price: int, until: float | None) -> None:
        """Levels from a price on, away from the touch, up to another or to the usual depth."""
        away = 1 if side is self.book.asks else -1
        for rank in range(DEPTH):
            if price < 1 or (until is not None and not side.better(price, until)):
                return
            side.put(price, self._size(rank))
            price += away * self._some(2 * self._gap)

    def _keep_depth(self, side: Side) -> None:
        """As many levels as usual: what is too far away goes, and where there are too few, more come there."""
        while len(side) > DEPTH + _SLACK:
            side.put(side.price(-1), 0)
        if len(side) < DEPTH - _SLACK and not self._sparse(side):
            away = 1 if side is self.book.asks else -1
            price = int(side.price(-1))
            for rank in range(len(side), DEPTH):
                price += away * self._some(2 * self._gap)
                if price < 1:
                    return
                side.put(price, self._size(rank))

    def _sparse(self, side: Side) -> bool:
        """Whether levels are further apart than usual."""
        return abs(side.price(-1) - side.price(0)) > self._usual

    def _think(self) -> None:
        """Change some sizes, most of them near the touch; come between levels, and go away."""
        chance = self._chance
        for _ in range(_PER_STEP):
            side = self.book.asks if chance() < 0.5 else self.book.bids
            levels = len(side)
            rank = int(levels * chance() ** 4)
            what = chance()
            if what < 0.6:
                side.put(side.price(rank), self._size(rank))
            elif self._sparse(side):
                self._come_between(side, int(levels * chance()))
            elif what < 0.8:
                self._go_away(side, rank)
            else:
                self._come_between(side, rank)
            self._keep_depth(side)

    def _go_away(self, side: Side, rank: int) -> None:
        """Take the level at this place away, unless that would leave a hole."""
        if rank == 0:
            side.put(side.price(0), 0)
            self._narrow(side)
        elif rank + 1 < len(side) and abs(side.price(rank + 1) - side.price(rank - 1)) <= 4 * self._gap:
            side.put(side.price(rank), 0)

    def _narrow(self, side: Side) -> None:
        """Where the best offer went away, and the next one is far, somebody offers again."""
        other = self.book.bids if side is self.book.asks else self.book.asks
        if abs(side.price(0) - other.price(0)) > 3 * self._gap:
            away = 1 if side is self.book.asks else -1
            self._fill(side, int(other.price(0)) + away * self._some(2 * self._gap), side.best)

    def _come_between(self, side: Side, rank: int) -> None:
        """A level before the one at this place, within the spread where that is the best."""
        price = int(side.price(rank))
        if rank:
            before = int(side.price(rank - 1))
        else:
            before = int((self.book.bids if side is self.book.asks else self.book.asks).price(0))
        room = abs(price - before) - 1
        if room >= 1:
            toward = -1 if side is self.book.asks else 1
            side.put(price + toward * (1 + int(room * self._chance() ** 2)), self._size(rank))

    def _size(self, rank: int) -> int:
        """How much stands at a level: more, the further away it is."""
        chance = self._chance
        return 1 + int(self._lots * (0.2 + 2.0 * chance() ** 2) * (1.0 + 3.0 * rank / (rank + 60)))

    def _some(self, most: int) -> int:
        """From 1 to so much, the same on average as any other."""
        return 1 + int(most * self._chance())


def gap_of(listing: Listing, ticks: int) -> int:
    """How far apart levels are, in ticks: in a book of every tick, a lively price would run away from all of it."""
    per_second = ticks * listing.liveliness * STRENGTH
    return max(1, round(per_second / math.sqrt(listing.trades_per_minute / 60) / 4))
