"""One client: its outbox, its heartbeat, its lifespan, its mistakes, and its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from generated.constants import CloseCode
from generated.handlers import SocketSends
from generated.runtime.connection import Connection, Socket
from generated.runtime.errors import Disconnected, RequestError
from service.hub import Hub
from service.logs import connection_id
from service.mistakes import Mistakes
from service.outbox import Farewell, Outbox
from service.wire import transport_of

log = logging.getLogger(__name__)

_FLOOD_GRACE = 1.0
"""Seconds in which a client that is closed for its mistakes may read why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may do and for how long; times in seconds."""

    heartbeat_interval: float
    lifespan: float
    outbox_bytes: int
    max_errors: int
    errors_forgiven_per_minute: float
    close_grace: float


class ClientConnection(Connection[SocketSends]):
    """The service's connection. Sending queues and returns; a task of the connection's own writes."""

    def __init__(self, socket: Socket, limits: Limits) -> None:
        super().__init__(socket)
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._transport = transport_of(socket.scope)
        self._mistakes = Mistakes(limits.max_errors, limits.errors_forgiven_per_minute / 60)
        self._too_many_mistakes = False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.outbox = Outbox(
            write=super().send_frame,
            say_bye=self._say_bye,
            limit=limits.outbox_bytes,
            on_overflow=self._overflow,
        )

    async def receive(self) -> str | bytes:
        """The next frame, which also counts as a sign of life. Raises Disconnected once there are no more."""
        if (farewell := self.outbox.farewell) is not None:
            raise Disconnected(farewell.code, farewell.reason)
        frame = await super().receive()
        self._heard = self._loop.time()
        return frame

    async def send_frame(self, frame: bytes) -> None:
        """Queue an answer, ahead of updates that were held back for it."""
        self.outbox.answer(frame)
        if self._too_many_mistakes:
            self.end(CloseCode.TOO_MANY_ERRORS, "too many mistakes")

    def deliver(self, frame: bytes) -> None:
        """Queue an update."""
        self.outbox.push(frame)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection after what is queued; returns at once."""
        self.end(code, reason)

    def end(self, code: int, reason: str, *, discard: bool = False) -> None:
        """End the connection, after what is queued or without it; cut it off if the client lingers."""
        if self.outbox.farewell is not None:
            return
        log.info("closing code=%d reason=%r", code, reason)
        self.outbox.finish(Farewell(code, reason), discard=discard)
        if self._transport is not None:
            self._loop.call_later(self._limits.close_grace, self._transport.abort)

    def on_mistake(self, error: RequestError) -> None:
        """Count what the client got wrong; a stream of it costs the connection, after the answer."""
        if error.code in {"internal", "unavailable"}:
            return
        log.debug("mistake code=%s", error.code)
        self._too_many_mistakes = self._too_many_mistakes or self._mistakes.add(self._loop.time())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write, and watch heartbeat and lifespan; at the end nothing of this connection runs any more."""
        writer = asyncio.create_task(self.outbox.run(), name=f"outbox {self.id}")
        self._watch_heartbeat()
        self._timers["lifespan"] = self._loop.call_later(
            self._limits.lifespan, self.end, CloseCode.LIFESPAN_OVER, "the connection has lived long enough"
        )
        try:
            yield
        finally:
            for timer in self._timers.values():
                timer.cancel()
            await self._settle(writer)

    async def _settle(self, writer: asyncio.Task[None]) -> None:
        """Let a goodbye on its way be said; stop the writer where the client left first."""
        if self.outbox.farewell is None:
            writer.cancel()
        done, _ = await asyncio.wait([writer], timeout=self._limits.close_grace)
        if not done:
            writer.cancel()
            await asyncio.wait([writer])
        if not writer.cancelled() and (error := writer.exception()) is not None:
            log.error("writing failed", exc_info=error)

    def _watch_heartbeat(self) -> None:
        """Close a silent connection, or look again when its silence could be long enough."""
        due = self._heard + self._limits.heartbeat_interval
        if self._loop.time() >= due:
            self.end(CloseCode.HEARTBEAT_MISSED, "nothing came from the client for too long")
            return
        self._timers["heartbeat"] = self._loop.call_at(due, self._watch_heartbeat)

    def _overflow(self) -> None:
        self.end(CloseCode.SLOW_CONSUMER, "the client reads too slowly", discard=True)

    async def _say_bye(self, farewell: Farewell) -> None:
        await super().close(farewell.code, farewell.reason)
        if self._transport is not None and farewell.code == CloseCode.TOO_MANY_ERRORS:
            # Who floods goes on flooding; parsing it until the end would be at the others' cost. Its own goodbye
            # is somewhere behind the flood, so it is not waited for.
            self._transport.pause_reading()
            self._loop.call_later(min(_FLOOD_GRACE, self._limits.close_grace), self._transport.abort)


class Connections:
    """All clients of this process: makes each one's connection, and clears up behind it."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._open: set[ClientConnection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[ClientConnection]:
        return iter(tuple(self._open))

    def connect(self, socket: Socket) -> AbstractAsyncContextManager[ClientConnection]:
        """Accept a socket; when the context ends, nothing of the connection is left."""
        return self._connect(socket)

    @asynccontextmanager
    async def _connect(self, socket: Socket) -> AsyncIterator[ClientConnection]:
        await socket.accept()
        connection = ClientConnection(socket, self._limits)
        # Set before the tasks and timers of the connection are made: they inherit it.
        connection_id.set(str(connection.id))
        self._open.add(connection)
        log.debug("connected")
        try:
            async with connection.running():
                try:
                    yield connection
                finally:
                    self._hub.drop(connection)
        finally:
            self._open.discard(connection)
            log.debug("disconnected")
