"""Bars of the past, paged through at any resolution: those that folding everything so far would give."""

from __future__ import annotations

import random
from itertools import groupby

import pytest

from service.bars.columns import Columns
from service.bars.fold import Fold, Forming, Tick, held
from service.bars.history import History
from service.bars.resolution import Resolution
from tests.service.test_fold import Bar, bit_late, ms, plain, reference, trades

ODD = ("7S", "59S", "3", "45", "7D", "2W")
"""Resolutions that nobody offers, but that may be asked for."""


def parse(text: str) -> Resolution:
    """A resolution."""
    return Resolution.parse(text)


def of_fold(ticks: list[Tick], resolution: str) -> list[Bar]:
    """What a single fold makes of trades, which another test holds against sorting."""
    fold = Fold(parse(resolution), late_ms=10**15)
    for tick in ticks:
        fold.add(tick)
    return [plain(bar) for bar in fold]


def everything(history: History, resolution: str, page: int, before_ms: int | None = None) -> list[Bar]:
    """All bars, asked for page by page, from the last one back."""
    bars: list[Bar] = []
    while True:
        got, complete = history.last(parse(resolution), before_ms, page)
        assert len(got) <= page
        bars[:0] = [plain(bar) for bar in got]
        if complete:
            return bars
        assert len(got) == page
        before_ms = got[0].time


@pytest.mark.parametrize("gap_ms", [1_500, 200_000, 40_000_000])
@pytest.mark.parametrize("seed", range(2))
def test_paging_gives_all_bars_once(seed: int, gap_ms: int) -> None:
    """Whatever the resolution and the length of a page: each bar comes once, whole, and in order."""
    chance = random.Random(seed)
    ticks = bit_late(chance, trades(chance, 700, gap_ms, ms("2024-02-27T22:00")), 100_000)
    history = History(None)
    for tick in ticks:
        history.add(tick)
    assert history.too_late == 0
    for resolution in ("1S", "5S", "1", "15", "240", "1D", "1W", "1M"):
        assert everything(history, resolution, 40) == reference(ticks, resolution)
        assert everything(history, resolution, 1_000) == reference(ticks, resolution)
    for resolution in ODD:
        assert everything(history, resolution, 31) == of_fold(ticks, resolution)


@pytest.mark.parametrize("resolution", ["1S", "15", "240", "1D", "1M"])
def test_only_bars_that_begin_before_a_moment(resolution: str) -> None:
    """A bar counts that begins before it, whole; one that begins then does not, nor one after it."""
    chance = random.Random(3)
    ticks = trades(chance, 500, 40_000_000, ms("2024-02-20"))
    history = History(None)
    for tick in ticks:
        history.add(tick)
    bars = reference(ticks, resolution)
    for place in (0, 1, len(bars) // 2, len(bars) - 1):
        begins = bars[place][0]
        assert everything(history, resolution, 7, begins) == bars[:place]
        assert everything(history, resolution, 7, begins + 1) == bars[: place + 1]
    assert everything(history, resolution, 7, 0) == []
    assert everything(history, resolution, 7, 10**30) == bars


@pytest.mark.parametrize("seed", range(3))
def test_following_midway_is_following_from_the_start(seed: int) -> None:
    """A resolution that is followed later gives the same bars from then on, for late trades too."""
    chance = random.Random(seed)
    ticks = bit_late(chance, trades(chance, 800, 40_000, ms("2026-01-31T20:00")), 7_000_000)
    wanted = [parse(text) for text in ("1S", "7S", "1", "3", "60", "1D", "1W", "1M")]
    early, late = History(None), History(None)
    for resolution in wanted:
        early.follow(resolution)
    joins = {chance.randrange(700): resolution for resolution in wanted}
    followed = set()
    for place, tick in enumerate(ticks):
        if place in joins:
            late.follow(joins[place])
            followed.add(joins[place])
        changed = {resolution: plain(bar) for resolution, bar in late.add(tick)}
        whole = {resolution: plain(bar) for resolution, bar in early.add(tick)}
        assert changed == {resolution: bar for resolution, bar in whole.items() if resolution in followed}
    assert early.too_late == late.too_late > 0


def test_what_is_followed_no_more_is_not_told() -> None:
    """Bars of a resolution come between following it and leaving it; others' go on."""
    history = History(None)
    history.follow(parse("1"))
    history.follow(parse("3"))
    assert [str(resolution) for resolution, _ in history.add(Tick(0, 1.0, 1.0, 1))] == ["1", "3"]
    history.unfollow(parse("1"))
    assert [str(resolution) for resolution, _ in history.add(Tick(1, 1.0, 1.0, 2))] == ["3"]
    history.unfollow(parse("3"))
    assert history.add(Tick(2, 1.0, 1.0, 3)) == []
    assert [plain(bar) for bar in history.last(parse("1"), None, 9)[0]] == [(0, 1.0, 1.0, 1.0, 1.0, 3.0)]


def hours(count: int, offset_ms: int = 0) -> list[Forming]:
    """Made-up hourly bars, with the gaps of nights."""
    chance, bars = random.Random(4), []
    for hour in range(count):
        if hour % 24 < 15:
            low, high = sorted(round(100 + chance.random(), 4) for _ in range(2))
            at = ms("2023-12-20") + hour * 3_600_000 + offset_ms
            bars.append(Forming(at, low, high, low, high, round(chance.random() * 100, 3)))
    return bars


@pytest.mark.parametrize("offset_ms", [0, 1_800_000])
def test_bars_are_kept_as_they_are_and_fold_into_coarser_ones(offset_ms: int) -> None:
    """Recorded bars come back unchanged, also when they begin at half past; coarser ones are their folds."""
    bars = hours(1_000, offset_ms)
    history = History(parse("60"))
    history.follow(parse("60"))
    history.follow(parse("1W"))
    for bar in bars:
        (own, same), (week, _) = history.add_bar(bar)
        assert (str(own), plain(same)) == ("60", plain(bar))
        assert str(week) == "1W"
    assert everything(history, "60", 100) == [plain(bar) for bar in bars]
    for resolution in ("240", "1D", "1W", "1M"):
        span = parse(resolution)
        parts = [list(part) for _, part in groupby(bars, lambda bar: span.floor(bar.time))]  # noqa: B023
        assert everything(history, resolution, 50) == [
            (
                span.floor(part[0].time),
                part[0].open,
                max(bar.high for bar in part),
                min(bar.low for bar in part),
                part[-1].close,
                round(sum(bar.volume for bar in part), 3),
            )
            for part in parts
        ]


def test_what_there_are_bars_of() -> None:
    """Trades fold into everything, bars into what is made of whole ones of them."""
    assert all(History(None).has(parse(text)) for text in ("1S", "7S", "1", "1W", "12M"))
    hourly = History(parse("60"))
    assert [text for text in ("1S", "1", "30", "60", "90", "240", "1D", "1W", "1M") if hourly.has(parse(text))] == [
        "60", "240", "1D", "1W", "1M",
    ]  # fmt: skip


def test_memory_has_a_bound() -> None:
    """Beyond the bound the oldest bars are forgotten, and paging ends at what is left."""
    history = History(parse("1"), most=100)
    for minute in range(1_000):
        history.add_bar(Forming(minute * 60_000, 1.0, 1.0, 1.0, 1.0, 0.5))
    bars = everything(history, "1", 30)
    assert 100 <= len(bars) <= 125
    assert bars[-1][0] == 999 * 60_000
    # Coarser ones have a bound of their own.
    assert everything(history, "60", 30)[0] == (0, 1.0, 1.0, 1.0, 1.0, 30.0)


def test_volumes_of_columns_are_exact() -> None:
    """Volumes with ever more decimals, side by side, come back as they were."""
    volumes = [5.0, 0.1, 1e-9, 1e22, 123456789.123]
    columns = Columns(held(Forming(at, 1.0, 1.0, 1.0, 1.0, volume)) for at, volume in enumerate(volumes))
    assert [bar.volume for bar in columns.since(0)] == volumes
    assert [bar.volume for bar in columns.backwards(5)] == volumes[::-1]
