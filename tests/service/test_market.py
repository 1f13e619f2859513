"""The made-up market: the same for the same seed, plausible, and its bars are what its trades make of them."""

from __future__ import annotations

from itertools import islice, pairwise
from random import Random

import pytest

from service.bars.fold import Fold, Forming, Tick
from service.bars.resolution import Resolution
from service.market.history import bars_before, last_price
from service.market.listing import LISTINGS, Listing
from service.market.skeleton import (
    BEGINS_MS,
    DAY_MS,
    ENDS_MS,
    HOUR_MS,
    MINUTE_MS,
    MONTHS_MS,
    Skeleton,
    month_of,
)
from service.market.splitting import LEAST, Span, Trade, split, trades

START = 1_767_623_400_000
"""A Monday, 14:30 UTC; Unix milliseconds."""

KNOWN = {listing.symbol: listing for listing in LISTINGS}
LIVELY, QUIET = "AAPL", "EURCHF"


def market(symbol: str = LIVELY, seed: int = 1) -> Skeleton:
    """One symbol of one seed."""
    return Skeleton(seed, KNOWN[symbol])


def trades_between(skeleton: Skeleton, begins_ms: int, ends_ms: int) -> list[Trade]:
    """All trades of a time, the end not included."""
    return [
        trade
        for minute in range(begins_ms // MINUTE_MS, -(-ends_ms // MINUTE_MS))
        for trade in skeleton.trades(minute)
        if begins_ms <= trade.time < ends_ms
    ]


def folded(listing: Listing, found: list[Trade], resolution: Resolution) -> list[Forming]:
    """Bars as plainly as can be: group by where each trade's bar begins."""
    bars: dict[int, list[Trade]] = {}
    for trade in sorted(found, key=lambda trade: (trade.time, trade.id)):
        bars.setdefault(resolution.floor(trade.time), []).append(trade)
    scale = 10**listing.price_decimals
    return [
        Forming(
            begins,
            group[0].ticks / scale,
            max(trade.ticks for trade in group) / scale,
            min(trade.ticks for trade in group) / scale,
            group[-1].ticks / scale,
            sum(trade.lots for trade in group) * listing.lot / 10**listing.size_decimals,
        )
        for begins, group in bars.items()
    ]


def plain(bar: Forming) -> Forming:
    """Without what a fold notes beside it."""
    return Forming(bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume)


def last_bars(
    skeleton: Skeleton, resolution: str, limit: int, *, to: int | None = None, upto: int = START
) -> list[Forming]:
    """What a chart would be given, the oldest first."""
    found = bars_before(skeleton, Resolution.parse(resolution), upto + 1 if to is None else to, upto)
    return list(islice((bar for bar in found if bar is not None), limit))[::-1]


@pytest.mark.parametrize("symbol", [LIVELY, QUIET, "BTCUSD"])
@pytest.mark.parametrize(
    "resolution", ["1S", "5S", "7S", "45S", "90S", "1", "5", "7", "60", "90", "240", "1D"]
)
def test_bars_are_the_fold_of_their_trades(symbol: str, resolution: str) -> None:
    """At random moments, the last bars are what a plain fold of all trades gives, the forming one included."""
    chance = Random(f"{symbol} {resolution}")
    skeleton, span = market(symbol, seed=chance.randrange(99)), Resolution.parse(resolution)
    length = span.next(0)
    for _ in range(1 if length >= 2 * HOUR_MS else 4):
        upto = START - chance.randrange(5 * 365 * DAY_MS)
        if chance.random() < 0.5:
            # Just when something was traded.
            upto = trades_between(skeleton, upto - HOUR_MS, upto)[-1].time
        to = upto + 1 - chance.choice([0, chance.randrange(HOUR_MS)])
        limit = chance.randrange(1, 2 + min(20, 2 * HOUR_MS // length))
        bars = last_bars(skeleton, resolution, limit, to=to, upto=upto)
        assert len(bars) == limit
        ends = min(span.next(span.floor(to - 1)), upto + 1)
        found = trades_between(skeleton, bars[0].time, ends)
        assert bars == folded(skeleton.listing, found, span)


@pytest.mark.parametrize(
    ("finer", "resolution", "enough"),
    [
        ("15S", "3", 60),
        ("1", "60", 300),
        ("1", "777", 4_000),
        ("60", "1D", 100),
        ("60", "1W", 600),
        ("1D", "3D", 20),
        ("1D", "2W", 60),
        ("1D", "1M", 150),
        ("1D", "3M", 400),
        ("1M", "12M", 60),
        ("1D", "300D", 1_300),
    ],
)
def test_long_bars_are_made_of_short_ones(finer: str, resolution: str, enough: int) -> None:
    """Weeks and months, which are told without a look at their trades, are the fold of their days, and so on."""
    skeleton, span = market("ETHUSD"), Resolution.parse(resolution)
    bars = last_bars(skeleton, resolution, 3)
    fold = Fold(span, late_ms=10**15)
    for bar in last_bars(skeleton, finer, enough):
        if bar.time >= bars[0].time:
            fold.add_bar(bar)
    assert [plain(bar) for bar in fold] == bars


def test_the_service_folds_trades_the_same_way() -> None:
    """What the service's own fold makes of the trades is what the market tells without folding."""
    skeleton = market()
    listing = skeleton.listing
    fold = Fold(Resolution.parse("5S"))
    for trade in trades_between(skeleton, START, START + 300_000):
        fold.add(Tick(trade.time, listing.price_of(trade.ticks), listing.size_of(trade.lots), trade.id))
    bars = last_bars(skeleton, "5S", 500, upto=START + 299_999)
    expected = [bar for bar in bars if bar.time >= START]
    assert [plain(bar) for bar in fold] == expected


def test_february_weeks_and_days_begin_where_they_should() -> None:
    """A month of 28 days, weeks that begin on Mondays, days at midnight; each opened by its first trade."""
    skeleton = market()
    february, march = 1_738_368_000_000, 1_740_787_200_000
    (month,) = last_bars(skeleton, "1M", 1, to=march)
    days = last_bars(skeleton, "1D", 28, to=march)
    assert (month.time, days[0].time, days[-1].time) == (february, february, march - DAY_MS)
    assert month.volume == sum(day.volume for day in days)
    (week,) = last_bars(skeleton, "1W", 1)
    assert week.time == START // DAY_MS * DAY_MS  # START is a Monday
    first = trades_between(skeleton, february, february + HOUR_MS)[0]
    assert skeleton.listing.price_of(first.ticks) == days[0].open == month.open
    last = trades_between(skeleton, march - HOUR_MS, march)[-1]
    assert skeleton.listing.price_of(last.ticks) == days[-1].close == month.close


def test_nothing_of_the_future_is_told() -> None:
    """Bars end with the last trade that has happened, whatever is asked for; a bar that began shows it so far."""
    skeleton = market()
    (bar,) = last_bars(skeleton, "1M", 1, to=START + 400 * DAY_MS)
    assert bar.time <= START
    price = last_price(skeleton, START)
    assert price is not None
    assert bar.close == skeleton.listing.price_of(price)
    assert bar.close == trades_between(skeleton, START - HOUR_MS, START + 1)[-1].ticks / 100


def test_a_minute_without_trades_has_no_bar() -> None:
    """Where nothing was traded there is no bar, and nothing is made up to fill the gap."""
    skeleton = market(QUIET)
    hour = START // HOUR_MS * HOUR_MS
    spans = [skeleton.minute(hour + n * MINUTE_MS) for n in range(60)]
    assert 10 < spans.count(None) < 60
    bars = last_bars(skeleton, "1", 60, to=hour + HOUR_MS, upto=hour + HOUR_MS)
    assert [bar.time for bar in bars if bar.time >= hour] == [
        hour + n * MINUTE_MS for n, span in enumerate(spans) if span is not None
    ]


def test_history_has_a_beginning() -> None:
    """Before the first month there is nothing, and the last bar told is the first of all."""
    skeleton = market()
    assert last_bars(skeleton, "1", 5, to=BEGINS_MS) == []
    assert last_bars(skeleton, "1", 5, to=0) == []
    assert last_price(skeleton, BEGINS_MS - 1) is None
    months = last_bars(skeleton, "1M", 5_000)
    assert months[0].time == BEGINS_MS
    assert len(months) == month_of(START) + 1
    assert [bar.time for bar in last_bars(skeleton, "1D", 9, to=BEGINS_MS + 1)] == [BEGINS_MS]


def test_history_has_an_end() -> None:
    """A clock beyond the last month that the market knows finds its last bars."""
    skeleton = market()
    bars = last_bars(skeleton, "1D", 2, to=ENDS_MS + DAY_MS, upto=ENDS_MS + DAY_MS)
    assert [bar.time for bar in bars] == [ENDS_MS - 2 * DAY_MS, ENDS_MS - DAY_MS]


def test_same_seed_and_symbol_same_trades() -> None:
    """Two markets of one seed and symbol agree, in whatever order they are asked."""
    minutes = list(range(START // MINUTE_MS, START // MINUTE_MS + 200))
    forward = [market().trades(minute) for minute in minutes]
    backward = [market().trades(minute) for minute in reversed(minutes)]
    other = market()
    last_bars(other, "1D", 400)
    assert forward == backward[::-1] == [other.trades(minute) for minute in minutes]


def test_trades_are_the_same_on_every_machine() -> None:
    """Nothing of them depends on the process: known trades of a known seed."""
    first = [tuple(trade) for trade in market().trades(START // MINUTE_MS)[:3]]
    assert first == KNOWN_TRADES


KNOWN_TRADES = [
    (1_767_623_400_287, 16_822, 67, False, 29_460_390_000),
    (1_767_623_400_656, 16_823, 12, True, 29_460_390_001),
    (1_767_623_401_736, 16_823, 12, True, 29_460_390_002),
]


def test_other_seeds_and_symbols_are_other_markets() -> None:
    """A seed or a symbol more makes another path."""
    paths = {
        tuple(bar.close / bar.open for bar in last_bars(market(symbol, seed), "1", 5))
        for seed, symbol in [(1, "AAPL"), (2, "AAPL"), (1, "MSFT"), (1, "GOOGL")]
    }
    assert len(paths) == 4


def test_ids_and_times_grow() -> None:
    """Trades stand in order of time, and ids increase over all time."""
    for symbol in (LIVELY, QUIET):
        found = trades_between(market(symbol), START, START + 6 * HOUR_MS)
        assert all(before.time <= after.time and before.id < after.id for before, after in pairwise(found))


@pytest.mark.parametrize("symbol", [listing.symbol for listing in LISTINGS])
def test_the_market_is_plausible(symbol: str) -> None:
    """A year stays near the symbol's level; hours move; trades move a little, and minutes go through many."""
    skeleton = market(symbol, seed=3)
    listing = skeleton.listing
    months = [skeleton.month(month) for month in range(month_of(START) - 120, month_of(START))]
    level = listing.ticks_of(listing.base)
    assert all(level / 4 < month.low <= month.high < level * 4 for month in months)
    hours = last_bars(skeleton, "60", 100)
    assert all(0.00002 < bar.high / bar.low - 1 < 0.15 for bar in hours)
    assert len({bar.close for bar in hours}) > 50
    found = trades_between(skeleton, START, START + HOUR_MS)
    if symbol == QUIET:
        assert 20 < len(found) < 400
        return
    assert 3_600 * 0.5 < len(found) < 3_600 * 5
    moves = [abs(after.ticks / before.ticks - 1) for before, after in pairwise(found)]
    assert max(moves) < 0.005
    # A path that turned at each trade would be a zigzag, and one that did not turn a line.
    ways = [after.ticks - before.ticks for before, after in pairwise(found) if after.ticks != before.ticks]
    turns = sum(before * after < 0 for before, after in pairwise(ways)) / len(ways)
    assert 0.25 < turns < 0.75
    assert len(ways) / len(moves) > 0.3


def test_a_taker_pays_what_is_asked() -> None:
    """A trade at a higher price than the one before it was bought, one at a lower price sold."""
    for minute in range(START // MINUTE_MS, START // MINUTE_MS + 20):
        for before, after in pairwise(market().trades(minute)):
            if after.ticks != before.ticks:
                assert after.buy == (after.ticks > before.ticks)
            else:
                assert after.buy == before.buy


def any_span(chance: Random) -> Span:
    """From flat to wide, from least to much."""
    low = chance.randrange(1, 1_000)
    high = low + chance.choice([0, 1, 2, 5, 100, 10_000])
    ends = [chance.choice([low, high, chance.randint(low, high)]) for _ in range(2)]
    return Span(ends[0], high, low, ends[1], chance.choice([LEAST, LEAST + 1, 50, 10_000]))


@pytest.mark.parametrize("seed", range(20))
def test_parts_make_up_the_whole(seed: int) -> None:
    """Of whatever a span is split into: first open, last close, highest high, lowest low, all the volume."""
    chance = Random(seed)
    for _ in range(200):
        span = any_span(chance)
        weights = [1.0] * chance.choice([1, 2, 24, 31, 60])
        parts = split(chance.random, span, weights, chance.choice([0.0, 0.5, 0.99]))
        assert len(parts) == len(weights)
        some = [part for part in parts if part is not None]
        assert whole_of(some) == span
        for part in some:
            assert part.low <= min(part.open, part.close) <= max(part.open, part.close) <= part.high
            assert part.volume >= LEAST


@pytest.mark.parametrize("seed", range(20))
def test_trades_make_up_their_minute(seed: int) -> None:
    """First price, last price, highest, lowest, and the sum of all sizes, each at least a lot."""
    chance = Random(seed)
    for _ in range(200):
        span = any_span(chance)
        found = trades(chance.random, span, 7, rate=chance.choice([0.5, 5, 60]), lots=chance.choice([1, 80]))
        assert whole_of([Span(t.ticks, t.ticks, t.ticks, t.ticks, t.lots) for t in found]) == span
        assert all(trade.lots >= 1 and trade.time // MINUTE_MS == 7 for trade in found)
        assert [trade.id for trade in found] == list(range(7_000, 7_000 + len(found)))


def whole_of(parts: list[Span]) -> Span:
    """What parts fold into."""
    return Span(
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.volume for part in parts),
    )


def test_months_are_those_of_the_calendar() -> None:
    """The first and last moments of a month belong to it."""
    for month in range(0, len(MONTHS_MS) - 1, 37):
        assert month_of(MONTHS_MS[month]) == month_of(MONTHS_MS[month + 1] - 1) == month
