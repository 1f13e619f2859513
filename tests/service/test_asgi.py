"""The service where there is nothing but ASGI: driven by hand, and by Litestar's own test client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar
from litestar.testing import TestClient

from generated.models import Bar
from generated.topics import BarsTopic
from service.app import create_app
from service.clients import Drain
from service.settings import Settings
from tests.service.running import AAPL, PATIENCE, eventually

BAR = Bar(time=60_000, open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0)


class Driver:
    """A server of one connection: gives the application events, and takes its messages, once it is open."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()
        self.gone = False

    async def _send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        if self.gone:
            raise OSError("the client is gone")
        self.sent.put_nowait(message)
        if message["type"] == "websocket.close":
            self.incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    async def run(self) -> None:
        """Call the application."""
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/api/v1/ws",
            "raw_path": b"/api/v1/ws",
            "root_path": "",
            "query_string": b"",
            "headers": [],
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "state": {},
        }
        self.incoming.put_nowait({"type": "websocket.connect"})
        await self.app(cast("Any", scope), cast("Any", self.incoming.get), cast("Any", self._send))

    def say(self, message: object) -> None:
        """The client sends this."""
        self.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def event(self) -> dict[str, Any]:
        """What the application sends next."""
        async with asyncio.timeout(PATIENCE):
            return await self.sent.get()

    async def hear(self) -> dict[str, Any]:
        """The next message for the client."""
        event = await self.event()
        assert event["type"] == "websocket.send"
        text = event.get("text")
        message: dict[str, Any] = json.loads(event["bytes"] if text is None else text)
        assert text is not None, "frames are text"
        return message

    async def subscribe(self) -> dict[str, Any]:
        """Ask for bars; the answer."""
        self.say({"type": "bars.subscribe", "payload": AAPL})
        return await self.hear()


def made(**settings: object) -> Litestar:
    """An application without a feed."""
    return create_app(Settings.model_validate({"feed": "none", **settings}))


@asynccontextmanager
async def driven(app: Litestar) -> AsyncIterator[tuple[Driver, asyncio.Task[None]]]:
    """A connection whose handshake is done, and the task in which the application runs for it."""
    driver, others = Driver(app), len(app.state.connections)
    task = asyncio.create_task(driver.run())
    assert (await driver.event())["type"] == "websocket.accept"
    try:
        yield driver, task
    finally:
        driver.open.set()
        driver.incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})
        async with asyncio.timeout(PATIENCE):
            await task
        assert len(app.state.connections) <= others


def publish(app: Litestar, updates: int = 1) -> None:
    """So many."""
    for _ in range(updates):
        app.state.publisher.bars_update(BarsTopic("AAPL", "1"), BAR)


async def test_requests_are_answered_and_updates_follow() -> None:
    """Over plain ASGI a client gets text messages, the same and in the same order as over the service's wire."""
    app = made()
    async with driven(app) as (driver, _):
        answer = await driver.subscribe()
        publish(app, 3)
        updates = [await driver.hear() for _ in range(3)]
        assert [update["seq"] for update in updates] == [1, 2, 3]
        assert updates[0]["epoch"] == answer["epoch"]
        driver.say({"type": "ping", "id": 1})
        assert (await driver.hear())["id"] == 1


async def test_a_send_that_waits_folds_what_comes_meanwhile() -> None:
    """While the server's `send` waits, bars over the bound are folded; the client is told, and others go on."""
    app = made(outbox_bytes=4096)
    async with driven(app) as (slow, _), driven(app) as (fast, _):
        await slow.subscribe()
        await fast.subscribe()
        slow.open.clear()
        got = []
        for _ in range(200):
            publish(app, 5)
            got += [(await fast.hear())["seq"] for _ in range(5)]
        assert got == list(range(1, 1001))
        slow.open.set()
        last = heard = 0
        while last < 1000:
            update = await slow.hear()
            assert update.get("seq_from", update["seq"]) == last + 1
            last, heard = update["seq"], heard + 1
        assert heard < 100


async def test_a_send_that_waits_for_ever_is_given_up() -> None:
    """A client that is closed and never takes its close is over after the grace; the application returns."""
    app = made(close_grace=0.1)
    async with driven(app) as (driver, task):
        await driver.subscribe()
        driver.open.clear()
        [connection] = app.state.connections
        while not connection.outbox.waiting:
            publish(app)
            await asyncio.sleep(0)
        connection.end(4001, "over")
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(task)


async def test_a_send_that_fails_ends_the_connection() -> None:
    """Where the server says that nobody is there any more, nothing more is sent, and nothing is left."""
    app = made()
    async with driven(app) as (driver, _):
        await driver.subscribe()
        driver.gone = True
        publish(app)
        [connection] = app.state.connections
        await eventually(lambda: connection.outbox.farewell is not None)
        publish(app)
        assert connection.outbox.waiting == 0


async def test_the_close_comes_last_and_once() -> None:
    """What is owed precedes the close, whose code and reason are given."""
    app = made()
    async with driven(app) as (driver, task):
        await driver.subscribe()
        publish(app)
        [connection] = app.state.connections
        connection.end(4001, "over")
        connection.end(4002, "over again")
        publish(app)
        assert (await driver.hear())["seq"] == 1
        event = await driver.event()
        assert (event["type"], event["code"], event["reason"]) == ("websocket.close", 4001, "over")
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(task)
        assert driver.sent.empty()


async def test_a_drain_closes_with_4000() -> None:
    """Who has spoken reads the window first."""
    app = made()
    async with driven(app) as (driver, task), driven(app) as (silent, _):
        await driver.subscribe()
        async with asyncio.timeout(PATIENCE):
            await app.state.connections.drain(Drain(window=3.0, batch=10, pause=0.0, deadline=PATIENCE))
        assert (await driver.hear())["payload"] == {"reconnect_in_ms_max": 3000}
        assert (await driver.event())["code"] == 4000
        assert (await silent.event())["code"] == 4000
        async with asyncio.timeout(PATIENCE):
            await asyncio.shield(task)


def test_litestars_own_client_is_served() -> None:
    """The framework's test client, which runs the application without any server, finds the same service."""
    app = made()
    with TestClient(app) as client, client.websocket_connect("/api/v1/ws") as socket:
        socket.send_json({"type": "bars.subscribe", "payload": AAPL})
        answer = cast("dict[str, Any]", socket.receive_json(timeout=PATIENCE))
        assert answer["payload"] == {
            "status": "ok",
            "message": "Subscribed to bars:AAPL:1",
            "topic": "bars:AAPL:1",
        }
        app.state.threadsafe_publisher.bars_update(BarsTopic("AAPL", "1"), BAR)
        update = cast("dict[str, Any]", socket.receive_json(timeout=PATIENCE))
        assert (update["type"], update["seq"]) == ("bars.update", 1)
