"""A WebSocket client on a bare socket, for what no library would send."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from tests.frames import CLOSE, PING, TEXT, frame
from tests.service.running import PATIENCE

HANDSHAKE = (
    b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%b\r\n"
)


class Raw:
    """One socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def stop_reading(self) -> None:
        """Leave what comes in the kernel's buffers."""
        self._transport.pause_reading()

    def go_on_reading(self) -> None:
        """Read again."""
        self._transport.resume_reading()

    @property
    def port(self) -> int:
        """The client's."""
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    @property
    def _transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.writer.transport)

    async def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readexactly(2)
            size = head[1] & 0x7F
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            return head[0] & 0x0F, await self.reader.readexactly(size)

    async def message(self) -> dict[str, Any]:
        """The next text message, as JSON; pings are passed over."""
        while True:
            opcode, payload = await self.receive()
            if opcode == TEXT:
                message: dict[str, Any] = json.loads(payload)
                return message
            assert opcode == PING

    def send(self, message: object) -> None:
        """One message as JSON."""
        self.writer.write(frame(TEXT, json.dumps(message).encode()))

    async def subscribe(self, symbol: str = "AAPL") -> dict[str, Any]:
        """Ask for bars; the answer."""
        self.send({"type": "bars.subscribe", "payload": {"symbol": symbol}})
        return await self.message()

    async def subscribe_to(self, channel: str, symbol: str = "AAPL") -> dict[str, Any]:
        """Ask for a symbol's topic of a channel; the answer."""
        self.send({"type": f"{channel}.subscribe", "payload": {"symbol": symbol}})
        return await self.message()

    async def closed(self) -> int:
        """The close code, after whatever comes before it."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")


@asynccontextmanager
async def raw(url: str, *, headers: bytes = b"", receive_buffer: int | None = None) -> AsyncIterator[Raw]:
    """A connected client, unless `headers`, more of them, prevent it; with a small buffer, one soon stalled."""
    address = urlsplit(url)
    bare = socket.socket()
    if receive_buffer is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    bare.setblocking(False)
    await asyncio.get_running_loop().sock_connect(bare, (address.hostname, address.port))
    # A small limit, so that the reader stops taking from the socket when nobody takes from it.
    reader, writer = await asyncio.open_connection(sock=bare, limit=4096)
    try:
        writer.write(HANDSHAKE % headers)
        if not headers:
            async with asyncio.timeout(PATIENCE):
                assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()
