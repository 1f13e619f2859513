"""A WebSocket on a bare socket, which can do what no library lets one do."""

from __future__ import annotations

import asyncio
import os
import socket
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from struct import pack
from typing import cast

from tests.frames import CLOSE, PING, PONG, TEXT, frame

_TAIL = b"\x00\x00\xff\xff"
_OFFER = b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"


def handshake(*, deflate: bool = False) -> bytes:
    """The request that opens a WebSocket."""
    return (
        b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n%b\r\n"
    ) % (b64encode(os.urandom(16)), _OFFER if deflate else b"")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended."""

    code: int | None
    """Of the Close frame that came; None where none did."""
    reason: str
    error: str
    """What the transport said; empty for an orderly end."""

    def __str__(self) -> str:
        return f"{self.code} {self.reason!r} {self.error}".strip()


class Peer(asyncio.Protocol):
    """One socket. Answers pings and closes as it should, unless told otherwise."""

    def __init__(self, on_text: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[int] = loop.create_future()
        """The status of the handshake's answer; 0 where there was none."""
        self.ended: asyncio.Future[Ending] = loop.create_future()
        self.pongs = 0
        self.last_pong = b""
        self.closing = False
        """Whether a Close frame has been sent."""
        self._on_text = on_text
        self._buffer = bytearray()
        self._close: tuple[int | None, str] = (None, "")
        self._inflate: zlib._Decompress | None = None
        self._fresh_window = False

    @classmethod
    async def connect(
        cls,
        port: int,
        on_text: Callable[[bytes], None],
        *,
        first: bytes | None = None,
        receive_buffer: int | None = None,
        deflate: bool = False,
    ) -> Peer:
        """Connect and send the handshake, or `first` instead of it. OSError where nobody listens."""
        loop = asyncio.get_running_loop()
        bare = socket.socket()
        bare.setblocking(False)
        if receive_buffer is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await loop.sock_connect(bare, ("127.0.0.1", port))
        except BaseException:
            bare.close()
            raise
        _, peer = await loop.create_connection(lambda: cls(on_text), sock=bare)
        peer.write(handshake(deflate=deflate) if first is None else first)
        return peer

    # What comes.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if not self.opened.done():
            self.opened.set_result(0)
        code, reason = self._close
        self.ended.set_result(Ending(code, reason, "" if exc is None else repr(exc)))

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._buffer += data
        if not self.opened.done() and not self._open():
            return
        while self._frame():
            pass

    def _open(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end]).decode("latin-1")
        del self._buffer[: end + 4]
        if "permessage-deflate" in head:
            self._inflate = zlib.decompressobj(-15)
            self._fresh_window = "server_no_context_takeover" in head
        self.opened.set_result(int(head.split(" ", 2)[1]))
        return True

    def _frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        head, size, start = buffer[0], buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return False
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        self._take(head, payload)
        return True

    def _take(self, head: int, payload: bytes) -> None:
        opcode = head & 0x0F
        if opcode == TEXT:
            self._on_text(self._inflated(payload) if head & 0x40 else payload)
        elif opcode == PING:
            self.write(frame(PONG, payload))
        elif opcode == PONG:
            self.pongs += 1
            self.last_pong = payload
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self._close = (code, payload[2:].decode(errors="replace"))
            if not self.closing:
                self.closing = True
                self.write(frame(CLOSE, payload[:2]))

    def _inflated(self, payload: bytes) -> bytes:
        assert self._inflate is not None
        text = self._inflate.decompress(payload + _TAIL)
        if self._fresh_window:
            self._inflate = zlib.decompressobj(-15)
        return text

    # What one may do.

    def write(self, data: bytes) -> None:
        """Send bytes; dropped where the connection is gone."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def text(self, text: bytes) -> None:
        """Send a text message."""
        self.write(frame(TEXT, text))

    def close(self, code: int = 1000) -> None:
        """Send a Close frame."""
        self.closing = True
        self.write(frame(CLOSE, pack("!H", code)))

    def stall(self) -> None:
        """Stop reading."""
        self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def half_close(self) -> None:
        """Say that nothing more will come, and read on."""
        if not self.transport.is_closing():
            self.transport.write_eof()

    def vanish(self) -> None:
        """Reset the connection."""
        if not self.transport.is_closing():
            bare = self.transport.get_extra_info("socket")
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        self.transport.abort()
