"""The end of the service: everybody hears of it, nobody holds it up."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from contextlib import AsyncExitStack

import pytest
import websockets

from service.clients import Drain
from service.connection import ClientConnection
from tests.frames import CLOSE, TEXT, frame
from tests.service.raw import Raw, raw
from tests.service.running import PATIENCE, Client, eventually, service
from tests.service.test_cli import serving

NOW = Drain(window=1.0, batch=100, pause=0.0, deadline=PATIENCE)


async def receive_close(client: Raw) -> tuple[list[dict[str, object]], int]:
    """The messages until the close, and its code."""
    messages = []
    while True:
        opcode, payload = await client.receive()
        if opcode == TEXT:
            messages.append(json.loads(payload))
        elif opcode == CLOSE:
            return messages, int.from_bytes(payload[:2], "big")


async def test_sigterm_sends_everybody_away_and_exits_0() -> None:
    """Who has spoken reads the window, then 4000; who has not, 4000 alone. Then the process is gone, in order."""
    async with serving("--feed", "none", "--drain-window", "7.5", "--log-level", "warning") as (
        process,
        address,
    ):
        url = f"ws://{address}/api/v1/ws"
        async with websockets.connect(url) as spoke, websockets.connect(url) as silent:
            await Client(spoke).subscribe()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                assert json.loads(await spoke.recv()) == {
                    "type": "server.shutdown",
                    "payload": {"reconnect_in_ms_max": 7500},
                }
                for client in (spoke, silent):
                    with pytest.raises(websockets.ConnectionClosedError):
                        await client.recv()
                    assert client.close_code == 4000
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert (process.returncode, err.decode()) == (0, "")


async def test_nobody_holds_up_the_end() -> None:
    """One client never reads, one never answers its close: the process exits within deadline and grace, with 0."""
    async with (
        serving(
            *("--updates-per-second", "100"),
            *("--drain-deadline", "1", "--close-grace", "0.5", "--log-level", "error"),
        ) as (process, address),
        raw(f"http://{address}", receive_buffer=4096) as deaf,
        raw(f"http://{address}") as mute,
    ):
        await mute.subscribe()
        for number in range(200):
            deaf.send({"type": "bars.subscribe", "payload": {"symbol": f"S{number}"}})
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, code = await receive_close(mute)
        assert code == 4000
        async with asyncio.timeout(PATIENCE):
            await process.wait()
        assert process.returncode == 0
        assert time.monotonic() - started < 1.0 + 0.5 + 6.0


async def test_a_second_signal_hurries() -> None:
    """Whoever asks twice does not wait for clients that linger."""
    async with (
        serving(
            *("--feed", "none", "--log-level", "warning"), *("--drain-deadline", "60", "--close-grace", "60")
        ) as (process, address),
        raw(f"http://{address}") as mute,
    ):
        await mute.subscribe()
        process.send_signal(signal.SIGINT)
        assert (await receive_close(mute))[1] == 4000
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert process.returncode == 0
        assert "Traceback" not in err.decode()


async def test_connections_are_closed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """All hear of it at once; they are closed so many at a time, with a pause between."""
    loop, times, end = asyncio.get_running_loop(), list[float](), ClientConnection.end

    def noting(self: ClientConnection, code: int, reason: str) -> None:
        times.append(loop.time())
        end(self, code, reason)

    monkeypatch.setattr(ClientConnection, "end", noting)
    async with service() as running, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(running.client()) for _ in range(5)]
        for client in clients:
            await client.subscribe()
        how = Drain(window=1.0, batch=2, pause=0.1, deadline=PATIENCE)
        draining = asyncio.create_task(running.connections.drain(how))
        for client in clients:
            assert (await client.receive())["type"] == "server.shutdown"
        for client in clients:
            assert (await client.closed())[0] == 4000
        await draining
        assert len(times) == 5
        assert min(times[2] - times[1], times[4] - times[3]) > 0.09
        assert len(running.connections) == 0


async def test_who_comes_during_the_drain_is_sent_on() -> None:
    """A client whose connection was accepted before, and who asks after, is closed with 4000 and told nothing."""
    async with service() as running, running.client() as first:
        await first.subscribe()
        draining = asyncio.create_task(
            running.connections.drain(Drain(window=1.0, batch=1, pause=0.3, deadline=PATIENCE))
        )
        assert (await first.closed())[0] == 4000
        async with raw(running.url) as late:
            messages, code = await receive_close(late)
            assert (messages, code) == ([], 4000)
            late.writer.write(frame(CLOSE, b"\x0f\xa0"))
            async with asyncio.timeout(PATIENCE):
                await draining
        await eventually(lambda: not running.server.server_state.connections)


async def test_whoever_comes_when_the_last_one_has_gone_does_not_stop_the_loop() -> None:
    """The drain waits for one who comes in the moment in which nobody was left, and the event loop turns on."""
    async with service() as running, running.client() as first:
        await first.subscribe()
        [newcomer] = running.connections
        draining = asyncio.create_task(
            running.connections.drain(Drain(window=1.0, batch=1, pause=0.3, deadline=0.6))
        )
        await first.closed()
        await eventually(lambda: len(running.connections) == 0)
        # Between two batches: somebody has come, and is still being closed when the drain looks.
        running.connections._open[newcomer] = None
        began, turns = time.monotonic(), 0
        while not draining.done():
            await asyncio.sleep(0.01)
            turns += 1
        running.connections._open.clear()
        assert time.monotonic() - began > 0.3
        assert turns > 5


async def test_who_lags_is_cut_off_at_the_deadline() -> None:
    """A client that does not read what waits for it never gets to its close: it ends with the deadline."""
    async with (
        service(close_grace=60.0, outbox_bytes=2**20, send_buffer=8192) as running,
        raw(running.url, receive_buffer=4096) as deaf,
    ):
        await deaf.subscribe()
        [connection] = running.connections
        while connection.outbox.waiting < 500_000:
            running.publish(1.0)
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await running.connections.drain(Drain(window=1.0, batch=10, pause=0.0, deadline=0.3))
        assert 0.25 < loop.time() - started < PATIENCE
        await eventually(lambda: not running.server.server_state.connections)
        assert len(running.connections) == 0


async def test_a_drain_of_nobody_is_over_at_once() -> None:
    """Without clients there is nothing to wait for."""
    async with service() as running:
        draining = asyncio.create_task(running.connections.drain(NOW))
        await asyncio.sleep(0)
        assert draining.done()


async def test_who_speaks_at_once_is_heard() -> None:
    """A client whose first message comes with its handshake is told of the end like any other."""
    async with service() as running, raw(running.url) as client:
        client.send({"type": "ping"})
        assert (await client.message())["type"] == "pong"
        await running.connections.drain(NOW)
        messages, code = await receive_close(client)
        assert [message["type"] for message in messages] == ["server.shutdown"]
        assert code == 4000
