"""The loop that every server's socket runs."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Never, TypeAlias, TypeVar

from .connection import Connection, Socket
from .dispatch import Dispatcher
from .errors import Disconnected, RequestError, TopicError

logger = logging.getLogger(__name__)

_TURN = 8
"""Frames after which others get their turn: frames that wait already are received without a pause."""

C = TypeVar("C", bound=Connection[Never])

Connect: TypeAlias = Callable[[Socket], AbstractAsyncContextManager[C]]
"""Accepts a socket, and gives the connection for as long as it lives."""


async def serve(connection: C, dispatcher: Dispatcher[C]) -> None:
    """Answer a connection's frames, one after another, until the client is gone."""
    handled = 0
    try:
        while True:
            frame = await connection.receive()
            handled += 1
            if handled % _TURN == 0:
                await asyncio.sleep(0)
            answer = await dispatcher.dispatch(connection, frame)
            if answer is not None:
                await connection.send_frame(answer)
    except Disconnected as error:
        logger.debug("connection %s: %s", connection.id, error)


async def serve_beside(
    connection: C, dispatcher: Dispatcher[C], beside: Callable[[], Awaitable[None]]
) -> None:
    """Like `serve`, with `beside` running until the client is gone; closes with 1011 where `beside` fails."""

    async def run() -> None:
        try:
            await beside()
        except Disconnected:
            return
        except Exception:
            logger.exception("connection %s: connected() failed", connection.id)
            await connection.close(1011, "The server failed.")

    task = asyncio.create_task(run())
    try:
        await serve(connection, dispatcher)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def filled(path: str, values: Mapping[str, object]) -> str:
    """A route's path (`/v1/{room:str}`) with the values of a request in their places."""
    return re.sub(r"\{(\w+):str\}", lambda part: str(values[part[1]]), path)


async def refuse(socket: Socket, error: TopicError) -> None:
    """Refuse a handshake, so that the client gets HTTP 403."""
    logger.info("handshake refused: %s", error)
    await socket.close(code=1008, reason=str(error)[:100])


async def close_invalid(connection: Connection[Never], error: RequestError) -> None:
    """Close for a mistake that the contract has no message for: with 1011 for our own, else with 1003."""
    code = 1011 if error.code == "internal" else 1003
    await connection.close(code, error.message)
