"""Dead peers, told from slow ones.

A ping waits in line behind what a peer has yet to read. Uvicorn closes a connection whose pong is late, whatever
moved in between; a slow reader would be cut in a loop, each time with more to catch up on.
"""

from __future__ import annotations

import logging
import socket
import struct
import sys
from typing import NamedTuple

from service.logs import event, on_behalf
from service.wire.receiving import Receiving

log = logging.getLogger(__name__)

_TCP_INFO = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_FIELDS = struct.Struct("=120x Q 16x I")
"""Of Linux's `struct tcp_info`: `tcpi_bytes_acked` and `tcpi_notsent_bytes`."""


class Progress(NamedTuple):
    """Where a peer stands with what is sent to it."""

    waiting: bool
    """Whether anything is held back until it reads: more than is on its way."""
    taken: int
    """Another number than before once it has taken bytes."""


class Keepalive(Receiving):
    """Takes a peer for dead that, in `ping_timeout`, neither sent anything nor took anything of what waits."""

    _before = Progress(waiting=False, taken=0)
    _doubted = False
    """Whether the peer seemed dead when it was last looked at."""

    def progress(self) -> Progress:
        """Where the peer stands now; where the kernel does not say, judged by what it has not taken over."""
        buffered = self.transport.get_write_buffer_size()
        if _TCP_INFO is not None:
            connection = self.transport.get_extra_info("socket")
            try:
                info: bytes = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _FIELDS.size)
                acknowledged, unsent = _FIELDS.unpack(info)
            except (OSError, struct.error):
                pass  # no TCP, or an older kernel
            else:
                return Progress(buffered + unsent > 0, acknowledged)
        return Progress(buffered > 0, buffered)

    def send_keepalive_ping(self) -> None:
        """Ping, and note where the peer stands."""
        self._look()
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """No pong: look whether anything else says that the peer lives."""
        before, now = self._before, self.progress()
        moved = (before.waiting or now.waiting) and now.taken != before.taken
        # A message that the application has yet to take: the pong may be behind it.
        if self.heard or moved or self.behind or self.read_paused:
            self._look()
            assert self.ping_timeout is not None
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
            return
        if not self._doubted:
            # Where the process was held up, the pong may lie unread in the socket: read that first.
            self._doubted = True
            self.pong_timer = self.loop.call_soon(self._next_turn)  # type: ignore[assignment]  # it can be cancelled, too
            return
        with on_behalf(self.connection):
            log.info(event("closing", code=1011, reason="keepalive ping timeout"))
        if not self.close_sent:
            self.failed_with = 1011
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size():
            # Closing would wait for the dead to read.
            self.transport.abort()

    def _next_turn(self) -> None:
        # Sockets are read between two turns; a timer might come before that.
        self.pong_timer = self.loop.call_soon(self.keepalive_timeout)  # type: ignore[assignment]

    def _look(self) -> None:
        self._doubted = False
        self.heard = False
        self._before = self.progress()
