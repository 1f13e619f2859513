"""How connections end, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import weakref
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from generated.models import BarsSubscribe, BarsSubscribeResponse
from service import logs
from service.channels.bars import Bars
from service.connection import ClientConnection
from tests.service.running import AAPL, PATIENCE, Running, eventually, service


def left(running: Running) -> tuple[int, int, int]:
    """What there is: connections, subscriptions, topics."""
    return len(running.connections), running.hub.subscriptions, len(running.hub.topics)


async def test_everything_of_a_connection_goes_with_it() -> None:
    """After a close there is no connection, no subscription and, its grace over, no topic."""
    async with service(topic_grace=0.0) as running:
        async with running.client() as client:
            await client.subscribe(symbol="AAPL")
            await client.subscribe(symbol="GOOGL", resolution="5")
            assert left(running) == (1, 2, 2)
        await eventually(lambda: left(running) == (0, 0, 0))


async def test_a_connection_that_breaks_is_cleared_up_too() -> None:
    """A socket cut off without a close leaves nothing either, and disturbs no other subscriber."""
    async with service(topic_grace=0.0) as running, running.client() as other:
        await other.subscribe()
        async with running.client() as client:
            await client.subscribe()
            client.socket.transport.abort()
            running.publish(1.0)
            running.publish(2.0)
        assert [(await other.receive())["seq"] for _ in range(2)] == [1, 2]
        await eventually(lambda: left(running) == (1, 1, 1))


async def test_silence_is_closed_with_4002() -> None:
    """A client that says nothing for the interval is closed with 4002, though it answers protocol pings."""
    async with service(heartbeat_interval=0.5, ping_interval=0.1) as running, running.client() as client:
        await client.subscribe()
        code, reason = await client.closed()
        assert code == 4002
        assert reason
        await eventually(lambda: left(running)[:2] == (0, 0))


async def test_any_message_is_a_sign_of_life() -> None:
    """Whatever a client sends, even what is refused, counts as a heartbeat."""
    frames = ['{"type":"ping"}', '{"type":"bars.subscribe","payload":{"symbol":"A"}}', "nonsense", b"\0"]
    async with service(heartbeat_interval=1.0) as running, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(running.client()) for _ in frames]
        for _ in range(5):
            # Not for an event: the passing of time is what is being tested.
            await asyncio.sleep(0.4)
            await asyncio.gather(*(client.ask(frame) for client, frame in zip(clients, frames, strict=True)))
        assert len(running.connections) == len(frames)


async def test_a_life_ends_with_4001() -> None:
    """A connection that has lived as long as connections may is closed with 4001, however busy it is."""
    async with service(lifespan=0.5) as running, running.client() as client:
        await client.subscribe()
        busy = asyncio.create_task(_ping_on(client.socket.send))
        code, _ = await client.closed()
        busy.cancel()
        assert code == 4001


async def _ping_on(send: object) -> None:
    while True:
        await send('{"type":"ping"}')  # type: ignore[operator]
        await asyncio.sleep(0.02)


async def test_a_stream_of_mistakes_is_closed_with_4501() -> None:
    """Each mistake up to the bound is answered; the one beyond it too, and then comes the end with 4501."""
    async with service(max_errors=5, errors_forgiven_per_minute=0) as running, running.client() as client:
        for _ in range(20):
            await client.send("nonsense")
        answers = [await client.receive() for _ in range(6)]
        assert {answer["payload"]["code"] for answer in answers} == {"bad_json"}
        code, _ = await client.closed()
        assert code == 4501
        await eventually(lambda: len(running.connections) == 0)


async def test_mistakes_are_forgiven_in_time() -> None:
    """Mistakes that come more slowly than they are forgiven never add up."""
    async with (
        service(max_errors=2, errors_forgiven_per_minute=6_000) as running,
        running.client() as client,
    ):
        for _ in range(10):
            await client.ask("nonsense")
            await asyncio.sleep(0.02)
        assert await client.silent()


async def test_the_services_own_failures_are_no_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service fails at is not held against the client."""
    async with service(max_errors=2, errors_forgiven_per_minute=0) as running, running.client() as client:

        def fail(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(running.hub, "subscribe", fail)
        for _ in range(5):
            assert (await client.subscribe())["payload"]["code"] == "internal"
        assert await client.silent()


async def test_a_message_that_is_too_big_is_closed_with_1009() -> None:
    """Beyond the bound, and not at it, a message costs the connection."""
    async with service(max_message_bytes=1024) as running:
        padding = 1024 - len(json.dumps({"type": "ping", "x": ""}))
        async with running.client() as client:
            assert (await client.ask({"type": "ping", "x": "x" * padding}))["type"] == "pong"
            await client.send({"type": "ping", "x": "x" * (padding + 1)})
            code, _ = await client.closed()
            assert code == 1009
        await eventually(lambda: len(running.connections) == 0)


async def test_a_request_that_the_end_overtakes_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A subscribe that is still being dealt with when its client goes subscribes nobody, and is no error."""
    started, gone, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    subscribe = Bars.subscribe

    async def slowly(
        self: Bars, connection: ClientConnection, request: BarsSubscribe
    ) -> BarsSubscribeResponse:
        started.set()
        await gone.wait()
        try:
            return await subscribe(self, connection, request)
        finally:
            over.set()

    monkeypatch.setattr(Bars, "subscribe", slowly)
    async with service(topic_grace=0.0) as running, asyncio.timeout(PATIENCE):
        async with running.client() as client:
            await client.send({"type": "bars.subscribe", "payload": AAPL})
            await started.wait()
            client.socket.transport.abort()
        await eventually(lambda: not running.server.server_state.connections)
        gone.set()
        await over.wait()
        await asyncio.sleep(0)
        assert left(running) == (0, 0, 0)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_an_idle_client_has_no_task() -> None:
    """What a client costs while it says nothing is memory: no task waits for it, none is left of its end."""
    async with service() as running:
        await eventually(lambda: running.server.started)
        before = asyncio.all_tasks()
        async with running.client() as client:
            await client.subscribe()
            await client.unsubscribe()
            ours = {name for name in map(str, asyncio.all_tasks() - before) if "websockets" not in name}
            assert ours == set()
        await eventually(lambda: asyncio.all_tasks() == before)


async def test_who_is_gone_is_held_by_nothing() -> None:
    """Neither a timer nor a queue keeps what was a connection's, however it ended."""
    async with service(close_grace=60.0, heartbeat_interval=0.5) as running:
        kept: list[weakref.ref[object]] = []
        for end in ("closes", "breaks", "is silent"):
            async with running.client() as client:
                await client.subscribe()
                [connection] = running.connections
                kept.append(weakref.ref(connection))
                del connection
                if end == "breaks":
                    client.socket.transport.abort()
                elif end == "is silent":
                    assert (await client.closed())[0] == 4002
            await eventually(lambda: not running.server.server_state.connections)
        gc.collect()
        assert [reference() for reference in kept] == [None, None, None]
        assert len(running.connections._deadlines) == 0


async def test_each_connection_has_an_id_that_its_log_lines_carry(capfd: pytest.CaptureFixture[str]) -> None:
    """Connections are named by UUIDs, and what is logged on behalf of one names it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.configure("debug")
    try:
        async with service() as running, running.client() as one, running.client() as two:
            await one.ask("nonsense")
            await two.ask(b"\0")
            ids = {str(connection.id) for connection in running.connections}
    finally:
        root.handlers, root.level = before, level
    assert len({UUID(text) for text in ids}) == 2
    lines = [line for line in capfd.readouterr().err.splitlines() if " mistake " in line]
    assert {line.partition("connection=")[2].partition(" ")[0] for line in lines} == ids


async def test_the_server_leaves_with_4000() -> None:
    """When the service ends, its clients are told when to come back, and closed with 4000."""
    async with AsyncExitStack() as clients:
        async with service() as running:
            client = await clients.enter_async_context(running.client())
            await client.subscribe()
        assert (await client.receive())["type"] == "server.shutdown"
        code, _ = await client.closed()
        assert code == 4000


async def test_subscriptions_survive_anothers_leaving() -> None:
    """One subscriber's leaving changes nothing for the others: same epoch, next number."""
    async with service() as running, running.client() as stays:
        await stays.ask({"type": "bars.subscribe", "payload": AAPL})
        async with running.client() as leaves:
            await leaves.subscribe()
            running.publish(1.0)
        await eventually(lambda: len(running.connections) == 1)
        running.publish(2.0)
        assert [(await stays.receive())["seq"] for _ in range(2)] == [1, 2]


async def test_bad_utf8_is_closed_with_1007_and_makes_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    """A text frame that is no UTF-8 costs its own connection, and its log line is one line."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.configure("info")
    try:
        async with service() as running, running.client() as client:
            await client.socket.send(b"\xff\xfe", text=True)
            assert (await client.closed())[0] == 1007
    finally:
        root.handlers, root.level = before, level
    err = capfd.readouterr().err
    assert "Invalid UTF-8" in err
    assert "Traceback" not in err


async def test_a_dead_peer_is_found_by_protocol_pings() -> None:
    """A peer that answers no ping of the WebSocket protocol is closed, though its heartbeat is not due."""
    async with service(ping_interval=0.3, ping_timeout=0.3, close_grace=0.5) as running:
        port = int(running.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        await eventually(lambda: len(running.connections) == 1)
        async with asyncio.timeout(PATIENCE):
            frames = await reader.read()
        assert frames[:1] == b"\x89"
        assert frames.endswith(b"keepalive ping timeout")
        await eventually(lambda: len(running.connections) == 0)
        writer.close()
