"""Serves one client while it says something; an idle client has no task."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from generated.runtime.dispatch import Dispatcher
from generated.runtime.errors import Disconnected
from service.connection import ClientConnection
from service.logs import connection_id, event
from service.wire import Inbox, WireProtocol

log = logging.getLogger(__name__)

_TURN = 8
"""Messages after which other clients get their turn."""


class Attendant:
    """Takes a connection over from the application server, and answers its messages one after another."""

    __slots__ = ("_connection", "_dispatcher", "_on_gone", "_task", "_wire")

    def __init__(
        self,
        connection: ClientConnection,
        wire: WireProtocol,
        dispatcher: Dispatcher[ClientConnection],
        on_gone: Callable[[ClientConnection], None],
    ) -> None:
        """`on_gone` is called once, when the client can neither say nor hear anything any more."""
        self._connection = connection
        self._wire = wire
        self._dispatcher = dispatcher
        self._on_gone = on_gone
        self._task: asyncio.Task[None] | None = None
        wire.adopt(Inbox(self._wake, self._gone))

    def _wake(self) -> None:
        """A message is there."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    def _gone(self, code: int, reason: str) -> None:
        """There will be no more messages. One that is being answered is answered to nobody."""
        self._connection.left_with = code
        with self._connection.named():
            log.debug(event("disconnected", code=code, reason=reason))
        self._on_gone(self._connection)

    async def _work(self) -> None:
        connection, wire = self._connection, self._wire
        connection_id.set(connection.id)
        dispatch = self._dispatcher.dispatch
        handled = 0
        try:
            while (frame := wire.next_frame()) is not None:
                handled += 1
                if handled % _TURN == 0:
                    await asyncio.sleep(0)
                if connection.outbox.farewell is not None:
                    return
                connection.hear()
                answer = await dispatch(connection, frame)
                if answer is not None:
                    await connection.send_frame(answer)
        except Disconnected:
            log.debug("a request was overtaken by the end")
        except Exception:
            # A fault of ours: without this the client would wait for answers until it is silent for too long.
            log.exception("a client cannot be attended to")
            connection.end(1011, "Something went wrong here; come back.")
        finally:
            self._task = None
