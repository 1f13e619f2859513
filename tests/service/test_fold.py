"""Trades folded into bars: exactly what the trades say, whatever the order of their coming."""

from __future__ import annotations

import csv
import os
import random
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from service.bars.fold import Fold, Forming, Held, Tick
from service.bars.resolution import Resolution

DATA = Path(os.environ.get("TAPEWIRE_DATA", Path(__file__).parents[3] / "shared" / "data"))
FOREVER = 10**15
"""A lateness that nothing exceeds."""

Bar = tuple[int, float, float, float, float, float]


def ms(text: str) -> int:
    """A UTC time as Unix milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def begins(resolution: str, at_ms: int) -> int:
    """When a bar begins, told by the calendar and without any of the service's code."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    day = moment.replace(hour=0, minute=0, second=0)
    found = {
        "1S": moment,
        "5S": moment.replace(second=moment.second - moment.second % 5),
        "1": moment.replace(second=0),
        "15": moment.replace(minute=moment.minute - moment.minute % 15, second=0),
        "240": day.replace(hour=moment.hour - moment.hour % 4),
        "1D": day,
        "1W": day - timedelta(days=day.weekday()),
        "1M": day.replace(day=1),
        "3M": day.replace(day=1, month=moment.month - (moment.month - 1) % 3),
        "12M": day.replace(day=1, month=1),
    }[resolution]
    return int(found.timestamp()) * 1000


RESOLUTIONS = ("1S", "5S", "1", "15", "240", "1D", "1W", "1M", "3M", "12M")


def reference(ticks: Iterable[Tick], resolution: str) -> list[Bar]:
    """The bars of these trades, by sorting them and adding decimals."""
    spans: dict[int, list[Tick]] = {}
    for tick in sorted(ticks, key=lambda tick: (tick.time_ms, tick.id)):
        spans.setdefault(begins(resolution, tick.time_ms), []).append(tick)
    return [
        (
            start,
            trades[0].price,
            max(trade.price for trade in trades),
            min(trade.price for trade in trades),
            trades[-1].price,
            float(sum(Decimal(repr(float(trade.size))) for trade in trades)),
        )
        for start, trades in spans.items()
    ]


def plain(bar: Forming) -> Bar:
    """A bar's numbers."""
    return bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume


def folded(ticks: Iterable[Tick], resolution: str, late_ms: int = FOREVER) -> list[Bar]:
    """The bars that a fold makes of trades in this order."""
    fold = Fold(Resolution.parse(resolution), late_ms=late_ms)
    for tick in ticks:
        assert fold.add(tick) is not None
    return [plain(bar) for bar in fold]


def trades(chance: random.Random, count: int, longest_gap_ms: int, start: int) -> list[Tick]:
    """Made-up trades in order, many of them at one time, with sizes of unequal length."""
    at, made = start, []
    for number in range(count):
        if chance.random() < 0.7:
            at += chance.randrange(longest_gap_ms)
        size = round(chance.random() * 10 ** chance.randrange(-6, 7), chance.randrange(9))
        made.append(Tick(at, round(100 + chance.random(), chance.randrange(5)), size, number))
    return made


def bit_late(chance: random.Random, ticks: Sequence[Tick], late_ms: int) -> list[Tick]:
    """The same trades, none of which comes after one that is more than `late_ms` younger."""
    return sorted(ticks, key=lambda tick: tick.time_ms + chance.randrange(late_ms))


@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_gives_the_same_bars(resolution: str, seed: int) -> None:
    """In order, shuffled, backwards: the bars are those of the trades sorted by time and id, to the last digit."""
    chance = random.Random(seed)
    gap = {"1S": 700, "5S": 3_000, "1": 20_000, "15": 300_000, "240": 4_000_000}.get(resolution, 60_000_000)
    ticks = trades(chance, 400, gap, ms("2023-12-20"))
    bars = reference(ticks, resolution)
    assert len(bars) > 1
    shuffled = ticks[:]
    chance.shuffle(shuffled)
    for order in (ticks, shuffled, ticks[::-1]):
        assert folded(order, resolution) == bars


@pytest.mark.parametrize("seed", range(4))
def test_each_trade_gives_back_the_bar_that_it_changed(seed: int) -> None:
    """After each trade, the bar given back is that of all trades so far which fall into its span."""
    chance = random.Random(seed)
    ticks = trades(chance, 200, 20_000, ms("2024-02-28T23:50"))
    chance.shuffle(ticks)
    fold = Fold(Resolution.parse("1"), late_ms=FOREVER)
    for count, tick in enumerate(ticks, start=1):
        changed = fold.add(tick)
        assert changed is not None
        span = begins("1", tick.time_ms)
        (expected,) = (bar for bar in reference(ticks[:count], "1") if bar[0] == span)
        assert plain(changed) == expected
        assert fold.bar is not None
        assert fold.bar.time == max(begins("1", earlier.time_ms) for earlier in ticks[:count])


@pytest.mark.parametrize(
    ("finer", "coarser"),
    [
        ("1S", "1"),
        ("1", "15"),
        ("1", "1D"),
        ("1", "1W"),
        ("1", "1M"),
        ("240", "12M"),
        ("1D", "3M"),
        ("1M", "12M"),
    ],
)
def test_bars_fold_as_their_trades_do(finer: str, coarser: str) -> None:
    """Bars folded into coarser ones give what the trades give that they came from, in any order."""
    chance = random.Random(coarser)
    gap = {"1S": 2_000, "1": 1_000_000}.get(finer, 300_000_000)
    ticks = trades(chance, 500, gap, ms("2023-12-31T23:00"))
    fine = Fold(Resolution.parse(finer), late_ms=FOREVER)
    for tick in ticks:
        fine.add(tick)
    bars: list[Forming] = list(fine)
    bare = [Forming(*plain(bar)) for bar in bars]
    for order in (bars, bare, bare[::-1]):
        coarse = Fold(Resolution.parse(coarser), late_ms=FOREVER)
        for bar in order:
            assert coarse.add_bar(bar) is not None
        assert [plain(bar) for bar in coarse] == reference(ticks, coarser)


def test_bars_and_the_trades_after_them_fold_together() -> None:
    """A fold begun from finer bars goes on with trades, late ones too, as if it had seen all of them."""
    chance = random.Random(5)
    ticks = trades(chance, 600, 5_000, ms("2026-01-31T23:30"))
    seconds, fold = Fold(Resolution.parse("1S")), Fold(Resolution.parse("5"))
    order = bit_late(chance, ticks, 60_000)
    for tick in order[:400]:
        seconds.add(tick)
    for bar in seconds:
        fold.add_bar(bar)
    for tick in order[400:]:
        fold.add(tick)
    expected = Fold(Resolution.parse("5"))
    for tick in order:
        expected.add(tick)
    assert [plain(bar) for bar in fold] == [plain(bar) for bar in expected]


@pytest.mark.parametrize(
    ("resolution", "edge"),
    [
        ("1S", "2026-01-05T14:30:01"),
        ("1", "2026-01-05T14:31"),
        ("60", "2026-01-05T15:00"),
        ("1D", "2024-02-29"),
        ("1D", "2024-03-01"),
        ("1W", "2026-01-05"),
        ("1W", "2024-12-30"),
        ("1M", "2024-03-01"),
        ("1M", "2023-03-01"),
        ("1M", "2026-01-01"),
        ("12M", "2025-01-01"),
        ("1M", "2100-03-01"),
    ],
)
def test_a_boundary_begins_the_next_bar(resolution: str, edge: str) -> None:
    """A trade in the last millisecond closes a bar, one at the very boundary opens the next."""
    fold = Fold(Resolution.parse(resolution))
    before = fold.add(Tick(ms(edge) - 1, 10.0, 1.0, 1))
    after = fold.add(Tick(ms(edge), 20.0, 1.0, 2))
    assert before is not None
    assert after is not None
    assert before.time < ms(edge)
    assert (before.close, before.volume) == (10.0, 1.0)
    assert plain(after) == (ms(edge), 20.0, 20.0, 20.0, 20.0, 1.0)


def test_a_span_without_trades_has_no_bar() -> None:
    """Gaps stay gaps: nothing is made up between two bars, nor before the first trade of a session."""
    friday, monday = ms("2026-01-09T21:59:30"), ms("2026-01-12T08:00:10")
    bars = folded([Tick(friday, 10.0, 1.0, 1), Tick(monday, 12.0, 2.0, 2)], "1")
    assert bars == [
        (ms("2026-01-09T21:59"), 10.0, 10.0, 10.0, 10.0, 1.0),
        (ms("2026-01-12T08:00"), 12.0, 12.0, 12.0, 12.0, 2.0),
    ]


def test_a_late_trade_may_fill_a_gap() -> None:
    """A late trade of a span that had none makes the bar that was missing; the latest bar stays the latest."""
    fold = Fold(Resolution.parse("1"))
    fold.add(Tick(0, 10.0, 1.0, 1))
    latest = fold.add(Tick(180_000, 12.0, 1.0, 3))
    filled = fold.add(Tick(61_000, 11.0, 1.0, 2))
    assert filled is not None
    assert filled.time == 60_000
    assert [bar.time for bar in fold] == [0, 60_000, 180_000]
    assert fold.bar is latest


def test_of_one_time_the_id_decides_and_of_one_id_the_arrival() -> None:
    """Trades of the same millisecond are in order of their ids; with the same id, as they came."""
    assert folded([Tick(5, 2.0, 1.0, 2), Tick(5, 3.0, 1.0, 3), Tick(5, 1.0, 1.0, 1)], "1") == [
        (0, 1.0, 3.0, 1.0, 3.0, 3.0)
    ]
    assert folded([Tick(5, 2.0, 1.0, 7), Tick(5, 3.0, 1.0, 7)], "1") == [(0, 2.0, 3.0, 2.0, 3.0, 2.0)]


def test_what_is_too_late_is_left_out_and_counted() -> None:
    """Older than the newest trade by more than the bound is too late, in a bar that is still forming too."""
    minute = Fold(Resolution.parse("1"), late_ms=90_000)
    month = Fold(Resolution.parse("1M"), late_ms=90_000)
    start = ms("2026-01-05")
    ticks = [Tick(start + at, 10.0, 1.0, at) for at in (0, 200_000, 110_000, 109_999, 0, 290_000, 200_000)]
    for fold in (minute, month):
        taken = [fold.add(tick) is not None for tick in ticks]
        assert taken == [True, True, True, False, False, True, True]
        assert fold.too_late == 2
        assert fold.add_bar(Forming(start, 1.0, 1.0, 1.0, 1.0, 1.0)) is None
        assert fold.too_late == 3


@pytest.mark.parametrize("seed", range(4))
def test_folds_of_all_resolutions_leave_out_the_same_trades(seed: int) -> None:
    """Whether a trade is too late depends on the trades alone, so that coarse bars agree with fine ones."""
    chance = random.Random(seed)
    ticks = bit_late(chance, trades(chance, 500, 3_000, ms("2026-01-31T23:45")), 200_000)
    taken = []
    for resolution in RESOLUTIONS:
        fold = Fold(Resolution.parse(resolution), late_ms=60_000)
        taken.append([fold.add(tick) is not None for tick in ticks])
        assert fold.too_late == taken[0].count(False) > 0
    assert all(one == taken[0] for one in taken)


@pytest.mark.parametrize("seed", range(4))
def test_memory_is_bounded_and_what_it_drops_is_final(seed: int) -> None:
    """Dropped bars come oldest first, once, as they were last given; together with the held ones they are all."""
    chance = random.Random(seed)
    ticks = bit_late(chance, trades(chance, 2_000, 2_000, ms("2026-01-05")), 30_000)
    dropped: list[Held] = []
    fold = Fold(Resolution.parse("1S"), late_ms=30_000, dropped=dropped.append)
    most = 0
    for tick in ticks:
        assert fold.add(tick) is not None
        most = max(most, len(list(fold)))
    assert most <= 32
    assert all(before.time < after.time for before, after in pairwise(dropped))
    assert [plain(bar) for bar in [*dropped, *fold]] == reference(ticks, "1S")


@pytest.mark.parametrize(
    ("sizes", "volume"),
    [
        ([0.1] * 10, 1.0),
        ([0.1, 0.2], 0.3),
        ([1e15, 0.1, 1e-9], 1000000000000000.1),
        ([1e22, 1.0], 1.0000000000000000000001e22),
        ([5e-324, 1.0], 1.0),
        ([5e-324, 5e-324], 1e-323),
        ([1e-30, 1e300], 1e300),
        ([0, 0.0], 0.0),
        ([3, 0.25], 3.25),
        ([123456789012345.67, 0.01], 123456789012345.68),
        ([9007199254740993.0, 1.0], 9007199254740993.0),
        ([sys.float_info.max, sys.float_info.max], sys.float_info.max),
    ],
)
def test_volumes_are_exact(sizes: list[float], volume: float) -> None:
    """A volume is the double nearest to the sum of the sizes as they are written, in whatever order they come."""
    for order in (sizes, sizes[::-1]):
        fold = Fold(Resolution.parse("1"))
        for number, size in enumerate(order):
            bar = fold.add(Tick(1, 1.0, size, number))
        assert bar is not None
        assert bar.volume == volume


def test_many_small_sizes_add_up() -> None:
    """No rounding creeps in however many trades a bar has."""
    fold = Fold(Resolution.parse("1"))
    for number in range(100_000):
        bar = fold.add(Tick(1, 1.0, 0.00000007, number))
    assert bar is not None
    assert bar.volume == 0.007


@pytest.mark.parametrize("resolution", ["1S", "5S", "1", "15", "240", "1D"])
def test_real_trades(resolution: str) -> None:
    """A thousand real trades, in order and shuffled, give the bars that sorting and adding decimals gives."""
    path = DATA / "kraken-xbtusdt-trades.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    with path.open(newline="") as file:
        ticks = [
            Tick(int(Decimal(row["time"]) * 1000), float(row["price"]), float(row["size"]), int(row["id"]))
            for row in csv.DictReader(file)
        ]
    bars = reference(ticks, resolution)
    assert folded(ticks, resolution) == bars
    random.Random(1).shuffle(ticks)
    assert folded(ticks, resolution) == bars
