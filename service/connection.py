"""One client: its outbox, its heartbeat, its lifespan, what it may send, and its end."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import ceil, inf

from generated.constants import CloseCode
from generated.handlers import SocketSends
from generated.runtime.connection import Connection, Socket
from generated.runtime.errors import Disconnected, RequestError
from generated.topics import Topic
from service.access.counters import AccessCounters
from service.access.grant import EVERYBODY, Grant
from service.access.rights import Rights
from service.bucket import Bucket
from service.deadlines import Deadlines
from service.delivery import AsgiWay, Bounds, Farewell, LinkWay, Outbox, Turn, Way
from service.logs import event, on_behalf
from service.wire import wire_of

log = logging.getLogger(__name__)

_OWN_FAULTS = frozenset({"internal", "unavailable", "rate_limited"})
"""Refusals that are no mistakes of the client's, or are counted elsewhere."""

_FLOODS = frozenset({CloseCode.TOO_MANY_ERRORS, CloseCode.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may do and for how long; times in seconds."""

    heartbeat_interval: float
    lifespan: float
    outbox: Bounds
    messages_per_second: float
    message_burst: int
    max_errors: int
    errors_forgiven_per_minute: float
    close_grace: float
    authentication_timeout: float | None = None
    """None where nobody needs to authenticate."""


class ClientConnection(Connection[SocketSends]):
    """The service's connection. Sending queues and returns; what is queued leaves at the end of the turn."""

    def __init__(
        self,
        socket: Socket,
        limits: Limits,
        turn: Turn,
        deadlines: Deadlines,
        access: AccessCounters | None = None,
    ) -> None:
        super().__init__(socket)
        self.grant: Grant = EVERYBODY
        """What the client may read, and until when."""
        self._access = access or AccessCounters()
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self.address = socket.client.host if socket.client is not None else ""
        """The client's network address, or that of a proxy before it that is not believed (`forwarded`)."""
        now = self._loop.time()
        self._born = self._heard = now
        self.heard = False
        """Whether the client has ever sent anything: before that, nothing is sent to it."""
        self._doubted = False
        """Whether the client seemed silent when it was last looked at."""
        self._deadlines = deadlines
        self._deadline = deadlines.at(self._due(), self._look)
        self._messages = Bucket(limits.messages_per_second, now)
        self._mistakes: Bucket | None = None
        self._cutting: asyncio.TimerHandle | None = None
        self._receiving: asyncio.Task[object] | None = None
        self._ends_with: tuple[CloseCode, str] | None = None
        """How the connection ends after the answer that is on its way."""
        self._counters = turn.counters
        self.ended_with: int | None = None
        """The close code, where it is this side that ends the connection."""
        self.left_with = 1006
        """The close code that the client gave, as far as it is known."""
        self.wire = wire = wire_of(socket.scope)
        """The protocol beneath; None under a server that does not run ours."""
        self._way: Way
        if wire is not None:
            wire.close_timeout = limits.close_grace
            wire.connection = self.id
            self._way = LinkWay(wire, turn.compression)
        else:
            self._way = AsgiWay(super().send_frame, super().close, self._stop_receiving, turn.counters)
        self.outbox = Outbox(self._way, turn, limits.outbox, self._overflow)
        self.outbox.refuses = self._refuses
        if wire is not None:
            wire.link.before_send = self.outbox.flush
            wire.link.on_stuck = self.outbox.step_out

    def let_go(self) -> None:
        """Keep nothing that only the handshake needed."""
        del self.socket

    async def receive(self) -> str | bytes:
        """The next frame, which also counts as a sign of life. Raises Disconnected once there are no more."""
        if (farewell := self.outbox.farewell) is not None:
            raise Disconnected(farewell.code, farewell.reason)
        self._receiving = task = asyncio.current_task()
        try:
            frame = await super().receive()
        except asyncio.CancelledError:
            if self._receiving is not None or task is None:
                raise
            task.uncancel()
            raise Disconnected(1006, "cut off") from None
        except Disconnected as gone:
            self.left_with = gone.code
            raise
        finally:
            self._receiving = None
        self.hear()
        return frame

    def _stop_receiving(self) -> None:
        """Receive no more, though the application server has not said that the client is gone."""
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    @property
    def rights(self) -> Rights:
        """Who the client is, and what it may read."""
        return self.grant.rights

    def take_grant(self, grant: Grant) -> None:
        """Hold these rights from now on, in place of those before."""
        self.grant = grant
        if self.outbox.farewell is None:
            self._deadline.cancel()
            self._deadline = self._deadlines.at(self._due(), self._look)

    def _refuses(self, topic: Topic) -> RequestError | None:
        """Why the client may not read a topic at this moment."""
        if self.grant.gone:
            self._expire()
            return RequestError("unauthenticated", "The token has run out.")
        return self.grant.rights.allows(topic)

    def _expire(self) -> None:
        """End the connection, whose token has run out, without a word more of what it was for."""
        if self.outbox.farewell is None:
            self._access.expired += 1
            self.outbox.forget()
            self.end(CloseCode.TOKEN_EXPIRED, "the token has run out")

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._loop.time() - self._born

    @property
    def silence(self) -> float:
        """Seconds since the client last said something."""
        return self._loop.time() - self._heard

    @property
    def queued(self) -> int:
        """Bytes that wait in this process until the client reads."""
        waiting = self.outbox.waiting
        return waiting if self.wire is None else waiting + self.wire.link.waiting

    @property
    def behind(self) -> bool:
        """Whether the client does not keep up."""
        return self.wire is not None and self.wire.link.stuck

    def hear(self) -> None:
        """Take note of a sign of life."""
        self._heard = self._loop.time()
        # Not to be told from the times: a request may come in the very millisecond of the connection.
        self.heard = True

    async def send_frame(self, frame: bytes) -> None:
        """Queue an answer, ahead of updates that were held back for it."""
        self.outbox.answer(frame)
        if self._ends_with is not None:
            self.end(*self._ends_with)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection after what is queued; returns at once."""
        self.end(code, reason)

    def end(self, code: int, reason: str, *, discard: bool = False) -> None:
        """End the connection, after what is queued or without it; cut it off if the client lingers."""
        if self.outbox.farewell is not None:
            return
        with self.named():
            log.info(event("closing", code=code, reason=reason))
        self.ended_with = code
        self.outbox.finish(Farewell(code, reason, deaf=code in _FLOODS), discard=discard)
        self._cutting = self._loop.call_later(self._limits.close_grace, self._way.abort)

    def cut(self) -> None:
        """End the connection now."""
        self._way.abort()

    def admit(self) -> RequestError | None:
        """Refuse a message that comes faster than allowed; who goes on all the same is closed."""
        self._counters.frames_received += 1
        level = self._messages.add(self._heard)
        excess = level - self._limits.message_burst
        if excess <= 0:
            return None
        if excess > self._limits.message_burst:
            self._ends_with = CloseCode.RATE_LIMITED, "messages kept coming faster than allowed"
        # By then there is room for one more.
        wait_ms = ceil((excess + 1) / self._limits.messages_per_second * 1000)
        return RequestError(
            "rate_limited",
            f"More than {self._limits.messages_per_second:g} messages a second; try again in {wait_ms} ms.",
            retryable=True,
            retry_after_ms=wait_ms,
        )

    def on_mistake(self, error: RequestError) -> None:
        """Count what the client got wrong; a stream of it costs the connection, after the answer."""
        self._counters.refusals[error.code] += 1
        if error.code in _OWN_FAULTS:
            return
        log.debug(event("mistake", code=error.code))
        now = self._loop.time()
        if self._mistakes is None:
            self._mistakes = Bucket(self._limits.errors_forgiven_per_minute / 60, now)
        if self._mistakes.add(now) > self._limits.max_errors and self._ends_with is None:
            self._ends_with = CloseCode.TOO_MANY_ERRORS, "too many mistakes"

    async def over(self) -> None:
        """Return when the goodbye is said and nothing of this connection runs any more."""
        self._deadline.cancel()
        if self.outbox.farewell is not None:
            await self.outbox.ended()
        await self._way.finished()

    def forget(self) -> None:
        """Watch over the connection no longer."""
        self._deadline.cancel()
        if self._cutting is not None:
            self._cutting.cancel()

    def _due(self) -> float:
        due = min(self._heard + self._limits.heartbeat_interval, self._born + self._limits.lifespan)
        if self.grant is EVERYBODY:
            return min(due, self._authenticate_by)
        # The token's end is by the clock on the wall, which may be set; so it is looked at again there.
        return min(due, self._loop.time() + self.grant.gone_at - time.time())

    @property
    def _authenticate_by(self) -> float:
        limit = self._limits.authentication_timeout
        return inf if limit is None or self.grant is not EVERYBODY else self._born + limit

    def _look(self) -> None:
        """Close a connection that is silent or old, or look again when it could be."""
        now = self._loop.time()
        if self.wire is not None and self.wire.behind:
            # What it sent may be a message; that nobody has looked yet is no silence.
            self._heard = now
        if now >= self._born + self._limits.lifespan:
            self.end(CloseCode.LIFESPAN_OVER, "the connection has lived long enough")
        elif self.grant.gone:
            self._expire()
        elif now >= self._authenticate_by:
            self._access.timeouts += 1
            self.end(CloseCode.FORBIDDEN, "no token came in time")
        elif now >= self._heard + self._limits.heartbeat_interval:
            if self._doubted:
                self.end(CloseCode.HEARTBEAT_MISSED, "nothing came from the client for too long")
            else:
                # Where the process was held up, what the client sent meanwhile has yet to be read.
                self._doubted = True
                self._deadline = self._deadlines.soon(self._look)
        else:
            self._doubted = False
            self._deadline = self._deadlines.at(self._due(), self._look)

    def _overflow(self) -> None:
        self.end(CloseCode.SLOW_CONSUMER, "the client reads too slowly", discard=True)

    def named(self) -> AbstractContextManager[None]:
        """Log in this connection's name, whoever brought it about."""
        return on_behalf(self.id)
