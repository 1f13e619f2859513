"""The HTTP before a WebSocket, with patience for only so long: who opens sockets and asks nothing holds them all."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress
from typing import cast

from httptools import HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.logs import event

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds in which a request has to be complete, from the connection or the last answer on."""

_UNREAD = 65_536
"""Bytes of a request that are read for nothing."""

_TURNED_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


class Handshake(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which by itself would wait for a request for ever."""

    _late: asyncio.TimerHandle | None = None
    _upgraded = False
    _came = b""
    """What is being parsed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The client has so long to ask for something."""
        super().connection_made(transport)
        most = getattr(self.config, "most_sockets", None)
        if most is None or len(self.connections) <= most:
            self._wait()
            return
        # Who looks after the service needs a file too, to see what is wrong.
        log.error(event("open files are used up: somebody is turned away; see `ulimit -n`", connections=most))
        with suppress(OSError):
            # What is closed with something unread is cut, and the answer with it.
            os.read(transport.get_extra_info("socket").fileno(), _UNREAD)
        transport.write(_TURNED_AWAY)
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Stop waiting when a request is under way; what is a part of one changes nothing."""
        self._came = data
        super().data_received(data)
        self._came = b""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._late is None and not (self._upgraded or self.transport.is_closing()):
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        """From now on the WebSocket's own deadlines count."""
        self._stop()
        self._upgraded = True
        # The parser says by an exception, which is being handled now, how much of what came was the handshake.
        upgrade = sys.exception()
        end = upgrade.args[0] if isinstance(upgrade, HttpParserUpgrade) else len(self._came)
        super().handle_websocket_upgrade()
        if rest := self._came[end:]:
            # A client that does not wait for the answer; uvicorn would drop what it sent.
            protocol = cast("asyncio.Protocol", self.transport.get_protocol())
            protocol.data_received(rest)

    def _wait(self) -> None:
        self._late = self.loop.call_later(PATIENCE, self.transport.abort)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
