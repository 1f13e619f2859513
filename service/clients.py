"""All clients of this process: how many there may be, what is cleared up behind each, and how all are sent away."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from generated.constants import CloseCode
from generated.models import ServerShutdown, Shutdown
from generated.runtime.codec import encode
from generated.runtime.connection import Socket
from generated.runtime.dispatch import Dispatcher
from generated.runtime.errors import Disconnected, RequestError
from generated.runtime.serve import serve
from service.access.gate import Access, Policy
from service.access.grant import Grant
from service.access.problems import TokenRefused
from service.access.rights import Rights
from service.attendant import Attendant
from service.connection import ClientConnection, Limits
from service.deadlines import Deadlines
from service.delivery import Turn
from service.hub import Hub
from service.logs import connection_id, event

log = logging.getLogger(__name__)

_LOOK = 0.05
"""Seconds between two looks at how far a drain is."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many connections there may be."""

    connections: int
    """In all."""
    per_address: int
    """From one network address."""
    per_user: int = 100
    """Of one user."""


@dataclass(frozen=True, slots=True)
class Drain:
    """How connections are sent away; times in seconds."""

    window: float
    """Clients are advised to come back at a random moment within it."""
    batch: int
    """Connections that are closed at a time."""
    pause: float
    """Between two batches."""
    deadline: float
    """After which whoever is left is cut off."""


class Connections:
    """Makes each client's connection, and clears up behind it."""

    def __init__(
        self, hub: Hub, turn: Turn, limits: Limits, crowd: Crowd, access: Access | None = None
    ) -> None:
        self._hub = hub
        self._turn = turn
        self._limits = limits
        self._crowd = crowd
        self._deadlines = Deadlines()
        self._open: dict[ClientConnection, None] = {}
        self._by_address: Counter[str] = Counter()
        self._by_user: Counter[str] = Counter()
        self._access = access or Access(None, Policy())
        self.draining = False
        """Whether all are being sent away, and whoever comes is too."""
        self._nobody = asyncio.Event()
        """Set while draining, when the last one has gone."""

    def __len__(self) -> int:
        return len(self._open)

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._crowd.connections

    def __iter__(self) -> Iterator[ClientConnection]:
        return iter(tuple(self._open))

    async def serve(self, socket: Socket, dispatcher: Dispatcher[ClientConnection]) -> None:
        """Accept a socket, and answer what comes until the client is gone.

        Returns at once where the protocol beneath can go on without the application.
        """
        foreign = [origin for origin in _headers(socket, b"origin") if not self._access.welcomes(origin)]
        if foreign:
            log.info(event("handshake refused", reason="its origin is not allowed", origin=foreign[0][:200]))
            await socket.close()
            return
        await socket.accept()
        connection = self._open_for(socket)
        if self._access.enabled:
            await self._greet(connection, _headers(socket, b"authorization"))
        if connection.wire is not None:
            connection.let_go()
            Attendant(connection, connection.wire, dispatcher, self._gone)
            return
        connection_id.set(connection.id)
        try:
            await serve(connection, dispatcher)
        finally:
            self._hub.drop(connection.outbox)
            try:
                await connection.over()
            finally:
                self._gone(connection)

    async def drain(self, how: Drain, *, hurry: Callable[[], bool] = lambda: False) -> None:
        """Send every client away: say so, close in batches, cut off whoever is left at the deadline.

        `hurry` is asked now and then whether to cut off whoever is left at once.
        """
        self.draining = True
        if not self._open:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + how.deadline
        log.info(event("draining", connections=len(self._open)))
        notice = encode(
            ServerShutdown(
                type="server.shutdown", payload=Shutdown(reconnect_in_ms_max=round(how.window * 1000))
            )
        )
        for connection in self:
            if connection.heard:
                connection.outbox.answer(notice)
        waiting = iter(self)
        while batch := list(islice(waiting, how.batch)):
            for connection in batch:
                connection.end(CloseCode.DRAIN, "the service sends its connections elsewhere")
            if loop.time() >= deadline or hurry():
                break
            await asyncio.sleep(how.pause)
        while self._open and loop.time() < deadline and not hurry():
            # Whoever came since the last one went has to go too.
            self._nobody.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._nobody.wait()
        if self._open:
            log.warning(event("cut off at the end of the drain", connections=len(self._open)))
        for connection in self:
            connection.cut()

    def _open_for(self, socket: Socket) -> ClientConnection:
        connection = ClientConnection(
            socket, self._limits, self._turn, self._deadlines, self._access.counters
        )
        self._turn.counters.opened += 1
        self._refuse_too_many(connection)
        self._open[connection] = None
        self._by_address[connection.address] += 1
        with connection.named():
            log.debug(event("connected", address=connection.address))
        return connection

    async def _greet(self, connection: ClientConnection, headers: Sequence[str]) -> None:
        """Give a connection the rights of the token that came with its handshake, or end it."""
        tokens = [
            token
            for scheme, _, token in (text.partition(" ") for text in headers)
            if scheme.lower() == "bearer"
        ]
        if not tokens or connection.outbox.farewell is not None:
            return
        with connection.named():
            try:
                # Of two, neither is the one that somebody in between may have looked at.
                token = tokens[0].strip() if len(tokens) == 1 else ""
                self.grant(connection, await self._access.judge(token))
            except TokenRefused as refused:
                code = CloseCode.BAD_TOKEN
                if refused.reason == "expired":
                    code = CloseCode.TOKEN_EXPIRED
                elif refused.retryable:
                    code = CloseCode.SERVER_FAULT
                connection.end(code, refused.message)
            except (Disconnected, RequestError):
                return  # It has ended meanwhile, or just now.
            except BaseException:
                self._gone(connection)
                raise

    def grant(self, connection: ClientConnection, rights: Rights) -> Grant:
        """Let a connection have these rights, in place of earlier ones of the same user.

        Raises RequestError for another user's, Disconnected where the connection has ended; it ends where its
        user has as many as allowed.
        """
        if connection not in self._open or connection.outbox.farewell is not None:
            raise Disconnected(1006)
        before = connection.rights.subject
        if before and before != rights.subject:
            self._access.counters.auth_failures["other_user"] += 1
            raise RequestError("forbidden", "The token is another user's; reconnect to change the user.")
        if not before:
            if self._by_user[rights.subject] >= self._crowd.per_user:
                self._access.counters.user_limit += 1
                connection.end(
                    CloseCode.CONNECTION_LIMIT, "there are as many connections of this user as are allowed"
                )
                raise Disconnected(CloseCode.CONNECTION_LIMIT)
            self._by_user[rights.subject] += 1
        grant = self._access.grant(rights)
        connection.take_grant(grant)
        self._hub.hold_against_rights(connection.outbox)
        return grant

    def _gone(self, connection: ClientConnection) -> None:
        """Leave nothing of a connection that is over."""
        if connection not in self._open:
            return
        del self._open[connection]
        self._count_end(connection)
        self._by_address[connection.address] -= 1
        if not self._by_address[connection.address]:
            del self._by_address[connection.address]
        if subject := connection.rights.subject:
            self._by_user[subject] -= 1
            if not self._by_user[subject]:
                del self._by_user[subject]
        connection.forget()
        self._hub.drop(connection.outbox)
        if self.draining and not self._open:
            self._nobody.set()

    def _count_end(self, connection: ClientConnection) -> None:
        wire, counters = connection.wire, self._turn.counters
        code = connection.ended_with
        if code is None and wire is not None:
            code = wire.failed_with
        if code is not None:
            counters.closed(code, by_server=True)
        elif wire is not None and wire.conn.close_rcvd is None:
            # Uvicorn says 1005, as it does of a Close frame without a code.
            counters.closed(1006, by_server=False)
        else:
            counters.closed(connection.left_with, by_server=False)

    def _refuse_too_many(self, connection: ClientConnection) -> None:
        """End a connection that comes too late, or is one too many."""
        if self.draining:
            connection.end(CloseCode.DRAIN, "the service sends its connections elsewhere")
        elif len(self._open) >= self._crowd.connections:
            connection.end(CloseCode.CONNECTION_LIMIT, "there are as many connections as are allowed")
        elif self._by_address[connection.address] >= self._crowd.per_address:
            connection.end(
                CloseCode.CONNECTION_LIMIT, "there are as many connections from this address as are allowed"
            )


def _headers(socket: Socket, name: bytes) -> Sequence[str]:
    """All of a handshake's headers of one name."""
    return [value.decode("latin-1") for key, value in socket.scope["headers"] if key.lower() == name]
