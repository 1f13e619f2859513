"""`python -m service top`, on a real service: the live view, its keys, and one look as text and JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.widgets import Static

from service.cli import main
from service.metrics.places import NotAnswered, Place, ask, place_of
from service.metrics.status import ClientStatus, Status, TopicStatus, Totals, WorkerStatus, joined
from service.top.figures import change, number, size, span
from service.top.plain import as_text
from service.top.source import Source, place_named
from service.top.tables import clients_table, facts, topics_table, troubles
from service.top.view import Cells, Top
from tests.service.running import Client, Running, eventually, service


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[Running, Client, Place]]:
    """A service with an admin listener, and a client that has two topics."""
    async with service(admin="127.0.0.1:0") as running, running.client(max_queue=None) as client:
        await client.subscribe(symbol="AAPL", resolution="1")
        await client.subscribe(symbol="MSFT", resolution="5")
        host, port = running.app.state.admin.sockets[0].getsockname()[:2]
        yield running, client, place_of(f"{host}:{port}")


def rows(app: Top, name: str) -> list[list[str]]:
    """What a table shows."""
    table = app.query_one(name, Cells)
    return [[cell.plain for cell in table.get_row_at(at)] for at in range(table.row_count)]


def head(app: Top) -> str:
    """What stands above the tables."""
    return str(app.query_one("#head", Static).render())


async def test_the_live_view_shows_a_running_service() -> None:
    """Topics, clients and totals appear, follow what happens, and are put in the order asked for."""
    async with watched() as (running, client, place):
        app = Top(Source(place, 50), interval=0.1)
        async with app.run_test(size=(130, 40)) as pilot:
            await eventually(lambda: app.status is not None)
            await pilot.pause()
            assert [row[0] for row in rows(app, "#topics")] == ["bars:AAPL:1", "bars:MSFT:5"]
            (connection,) = running.connections
            assert rows(app, "#clients")[0][:2] == [str(connection.id), "127.0.0.1"]
            assert "connections 1" in head(app)
            assert "subscriptions 2" in head(app)

            for close in range(20):
                running.publish(float(close), symbol="MSFT", resolution="5")
            await eventually(lambda: app.status is not None and app.status.totals.publications == 20)
            await pilot.press("r")
            await eventually(lambda: rows(app, "#topics")[0][0] == "bars:MSFT:5")
            assert rows(app, "#topics")[0][3] == "20"
            await pilot.press("n")
            assert rows(app, "#topics")[0][0] == "bars:AAPL:1"

            await client.socket.close(1011)
            await eventually(lambda: "closed 1011 by client 1" in head(app))
            assert rows(app, "#clients") == []


async def test_it_stands_still_while_paused() -> None:
    """Who reads is not read away from under."""
    async with watched() as (running, _, place):
        app = Top(Source(place, 50), interval=0.1)
        async with app.run_test(size=(130, 40)) as pilot:
            await eventually(lambda: app.status is not None)
            await pilot.press("p")
            assert "paused" in head(app)
            before = app.status
            async with running.client() as another:
                await another.silent()
                # A service that is asked twice as long as an interval lasts would have been asked again.
                await asyncio.sleep(0.3)
                assert app.status is before
                await pilot.press("p")
                await eventually(lambda: "connections 2" in head(app))
            await pilot.press("q")
        assert app.return_code == 0


async def test_it_outlives_the_service() -> None:
    """A service that is gone is told of, with what was seen last; one that is back is shown."""
    async with watched() as (_, _, place):
        app = Top(Source(place, 50), interval=0.1)
        async with app.run_test(size=(130, 40)) as pilot:
            await eventually(lambda: app.status is not None)
            there, app._source = app._source, Source(_nowhere(), 50)
            trouble = app.query_one("#trouble", Static)
            await eventually(lambda: "cannot be reached" in str(trouble.render()))
            assert trouble.display
            assert len(rows(app, "#topics")) == 2
            app._source = there
            await eventually(lambda: not trouble.display)
            await pilot.press("q")


def test_the_feed_is_shown_as_who_feeds_says() -> None:
    """Whichever worker is asked first; where another node feeds, that is said, and it does not change either."""

    def one(number_: int, feed: str, feeds: bool) -> Status:
        worker = WorkerStatus(number_, True, 4711, 60.0, True, (), 0.001, 10.0, 1)
        return Status("0.1.0", "1.3.0", 1_000, (worker,), Totals(), (), (), feed=feed, feeds=feeds)

    leader, follower = one(1, "simulate running", True), one(0, "simulate idle", False)
    for statuses in ([leader, follower], [follower, leader]):
        assert "feed simulate running " in as_text(
            joined(statuses), change(None, joined(statuses)), "subscribers", "queued"
        )
    alone = joined([follower])
    assert "feed simulate idle (another node feeds)" in as_text(
        alone, change(None, alone), "subscribers", "queued"
    )


async def test_one_look_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--once` prints what the view shows, `--json` what the service told and the rates of two looks."""
    async with watched() as (_, _, place):
        arguments = ["top", f"http://{place}", "--interval", "0.6"]
        assert await asyncio.to_thread(main, [*arguments, "--once"]) == 0
        text = capsys.readouterr().out
        assert await asyncio.to_thread(main, [*arguments, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
    assert text.startswith("Tapewire ")
    assert "connections 1" in text
    assert [line.split()[0] for line in text.splitlines() if line.startswith("bars:")] == [
        "bars:AAPL:1",
        "bars:MSFT:5",
    ]
    assert told["totals"]["subscriptions"] == 2
    assert told["rates_per_second"]["deliveries"] == 0
    assert [topic["updates_per_second"] for topic in told["topics"]] == [0.0, 0.0]


async def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """`top --once | head`: no traceback where nobody reads any more; and on the public port, what to do."""
    async with watched() as (running, _, place):
        reads, writes = os.pipe()
        os.close(reads)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "top", str(place), "--once", "--interval", "0.1"),
            stdout=writes,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(writes)
        _, err = await process.communicate()
        assert (process.returncode, err.decode()) == (0, "")
        # Without --once as well: what is no terminal gets no full-screen view.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "top", str(place), "--interval", "0.1"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        assert (process.returncode, err.decode()) == (0, "")
        assert out.decode().startswith("Tapewire ")
        public = place_of(running.url.removeprefix("http://"))
        with pytest.raises(NotAnswered, match=r"answered 404: it is no admin listener.*see serve --admin"):
            await ask(public, "/internal/status")


def test_nobody_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A place where nothing listens costs one line and exit code 1."""
    assert main(["top", "unix:/nowhere/at/all.sock", "--once"]) == 1
    error = capsys.readouterr().err
    assert "cannot be reached" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["https://a.example:1"], ["a:1", "--interval", "nan"], ["a:1", "--most", "0"]],
)
def test_options_that_make_no_sense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """They are told in one line, exit code 2."""
    assert main(["top", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_textual_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The live view is an extra."""
    monkeypatch.delitem(sys.modules, "service.top.view")
    monkeypatch.setitem(sys.modules, "textual.app", None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["top", "127.0.0.1:1"]) == 1
    assert "pip install 'tapewire[top]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9100", "127.0.0.1:9100"),
        ("http://localhost:9100/", "localhost:9100"),
        ("http://[::1]:9100", "[::1]:9100"),
        ("http://a.example", "a.example:80"),
        ("unix:/run/tapewire/admin.sock", "unix:/run/tapewire/admin.sock"),
        ("/run/tapewire/admin.sock", "unix:/run/tapewire/admin.sock"),
    ],
)
def test_places(text: str, place: str) -> None:
    """A service is named as its settings name the listener, or by a URL."""
    assert str(place_named(text)) == place


@pytest.mark.parametrize("text", ["http://h:1/x", "http://h:1/?a=b", "http://h:1#x", "http://user:word@h:1"])
def test_more_than_a_place_is_refused(text: str) -> None:
    """What would not be heeded is not taken."""
    with pytest.raises(ValueError, match="HOST:PORT"):
        place_named(text)


@pytest.mark.parametrize("size", [(40, 10), (60, 16), (80, 24)])
async def test_a_small_terminal_shows_rows(size: tuple[int, int]) -> None:
    """Of topics and of clients, whatever else has to make room; with something to complain of, too."""
    async with watched() as (_, _, place):
        app = Top(Source(place, 50), interval=0.1)
        async with app.run_test(size=size) as pilot:
            await eventually(lambda: app.status is not None)
            await pilot.press("p")
            app._tell(["one thing that is not well", "another"])
            await pilot.pause()
            for name in ("#topics", "#clients"):
                table = app.query_one(name, Cells)
                assert table.row_count
                assert table.region.bottom < size[1]
                assert table.scrollable_content_region.height >= 2, name  # the titles, and a row


def test_closes_are_told_by_who_closed() -> None:
    """A code that a client has sent is none of ours, whatever ours of that number means."""
    one = _status(closes={"1011": 3, "1000": 2}, closes_by_client={"1011": 1, "1000": 2})
    assert facts(joined([one, one]), change(None, one))[-1] == [
        ("closed 1000 by client", "4"),
        ("closed 1011 server fault", "4"),
        ("closed 1011 by client", "2"),
    ]


def _nowhere() -> Place:
    return place_of("unix:/nowhere/at/all.sock")


def _status(**changes: object) -> Status:
    worker = WorkerStatus(0, True, 4711, 60.0, True, (), 0.001, 10.0, 1)
    whole = Status("0.1.0", "1.3.0", 1_000, (worker,), Totals(publications=100), (), ())
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_rates_are_between_two_looks() -> None:
    """Differences by the service's own clock; none where there is no first look or the service began anew."""
    before = _status()
    worker = replace(before.workers[0], cpu_seconds=11.0)
    after = _status(time_ms=3_000, totals=Totals(publications=300), workers=(worker,))
    found = change(before, after)
    assert found.rates["publications"] == 100.0
    assert found.loads == {(0, 4711): 0.5}
    assert change(None, after).rates["publications"] is None
    assert change(before, _status(time_ms=3_000, totals=Totals(publications=5))).rates["publications"] is None


def test_troubles_name_their_worker() -> None:
    """What is not well stands above all else."""
    bad = WorkerStatus(1, False, pid=4711)
    gone = WorkerStatus(2, False)
    ill = WorkerStatus(0, True, reasons=("the broker is down",))
    assert troubles(_status(workers=(ill, bad, gone))) == [
        "worker 0: the broker is down",
        "worker 1: does not answer",
        "worker 2: is missing",
    ]


def test_text_of_clients_moves_no_cursor() -> None:
    """Addresses of topics and clients are shown without control characters or markup, however they came."""
    topic = TopicStatus("bars:\x1b[2J[bold]:1", "bars", 1, 1, None)
    client = ClientStatus("id", None, "1.2.3.4\n", 5, True, 1, 3.0, 4.0)
    status = _status(topics=(topic,), clients=(client,))
    text = as_text(status, change(None, status), "subscribers", "queued")
    assert all(line.isprintable() for line in text.split("\n"))
    assert topics_table(status, "name").rows[0][0] == "bars:\\x1b[2J[bold]:1"
    assert clients_table(status, "age").rows[0][1] == "1.2.3.4\\n"


def test_slow_clients_come_first() -> None:
    """Who is behind, then who has most waiting."""
    one, two, three = (
        ClientStatus(str(n), None, "", queued, behind, 1, 3.0, 4.0)
        for n, queued, behind in ((1, 500, False), (2, 10, True), (3, 900, True))
    )
    assert [row[0] for row in clients_table(_status(clients=(one, two, three)), "queued").rows] == [
        "3",
        "2",
        "1",
    ]


def test_figures_are_short() -> None:
    """As people read them."""
    assert [number(value) for value in (None, 0, 0.25, 9.96, 12_345.6)] == ["-", "0", "0.2", "10.0", "12,346"]
    assert [size(value) for value in (None, 999, 1_000, 123_456, 1.5e9)] == [
        "-",
        "999 B",
        "1.0 kB",
        "123 kB",
        "1.5 GB",
    ]
    assert [span(value) for value in (4.6, 125, 11_100, 360_000)] == ["5 s", "2 min", "3 h 05 min", "4 d 4 h"]
