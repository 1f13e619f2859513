"""The fuzzer: a short run against the service, and what it says of servers that deserve it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.fuzz.purse import Purse
from tests.fuzz.run import Plan, Report, run
from tests.fuzz.server import serving

Answer = Callable[[ServerConnection, str, int], Awaitable[None]]


async def test_the_service_takes_whatever_comes(tmp_path: Path) -> None:
    """Each text is answered once, each connection ends, the log is quiet, memory does not grow."""
    purse = Purse(tmp_path / "development-key.json")
    async with serving(tmp_path / "server.log", purse) as server:
        report = await run(Plan(seed=6, inputs=5_000, purse=purse), server, print)
    assert not report.findings, report.examples
    assert report.total == 5_000
    # What was sent went deep enough to be refused for every reason.
    refused = {"bad_json", "bad_envelope", "unknown_type", "bad_payload", "unauthenticated", "forbidden"}
    assert {"ok", *refused} <= set(report.answers)


async def test_nobody_is_served_without_a_token(tmp_path: Path) -> None:
    """Where nobody is anonymous, the same holds, and nothing but a token is answered well before there is one."""
    purse = Purse(tmp_path / "development-key.json")
    async with serving(tmp_path / "server.log", purse, anonymous=False) as server:
        report = await run(Plan(seed=7, inputs=2_500, purse=purse, anonymous=False), server, print)
    assert not report.findings, report.examples
    assert {"ok", "unauthenticated", "forbidden"} <= set(report.answers)


@dataclass
class Planted:
    """A server that the test itself plays."""

    port: int
    memory: float = 1.0
    runs: bool = True
    last_words: str = ""

    def complaints(self) -> list[str]:
        """None."""
        return []


@asynccontextmanager
async def playing(answer: Answer) -> AsyncIterator[Planted]:
    """A server that answers pings, and leaves the rest to `answer`, which is told how many came before."""
    seen = 0

    async def talk(connection: ServerConnection) -> None:
        nonlocal seen
        async for text in connection:
            message = json.loads(text) if '"end-' in str(text) else None
            if message is not None:
                await connection.send(json.dumps({"type": "pong", "id": message["id"]}))
            else:
                seen += 1
                await answer(connection, str(text), seen)

    async with serve(talk, "127.0.0.1", 0, max_size=None) as server:
        yield Planted(next(iter(server.sockets)).getsockname()[1])


async def _well(connection: ServerConnection) -> None:
    await connection.send('{"type":"error","payload":{"status":"error","code":"bad_json"}}')


async def silent(connection: ServerConnection, _text: str, number: int) -> None:
    """Leaves some without an answer."""
    if number % 50:
        await _well(connection)


async def twice(connection: ServerConnection, _text: str, number: int) -> None:
    """Answers some twice."""
    await _well(connection)
    if number % 50 == 0:
        await _well(connection)


async def failing(connection: ServerConnection, _text: str, number: int) -> None:
    """Fails now and then, and says so."""
    code = "bad_json" if number % 50 else "internal"
    await connection.send(json.dumps({"type": "error", "payload": {"status": "error", "code": code}}))


async def closing(connection: ServerConnection, _text: str, number: int) -> None:
    """Gives up on a client."""
    await (_well(connection) if number % 50 else connection.close(1011, "oh"))


async def hanging(connection: ServerConnection, _text: str, number: int) -> None:
    """Comes to rest once."""
    await _well(connection)
    if number == 50:
        await connection.wait_closed()


async def leaking(connection: ServerConnection, _text: str, number: int) -> None:
    """Tells everybody of an account."""
    await _well(connection)
    if number % 50 == 0:
        await connection.send('{"type":"account.update","topic":"account:B1","seq":1,"payload":{}}')


async def generous(connection: ServerConnection, _text: str, number: int) -> None:
    """Lets everybody subscribe to whatever account."""
    if number % 50:
        return await _well(connection)
    payload = {"status": "ok", "message": "Subscribed", "topic": "orders:B1"}
    return await connection.send(json.dumps({"type": "orders.subscribe.response", "payload": payload}))


async def credulous(connection: ServerConnection, _text: str, number: int) -> None:
    """Takes whatever token."""
    if number % 50:
        return await _well(connection)
    answer = {"type": "session.authenticate.response", "payload": {"status": "ok", "message": "hello"}}
    return await connection.send(json.dumps(answer))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (silent, "-1 answers"),
        (twice, "+1 answers"),
        (failing, "answered with internal"),
        (closing, "closed with 1011 'oh'"),
        (hanging, "no answer in 1 s"),
        (leaking, "another's account was told"),
        (generous, "another's account was told"),
        (credulous, "a token was accepted that nobody has made"),
    ],
)
async def test_faults_are_found(fault: Answer, found: str) -> None:
    """What a server does wrong is said, with what was sent."""
    async with playing(fault) as server:
        report = await _tried(server)
    assert found in report.findings
    assert report.examples[found]


async def test_growth_is_found() -> None:
    """A server that holds more and more is one that ends some day."""

    class Growing(Planted):
        @property
        def memory(self) -> float:
            self.grown = getattr(self, "grown", 0.0) + 10
            return self.grown

        @memory.setter
        def memory(self, _: float) -> None:
            pass

    async def answer(connection: ServerConnection, _text: str, _number: int) -> None:
        await _well(connection)

    async with playing(answer) as server:
        report = await _tried(Growing(server.port))
    assert set(report.findings) == {"memory grows"}


async def _tried(server: Planted) -> Report:
    return await run(Plan(seed=1, inputs=400, patience=1.0), server, print)
