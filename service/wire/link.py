"""The way to one client's socket, past the event loop's own buffers as long as the client keeps up."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from service.counters import Counters

_LOWAT: Final[int | None] = getattr(socket, "TCP_NOTSENT_LOWAT", None)

_UNSENT: Final = 131_072
"""Bytes that the kernel may hold for a client without having sent them. It would take megabytes, which nobody
can fold any more, and then say nothing until it has got rid of a third of them."""

NOT_DIRECT: Final = -1
"""In place of a descriptor: what is written goes through the transport."""


def _nothing() -> None:
    return None


class Link:
    """Stands in for a connection's transport, and writes to its socket at once where nothing waits.

    While the kernel takes what it is given, `fd` may be written to by whoever has ready frames. When it takes
    only a part, the rest goes to the transport and the link is `stuck` until the transport has got rid of it.
    The descriptor is a duplicate that the link owns: the number of the transport's own may be another file's
    as soon as the event loop finds the connection broken, which is before anybody is told.
    """

    __slots__ = (
        "before_send",
        "closed",
        "counters",
        "fd",
        "on_close",
        "on_ready",
        "on_stuck",
        "stuck",
        "transport",
    )

    def __init__(self, transport: asyncio.Transport, counters: Counters | None = None) -> None:
        self.transport = transport
        self.counters = counters or Counters()
        """Where bytes are counted that go through here; those written to `fd` are for their writer to count."""
        self.fd = NOT_DIRECT
        self.stuck = False
        """Whether something that was written still waits in this process."""
        self.closed = False
        """Whether the connection is ending; nothing is written any more."""
        self.on_stuck: Callable[[], None] = _nothing
        """Called when the kernel has not taken all of something: `fd` is not to be written to any more."""
        self.on_ready: Callable[[], None] = _nothing
        """Called when a link that was stuck is so no longer."""
        self.on_close: Callable[[], None] = _nothing
        """Called once, when the connection begins to end."""
        self.before_send: Callable[[], None] = _nothing
        """Called before a message goes the application server's own way: what is owed already goes first."""
        # Told at once of anything that waits, and again when nothing does.
        transport.set_write_buffer_limits(high=0)

    def go_direct(self) -> None:
        """Write past the transport from now on, where its socket is a plain one."""
        if self.fd != NOT_DIRECT or self.closed or os.name != "posix":
            return
        if self.transport.get_extra_info("sslcontext") is not None:
            return
        found = self.transport.get_extra_info("socket")
        if found is None:
            return
        try:
            self.fd = os.dup(found.fileno())
        except OSError:  # No descriptor left, or a socket that is gone; the transport's way is always open.
            return
        if _LOWAT is not None:
            with suppress(OSError):
                found.setsockopt(socket.IPPROTO_TCP, _LOWAT, _UNSENT)
        # An answer to an earlier request of the same connection may not be out yet.
        self.stuck = self.transport.get_write_buffer_size() > 0

    def write(self, data: bytes) -> None:
        """Write, after whatever waits. Dropped where the connection is ending."""
        if self.closed:
            return
        self.counters.bytes_sent += len(data)
        if self.fd == NOT_DIRECT or self.stuck:
            self.transport.write(data)
            self.stuck = self.stuck or self.transport.get_write_buffer_size() > 0
            return
        try:
            taken = os.write(self.fd, data)
        except BlockingIOError:
            taken = 0
        except OSError:
            self.abort()
            return
        if taken != len(data):
            self.wait_with(data[taken:])

    @property
    def waiting(self) -> int:
        """Bytes that wait in this process; without asking where nothing can."""
        return self.transport.get_write_buffer_size() if self.stuck and not self.closed else 0

    def wait_with(self, rest: bytes) -> None:
        """Leave to the transport what the kernel did not take."""
        self.transport.write(rest)
        self.stuck = self.transport.get_write_buffer_size() > 0
        if self.stuck:
            self.on_stuck()

    def progressed(self) -> None:
        """Take note that the transport has got rid of what it held; unless it has been given more meanwhile."""
        if not self.stuck or self.transport.get_write_buffer_size():
            return
        self.stuck = False
        if not self.closed:
            self.on_ready()

    def lost(self) -> None:
        """Give the descriptor back; the connection is no more."""
        self._end()
        if self.fd != NOT_DIRECT:
            fd, self.fd = self.fd, NOT_DIRECT
            os.close(fd)
        self.on_ready = self.on_stuck = self.on_close = self.before_send = _nothing

    def _end(self) -> None:
        if not self.closed:
            self.closed = True
            self.on_close()

    # The transport's own methods, for the protocol above.

    def close(self) -> None:
        """Close after what waits is written."""
        self._end()
        self.transport.close()

    def abort(self) -> None:
        """Close at once, whatever waits."""
        self._end()
        self.transport.abort()

    def can_write_eof(self) -> bool:
        """Whether this side alone can be ended."""
        return self.transport.can_write_eof()

    def write_eof(self) -> None:
        """End this side after what waits is written."""
        self._end()
        self.transport.write_eof()

    def is_closing(self) -> bool:
        """Whether the connection is ending."""
        return self.closed or self.transport.is_closing()

    def pause_reading(self) -> None:
        """Leave what comes in the kernel's buffers, and the sender waiting."""
        self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self.transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Bytes that wait in this process."""
        return self.transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """What the transport knows of itself."""
        return self.transport.get_extra_info(name, default)
