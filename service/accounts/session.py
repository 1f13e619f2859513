"""One hour of an account: it begins with nothing but money, trades, and holds nothing again at its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from service.accounts.holding import NOTHING, Holding
from service.accounts.order import Fill, Order, Side, price_of, quantity_of
from service.market.chance import STRENGTH, numbers
from service.market.history import last_price
from service.market.skeleton import HOUR_MS, MINUTE_MS, Skeleton
from service.market.splitting import Trade

SESSION_MS = HOUR_MS
CLOSING_MS = 90_000
"""How long before its end an account gives up its orders and sells what it holds."""

_LOOK = 32
"""Happenings between two looks at the clock."""
_PATIENCE_MS = 30_000
"""An order's limit is as far away as prices move in this time."""
_SHARE = 4
"""Of a trade, at most one part in so many is the account's."""
_LARGEST = Decimal("0.5")
"""What one order may be worth, as a part of the money that the account began with."""
_MOST = Decimal(1)
"""What all that is held of one symbol may be worth, counted likewise."""

Heard: TypeAlias = Callable[[Order, Fill | None], None]
"""Is told of every change of an order, in the order in which they happen."""


class _Whim(NamedTuple):
    """Numbers in [0, 1) that an order is made of."""

    symbol: float
    side: float
    type: float
    value: float
    excess: float
    limit: float
    patience: float


class _Happening(NamedTuple):
    """Sorts by time; of one moment, trades come before what the account does, so that it has seen them."""

    time: int
    rank: int
    """The place of a trade's symbol; above all of them for a whim."""
    place: int
    what: Trade | _Whim


class Session:
    """What happens depends on nothing but key, markets and time: not on how far one goes at once."""

    def __init__(
        self, key: int, markets: Sequence[Skeleton], begins_ms: int, opening: Decimal, heard: Heard
    ) -> None:
        """`opening` is the money that it begins with."""
        self.begins_ms = begins_ms
        self.ends_ms = begins_ms + SESSION_MS
        self.reached_ms = begins_ms - 1
        self.opening = opening
        self.realized = NOTHING
        self.holdings = {market.listing.symbol: Holding() for market in markets}
        self.working: dict[str, Order] = {}
        self._key = key
        self._markets = markets
        self._heard = heard
        self._last = [self._before(market) for market in markets]
        self._placed = 0
        self._minute = begins_ms // MINUTE_MS
        self._happenings = self._of_minute()
        self._next = 0
        self._closed = False

    @property
    def prices(self) -> Mapping[str, Decimal]:
        """The price of the last trade of each symbol."""
        return {
            market.listing.symbol: price_of(market.listing, ticks)
            for market, ticks in zip(self._markets, self._last, strict=True)
        }

    def advance(self, upto_ms: int, until: float) -> bool:
        """Go on to a moment, which is included; False where `until` (time.perf_counter) came first."""
        upto_ms = min(upto_ms, self.ends_ms - 1)
        while True:
            for place in range(self._next, len(self._happenings)):
                happening = self._happenings[place]
                self._next = place
                if happening.time > upto_ms:
                    self._pass_time(upto_ms)
                    return True
                if place % _LOOK == 0 and time.perf_counter() > until:
                    return False
                self._pass_time(happening.time)
                self._happen(happening)
            self._next = len(self._happenings)
            minute_ends_ms = (self._minute + 1) * MINUTE_MS
            self._pass_time(min(upto_ms, minute_ends_ms - 1))
            if upto_ms < minute_ends_ms:
                return True
            self._minute += 1
            self._happenings = self._of_minute()
            self._next = 0

    def _before(self, market: Skeleton) -> int:
        last = last_price(market, self.begins_ms - 1)
        return market.listing.ticks_of(market.listing.base) if last is None else last

    def _of_minute(self) -> list[_Happening]:
        """Everything that happens in the present minute, in order."""
        happenings = [
            _Happening(trade.time, rank, place, trade)
            for rank, market in enumerate(self._markets)
            for place, trade in enumerate(market.trades(self._minute))
        ]
        chance = numbers(self._key, self._minute)
        for place in range(2 + int(4 * chance())):
            at_ms = self._minute * MINUTE_MS + int(chance() * MINUTE_MS)
            whim = _Whim(*(chance() for _ in range(7)))
            happenings.append(_Happening(at_ms, len(self._markets), place, whim))
        happenings.sort()
        return happenings

    def _happen(self, happening: _Happening) -> None:
        if isinstance(happening.what, Trade):
            self._last[happening.rank] = happening.what.ticks
            if self.working:
                self._fill(self._markets[happening.rank].listing.symbol, happening.what)
        elif not self._closed:
            self._wish(happening.what, happening.time)

    def _pass_time(self, at_ms: int) -> None:
        """Do what is due by a moment, without anything happening in the market."""
        if not self._closed:
            closes_ms = self.ends_ms - CLOSING_MS
            self._expire(min(at_ms, closes_ms))
            if at_ms >= closes_ms:
                self._close(closes_ms)
        if at_ms == self.ends_ms - 1 and self.working:
            self._settle(at_ms)
        self.reached_ms = max(self.reached_ms, at_ms)

    def _expire(self, at_ms: int) -> None:
        due = [
            (order.expires_ms, order.order_id)
            for order in self.working.values()
            if order.expires_ms is not None and order.expires_ms <= at_ms
        ]
        for expires_ms, order_id in sorted(due):
            self._change(self.working[order_id].ended("cancelled", expires_ms, "It was not filled in time."))

    def _close(self, at_ms: int) -> None:
        """Give up every order, and sell or buy back what is held."""
        self._closed = True
        for order in list(self.working.values()):
            self._change(order.ended("cancelled", at_ms, "The session ends."))
        for market in self._markets:
            listing = market.listing
            held = self.holdings[listing.symbol].quantity
            if held:
                lots = int(abs(held) / quantity_of(listing, 1))
                self._place(market, "sell" if held > 0 else "buy", lots, None, at_ms, None)

    def _settle(self, at_ms: int) -> None:
        """Nobody traded for so long: what is left goes at the last price."""
        for order in list(self.working.values()):
            place = list(self.holdings).index(order.listing.symbol)
            trade = Trade(at_ms, self._last[place], order.lots, order.side == "sell", 0)
            self._fill_one(order, trade, order.lots - order.filled)

    def _wish(self, whim: _Whim, at_ms: int) -> None:
        """Place the order that a whim asks for."""
        place = int(whim.symbol * len(self._markets))
        market, last = self._markets[place], self._last[place]
        listing = market.listing
        price, unit = price_of(listing, last), quantity_of(listing, 1)
        holding = self.holdings[listing.symbol]
        # Who holds much would rather sell.
        held = float(holding.quantity * price / (self.opening * _MOST))
        side: Side = "sell" if whim.side < 0.5 + 0.45 * min(max(2 * held, -1.0), 1.0) else "buy"
        part = 0.02 + 0.12 * whim.value**2
        if whim.excess < 0.04:
            part *= 30
        lots = max(1, int(float(self.opening) * part / float(price * unit)))
        if whim.type < 0.3:
            self._place(market, side, lots, None, at_ms, None)
            return
        way = last * listing.liveliness * STRENGTH * math.sqrt(_PATIENCE_MS / 1000)
        limit = max(1, last + round((0.25 - whim.limit) * 2 * way) * (1 if side == "buy" else -1))
        expires_ms = at_ms + 15_000 + int(whim.patience * 90_000)
        self._place(market, side, lots, limit, at_ms, expires_ms)

    def _place(  # noqa: PLR0917, an order is made of this much
        self, market: Skeleton, side: Side, lots: int, limit: int | None, at_ms: int, expires_ms: int | None
    ) -> None:
        self._placed += 1
        order = Order(
            order_id=f"{self.begins_ms // SESSION_MS}-{self._placed}",
            listing=market.listing,
            side=side,
            lots=lots,
            limit=limit,
            placed_ms=at_ms,
            expires_ms=expires_ms,
            status="working",
            time=at_ms,
        )
        excess = None if self._closed else self._excess(order)
        self._change(order if excess is None else order.ended("rejected", at_ms, excess))

    def _excess(self, order: Order) -> str | None:
        """Why the account cannot afford an order, where that is so."""
        symbol = order.listing.symbol
        price = self.prices[symbol]
        quantity = quantity_of(order.listing, order.lots) * order.signed
        waiting = sum(
            quantity_of(other.listing, other.lots - other.filled) * other.signed
            for other in self.working.values()
            if other.listing.symbol == symbol and other.side == order.side
        )
        held = self.holdings[symbol].quantity
        after = held + waiting + quantity
        if abs(quantity) * price > self.opening * _LARGEST:
            return "It is worth more than half of the account."
        if abs(after) * price > self.opening * _MOST and abs(after) > abs(held):
            return f"With it, the account would hold more of {symbol} than it is worth."
        return None

    def _fill(self, symbol: str, trade: Trade) -> None:
        """Carry out what a trade allows: over all orders no more than a part of it, others are there as well."""
        left = -(-trade.lots // _SHARE)
        for order in list(self.working.values()):
            if left and order.listing.symbol == symbol and order.takes(trade.ticks):
                lots = min(left, order.lots - order.filled)
                left -= lots
                self._fill_one(order, trade, lots)

    def _fill_one(self, order: Order, trade: Trade, lots: int) -> None:
        listing = order.listing
        quantity = quantity_of(listing, lots) * order.signed
        price = price_of(listing, trade.ticks)
        profit = self.holdings[listing.symbol].fill(quantity, price)
        self.realized += profit
        fill = Fill(order.order_id, listing.symbol, quantity, price, profit, trade.id, trade.time)
        self._change(order.after(trade, lots), fill)

    def _change(self, order: Order, fill: Fill | None = None) -> None:
        if order.working:
            self.working[order.order_id] = order
        else:
            self.working.pop(order.order_id, None)
        self._heard(order, fill)
