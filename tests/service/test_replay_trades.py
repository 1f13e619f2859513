"""Playing a file of trades: each as it stands there, and the bars of every resolution that they make."""

from __future__ import annotations

import asyncio
import csv
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest

from generated.publisher import Publisher
from generated.runtime.publication import Publication
from generated.topics import BarsTopic, Topic, TradesTopic
from service.bars.fold import Tick
from service.bars.resolution import Resolution
from service.feeds.recording import Recording, open_recording
from service.feeds.replay import Pace, Replay
from service.feeds.table import TableError
from service.hub import TopicUnavailable
from tests.service.running import service
from tests.service.test_fold import Bar, reference

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "data" / "madeup-trades.csv"
DATA = Path(os.environ.get("TAPEWIRE_DATA", HERE.parents[2] / "shared" / "data"))
REAL = DATA / "kraken-xbtusdt-trades.csv"

RESOLUTIONS = ("1S", "5S", "1", "15", "240", "1D")
NAMES = ("time", "open", "high", "low", "close", "volume")


def expected(path: Path) -> list[dict[str, Any]]:
    """A file's trades as bodies of updates, read without any of the service's code."""
    if not path.exists():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    with path.open(newline="") as file:
        return [
            {
                "time": int(Decimal(row["time"]) * 1000),
                "price": float(row["price"]),
                "size": float(row["size"]),
                "side": row["side"],
                "id": int(row["id"]),
            }
            for row in csv.DictReader(file)
        ]


def bars_of(trades: list[dict[str, Any]], resolution: str) -> list[Bar]:
    """The bars of these trades, by sorting them."""
    ticks = [Tick(trade["time"], trade["price"], trade["size"], trade["id"]) for trade in trades]
    return reference(ticks, resolution)


def numbers(bar: dict[str, Any]) -> Bar:
    """A bar's numbers."""
    return bar["time"], bar["open"], bar["high"], bar["low"], bar["close"], bar["volume"]


@pytest.mark.parametrize("path", [SAMPLE, REAL], ids=["sample", "real"])
async def test_every_trade_and_every_bar_arrives(path: Path) -> None:
    """Trades come as they stand in the file; each changes one bar of each resolution, to what all so far make."""
    trades = expected(path)
    topics = ["trades:XBTUSDT", *(f"bars:XBTUSDT:{resolution}" for resolution in RESOLUTIONS)]
    async with (
        service(file=path, symbol="XBTUSDT", speed="max", wait_for=len(topics)) as running,
        running.client(max_queue=None) as client,
    ):
        answer = await client.ask({"type": "trades.subscribe", "payload": {"symbol": "XBTUSDT"}})
        assert answer["payload"]["status"] == "ok"
        for resolution in RESOLUTIONS:
            await client.subscribe(symbol="XBTUSDT", resolution=resolution)
        updates: dict[str, list[dict[str, Any]]] = {topic: [] for topic in topics}
        for _ in range(len(topics) * len(trades)):
            update = await client.receive()
            updates[update["topic"]].append(update)
    for got in updates.values():
        assert [update["seq"] for update in got] == list(range(1, len(trades) + 1))
    assert [update["payload"] for update in updates["trades:XBTUSDT"]] == trades
    for resolution in RESOLUTIONS:
        last: dict[int, Bar] = {}
        for count, update in enumerate(updates[f"bars:XBTUSDT:{resolution}"], start=1):
            bar = numbers(update["payload"])
            last[bar[0]] = bar
            if count % 37 == 0:
                assert [last[start] for start in sorted(last)] == bars_of(trades[:count], resolution)
        assert [last[start] for start in sorted(last)] == bars_of(trades, resolution)


def test_the_sample_has_what_is_hard() -> None:
    """The sample has late trades, trades of one moment, a span without any, and several days' worth of nothing else."""
    trades = expected(SAMPLE)
    times = [trade["time"] for trade in trades]
    assert times != sorted(times)
    assert len(set(times)) < len(times)
    minutes = {at // 60_000 for at in times}
    assert len(minutes) < max(minutes) - min(minutes) + 1


@pytest.mark.parametrize(
    ("request_type", "selection", "code", "problem"),
    [
        ("trades.subscribe", {"symbol": "ZZZ"}, "unknown_symbol", 'There is no symbol "ZZZ"; known: MADEUP.'),
        ("bars.subscribe", {"symbol": "madeup"}, "unknown_symbol", 'no symbol "madeup"; known: MADEUP.'),
        ("quotes.subscribe", {"symbol": "MADEUP"}, "unavailable", "MADEUP holds only trades"),
        ("orderbook.subscribe", {"symbol": "MADEUP"}, "unavailable", "MADEUP holds only trades"),
    ],
)
async def test_what_is_not_recorded_is_refused(
    request_type: str, selection: dict[str, str], code: str, problem: str
) -> None:
    """Other symbols, and what trades do not tell: named, and for good."""
    async with service(file=SAMPLE) as running, running.client() as client:
        answer = (await client.ask({"type": request_type, "payload": selection}))["payload"]
        assert (answer["status"], answer["code"], answer["retryable"]) == ("error", code, False)
        assert problem in answer["message"]


class Tape:
    """Takes down what is published."""

    def __init__(self) -> None:
        self.updates: list[tuple[str, dict[str, Any]]] = []

    def publish(self, publication: Publication) -> None:
        """Keep topic and body."""
        self.updates.append((publication.topic, json.loads(publication.payload)))

    def of(self, topic: Topic) -> list[dict[str, Any]]:
        """The bodies of one topic."""
        return [body for address, body in self.updates if address == topic.address]


TRADES = TradesTopic("MADEUP")
MINUTES = BarsTopic("MADEUP", "1")
ODD = BarsTopic("MADEUP", "7S")
DAYS = BarsTopic("MADEUP", "1D")


def recording_of(path: Path = SAMPLE) -> Recording:
    """A file, looked through."""
    return open_recording(path, symbol="MADEUP", resolution=None, skip_bad=False)


@asynccontextmanager
async def playing(
    recording: Recording | None = None,
    *,
    start: Literal["on-subscribe", "immediately"] = "on-subscribe",
    wait_for: int = 1,
    loop: bool = False,
) -> AsyncIterator[tuple[Replay, Tape]]:
    """A replay that plays a row each turn of the loop, without a hub."""
    tape = Tape()
    recording = recording or recording_of()
    feed = Replay(Publisher(tape), recording, pace=Pace(), start=start, wait_for=wait_for, loop=loop)
    await feed.start()
    try:
        yield feed, tape
    finally:
        await feed.stop()


def subscribe(feed: Replay, topic: Topic) -> None:
    """The first subscriber of a topic comes."""
    feed.topic_opened(topic)
    feed.topic_subscribers(topic, 1)


def leave(feed: Replay, topic: Topic) -> None:
    """The last subscriber of a topic goes."""
    feed.topic_subscribers(topic, 0)
    feed.topic_closed(topic)


async def until(holds: Callable[[], bool]) -> None:
    """Let the replay go on, row by row, until it holds."""
    for _ in range(100_000):
        if holds():
            return
        await asyncio.sleep(0)
    pytest.fail("the replay does not come so far")


def played(feed: Replay) -> int:
    """How many rows have been."""
    return int(feed.status().detail["played"])


async def test_the_clock_starts_when_there_are_enough_subscriptions() -> None:
    """Subscriptions count whichever of the topics they are to."""
    async with playing(wait_for=3) as (feed, tape):
        subscribe(feed, TRADES)
        subscribe(feed, MINUTES)
        await asyncio.sleep(0)
        assert feed.status().state == "waiting"
        feed.topic_subscribers(MINUTES, 2)
        await until(lambda: played(feed) == 1)
        assert [address for address, _ in tape.updates] == [TRADES.address, MINUTES.address]


async def test_who_joins_midway_has_whole_bars() -> None:
    """A topic that opens while others are played goes on from there; its bars have all that was played before."""
    trades = expected(SAMPLE)
    async with playing() as (feed, tape):
        subscribe(feed, TRADES)
        for rows, topic in [(40, MINUTES), (60, ODD), (115, DAYS)]:
            await until(lambda rows=rows: played(feed) == rows)  # type: ignore[misc]
            subscribe(feed, topic)
        await until(lambda: feed.status().state == "finished")
    assert tape.of(TRADES) == trades
    assert len(tape.of(MINUTES)) == len(trades) - 40
    for topic, first in [(MINUTES, 40), (ODD, 60), (DAYS, 115)]:
        span = Resolution.parse(topic.resolution)
        for count, bar in enumerate(tape.of(topic), start=first + 1):
            start = span.floor(trades[count - 1]["time"])
            part = [trade for trade in trades[:count] if span.floor(trade["time"]) == start]
            ((_, *rest),) = bars_of(part, "1D")
            assert numbers(bar) == (start, *rest)


async def test_a_topic_that_closes_leaves_the_others_playing() -> None:
    """One clock for all: it goes on while anybody listens to anything, and who comes back hears it from where it is."""
    trades = expected(SAMPLE)
    async with playing() as (feed, tape):
        subscribe(feed, TRADES)
        subscribe(feed, MINUTES)
        await until(lambda: played(feed) == 50)
        leave(feed, TRADES)
        await until(lambda: played(feed) == 90)
        subscribe(feed, TRADES)
        leave(feed, MINUTES)
        await until(lambda: feed.status().state == "finished")
    assert tape.of(TRADES) == [*trades[:50], *trades[90:]]
    assert len(tape.of(MINUTES)) == 90


async def test_when_all_have_left_it_begins_anew() -> None:
    """The last topic's closing stops the clock and forgets what was played; the next subscriber hears the first row."""
    trades = expected(SAMPLE)
    minute = Resolution.parse("1")
    async with playing() as (feed, tape):
        for _ in range(2):
            tape.updates.clear()
            assert (await feed.bars("MADEUP", minute, None, 10)).bars == []
            subscribe(feed, TRADES)
            subscribe(feed, MINUTES)
            await until(lambda: played(feed) == 100)
            leave(feed, TRADES)
            assert feed.status().state == "running"
            leave(feed, MINUTES)
            assert feed.status().state == "waiting"
            assert tape.of(TRADES) == trades[:100]
            assert numbers(tape.of(MINUTES)[0])[5] == trades[0]["size"]


async def test_immediately_goes_on_without_listeners() -> None:
    """A replay that starts at once does not wait, and does not stop; who comes then finds its past."""
    trades = expected(SAMPLE)
    async with playing(start="immediately") as (feed, tape):
        await until(lambda: played(feed) == 30)
        subscribe(feed, MINUTES)
        leave(feed, MINUTES)
        await until(lambda: feed.status().state == "finished")
        assert tape.updates == []
        page = await feed.bars("MADEUP", Resolution.parse("1"), None, 5000)
    assert [(bar.time, bar.open) for bar in page.bars] == [bar[:2] for bar in bars_of(trades, "1")]


async def test_past_bars_never_tell_the_future() -> None:
    """At any moment the past is the fold of what has been played, whatever moment is asked for."""
    trades = expected(SAMPLE)
    async with playing() as (feed, _):
        subscribe(feed, TRADES)
        for rows in range(1, len(trades), 23):
            await until(lambda rows=rows: played(feed) == rows)  # type: ignore[misc]
            for resolution in RESOLUTIONS:
                span = Resolution.parse(resolution)
                page = await feed.bars("MADEUP", span, None, 200)
                if played(feed) == rows:
                    got = [
                        (bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in page.bars
                    ]
                    assert got == bars_of(trades[:rows], resolution)
                    assert page.complete
                    late = await feed.bars("MADEUP", span, trades[-1]["time"] * 2, 200)
                    assert late == page


async def test_past_bars_of_what_is_not_there_are_refused() -> None:
    """Another symbol has none."""
    async with playing() as (feed, _):
        with pytest.raises(TopicUnavailable, match="known: MADEUP") as raised:
            await feed.bars("OTHER", Resolution.parse("1"), None, 10)
        assert raised.value.code == "unknown_symbol"


async def test_long_pages_leave_others_their_turn() -> None:
    """Thousands of bars are put together in several turns of the loop, and are the same as in one."""
    async with playing(start="immediately") as (feed, _):
        await until(lambda: feed.status().state == "finished")
        history = feed._history
        for number in range(2_000):
            history.add(Tick(1_800_000_000_000 + number * 1_000, 1.0, 1.0, number))
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.create_task(count())
        page = await feed.bars("MADEUP", Resolution.parse("1S"), None, 1_999)
        counting.cancel()
        assert turns >= 5
        assert [bar.time for bar in page.bars] == [1_800_000_000_000 + n * 1_000 for n in range(1, 2_000)]
        assert not page.complete


async def test_a_loop_goes_on_with_times_and_ids_that_grow() -> None:
    """After the last trade comes the first again: same prices, sizes and sides, later, and with ids of its own."""
    trades = expected(SAMPLE)
    rounds = 3
    async with playing(loop=True) as (feed, tape):
        subscribe(feed, TRADES)
        await until(lambda: played(feed) >= rounds * len(trades))
    got = tape.of(TRADES)[: rounds * len(trades)]
    assert got[: len(trades)] == trades
    assert len({trade["id"] for trade in got}) == len(got)
    parts = [got[first : first + len(trades)] for first in range(0, len(got), len(trades))]
    for before, after in pairwise(parts):
        assert min(trade["id"] for trade in after) > max(trade["id"] for trade in before)
        gap = min(trade["time"] for trade in after) - max(trade["time"] for trade in before)
        assert 0 < gap <= 120_000
        (shift,) = {new["time"] - old["time"] for old, new in zip(before, after, strict=True)}
        assert shift % 60_000 == 0
        for old, new in zip(before, after, strict=True):
            assert {**new, "time": 0, "id": 0} == {**old, "time": 0, "id": 0}


async def test_the_past_of_a_loop_is_bounded() -> None:
    """However often a file is played, what is remembered of it stays as long as two of its rounds, or some bars."""
    async with playing(loop=True) as (feed, _):
        feed._history = type(feed._history)(None, most=100)
        subscribe(feed, TRADES)
        await until(lambda: played(feed) > 4 * len(expected(SAMPLE)))
        page = await feed.bars("MADEUP", Resolution.parse("1S"), None, 5000)
        assert page.complete
        assert len(page.bars) < 4_000


HEADER = "time,price,size,side,id\n"


def write(folder: Path, text: str) -> Path:
    """A file with this content."""
    path = folder / "made-up.csv"
    path.write_text(text)
    return path


async def test_too_late_for_a_bar_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A trade that comes more than an hour late is played, but changes no bar; the log and health say so."""
    hour = 3_600
    times = [0, hour + 60, 30, 45, hour + 61]
    text = "".join(f"{1_767_623_400 + at},{10 + n},1,buy,{n}\n" for n, at in enumerate(times))
    async with playing(recording_of(write(tmp_path, HEADER + text))) as (feed, tape):
        assert "trades=2 behind_seconds=3600" in caplog.text
        subscribe(feed, TRADES)
        subscribe(feed, DAYS)
        await until(lambda: feed.status().state == "finished")
    assert [trade["id"] for trade in tape.of(TRADES)] == [0, 1, 2, 3, 4]
    assert [bar["volume"] for bar in tape.of(DAYS)] == [1, 2, 3]
    assert feed.status().detail["too_late_for_bars"] == 2
    assert [
        record.getMessage() for record in caplog.records if "too late for its bar" in record.getMessage()
    ] == ["a trade came too late for its bar, and is in none id=2 line=4"]


def test_a_file_that_runs_backwards_is_refused(tmp_path: Path) -> None:
    """Newest first, as some exchanges give it, is not late trades but another order; it is said what to do."""
    text = HEADER + "".join(f"{1_767_623_400 - n},1,1,buy,{n}\n" for n in range(5))
    with pytest.raises(TableError, match="run backwards; sort the rows, the oldest first"):
        recording_of(write(tmp_path, text))


def test_a_resolution_is_not_for_trades(tmp_path: Path) -> None:
    """Trades fold into all of them, so that giving one is a mistake."""
    path = write(tmp_path, HEADER + "1767623400,1,1,buy,1\n")
    with pytest.raises(TableError, match="--resolution is for bars"):
        open_recording(path, symbol=None, resolution="1", skip_bad=False)


def test_made_up_sides_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so where sides are not in the file."""
    recording_of(write(tmp_path, "time,price,size\n1767623400,1,1\n"))
    assert "no column side" in caplog.text


async def test_the_symbol_is_told() -> None:
    """Decimals come from the rows, whatever zeros they are written with, and every usual resolution is offered."""
    async with playing() as (feed, _):
        (instrument,) = feed.instruments()
    assert (instrument.symbol, instrument.type, instrument.currency) == ("MADEUP", "other", "")
    assert (instrument.price_decimals, instrument.size_decimals) == (2, 3)
    assert instrument.resolutions[:3] == ("1S", "5S", "15S")
    assert instrument.resolutions[-2:] == ("1W", "1M")
