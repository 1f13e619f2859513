"""The listener apart: what only it serves, where it may be, and several processes that answer as one."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from service.environment import RUN_DIR_VARIABLE, WORKER_VARIABLE
from service.metrics import peers as peers_module
from service.metrics.admin import AdminUnusable
from service.metrics.places import NotAnswered, Place, SocketFile, ask, place_of
from service.metrics.status import Status, decode
from tests.service.metrics.asked import get, read
from tests.service.running import Running, eventually, service


async def status(place: Place, query: str = "") -> Status:
    """What the admin listener says of topics and clients."""
    return decode(await ask(place, f"/internal/status{query}"))


@pytest.fixture
def place(tmp_path: Path) -> SocketFile:
    """A socket that nobody has made yet."""
    return SocketFile(tmp_path / "admin.sock")


@asynccontextmanager
async def workers(
    count: int, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[tuple[Running, Place]]]:
    """So many services that find each other as a supervisor's workers do, and where each is asked."""
    monkeypatch.setenv(RUN_DIR_VARIABLE, str(run_dir))
    async with AsyncExitStack() as stack:
        found = []
        for worker in range(count):
            monkeypatch.setenv(WORKER_VARIABLE, str(worker))
            running = await stack.enter_async_context(service())
            peers = running.app.state.monitor.peers
            await eventually(peers.place.path.exists)
            found.append((running, peers.place))
        yield found


async def test_a_unix_socket_is_its_owners_alone_and_goes_with_the_service(place: SocketFile) -> None:
    """Nobody else may open it; it serves metrics, health and status, and is gone afterwards."""
    async with service(admin=str(place)) as running:
        await eventually(place.path.exists)
        assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
        assert read((await ask(place, "/metrics")).decode())["tapewire_ready"] == 1
        assert json.loads(await ask(place, "/api/v1/health/live")) == {"live": True}
        assert (await status(place)).totals.connections == 0
        assert (await get(running, "/internal/status")).status_code == 404
    assert not place.path.exists()


async def test_a_port_apart_keeps_metrics_from_the_public() -> None:
    """`--metrics admin` serves them there only; the public port has health still."""
    async with service(admin="127.0.0.1:0", metrics="admin") as running:
        await eventually(lambda: bool(running.app.state.admin.sockets))
        [bound] = running.app.state.admin.sockets
        address = place_of(f"127.0.0.1:{bound.getsockname()[1]}")
        assert b"tapewire_connections" in await ask(address, "/metrics")
        assert (await get(running, "/metrics")).status_code == 404
        assert (await get(running, "/api/v1/health")).status_code == 200


async def test_a_place_that_is_taken_is_not_taken_away(place: SocketFile) -> None:
    """A second service says so; a socket that a process left behind is no hindrance."""
    async with service(admin=str(place)) as first:
        await eventually(place.path.exists)
        async with service() as second:
            admin = type(first.app.state.admin)(second.app.state.monitor, [place])
            with pytest.raises(
                AdminUnusable, match="somebody listens there already; --admin chooses another"
            ):
                admin.listen()
        assert (await status(place)).totals.topics == 0
    left = await asyncio.start_unix_server(lambda reader, writer: None, str(place.path))
    left.close()
    await left.wait_closed()
    if not place.path.exists():  # later Pythons clear up
        pytest.skip("nothing is left behind")
    async with service(admin=str(place)) as running:
        await eventually(lambda: bool(running.app.state.admin.sockets))
        assert (await status(place)).workers[0].ready


async def test_topics_come_by_subscribers_or_by_rate(place: SocketFile) -> None:
    """The first ones in the order asked for, with rates since it was last asked."""
    async with (
        service(admin=str(place)) as running,
        running.client(max_queue=None) as one,
        running.client() as other,
    ):
        await one.subscribe(symbol="MANY")
        await other.subscribe(symbol="MANY")
        await one.subscribe(symbol="BUSY")
        first = await status(place)
        assert [topic.updates_per_second for topic in first.topics] == [None, None]
        await asyncio.sleep(0.6)  # rates are over time
        for number in range(30):
            running.publish(float(number), symbol="BUSY")
        by_subscribers = await status(place)
        assert [(topic.address, topic.subscribers) for topic in by_subscribers.topics] == [
            ("bars:MANY:1", 2),
            ("bars:BUSY:1", 1),
        ]
        [busiest] = (await status(place, "?most=1&order=rate")).topics
        assert (busiest.address, busiest.updates) == ("bars:BUSY:1", 30)
        assert busiest.updates_per_second is not None
        assert 5 < busiest.updates_per_second < 51
        assert by_subscribers.totals.subscriptions == 3
        assert by_subscribers.totals.publications == by_subscribers.totals.deliveries == 30


async def test_the_slowest_clients_come_first(place: SocketFile) -> None:
    """Who has most waiting; with what is known of each, and no more clients than were asked for."""
    async with service(admin=str(place)) as running, running.client() as quick, running.client() as slow:
        await quick.subscribe()
        await slow.subscribe()
        await slow.subscribe(symbol="MSFT")
        lagging = next(
            connection for connection in running.connections if running.hub.topics_of(connection.outbox) == 2
        )
        lagging.outbox.hold()
        running.publish(1.0)
        await asyncio.sleep(0)
        found = await status(place, "?most=1")
        [client] = found.clients
        assert (client.id, client.address, client.subscriptions) == (str(lagging.id), "127.0.0.1", 2)
        assert client.queued_bytes == found.totals.queued_bytes > 100
        assert client.worker is None
        assert 0 <= client.silent_seconds <= client.age_seconds < 60


async def test_several_workers_answer_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is asked tells of all: metrics by the label `worker`, topics joined, clients with their worker."""
    async with workers(2, tmp_path, monkeypatch) as [(first, place), (second, other)]:  # noqa: SIM117
        async with first.client() as one, second.client() as two, second.client() as three:
            for client in (one, two, three):
                await client.subscribe()
            for asked in (place, other):
                scraped = read((await ask(asked, "/metrics")).decode())
                for worker, connections in (("0", 1), ("1", 2)):
                    labels = {"state": "open", "worker": worker}
                    assert scraped["tapewire_connections", labels] == connections
                assert scraped["tapewire_workers", {"answered": "yes"}] == 2
                assert scraped["tapewire_workers", {"answered": "no"}] == 0
                found = await status(asked)
                assert [worker.worker for worker in found.workers] == [0, 1]
                assert [(topic.address, topic.subscribers) for topic in found.topics] == [("bars:AAPL:1", 3)]
                assert sorted(client.worker or 0 for client in found.clients) == [0, 1, 1]
                assert found.totals.connections == 3
                health = json.loads(await ask(asked, "/internal/health"))
                assert {worker: told["ready"] for worker, told in health.items()} == {"0": True, "1": True}
            public = await get(first, "/metrics")
            assert read(public.text)["tapewire_workers", {"answered": "yes"}] == 2


async def test_a_worker_that_does_not_answer_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others' numbers come without its own, and say so; one that has died is none of them."""
    monkeypatch.setattr(peers_module, "_PATIENCE", 0.2)
    stuck = tmp_path / "worker-1.999999.sock"
    held = await asyncio.start_unix_server(lambda reader, writer: None, str(stuck))
    async with workers(1, tmp_path, monkeypatch) as [(_, place)]:
        scraped = read((await ask(place, "/metrics")).decode())
        assert scraped["tapewire_workers", {"answered": "no"}] == 1
        assert [worker.answered for worker in (await status(place)).workers] == [True, False]
        assert json.loads(await ask(place, "/internal/health"))["1"] is None
        held.close()
        await held.wait_closed()
        assert [worker.answered for worker in (await status(place)).workers] == [True]


async def test_two_processes_of_one_worker_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a rolling restart the younger has the worker's name, the elder is on its leave: no series twice."""
    async with workers(2, tmp_path, monkeypatch) as [(elder, place), (younger, _)]:
        younger.app.state.monitor.sources.worker = 0
        async with elder.client():
            scraped = read((await ask(place, "/metrics")).decode())
            assert scraped["tapewire_connections", {"state": "open", "worker": "0-leaving"}] == 1
            assert scraped["tapewire_connections", {"state": "open", "worker": "0"}] == 0


@pytest.mark.parametrize("text", ["nonsense", "host:", ":80", "host:99999", "host:8x"])
def test_what_is_no_place_is_refused(text: str) -> None:
    """A place is HOST:PORT or a unix socket's path."""
    with pytest.raises(ValueError, match="give HOST:PORT or unix:PATH"):
        place_of(text)


def test_a_place_without_its_path_is_told_as_such() -> None:
    """Not as the folder that one is in, which is there already."""
    with pytest.raises(ValueError, match="a path is missing: give unix:PATH"):
        place_of("unix:")


def test_places_are_written_as_they_are_read() -> None:
    """IPv6 in brackets, paths with or without `unix:`."""
    texts = ["localhost:80", "[::1]:9100", "unix:/run/x.sock"]
    assert [str(place_of(text)) for text in texts] == texts
    assert place_of("./x.sock") == place_of("unix:./x.sock")


async def test_who_is_not_there_is_said_to_be_so(place: SocketFile) -> None:
    """One exception, whose message names the place."""
    with pytest.raises(NotAnswered, match=r"admin\.sock cannot be reached"):
        await ask(place, "/metrics")
