"""One connection: sends at the pace that the contract allows, and hands on what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

_OPENING = 10.0
_LARGEST = 2**26


class UnreachableError(Exception):
    """There is no such server, or it does not let us in."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How the server ended a connection."""

    code: int
    reason: str

    def __str__(self) -> str:
        if self.code == 1006:
            return "connection lost without a close"
        return f"closed with {self.code}" + (f" ({self.reason})" if self.reason else "")


@dataclass(slots=True)
class Pace:
    """A bucket that keeps below what may be sent: `rate` messages a second, `burst` at once."""

    rate: float | None
    burst: float
    level: float = 0.0
    at: float = 0.0

    async def wait(self) -> None:
        """Return when one more message may go."""
        if self.rate is None:
            return
        now = asyncio.get_running_loop().time()
        self.level = max(0.0, self.level - (now - self.at) * self.rate) + 1.0
        self.at = now
        if self.level > self.burst:
            await asyncio.sleep((self.level - self.burst) / self.rate)


class Link:
    """A WebSocket whose frames go to `arrived` as they come."""

    def __init__(self, socket: ClientConnection, pace: Pace, arrived: Callable[[str | bytes], None]) -> None:
        self._socket = socket
        self._pace = pace
        self._arrived = arrived
        self._moved = asyncio.Event()
        self.closed: Closed | None = None
        """How the server closed it; None while it is open."""
        self.closed_at: float | None = None
        """When, by the event loop's clock."""
        self._sent_at = asyncio.get_running_loop().time()
        self._pause = 0.0
        self._task = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(
        cls,
        url: str,
        pace: Pace,
        arrived: Callable[[str | bytes], None],
        headers: Sequence[tuple[str, str]] = (),
    ) -> Link:
        """Connect. Raises UnreachableError with the reason in a line."""
        try:
            socket = await connect(
                url,
                max_size=_LARGEST,
                ping_interval=None,
                compression=None,
                additional_headers=headers,
                open_timeout=_OPENING,
                close_timeout=1,
                proxy=None,
            )
        except (OSError, TimeoutError, InvalidHandshake, EOFError) as error:
            raise UnreachableError(
                f"{url}: {' '.join(str(error).split()) or type(error).__name__}"
            ) from error
        return cls(socket, pace, arrived)

    async def send(self, data: str | bytes, *, as_text: bool = False, paced: bool = True) -> None:
        """Send a frame: str as text, bytes as binary, or as text that may be no UTF-8. Nothing where it is closed."""
        if paced:
            await self._pace.wait()
        now = asyncio.get_running_loop().time()
        self._sent_at, self._pause = now, now - self._sent_at
        try:
            if isinstance(data, bytes):
                await self._socket.send(data, text=as_text)
            else:
                await self._socket.send(data)
        except ConnectionClosed:
            await self._task

    @property
    def silence(self) -> float:
        """The longer of what it has been since the last frame was sent, and what it was before that; in seconds."""
        now = asyncio.get_running_loop().time()
        return max(self._pause, (now if self.closed_at is None else self.closed_at) - self._sent_at)

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds that frames bring about; False where the time or the connection ends first."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    if self.closed is not None:
                        return holds()
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return holds()
        return True

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()
        await self._task

    async def _read(self) -> None:
        try:
            while True:
                data = await self._socket.recv()
                self._arrived(data)
                self._moved.set()
        except ConnectionClosed as error:
            received = error.rcvd
            self.closed = Closed(received.code, received.reason) if received is not None else Closed(1006, "")
            self.closed_at = asyncio.get_running_loop().time()
            self._moved.set()
