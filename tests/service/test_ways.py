"""The ways to a client behave alike: its descriptor, its transport, and plain ASGI under another protocol class."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from service.wire import Link
from tests.frames import PING, TEXT, frame
from tests.service.raw import raw
from tests.service.running import AAPL, PATIENCE, Running, eventually, service

Serve = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(params=["descriptor", "transport", "asgi"])
def serve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Runs a service whose connections go this way."""
    if request.param == "transport":
        monkeypatch.setattr(Link, "go_direct", lambda self: None)

    def run(**settings: Any) -> AbstractAsyncContextManager[Running]:  # noqa: ANN401, whatever there is
        if request.param == "asgi":
            settings["protocol"] = WebSocketsSansIOProtocol
        return service(**settings)

    return run


@pytest.fixture
def lossless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars may not be folded."""
    monkeypatch.setattr("service.delivery.message.DELIVERY", {"bars": "lossless"})


async def tasks(running: Running) -> set[asyncio.Task[Any]]:
    """All that run while nobody is connected."""
    await eventually(lambda: running.server.started)
    return asyncio.all_tasks()


async def test_the_exchanges_are_the_same(serve: Serve) -> None:
    """Subscribe, update, unsubscribe: the same messages in the same order, whatever lies beneath."""
    async with serve() as running, running.client() as client:
        answer = await client.subscribe()
        running.publish(1.0)
        running.publish(2.0)
        updates = [await client.receive(), await client.receive()]
        goodbye = await client.unsubscribe()
        running.publish(3.0)
        assert answer["payload"] == {
            "status": "ok",
            "message": "Subscribed to bars:AAPL:1",
            "topic": "bars:AAPL:1",
        }
        assert [(update["seq"], update["payload"]["close"]) for update in updates] == [(1, 1.0), (2, 2.0)]
        assert [update.get("epoch") for update in updates] == [answer["epoch"], None]
        assert goodbye["type"] == "bars.unsubscribe.response"
        assert await client.silent()


async def test_answers_and_updates_keep_their_order(serve: Serve) -> None:
    """Among a hundred requests and as many updates each answer says where the updates are."""
    async with serve() as running, running.client() as client:
        await client.subscribe()
        for number in range(100):
            await client.send({"type": "bars.subscribe", "id": number, "payload": AAPL})
            running.publish(float(number))
            if number % 7 == 0:
                await asyncio.sleep(0)
        last, answered = 0, 0
        while last < 100 or answered < 100:
            message = await client.receive()
            if message["type"] == "bars.update":
                assert message["seq"] == last + 1
                last += 1
            else:
                assert (message["id"], message["seq"]) == (answered, last)
                answered += 1


async def test_a_reader_that_stalls_misses_nothing_without_being_told(serve: Serve) -> None:
    """Over the bound bars are folded: numbers grow, each gap is declared, the last comes, others get them all."""
    updates = 4_000
    async with (
        serve(outbox_bytes=4096, send_buffer=8192) as running,
        running.client() as fast,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe()
        await fast.subscribe()

        async def read() -> list[int]:
            return [(await fast.receive())["seq"] for _ in range(updates)]

        reading = asyncio.create_task(read())
        for number in range(updates):
            running.publish(float(number))
            if number % 4 == 0:
                await asyncio.sleep(0)
        slow.send({"type": "ping"})
        # The fast one must have read by now for itself: it is over the bound as soon as it lags.
        got = await reading
        assert got == list(range(1, updates + 1))
        last, folded = 0, 0
        while last < updates:
            message = await slow.message()
            if message["type"] == "bars.update":
                assert message.get("seq_from", message["seq"]) == last + 1
                folded += message["seq"] - last - 1
                last = message["seq"]
                assert message["payload"]["close"] == last - 1
        assert folded > updates / 2
        assert len(running.connections) == 2


@pytest.mark.usefixtures("lossless")
async def test_a_reader_that_stalls_on_what_is_lossless_is_closed_with_4004(serve: Serve) -> None:
    """What cannot be folded costs the client that does not read its connection, and nobody else."""
    async with (
        serve(outbox_bytes=4096, outbox_patience=0.1, send_buffer=8192, close_grace=PATIENCE) as running,
        running.client() as fast,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe()
        await fast.subscribe()
        number = 0
        while len(running.connections) == 2 or running.hub.subscriptions == 2:
            running.publish(float(number))
            number += 1
            assert (await fast.receive())["seq"] == number
            if any(connection.outbox.farewell for connection in running.connections):
                break
        seen = 0
        while True:
            opcode, payload = await slow.receive()
            if opcode != TEXT:
                break
            seen += 1
            assert json.loads(payload)["seq"] == seen
        assert int.from_bytes(payload[:2], "big") == 4004
        await eventually(lambda: len(running.connections) == 1)
        running.publish(0.0)
        assert (await fast.receive())["seq"] == number + 1


@pytest.mark.usefixtures("lossless")
async def test_a_slow_reader_that_moves_is_borne_with() -> None:
    """Who reads on, far more slowly than a kernel's buffer empties, is not closed; who stops is."""
    async with (
        service(outbox_bytes=262_144, outbox_patience=0.4, close_grace=PATIENCE) as running,
        raw(running.url, receive_buffer=65_536) as slow,
    ):
        await slow.subscribe()
        [connection] = running.connections
        while connection.outbox.waiting <= 262_144:
            for _ in range(50):
                running.publish(1.0)
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until = loop.time() + 1.6
        while loop.time() < until:
            await slow.reader.readexactly(8_000)
            for _ in range(10):
                running.publish(1.0)
            await asyncio.sleep(0.02)
        assert connection.outbox.farewell is None
        while connection.outbox.farewell is None:
            for _ in range(100):
                running.publish(1.0)
            await asyncio.sleep(0.02)
        assert connection.outbox.farewell.code == 4004


@pytest.mark.usefixtures("lossless")
async def test_a_client_that_never_reads_is_cut_off(serve: Serve) -> None:
    """One that does not even read its close is gone after the grace, with all that was its own."""
    async with serve(
        outbox_bytes=4096,
        outbox_patience=0.1,
        send_buffer=8192,
        close_grace=0.3,
        ping_interval=0.5,
        ping_timeout=0.5,
    ) as running:
        before = await tasks(running)
        async with raw(running.url, receive_buffer=4096) as slow:
            await slow.subscribe()
            loop = asyncio.get_running_loop()
            until = loop.time() + PATIENCE
            while running.connections and loop.time() < until:
                running.publish(1.0)
                await asyncio.sleep(0)
            await eventually(lambda: len(running.connections) == 0 and running.hub.subscriptions == 0)
        await eventually(lambda: not running.server.server_state.connections)
        await eventually(lambda: asyncio.all_tasks() <= before)


async def test_pongs_and_updates_for_a_slow_reader_are_whole_frames(serve: Serve) -> None:
    """A client that pings all the time and reads little gets frames that can be read, updates in order."""
    async with (
        serve(outbox_bytes=4096, send_buffer=8192) as running,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe()
        last = number = 0
        for _ in range(150):
            slow.writer.write(frame(PING, b"x" * 125) * 20)
            for _ in range(20):
                number += 1
                running.publish(float(number))
            await asyncio.sleep(0)
            for _ in range(10):
                last = await _read_one(slow, last)
        while last < number:
            last = await _read_one(slow, last)


async def _read_one(client: Any, last: int) -> int:  # noqa: ANN401
    opcode, payload = await client.receive()
    if opcode == TEXT:
        update = json.loads(payload)
        assert update.get("seq_from", update["seq"]) == last + 1
        return int(update["seq"])
    assert payload == b"x" * 125
    return last


@pytest.mark.parametrize(
    ("settings", "frame_", "code"),
    [
        ({"heartbeat_interval": 0.3}, None, 4002),
        ({"lifespan": 0.3}, None, 4001),
        ({"max_errors": 1, "errors_forgiven_per_minute": 0}, "nonsense", 4501),
        ({"max_message_bytes": 1024}, "x" * 1025, 1009),
        ({"connections": 1}, None, 4504),
    ],
)
async def test_each_end_has_its_code(
    serve: Serve, settings: dict[str, Any], frame_: str | None, code: int
) -> None:
    """Whoever is closed reads why, and leaves nothing behind."""
    async with serve(**settings) as running:
        before = await tasks(running)
        if code == 4504:
            async with running.client(), running.client() as second:
                assert (await second.closed())[0] == code
        else:
            async with running.client() as client:
                for _ in range(2 if frame_ else 0):
                    await client.send(frame_ or "")
                assert (await client.closed())[0] == code
        await eventually(lambda: len(running.connections) == 0)
        await eventually(lambda: asyncio.all_tasks() <= before)


async def test_all_are_sent_away_at_the_end(serve: Serve) -> None:
    """A drain tells who has spoken, and closes everybody with 4000."""
    async with serve(drain_window=7.0) as running, running.client() as spoke, running.client() as silent:
        await spoke.subscribe()
        await eventually(lambda: len(running.connections) == 2)
        running.server.should_exit = True
        notice = await spoke.receive()
        assert notice == {"type": "server.shutdown", "payload": {"reconnect_in_ms_max": 7000}}
        assert (await spoke.closed())[0] == 4000
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Exception, match="4000"):
                await silent.socket.recv()
