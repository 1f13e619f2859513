"""The protocol class that the server runs: uvicorn's, writing through a link that the service may write to as well.

ASGI has one way out, an awaited `send` a message. The link, in the scope's extensions, takes ready frames at
once, says when a client does not keep up, and can cut it off.
"""

from __future__ import annotations

import logging
from asyncio.transports import BaseTransport
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.utils import ClientDisconnected
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.protocol import State

from service.wire.frames import WINDOW_BITS
from service.wire.inbox import Inbox
from service.wire.keepalive import Keepalive
from service.wire.link import Link

if TYPE_CHECKING:
    import asyncio
    from asyncio import Transport

    from litestar.types import Scope
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
    from websockets.http11 import Request

log = logging.getLogger(__name__)

_EXTENSION = "tapewire.wire"

_SHARED_DEFLATE = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=WINDOW_BITS,
    client_max_window_bits=WINDOW_BITS,
    compress_settings={"memLevel": 5},
)

_DEAF_PATIENCE = 1.0
"""Seconds in which a client that is listened to no longer may read why."""


class WireProtocol(Keepalive):
    """Uvicorn's protocol, with a link in place of its transport, offered to the application."""

    link: Link
    inbox: Inbox | None = None
    """In place of the application, once it has left the connection to somebody."""

    @property
    def deflates(self) -> bool:
        """Whether the client reads frames of the shared compressor."""
        return any(
            isinstance(extension, PerMessageDeflate) and extension.local_max_window_bits >= WINDOW_BITS
            for extension in self.conn.extensions
        )

    @property
    def can_send(self) -> bool:
        """Whether a message may still be sent: nothing follows a Close frame."""
        return self.handshake_complete and not (self.close_sent or self.disconnected or self.link.closed)

    def connection_made(self, transport: BaseTransport) -> None:
        """Put the link in the transport's place, for everything that this class writes."""
        super().connection_made(transport)
        self.link = Link(cast("Transport", transport), self.counters)
        self.transport = cast("Transport", self.link)
        if self.config.ws_per_message_deflate:
            # Nobody keeps a window between two messages: one compressed frame serves all, and costs no memory.
            self.conn.available_extensions = [_SHARED_DEFLATE]

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing can be written any more."""
        super().connection_lost(exc)
        self.link.lost()

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self.link.stuck = True

    def resume_writing(self) -> None:
        """The client has caught up with what the transport held."""
        super().resume_writing()
        self.link.progressed()

    def handle_connect(self, event: Request) -> None:
        """Put this into the scope before the application, a task that has yet to run, sees it."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.link.go_direct()
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]
            extensions[_EXTENSION] = self

    async def send(self, message: ASGISendEvent) -> None:
        """The application's way; what is owed already goes first."""
        self.flush_pending()
        await super().send(message)

    def flush_pending(self) -> None:
        """Write what the service owes, before a message or a Close frame that it does not write itself."""
        self.link.before_send()

    def adopt(self, inbox: Inbox) -> None:
        """Go on without the application, which may return: what comes from now on goes to the inbox.

        An application that waits costs a task and a chain of coroutines, some 9 KB; so does what only the
        handshake needed. The application's scope, `receive` and `send` are of no use afterwards.
        """
        before, self.queue = self.queue, cast("asyncio.Queue[ASGIReceiveEvent]", inbox)
        self.inbox = inbox
        while not before.empty():
            inbox.put_nowait(before.get_nowait())
        del self.scope, self.request, self.response
        self.parse_on()

    @property
    def behind(self) -> bool:
        """Whether something has come that has not been dealt with yet."""
        return super().behind or (self.inbox is not None and self.inbox.busy)

    def next_frame(self) -> str | bytes | None:
        """For whoever has adopted the connection: the next message, None where nothing has come."""
        inbox = self.inbox
        if inbox is None or inbox.ended:
            return None
        if inbox.empty():
            self.parse_on()
        return inbox.take()

    async def run_asgi(self) -> None:
        """Run the application; its end is the connection's, unless somebody has adopted it.

        Uvicorn's own closes in any case.
        """
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            log.exception("the application failed")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                log.error("the application returned without an answer to the handshake")
                self.send_500_response()
        if self.inbox is None and self.close_timer is None:
            self.link.close()

    def end(self, code: int, reason: str, *, deaf: bool = False) -> None:
        """Say goodbye after what waits, and wait for the client's; does nothing once that is done.

        What `send` does with a `websocket.close`, but at once: that one waits for the client to read. `deaf`:
        nothing more is read, so that the client's own goodbye is not waited for long.
        """
        if not self.can_send or self.conn.state is not State.OPEN:
            # The client has closed, or sent what fails the connection: its answer is on its way.
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.link.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if deaf:
            self._deaf = True
            self.link.pause_reading()
            self._cut_off_after(min(self.close_timeout, _DEAF_PATIENCE))
        else:
            self._cut_off_after(self.close_timeout)
            # Nobody receives any more, and the client's goodbye may have come already.
            self.parse_on()


def wire_of(scope: Scope) -> WireProtocol | None:
    """The protocol beneath a connection; None under a server that runs another one."""
    found = (scope.get("extensions") or {}).get(_EXTENSION)
    return found if isinstance(found, WireProtocol) else None
