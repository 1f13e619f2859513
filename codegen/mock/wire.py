"""The protocol beneath a mock's sockets: uvicorn's, which can be cut off from clients that never read."""

from __future__ import annotations

import socket
from asyncio import BaseTransport
from contextlib import suppress
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.http11 import Request
from websockets.protocol import State

from codegen.runtime.python.connection import Socket

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

GRACE = 5.0
"""Seconds that a client has to read what was sent, and to say goodbye, before it is cut off."""

_UNSENT = 131_072
"""Bytes that the kernel takes for a client that does not read; what it has taken cannot be folded any more."""
_EXTENSION = "codegen.mock"


class Wire(WebSocketsSansIOProtocol):
    """One connection."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Keep short what is out of our hands."""
        self.close_timeout = GRACE
        connected = transport.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        super().connection_made(transport)

    def handle_connect(self, event: Request) -> None:
        """Let the application find this."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][_EXTENSION] = {"wire": self}

    def data_received(self, data: bytes) -> None:
        """Take what came. A handshake that is none is answered, which uvicorn leaves hanging."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.handshake_complete = self.close_sent = True  # nobody is to answer it once more
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_ping(self) -> None:
        """Answer, unless there is nobody left: asyncio says a line of its own for each write to who is gone."""
        if not self.transport.is_closing():
            super().handle_ping()

    async def send(self, message: ASGISendEvent) -> None:
        """Send, unless whoever has not said goodbye is gone all the same; the application hears of it soon."""
        gone = self.transport.is_closing() and not self.close_sent and self.conn.state is State.OPEN
        if not (gone and message["type"] == "websocket.send"):
            await super().send(message)

    def send_receive_event_to_app(self) -> None:
        """Hand a message on, unless it is no text; uvicorn fails at that where the client's goodbye came with it."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            data = b"".join(self.frames)
            try:
                data.decode()
            except UnicodeDecodeError as error:
                self.frames = []
                if self.conn.state is State.OPEN:
                    self.conn.fail(CloseCode.INVALID_DATA, f"Invalid UTF-8: {error.reason}")
                    self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def shutdown(self) -> None:
        """Leave. To a client that has said goodbye already, nothing more can be said."""
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.stop_keepalive()
            self.transport.close()
            return
        super().shutdown()

    def keepalive_timeout(self) -> None:
        """Close; a transport that has bytes to send would do so never, with nobody to read them."""
        super().keepalive_timeout()
        self.cut_off(GRACE)

    @property
    def stuck(self) -> bool:
        """Whether the client does not read as fast as it is sent."""
        return not self.writable.is_set()

    def cut_off(self, after: float = 0.0) -> None:
        """End the connection, whatever is still to be sent."""
        self.loop.call_later(after, self.transport.abort)


def wire_of(connected: Socket) -> Wire | None:
    """The protocol beneath a socket; None where the server runs another one."""
    said = (connected.scope.get("extensions") or {}).get(_EXTENSION)
    wire = said.get("wire") if isinstance(said, dict) else None
    return wire if isinstance(wire, Wire) else None
