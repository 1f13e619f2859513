"""The protocol beneath a mock's sockets: uvicorn's, which can be cut off from clients that never read."""

from __future__ import annotations

import socket
from asyncio import BaseTransport
from contextlib import suppress

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from codegen.runtime.python.connection import Socket

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
