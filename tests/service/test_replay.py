"""Playing a file: every row, unchanged, to whoever listens, at the pace that was asked for."""

from __future__ import annotations

import asyncio
import csv
import os
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.bars.resolution import Resolution
from service.feeds.recording import open_recording
from service.feeds.replay import Pace
from service.feeds.table import TableError
from service.settings import Settings
from tests.service.running import Client, Running, eventually, service

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "data" / "madeup-15m.csv"
DATA = Path(os.environ.get("TAPEWIRE_DATA", HERE.parents[2] / "shared" / "data"))

HEADER = "time,open,high,low,close,volume\n"
GOOD = "2026-01-05 14:30:00,1.5,2.0,1.0,1.75,10\n2026-01-05 14:31:00,1.5,2.0,1.0,1.75,10\n"


def expected(path: Path) -> list[dict[str, float]]:
    """A file's rows as bodies of updates, read without any of the service's code."""
    with path.open(newline="") as file:
        rows = [{name.lower(): cell for name, cell in row.items()} for row in csv.DictReader(file)]
    return [
        {
            "time": int(
                datetime.fromisoformat(row.get("time") or row["timestamp"]).replace(tzinfo=UTC).timestamp()
            )
            * 1000,
            **{name: float(row[name]) for name in ("open", "high", "low", "close", "volume")},
        }
        for row in rows
    ]


async def play(running: Running, count: int, **selection: str) -> list[dict[str, Any]]:
    """Subscribe, and take so many bars, which must be numbered without a gap."""
    async with running.client() as client:
        answer = await client.subscribe(**selection)
        updates = [await client.receive() for _ in range(count)]
        assert [update["seq"] for update in updates] == list(
            range(answer["seq"] + 1, answer["seq"] + count + 1)
        )
        return [update["payload"] for update in updates]


async def test_every_row_arrives_unchanged() -> None:
    """The rows of a file are what a subscriber receives, in order, to the last digit."""
    rows = expected(SAMPLE)
    async with service(file=SAMPLE, speed="max") as running:
        assert await play(running, len(rows), symbol="MADEUP", resolution="15") == rows
        await eventually(lambda: running.app.state.feed.status().state == "finished")


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("eurusd-1h.csv", {"symbol": "EURUSD", "resolution": "60"}),
        ("btc-perp-1m.csv", {"symbol": "BTC", "resolution": "1"}),
    ],
)
async def test_real_rates_arrive_unchanged(name: str, selection: dict[str, str]) -> None:
    """Thousands of real bars, played as fast as can be, arrive whole at three clients at once."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    rows = expected(path)
    async with service(file=path, rate=20_000, wait_for=3) as running:
        got = await asyncio.gather(*(play(running, len(rows), **selection) for _ in range(3)))
    for bars in got:
        assert bars == rows


async def test_the_first_row_waits_for_enough_subscribers() -> None:
    """With `wait_for`, nothing is played to fewer; then all of them get the first row."""
    async with (
        service(file=SAMPLE, speed="max", wait_for=2) as running,
        running.client() as one,
        running.client() as two,
    ):
        await one.subscribe(symbol="MADEUP", resolution="15")
        assert await one.silent()
        assert running.app.state.feed.status().state == "waiting"
        await two.subscribe(symbol="MADEUP", resolution="15")
        assert (await one.receive())["seq"] == 1
        assert (await two.receive())["seq"] == 1


async def test_bars_fold_into_coarser_ones() -> None:
    """While the rows are played, each changes the coarser bar that it belongs to, which is sent each time."""
    rows = expected(SAMPLE)
    async with (
        service(file=SAMPLE, speed="max", wait_for=2) as running,
        running.client(max_queue=None) as client,
    ):
        await client.subscribe(symbol="MADEUP", resolution="60")
        await client.subscribe(symbol="MADEUP", resolution="D")
        got = [await client.receive() for _ in range(2 * len(rows))]
    for resolution, length in (("60", 3_600_000), ("1D", 86_400_000)):
        bars = [update["payload"] for update in got if update["topic"] == f"bars:MADEUP:{resolution}"]
        assert len(bars) == len(rows)
        for count, bar in enumerate(bars, start=1):
            start = rows[count - 1]["time"] // length * length
            part = [row for row in rows[:count] if row["time"] >= start]
            assert bar == {
                "time": start,
                "open": part[0]["open"],
                "high": max(row["high"] for row in part),
                "low": min(row["low"] for row in part),
                "close": part[-1]["close"],
                "volume": sum(row["volume"] for row in part),
            }


@pytest.mark.parametrize(
    ("request_type", "selection", "code", "problem"),
    [
        ("bars.subscribe", {"symbol": "ZZZ"}, "unknown_symbol", 'There is no symbol "ZZZ"; known: MADEUP.'),
        ("bars.history", {"symbol": "ZZZ"}, "unknown_symbol", 'There is no symbol "ZZZ"; known: MADEUP.'),
        ("trades.subscribe", {"symbol": "ZZZ"}, "unknown_symbol", 'There is no symbol "ZZZ"'),
        ("quotes.subscribe", {"symbol": "ZZZ"}, "unknown_symbol", 'There is no symbol "ZZZ"'),
        ("bars.subscribe", {"symbol": "MADEUP"}, "unknown_resolution", 'MADEUP has no bars of "1": those'),
        ("bars.history", {"symbol": "MADEUP", "resolution": "20"}, "unknown_resolution", 'no bars of "20"'),
        ("trades.subscribe", {"symbol": "MADEUP"}, "unavailable", "MADEUP holds only bars"),
        ("quotes.subscribe", {"symbol": "MADEUP"}, "unavailable", "MADEUP holds only bars"),
        ("orderbook.subscribe", {"symbol": "MADEUP"}, "unavailable", "MADEUP holds only bars"),
    ],
)
async def test_what_is_not_recorded_is_refused(
    request_type: str, selection: dict[str, str], code: str, problem: str
) -> None:
    """Other symbols, finer bars or such as do not divide, and what a file of bars cannot tell: named, and for good."""
    async with service(file=SAMPLE) as running, running.client() as client:
        answer = (await client.ask({"type": request_type, "payload": selection}))["payload"]
        assert (answer["status"], answer["code"], answer["retryable"]) == ("error", code, False)
        assert problem in answer["message"]
        assert not running.hub.topics


async def test_past_bars_end_with_what_has_been_played() -> None:
    """Before anything is played there is no bar; afterwards all, in pages, as recorded and folded."""
    rows = expected(SAMPLE)
    async with service(file=SAMPLE, speed="max") as running, running.client(max_queue=None) as client:

        async def history(**payload: object) -> dict[str, Any]:
            request = {"type": "bars.history", "id": 1, "payload": {"symbol": "MADEUP", **payload}}
            answer: dict[str, Any] = (await client.ask(request))["payload"]
            return answer

        page = await history(resolution="15")
        assert (page["bars"], page["complete"]) == ([], True)
        await client.subscribe(symbol="MADEUP", resolution="15")
        for _ in rows:
            await client.receive()
        page = await history(resolution="15", limit=5000)
        assert (page["bars"], page["complete"]) == (rows, True)
        page = await history(resolution="15", limit=10)
        assert (page["bars"], page["complete"]) == (rows[-10:], False)
        page = await history(resolution="15", limit=10, to=rows[10]["time"])
        assert (page["bars"], page["complete"]) == (rows[:10], True)
        page = await history(resolution="D", limit=5000)
        assert page["resolution"] == "1D"
        assert [bar["open"] for bar in page["bars"]] == [
            row["open"] for row in rows if row["time"] % 86_400_000 == 0
        ]


async def test_the_symbol_is_told() -> None:
    """The list of symbols has the recording's, with as many decimals as its rows need."""
    async with service(file=SAMPLE, symbol="EUR/USD") as running, running.client() as client:
        answer = await client.ask({"type": "symbols.list", "payload": {}})
    (info,) = answer["payload"]["symbols"]
    assert (info["symbol"], info["type"], info["currency"]) == ("EUR/USD", "forex", "USD")
    assert (info["price_decimals"], info["size_decimals"]) == (5, 0)
    assert info["resolutions"] == ["15", "30", "60", "240", "1D", "1W", "1M"]


async def test_whoever_comes_after_everybody_left_hears_it_from_the_start() -> None:
    """The last one's leaving ends the playing; the next one starts it again, in a new epoch."""
    first = expected(SAMPLE)[0]
    async with service(file=SAMPLE, rate=1_000, topic_grace=0.0) as running:
        for _ in range(2):
            assert (await play(running, 3, symbol="MADEUP", resolution="15"))[0] == first
            await eventually(lambda: not running.hub.topics)
            assert running.app.state.feed.status().state == "waiting"


async def test_immediately_means_without_waiting() -> None:
    """A replay that starts at once is over whether or not anybody listens."""
    async with service(file=SAMPLE, speed="max", start="immediately") as running:
        await eventually(lambda: running.app.state.feed.status().state == "finished")
        assert running.app.state.feed.status().detail["played"] == len(expected(SAMPLE))


async def test_a_loop_goes_on_with_times_that_grow() -> None:
    """After the last row comes the first again, its values the same, its time after the last one's bar."""
    rows = expected(SAMPLE)
    async with service(file=SAMPLE, speed="max", loop=True) as running:
        got = await play(running, 2 * len(rows) + 1, symbol="MADEUP", resolution="15")
    assert got[: len(rows)] == rows
    assert all(after["time"] > before["time"] for before, after in pairwise(got))
    assert all(bar["time"] % 900_000 == 0 for bar in got)
    again = got[len(rows) : 2 * len(rows)]
    assert [{**bar, "time": 0} for bar in again] == [{**row, "time": 0} for row in rows]
    assert again[0]["time"] == rows[-1]["time"] + 900_000


def test_a_loop_of_months_keeps_to_the_calendar(tmp_path: Path) -> None:
    """Played again and again, bars of months begin on the first of theirs, far beyond what datetime knows."""
    text = HEADER + "".join(f"9990-{month:02}-01,1,1,1,1,1\n" for month in range(3, 13))
    recording = open_recording(write(tmp_path, text), symbol=None, resolution=None, skip_bad=False)
    assert str(recording.resolution) == "1M"
    months = Resolution.parse("1M")
    before = months.floor(recording.first_ms - 1)
    for row in islice(recording.play(loop=True), 2_000):
        assert row.time == months.next(before)
        before = row.time
    assert before > 253_402_300_800_000


def test_a_loop_ends_where_dates_do(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The last moment that a browser has a date for is the end of a loop, and no failure."""
    text = HEADER + "1970-01-01,1,1,1,1,1\n5000-01-01,1,1,1,1,1\n"
    path = write(tmp_path, text)
    with caplog.at_level("INFO"):
        recording = open_recording(path, symbol=None, resolution="9999D", skip_bad=False)
        rows = list(recording.play(loop=True))
    assert 150 < len(rows) < 200
    assert 8_400_000_000_000_000 < rows[-1].time <= 8_640_000_000_000_000
    assert "replay is at the end of all dates" in caplog.text


def test_pace() -> None:
    """Rows are due so many a second, or as their own times say, so many times as fast; or at once."""
    assert Pace(rows_per_second=10).due(5, 86_400_000) == 0.5
    assert Pace(times_real_time=3600).due(5, 7_200_000) == 2.0
    assert Pace().due(5, 7_200_000) == 0.0


async def test_rows_come_at_the_rate_that_was_asked_for() -> None:
    """A hundred rows a second take their time: twenty do not come in less than a fifth of a second, about."""
    loop = asyncio.get_running_loop()
    async with service(file=SAMPLE, rate=100) as running, running.client() as client:
        began = loop.time()
        await client.subscribe(symbol="MADEUP", resolution="15")
        await _skip(client, 21)
        assert 0.19 < loop.time() - began < 3.0


async def _skip(client: Client, count: int) -> None:
    for _ in range(count):
        await client.receive()


def write(folder: Path, text: str, name: str = "x-1m.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_text(text)
    return path


def test_bad_rows_refuse_the_file_all_at_once(tmp_path: Path) -> None:
    """By default a file with bad rows is not played; each is listed, and what can be done about it."""
    path = write(tmp_path, HEADER + GOOD + "x,1,1,1,1,1\n2026-01-05 14:32:00,nan,1,1,1,1\n")
    with pytest.raises(TableError) as raised:
        open_recording(path, symbol=None, resolution=None, skip_bad=False)
    lines = str(raised.value).splitlines()
    assert lines[0].startswith(f"{path}:4: time 'x'")
    assert lines[1].startswith(f"{path}:5: open 'nan'")
    assert lines[2] == f"{path}: 2 bad rows; --bad-rows skip plays the others"


def test_the_list_of_bad_rows_is_bounded(tmp_path: Path) -> None:
    """Of very many bad rows some are listed and the others counted."""
    path = write(tmp_path, HEADER + GOOD + "x,1,1,1,1,1\n" * 1000)
    with pytest.raises(TableError) as raised:
        open_recording(path, symbol=None, resolution=None, skip_bad=False)
    lines = str(raised.value).splitlines()
    assert len(lines) == 22
    assert lines[-2] == "and 980 more"


async def test_bad_rows_can_be_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Skipped rows are logged by file and line, and the others are played."""
    path = write(tmp_path, HEADER + "x,1,1,1,1,1\n" + GOOD)
    async with service(file=path, bad_rows="skip", speed="max") as running:
        assert len(await play(running, 2, symbol="X", resolution="1")) == 2
    assert any(
        f"bad row skipped row=\"{path}:2: time 'x'" in record.getMessage() for record in caplog.records
    )


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        (HEADER, "x.csv", "holds no rows"),
        (HEADER + GOOD.partition("\n")[0], "x.csv", "give --resolution"),
        (HEADER + GOOD, "-.csv", "give --symbol"),
    ],
)
def test_what_cannot_be_told_must_be_said(tmp_path: Path, text: str, name: str, problem: str) -> None:
    """A symbol or a resolution that the file does not tell is asked for, not guessed."""
    with pytest.raises(TableError, match=problem):
        open_recording(write(tmp_path, text, name), symbol=None, resolution=None, skip_bad=False)


def test_symbol_and_resolution_may_be_said(tmp_path: Path) -> None:
    """What is said goes before what could be read off the file."""
    path = write(tmp_path, HEADER + GOOD)
    recording = open_recording(path, symbol="EUR/USD", resolution="D", skip_bad=False)
    assert (recording.symbol, str(recording.resolution)) == ("EUR/USD", "1D")


def test_a_file_that_cannot_be_played_makes_no_application(tmp_path: Path) -> None:
    """The application is not made over a missing file."""
    with pytest.raises(TableError, match="No such file"):
        create_app(Settings(file=tmp_path / "none.csv"))


async def test_a_file_that_changes_while_it_is_played_fails_plainly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that has become bad since stops the replay, is named in the log, and shows in health."""
    path = write(tmp_path, HEADER + GOOD)
    async with service(file=path, speed="max") as running, running.client() as client:
        path.write_text(HEADER + GOOD + "x,1,1,1,1,1\n")
        await client.subscribe(symbol="X")
        await eventually(lambda: running.app.state.feed.status().state == "failed")
    assert any(
        f"replay stopped error=\"{path}:4: time 'x'" in record.getMessage() for record in caplog.records
    )
