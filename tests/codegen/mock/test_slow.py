"""What becomes of clients of a mock that read too slowly, or never: others do not notice, and nothing grows."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from codegen.mock import Mock, connections, wire
from codegen.runtime.python.state import HeldState, StateRule
from tests.codegen.mock.mocked import PATIENCE, Json, judges, mocked, raw

BOOK = StateRule("price", "size", {"bids": "descending", "asks": "ascending"}, 10)
MOST = 4096


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a client is behind before long."""
    monkeypatch.setattr(connections, "MOST_WAITING", MOST)
    monkeypatch.setattr(connections, "GRACE", 1.0)
    monkeypatch.setattr(wire, "_UNSENT", 1)


@asynccontextmanager
async def slow(mock: Mock) -> AsyncIterator[ClientConnection]:
    """A client that reads nothing but what it is asked to."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    plain.setblocking(False)
    parts = urlsplit(mock.url)
    assert parts.hostname is not None
    await asyncio.get_running_loop().sock_connect(plain, (parts.hostname, parts.port))
    client = await connect(mock.url, sock=plain, max_queue=1, close_timeout=0.1, compression=None)
    try:
        yield client
    finally:
        client.transport.abort()


class Log:
    """What a mock says."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    def take(self, line: str) -> None:
        """A line."""
        self._lines.put_nowait(line)

    async def has(self, word: str) -> None:
        """Return when there is a line with a word."""
        async with asyncio.timeout(3 * PATIENCE):
            while word not in await self._lines.get():
                pass


async def received(client: ClientConnection) -> Json:
    """The next frame, which has to be valid."""
    async with asyncio.timeout(PATIENCE):
        frame = json.loads(await client.recv())
    assert list(judges()[frame["type"]].errors(frame)) == []
    return frame


@pytest.mark.parametrize(
    ("channel", "selection"),
    [
        ("bars", {"symbol": "AAPL", "resolution": "1S"}),
        ("quotes", {"symbol": "AAPL"}),
        ("orderbook", {"symbol": "AAPL", "depth": 10}),
    ],
)
async def test_who_reads_too_slowly_is_sent_the_latest(channel: str, selection: dict[str, object]) -> None:
    """Updates are folded, and say which they stand for: no number is missing, and books are right after each."""
    log = Log()
    async with mocked(rate=1000, log=log.take) as mock, slow(mock) as client:
        await client.send(json.dumps({"type": f"{channel}.subscribe", "payload": selection}))
        answer = await received(client)
        await log.has("reads too slowly")
        seq, folded, held = answer["seq"], 0, HeldState(BOOK)
        while folded == 0 or seq < folded + 20:
            update = await received(client)
            whole = update.get("snapshot", False)
            assert update.get("seq_from", update["seq"]) == seq + (update["seq"] > answer["seq"])
            seq = update["seq"]
            folded = seq if "seq_from" in update else folded
            if channel == "orderbook":
                held.apply({side: _levels(update, side) for side in BOOK.lists}, snapshot=whole)
                assert held.checksum() == update["checksum"]


def _levels(update: Json, side: str) -> list[tuple[float, float]]:
    return [(level["price"], level["size"]) for level in update["payload"][side]]


async def test_a_bar_that_is_over_is_not_lost_to_who_reads_too_slowly() -> None:
    """Where `x-delivery` names a key, the latest of each key is sent."""
    log = Log()
    selection = {"symbol": "AAPL", "resolution": "1S"}
    async with mocked(rate=1000, log=log.take) as mock, slow(mock) as client, raw(mock) as lively:
        await client.send(json.dumps({"type": "bars.subscribe", "payload": selection}))
        await received(client)
        await log.has("reads too slowly")
        await lively.ask({"type": "bars.subscribe", "payload": selection})
        seen: set[int] = set()
        while len(seen) < 5:
            seen.add((await lively.take(1, "bars.update"))[0]["payload"]["time"])
        folded: list[Json] = []
        while len(folded) < 3:
            update = await received(client)
            folded += [update] if "seq_from" in update else []
    times = [update["payload"]["time"] for update in folded]
    assert times == [times[0], times[0] + 1000, times[0] + 2000]


async def test_who_reads_too_slowly_what_may_not_be_lost_is_closed() -> None:
    """A lossless channel closes with 4004; whoever reads on gets all that went out before, and the goodbye."""
    log = Log()
    async with mocked(rate=1000, log=log.take) as mock, slow(mock) as client:
        await client.send(json.dumps({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}}))
        await log.has("closed with 4004")
        with suppress(ConnectionClosed):
            while True:
                await received(client)
        assert client.close_code == 4004


async def test_the_dead_are_cut_off_and_nobody_waits_for_them() -> None:
    """Clients that never read again are gone before long, closed by the document's rule; others get every update."""
    async with mocked(rate=200) as mock, raw(mock) as lively, AsyncExitStack() as dead:
        for _ in range(20):
            client = await dead.enter_async_context(slow(mock))
            await client.send(json.dumps({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}}))
        await lively.ask({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}})
        first = (await lively.take(1, "trades.update"))[0]["seq"]
        while len(mock.house.guests) > 1:
            [update] = await lively.take(1, "trades.update")
            first += 1
            assert update["seq"] == first
