"""The proxy that loses connections: what it lets through, and how it cuts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.clients.proxy import Cut, Proxy, proxy
from tests.service.running import eventually


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[Proxy, list[int]]]:
    """A proxy to a server that sends back what it gets; how much of it each of its connections got."""
    counts: list[int] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts.append(0)
        place = len(counts) - 1
        try:
            while data := await reader.read(65536):
                counts[place] += len(data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with proxy(server.sockets[0].getsockname()[1]) as line:
        yield line, counts
    server.close()
    await server.wait_closed()


async def talk(line: Proxy, octets: int) -> bytes:
    """Send so many octets and read until the end, or as much came back; ConnectionError where it is cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
    try:
        writer.write(bytes(octets))
        got = b""
        while len(got) < octets and (data := await reader.read(65536)):
            got += data
        return got
    finally:
        writer.close()


async def test_it_hands_on() -> None:
    """Without a cut everything goes through, more than any buffer holds too."""
    async with echo() as (line, counts):
        assert await talk(line, 10) == bytes(10)
        assert len(await talk(line, 5_000_000)) == 5_000_000
        assert counts == [10, 5_000_000]
        assert line.count == 2


@pytest.mark.parametrize("how", ["reset", "end"])
async def test_it_cuts_where_it_is_told(how: str) -> None:
    """So many octets get through, and not one more; the next connection lives."""
    async with echo() as (line, counts):
        line.cuts.append(Cut(7, "to-client", how))  # type: ignore[arg-type]
        line.cuts.append(Cut(5, "to-server", how))  # type: ignore[arg-type]
        if how == "end":
            assert await talk(line, 10) == bytes(7)
        else:
            with pytest.raises(ConnectionError):
                await talk(line, 10)
        try:
            await talk(line, 10)
        except ConnectionError:
            assert how == "reset"
        assert await talk(line, 10) == bytes(10)
        assert counts[-1] == 10
        assert len(counts) < 3 or counts[1] <= 5


async def test_it_stalls_and_resumes() -> None:
    """A stalled line keeps what is sent, and lets it through later."""
    async with echo() as (line, _):
        line.stall()
        talking = asyncio.create_task(talk(line, 10))
        await eventually(lambda: bool(line.links))
        assert not talking.done()
        line.resume()
        assert await talking == bytes(10)


async def test_it_falls_silent() -> None:
    """A silent connection lets nothing through, and tells nobody."""
    async with echo() as (line, _):
        line.cuts.append(Cut(4, how="stall"))
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(bytes(10))
        assert await reader.readexactly(4) == bytes(4)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        writer.close()


async def test_it_refuses() -> None:
    """A line that refuses lets nobody through, until it does."""
    async with echo() as (line, _):
        line.refuse = True
        with pytest.raises(ConnectionError):
            await talk(line, 10)
        line.refuse = False
        assert await talk(line, 10) == bytes(10)


async def test_it_cuts_all() -> None:
    """`cut()` resets every connection there is."""
    async with echo() as (line, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(bytes(3))
        assert await reader.readexactly(3) == bytes(3)
        line.cut()
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        assert line.links == set()
        writer.close()
