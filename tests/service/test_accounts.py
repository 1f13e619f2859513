"""A simulated account: the same for whoever asks, exact to the cent, and its orders are filled by the market."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from service.accounts import Fill, Holding, Order, SimulatedAccount
from service.accounts.account import TRADED
from service.accounts.holding import cents
from service.accounts.order import price_of, quantity_of
from service.accounts.session import CLOSING_MS, SESSION_MS
from service.market.listing import LISTINGS
from service.market.skeleton import MINUTE_MS, Skeleton

START_MS = 1_767_621_600_000
"""A Monday, 14:00 UTC, when a session begins; Unix milliseconds."""

MARKETS = {listing.symbol: Skeleton(1, listing) for listing in LISTINGS if listing.symbol in TRADED}

FINAL = {"filled", "cancelled", "rejected"}


class Lived:
    """An account, and all that it did."""

    def __init__(self, account_id: str = "DEMO-1", seed: int = 1) -> None:
        self.account = SimulatedAccount(seed, account_id, MARKETS, self._heard)
        self.heard: list[tuple[Order, Fill | None]] = []

    def _heard(self, order: Order, fill: Fill | None) -> None:
        self.heard.append((order, fill))

    @property
    def fills(self) -> list[Fill]:
        """All parts of orders that were carried out."""
        return [fill for _, fill in self.heard if fill is not None]

    def to(self, at_ms: int) -> Lived:
        """Go on to a moment."""
        assert self.account.advance(at_ms, math.inf)
        return self


def held_by(fills: list[Fill]) -> dict[str, Decimal]:
    """What one holds after these, as plainly as can be."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in fills:
        held[fill.symbol] += fill.quantity
    return {symbol: quantity for symbol, quantity in held.items() if quantity}


@pytest.fixture(scope="module")
def hour() -> Lived:
    """A whole session of an account."""
    return Lived().to(START_MS + SESSION_MS - 1)


@pytest.mark.parametrize("step_ms", [250, 7_001, 10 * MINUTE_MS])
def test_how_far_one_goes_at_once_does_not_matter(step_ms: int, hour: Lived) -> None:
    """An account that is looked at often does what one does that nobody watched."""
    often = Lived()
    upto_ms = START_MS + 12 * MINUTE_MS
    for at_ms in range(START_MS, upto_ms, step_ms):
        often.to(at_ms)
    often.to(upto_ms)
    assert often.heard == [(order, fill) for order, fill in hour.heard if order.time <= upto_ms]


def test_who_comes_late_sees_the_same(hour: Lived) -> None:
    """One that begins within a session has gone through all of it up to there."""
    late = Lived().to(START_MS + 20 * MINUTE_MS)
    watched = Lived().to(START_MS - 1).to(START_MS + 20 * MINUTE_MS)
    assert late.account.positions() == watched.account.positions()
    assert late.account.worth() == watched.account.worth()
    assert late.account.orders() == watched.account.orders()


def test_work_comes_in_slices() -> None:
    """Who has no time left does a part; the next call goes on there, and the outcome is the same."""
    sliced, upto_ms = Lived(), START_MS + 5 * MINUTE_MS
    calls = 1
    while not sliced.account.advance(upto_ms, time.perf_counter() + 0.0005):
        calls += 1
    assert calls > 5
    assert sliced.heard == Lived().to(upto_ms).heard


def test_ids_and_seeds_make_other_accounts(hour: Lived) -> None:
    """Two ids, or two seeds, have nothing in common but the market."""
    upto_ms = START_MS + 2 * MINUTE_MS
    known = [order for order, _ in hour.heard if order.time <= upto_ms]
    for other in (Lived("DEMO-2"), Lived(seed=2)):
        assert [order for order, _ in other.to(upto_ms).heard] != known
    assert len({tuple(Lived(f"DEMO-{number}").account.symbols) for number in range(20)}) > 10


def test_an_order_only_goes_forward(hour: Lived) -> None:
    """It is placed once, filled further and further up to its quantity, and ends once; all that can happen does."""
    orders: dict[str, list[Order]] = {}
    for order, _ in hour.heard:
        orders.setdefault(order.order_id, []).append(order)
    for life in orders.values():
        assert life[0].status in {"working", "rejected"}
        assert life[0].filled == 0
        for before, after in pairwise(life):
            assert before.status not in FINAL
            assert after.status != "working"
            assert before.filled <= after.filled <= after.lots
            assert before.time <= after.time
            fixed = ("side", "lots", "limit", "placed_ms", "listing")
            assert [getattr(before, name) for name in fixed] == [getattr(after, name) for name in fixed]
        assert life[-1].status in FINAL
        assert all((order.filled == order.lots) == (order.status == "filled") for order in life)
        assert (life[-1].reason is not None) == (life[-1].status in {"cancelled", "rejected"})
    assert {life[-1].status for life in orders.values()} == FINAL
    assert any(order.status == "partially_filled" for life in orders.values() for order in life)
    assert any(life[-1].status == "cancelled" and life[-1].filled for life in orders.values())


def test_fills_are_trades_of_the_market(hour: Lived) -> None:
    """Each has time and price of a trade, none is worse than its order's limit, and no trade is filled twice."""
    trades = {
        (symbol, trade.id): trade
        for symbol in hour.account.symbols
        for minute in range(START_MS // MINUTE_MS, (START_MS + SESSION_MS) // MINUTE_MS)
        for trade in MARKETS[symbol].trades(minute)
    }
    taken: Counter[tuple[str, int]] = Counter()
    before: dict[str, Order] = {}
    for order, fill in hour.heard:
        if fill is not None:
            trade = trades[fill.symbol, fill.trade]
            assert (fill.time, fill.price) == (trade.time, price_of(order.listing, trade.ticks))
            assert fill.time >= order.placed_ms
            if order.limit_price is not None:
                assert (fill.price - order.limit_price) * order.signed <= 0
            lots = order.filled - before[order.order_id].filled
            assert fill.quantity == quantity_of(order.listing, lots) * order.signed
            taken[fill.symbol, fill.trade] += lots
        before[order.order_id] = order
    assert taken
    assert all(lots <= trades[trade].lots // 4 + 1 for trade, lots in taken.items())


def test_an_orders_average_price_is_that_of_its_fills(hour: Lived) -> None:
    """Of all fills so far, weighted by their quantity, and none before the first."""
    fills: defaultdict[str, list[Fill]] = defaultdict(list)
    for order, fill in hour.heard:
        if fill is not None:
            fills[order.order_id].append(fill)
        so_far = fills[order.order_id]
        if not so_far:
            assert order.average_price is None
            continue
        value = sum(abs(one.quantity) * one.price for one in so_far)
        assert order.average_price is not None
        rounding = Decimal(1).scaleb(-order.listing.price_decimals - 2) / 2
        assert abs(order.average_price - value / order.filled_quantity) <= rounding


def test_money_and_positions_are_the_sum_of_the_fills() -> None:
    """At every moment, to the cent: nothing is held, earned or owned but by fills."""
    lived = Lived()
    opening = lived.account.opening
    looked = 0
    for at_ms in range(START_MS, START_MS + SESSION_MS, 61_003):
        account = lived.to(at_ms).account
        positions = account.positions()
        assert {one.symbol: one.quantity for one in positions if one.quantity} == held_by(lived.fills)
        worth = account.worth()
        assert worth.balance == opening + sum(fill.profit for fill in lived.fills)
        assert worth.unrealized == sum(one.unrealized for one in positions)
        assert worth.equity == worth.balance + worth.unrealized
        paid = sum(cents(fill.quantity * fill.price) for fill in lived.fills)
        value = sum(cents(one.quantity * one.market_price) for one in positions)
        assert worth.equity == opening - paid + value
        for amount in (worth.balance, worth.unrealized, worth.equity):
            assert amount == cents(amount)
        looked += any(one.unrealized for one in positions)
    assert looked > 40


def test_a_session_ends_with_nothing_but_money(hour: Lived) -> None:
    """In its last moments orders are given up and all is closed; the next one begins with what it began with."""
    account = hour.account
    assert account.orders() == []
    assert all(one.quantity == 0 and one.average_price == 0 for one in account.positions())
    assert account.worth().equity == account.worth().balance != account.opening
    placed = [order.placed_ms for order, _ in hour.heard]
    assert max(placed) == START_MS + SESSION_MS - CLOSING_MS
    after = Lived().to(START_MS).to(START_MS + SESSION_MS)
    assert after.account.worth().balance == account.opening
    assert [order for order, _ in after.heard][: len(hour.heard)] == [order for order, _ in hour.heard]


def test_what_nobody_buys_goes_at_the_last_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """A market that falls silent before the end leaves no position behind."""
    ends = (START_MS + SESSION_MS) // MINUTE_MS - 2
    for market in MARKETS.values():
        trades = market.trades
        monkeypatch.setattr(
            market, "trades", lambda minute, trades=trades: trades(minute) if minute < ends else []
        )
    lived = Lived().to(START_MS + SESSION_MS - CLOSING_MS - 1)
    held = held_by(lived.fills)
    assert held
    prices = {one.symbol: one.market_price for one in lived.account.positions()}
    known = len(lived.fills)
    lived.to(START_MS + SESSION_MS - 1)
    last = lived.fills[known:]
    assert {fill.symbol: -fill.quantity for fill in last} == held
    assert all(fill.price == prices[fill.symbol] for fill in last)
    assert lived.account.orders() == []


def test_sessions_that_nobody_saw_are_left_out() -> None:
    """After a long pause the session that had begun is gone through to its end, and the present one from its own."""
    lived = Lived().to(START_MS + 30 * MINUTE_MS)
    now_ms = START_MS + 5 * SESSION_MS + MINUTE_MS
    lived.to(now_ms)
    sessions = {order.placed_ms // SESSION_MS - START_MS // SESSION_MS for order, _ in lived.heard}
    assert sessions == {0, 5}
    assert lived.account.positions() == Lived().to(now_ms).account.positions()
    last = {order.order_id: order for order, _ in lived.heard if order.placed_ms < START_MS + SESSION_MS}
    assert all(order.status in FINAL for order in last.values())


@pytest.mark.parametrize("decimals", [0, 3, 5])
def test_a_holding_is_exact(decimals: int) -> None:
    """For any fills: what was paid is what is held has cost, less the profit; the average is that of the books."""
    chance = Random(decimals)
    for _ in range(300):
        holding, paid, profit, quantity = Holding(), Decimal(0), Decimal(0), Decimal(0)
        # By fractions, which round nothing.
        cost = Fraction(0)
        for fills in range(1, chance.randrange(2, 30)):
            part = Decimal(chance.choice([-1, 1]) * chance.randrange(1, 5_000)).scaleb(-decimals)
            if chance.random() < 0.2 and quantity:
                part = -quantity
            price = Decimal(chance.randrange(1, 10**7)).scaleb(-decimals)
            closing = min(abs(part), abs(quantity)) if part * quantity < 0 else Decimal(0)
            if closing:
                cost -= cost * Fraction(closing) / Fraction(abs(quantity))
            opened = Fraction(abs(part) - closing) * (1 if part > 0 else -1)
            cost += opened * Fraction(price)
            profit += holding.fill(part, price)
            paid += cents(part * price)
            quantity += part
            assert holding.quantity == quantity
            assert holding.cost == paid + profit
            assert abs(Fraction(holding.cost) - cost) <= Fraction(fills, 100)
            if not quantity:
                assert holding.cost == 0
                assert str(holding.average(4)) == "0"


def test_profits_are_those_one_would_expect() -> None:
    """Bought at 10 and sold at 12 makes 2 each; sold short at 12 and bought back at 10 as well; and turned round."""
    long = Holding()
    assert long.fill(Decimal(10), Decimal("10.00")) == 0
    assert long.fill(Decimal(-4), Decimal("12.00")) == Decimal("8.00")
    assert (long.average(2), long.unrealized(Decimal("11.50"))) == (Decimal("10.00"), Decimal("9.00"))
    short = Holding()
    assert short.fill(Decimal(-4), Decimal("12.00")) == 0
    assert short.unrealized(Decimal("13.00")) == Decimal("-4.00")
    assert short.fill(Decimal(6), Decimal("10.00")) == Decimal("8.00")
    assert (short.quantity, short.average(2)) == (Decimal(2), Decimal("10.00"))
