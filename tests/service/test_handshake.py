"""The HTTP before a WebSocket: nobody holds a socket for nothing."""

from __future__ import annotations

import asyncio

import pytest

from service.wire import handshake
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
    monkeypatch.setattr(handshake, "PATIENCE", 0.2)
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
    monkeypatch.setattr(handshake, "PATIENCE", 0.2)
    async with service() as running, running.client() as client:
        # Not for an event: the passing of time is what is being tested.
        await asyncio.sleep(0.4)
        assert await client.silent()
