"""The benchmark's generator counts what it should. How fast anything is, no test says."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import tools
from tests.bench.catalog import PEERS
from tests.bench.machine import Cores, choose_cores
from tests.bench.measure import measure
from tests.bench.plans import write_plan
from tests.bench.processes import Child, RunError, child
from tests.bench.rows import ROWS

_ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
_FEW = 20

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def cores() -> Cores:
    """Two cores, and a compiler; else the test is skipped."""
    try:
        tools.generator()
        return choose_cores(None)
    except (tools.Unavailable, ValueError) as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", ["single", "topics", "latency"])
async def test_a_row_gives_a_figure_where_every_message_arrives(name: str, cores: Cores) -> None:
    """C peer and generator agree on handshake, subscriptions, counting and the stamp of each message."""
    row = next(replace(row, clients=_FEW) for row in ROWS if row.name == name)
    figure = await measure(row, PEERS["limit"], cores, seconds=0.1)
    assert figure.value > 0
    assert 150 < figure.details["size"] < 180


async def test_a_message_is_counted_whatever_pieces_it_comes_in(cores: Cores, tmp_path: Path) -> None:
    """Handshake and frames may come byte by byte; pings between them are answered and not counted."""
    ponged = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = _frame(1, b"short") + _frame(9, b"alive?") + _frame(1, b"x" * 200) + _frame(2, b"y" * 70_000)
        for index in range(500):
            writer.write(frames[index : index + 1])
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(frames[500:])
        pong = await reader.readexactly(2 + 4 + 6)
        if (
            pong[:2] == b"\x8a\x86"
            and bytes(a ^ pong[2 + i % 4] for i, a in enumerate(pong[6:])) == b"alive?"
        ):
            ponged.set()

    async with _generator(talk, cores, tmp_path) as generator:
        await generator.ask("connect 1", 5)
        seen = await generator.ask("expect 3 2000", 5)
        await asyncio.wait_for(ponged.wait(), 5)
    assert (seen["messages"], seen["bytes"]) == (3, 5 + 200 + 70_000)


async def test_a_message_too_many_is_seen(cores: Cores, tmp_path: Path) -> None:
    """A server that sends more than it owes is found out, as one that sends less is."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(6 + 3)  # The request of the plan.
        writer.write(_frame(1, b"answer"))
        for _ in range(3):
            writer.write(_frame(1, b"update"))
        await reader.read()

    async with _generator(talk, cores, tmp_path, _asking(tmp_path)) as generator:
        await generator.ask("connect 1", 5)
        assert (await generator.ask("expect 2 2000", 5))["messages"] == 3
        assert (await generator.ask("expect 4 100", 5))["messages"] == 3


async def test_a_client_that_is_closed_fails_the_run(cores: Cores, tmp_path: Path) -> None:
    """Nobody may be cut off for the sake of speed: the run has no figure, and the close code is told."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(6 + 3)
        writer.write(_frame(1, b"answer"))
        await connected.wait()
        writer.write(_frame(8, struct.pack(">H", 4004)))

    connected = asyncio.Event()
    async with _generator(talk, cores, tmp_path, _asking(tmp_path)) as generator:
        await generator.ask("connect 1", 5)
        connected.set()
        with pytest.raises(RunError, match="closed by the server, code 4004"):
            await generator.ask("expect 1 2000", 5)


def _asking(folder: Path) -> list[str | Path]:
    """Options of a generator whose clients ask once and wait for the answer."""
    write_plan(folder / "plan", [[b"ask"]])
    return ["--plan", folder / "plan", "--answers", "1"]


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([0x80 | opcode, size]) + payload
    if size < 65_536:
        return struct.pack(">BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack(">BBQ", 0x80 | opcode, 127, size) + payload


@contextlib.asynccontextmanager
async def _generator(
    talk: Talk, cores: Cores, folder: Path, options: list[str | Path] | None = None
) -> AsyncIterator[Child]:
    """A generator in front of a server that greets each client properly and then talks to it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in (
            b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-",
            b"Accept: " + _ACCEPT + b"\r\n\r\n",
        ):
            writer.write(piece)
            await writer.drain()
        await talk(reader, writer)

    progress = folder / "progress"
    progress.write_bytes(bytes(8))
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        command = [tools.generator(), "--port", str(port), "--progress", progress, *(options or [])]
        async with child("the generator", command, cores.generator) as generator:
            yield generator
