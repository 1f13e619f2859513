"""The two ways to a client: ready frames to its link, or texts through the application server's `send`."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from generated.runtime.errors import Disconnected
from service.counters import Counters
from service.delivery.message import Compression, Message
from service.wire import NOT_DIRECT, WireProtocol

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Farewell:
    """How a connection ends from this side."""

    code: int
    reason: str
    deaf: bool = False
    """Whether nothing more is read from the client: who floods goes on flooding, at the others' cost."""


class Way(Protocol):
    """Where an outbox writes. Nothing here waits, and nothing raises."""

    @property
    def fd(self) -> int:
        """A descriptor for ready frames, usable while `ready`; NOT_DIRECT where there is none."""

    @property
    def deflates(self) -> bool:
        """Whether the client reads compressed frames."""

    @property
    def ready(self) -> bool:
        """Whether nothing waits, so that more may be written."""

    @property
    def taken(self) -> int:
        """Another number than before once the client has taken something of what was written."""

    def listen(self, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        """Say who is told when nothing waits any more, and when the connection begins to end."""

    def write(self, messages: Sequence[Message]) -> None:
        """Write these, after whatever waits."""

    def fell_short(self, rest: bytes) -> None:
        """Take over the rest of a frame of which the descriptor took a part."""

    def close(self, farewell: Farewell) -> None:
        """Say goodbye after whatever waits."""

    def abort(self) -> None:
        """End the connection now."""

    async def finished(self) -> None:
        """Return when nothing of this runs any more."""


class LinkWay:
    """Ready frames, straight to the connection's link."""

    __slots__ = ("_compression", "_link", "_protocol", "deflates")

    def __init__(self, protocol: WireProtocol, compression: Compression) -> None:
        self._protocol = protocol
        self._link = protocol.link
        self._compression = compression
        self.deflates = protocol.deflates

    @property
    def fd(self) -> int:
        """The link's own descriptor."""
        return self._link.fd

    @property
    def ready(self) -> bool:
        """Whether the kernel has taken everything so far."""
        return not (self._link.stuck or self._link.closed)

    @property
    def taken(self) -> int:
        """What the client's side has acknowledged."""
        return self._protocol.progress().taken

    def listen(self, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        """Hand on what the link says."""
        self._link.on_ready = on_ready
        self._link.on_close = on_close
        if self._link.closed:
            on_close()

    def write(self, messages: Sequence[Message]) -> None:
        """One write for all; nothing once the connection is closing."""
        if not self._protocol.can_send:
            return
        if self.deflates:
            frames = [message.deflated(self._compression) for message in messages]
        else:
            frames = [message.frame for message in messages]
        self._link.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def fell_short(self, rest: bytes) -> None:
        """The link waits with it."""
        self._link.counters.bytes_sent += len(rest)
        self._link.wait_with(rest)

    def close(self, farewell: Farewell) -> None:
        """The Close frame, after what the link holds."""
        self._protocol.end(farewell.code, farewell.reason, deaf=farewell.deaf)

    def abort(self) -> None:
        """Cut."""
        self._link.abort()

    async def finished(self) -> None:
        """Nothing runs here; the server waits for the client's goodbye by itself."""


class AsgiWay:
    """Messages one by one through ASGI, by a task that lives as long as there is something to send."""

    fd = NOT_DIRECT
    deflates = False

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        close: Callable[[int, str], Awaitable[None]],
        give_up: Callable[[], None],
        counters: Counters | None = None,
    ) -> None:
        """`send` and `close` may wait for the client; `give_up` ends whoever waits for its messages."""
        self._counters = counters or Counters()
        self._send = send
        self._close = close
        self._give_up = give_up
        self.taken = 0
        """How many texts have been sent."""
        self._texts: deque[bytes] = deque()
        self._farewell: Farewell | None = None
        self._task: asyncio.Task[None] | None = None
        self._on_ready: Callable[[], None] = lambda: None
        self._on_close: Callable[[], None] = lambda: None

    @property
    def ready(self) -> bool:
        """Whether everything so far has been sent."""
        return self._task is None and self._farewell is None

    def listen(self, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        """Remember whom to tell."""
        self._on_ready = on_ready
        self._on_close = on_close

    def write(self, messages: Sequence[Message]) -> None:
        """Send these, one after another."""
        self._texts.extend(message.text for message in messages)
        self._go_on()

    def fell_short(self, rest: bytes) -> None:
        """Without a descriptor nothing can fall short."""
        raise NotImplementedError

    def close(self, farewell: Farewell) -> None:
        """Say goodbye after the last text."""
        if self._farewell is None:
            self._farewell = farewell
            self._go_on()

    def abort(self) -> None:
        """Give up what waits. ASGI has no word for more: with the application's end the server ends the rest."""
        self._texts.clear()
        self._farewell = self._farewell or Farewell(1006, "cut off")
        if self._task is not None:
            self._task.cancel()
        self._on_close()
        self._give_up()

    async def finished(self) -> None:
        """Wait for the task; without a farewell nobody reads any more what it would send."""
        if self._task is not None:
            if self._farewell is None:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _go_on(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="asgi way")

    async def _run(self) -> None:
        try:
            while self._texts:
                text = self._texts.popleft()
                await self._send(text)
                self.taken += 1
                self._counters.bytes_sent += len(text)
            if self._farewell is not None:
                self._on_close()
                await self._close(self._farewell.code, self._farewell.reason)
        except Disconnected:
            self._texts.clear()
            self._farewell = self._farewell or Farewell(1006, "the client is gone")
            self._on_close()
        finally:
            self._task = None
        if self._texts or self._farewell is None:
            self._on_ready()
