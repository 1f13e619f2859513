"""The book that trades take from: never crossed, always deep, and each trade at its touch."""

from __future__ import annotations

import pytest

from service.book import BookView
from service.market.history import last_price
from service.market.listing import Listing
from service.market.makers import DEPTH, Makers, gap_of
from service.market.skeleton import MINUTE_MS, Skeleton
from service.market.splitting import Trade
from tests.service.fed import LISTED, START_MS


def begun(listing: Listing) -> tuple[Makers, list[Trade]]:
    """A book, and the trades of the minutes that follow: half an hour of them, or a hundred for a quiet one."""
    skeleton = Skeleton(1, listing)
    price = last_price(skeleton, START_MS - 1)
    assert price is not None
    minute = START_MS // MINUTE_MS
    trades = [trade for n in range(10 if listing.idle == 0 else 100) for trade in skeleton.trades(minute + n)]
    return Makers(1, listing, START_MS, price), trades


@pytest.mark.parametrize("symbol", LISTED)
def test_each_trade_takes_from_the_touch(symbol: str) -> None:
    """A taker's price is the best of the other side, where there is enough; what is left has become less by it."""
    makers, trades = begun(LISTED[symbol])
    book = makers.book
    for trade in trades:
        makers.pass_time(trade.time)
        assert not book.crossed
        makers.make_way(trade)
        side = book.asks if trade.buy else book.bids
        assert not book.crossed
        assert side.best == trade.ticks
        there = side.size_at(trade.ticks)
        assert there >= trade.lots
        makers.take(trade)
        assert side.size_at(trade.ticks) in (there - trade.lots, 0)
        assert not book.crossed
        for each in (book.bids, book.asks):
            assert 0.7 * DEPTH < len(each) < 1.4 * DEPTH
            assert all(size > 0 for _, size in each.levels(0, 20))
    assert makers.changed_ms == trades[-1].time


@pytest.mark.parametrize("symbol", LISTED)
def test_a_book_is_full_near_its_touch(symbol: str) -> None:
    """The spread is narrow and the first levels leave no hole, whichever way the price went."""
    makers, trades = begun(LISTED[symbol])
    book = makers.book
    spreads: list[float] = []
    holes: list[float] = []
    for trade in trades:
        makers.pass_time(trade.time)
        makers.make_way(trade)
        makers.take(trade)
        spreads.append((book.asks.price(0) - book.bids.price(0)) / trade.ticks)
        for side in (book.bids, book.asks):
            holes.append(max(abs(side.price(n + 1) - side.price(n)) for n in range(20)))
    assert sorted(spreads)[len(spreads) // 2] < 0.0003
    assert max(spreads) < 0.001
    # Of levels that stand apart by so much, one may go away where it leaves no hole.
    assert max(holes) <= 4 * gap_of(LISTED[symbol], trades[0].ticks)


def test_it_matters_to_nobody_how_often_time_passes() -> None:
    """Makers think on a grid of their own: a long wait is many short ones."""
    (often, trades), (seldom, _) = begun(LISTED["MSFT"]), begun(LISTED["MSFT"])
    at = START_MS
    for trade in trades[:200]:
        while at + 70 < trade.time:
            at += 70
            often.pass_time(at)
        for makers in (often, seldom):
            makers.pass_time(trade.time)
            makers.make_way(trade)
            makers.take(trade)
    assert often.book.bids.levels() == seldom.book.bids.levels()
    assert often.book.asks.levels() == seldom.book.asks.levels()


def test_makers_are_not_asleep_between_trades() -> None:
    """Levels near the touch change while nothing is traded; the last price does not."""
    makers, _ = begun(LISTED["EURUSD"])
    view = BookView(makers.book, 25)
    view.snapshot()
    changed = 0
    for second in range(1, 60):
        makers.pass_time(START_MS + second * 1_000)
        changes = view.changes()
        changed += bool(changes)
        assert len(changes.bids) + len(changes.asks) < 60
        assert not makers.book.crossed
    assert changed > 50
