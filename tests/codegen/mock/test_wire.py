"""What a mock makes of bytes that are no proper WebSocket: a goodbye or an answer, and never a traceback."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import struct

import pytest

from codegen.mock import Mock
from tests.codegen.mock.mocked import PATIENCE, mocked

_MASK = b"\1\2\3\4"
_TEXT, _CLOSE, _PING, _CONTINUED = 0x81, 0x88, 0x89, 0x80
_NO_TEXT = b"\xff\xfe"


def frame(head: int, data: bytes) -> bytes:
    """A client's frame that is short."""
    return bytes([head, 0x80 | len(data)]) + _MASK + bytes(one ^ _MASK[i % 4] for i, one in enumerate(data))


GOODBYE = frame(_CLOSE, struct.pack("!H", 1000))


def handshake(path: str, extra: bytes = b"") -> bytes:
    """What a client begins with."""
    key = base64.b64encode(os.urandom(16))
    return (
        f"GET {path} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n".encode()
        + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + key
        + b"\r\n"
        + extra
        + b"\r\n"
    )


async def all_of(mock: Mock, first: bytes, then: bytes = b"") -> bytes:
    """All that comes back until the mock ends the connection; `then` is sent at once after the handshake."""
    host, port = mock.base.removeprefix("ws://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(first)
            answer = b""
            if then:
                answer = await reader.readuntil(b"\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 101 ")
                writer.write(then)
                answer = b""
            return answer + await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(_TEXT, _NO_TEXT), 1007),
        (frame(_TEXT, _NO_TEXT) * 2, 1007),
        (frame(_TEXT, _NO_TEXT) + GOODBYE, 1000),
        (frame(0x01, _NO_TEXT[:1]) + frame(_CONTINUED, _NO_TEXT[1:]) + GOODBYE, 1000),
        (GOODBYE + frame(_TEXT, _NO_TEXT), 1000),
    ],
    ids=["alone", "twice", "before a goodbye", "in parts before a goodbye", "after a goodbye"],
)
async def test_what_is_no_text_ends_the_connection(
    sent: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """In one piece with the client's goodbye too, which is then answered; nothing is logged by anybody."""
    async with mocked() as mock:
        came = await all_of(mock, handshake(mock.url.removeprefix(mock.base)), sent)
    assert came[0] == _CLOSE
    assert struct.unpack("!H", came[2:4]) == (code,)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_handshake_that_is_none_is_ended() -> None:
    """With its reason where there is one to give; nobody is left waiting."""
    async with mocked() as mock:
        path = mock.url.removeprefix(mock.base)
        assert b" 431 " in await all_of(mock, handshake(path, b"Long: " + b"a" * 20_000 + b"\r\n"))
        assert await all_of(mock, handshake(path, b"Content-Length: 3\r\n") + b"abc") == b""


@pytest.mark.parametrize(
    "sent", [frame(_PING, b""), frame(_TEXT, b'{"type":"ping"}')], ids=["pings", "requests"]
)
async def test_nothing_is_said_of_clients_that_vanish(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Who asks for much and is gone before the answers costs no line of asyncio's on every answer."""
    async with mocked() as mock:
        host, port = mock.base.removeprefix("ws://").split(":")
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(handshake(mock.url.removeprefix(mock.base)))
            await reader.readuntil(b"\r\n\r\n")
            writer.write(sent * 100)
            writer.transport.abort()
            await mock.house.empty.wait()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
