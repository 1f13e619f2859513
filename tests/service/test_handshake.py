"""The HTTP before a WebSocket: nobody holds a socket for nothing."""

from __future__ import annotations

import asyncio

import pytest

from service.wire import handshake
from tests.frames import CLOSE, TEXT, frame
from tests.service.raw import HANDSHAKE, Raw
from tests.service.running import PATIENCE, Running, service

REQUEST = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"


async def opened(running: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has said nothing."""
    return await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))


async def ends(reader: asyncio.StreamReader) -> bytes:
    """What comes before the end of the connection, however it ends."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize(("asked_before", "sent"), [(False, b""), (False, REQUEST), (True, REQUEST)])
async def test_who_completes_no_request_is_cut_off(
    asked_before: bool, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence and half a request, the first or a later one, end when patience does."""
    monkeypatch.setattr(handshake, "PATIENCE", 0.5)
    async with service() as running:
        reader, writer = await opened(running)
        if asked_before:
            writer.write(REQUEST + b"\r\n")
            async with asyncio.timeout(PATIENCE):
                await reader.readuntil(b"}}}")
        writer.write(sent)
        assert await ends(reader) == b""
        writer.close()


async def test_who_completes_one_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A WebSocket lives on when the patience for its handshake would be over."""
    monkeypatch.setattr(handshake, "PATIENCE", 0.5)
    async with service() as running, running.client() as client:
        # Not for an event: the passing of time is what is being tested.
        await asyncio.sleep(0.7)
        assert await client.silent()


async def test_what_comes_with_the_handshake_is_not_lost() -> None:
    """A client that does not wait for the answer to its handshake is answered all the same, whole and half frames."""
    ping = frame(TEXT, b'{"type":"ping","id":1}')
    async with service() as running:
        reader, writer = await opened(running)
        client = Raw(reader, writer)
        writer.write(HANDSHAKE % b"" + ping + ping[:5])
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        assert (await client.message())["type"] == "pong"
        writer.write(ping[5:])
        assert (await client.message())["type"] == "pong"
        writer.close()


async def test_what_came_before_the_end_is_answered() -> None:
    """A client that sends requests and a goodbye, and ends its side, gets all answers and the goodbye."""
    ping = frame(TEXT, b'{"type":"ping","id":1}')
    async with service() as running:
        reader, writer = await opened(running)
        client = Raw(reader, writer)
        writer.write(HANDSHAKE % b"")
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(ping * 100 + frame(CLOSE, (1000).to_bytes(2, "big")))
        writer.write_eof()
        for _ in range(100):
            assert (await client.message())["type"] == "pong"
        assert await client.closed() == 1000
        writer.close()
