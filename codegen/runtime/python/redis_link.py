"""One connection to Redis that knows the scripts: many commands in one round trip, their answers in order.

No client's pipeline, since those may connect anew between commands, and answer for each with objects of their own;
here a connection that breaks is for the caller to see, who knows what to send again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from .redis_address import driver_url
from .redis_protocol import pack
from .redis_scripts import PUBLISH

try:
    import redis
    import redis.asyncio
    from redis.exceptions import NoScriptError, ReadOnlyError, RedisError, ResponseError
except ImportError as error:
    raise ImportError('publishing over the broker needs the package "redis": pip install redis') from error

_LOAD = pack(("SCRIPT", "LOAD", PUBLISH.text))


FAULTS = (RedisError, OSError)
"""What the methods of a link raise."""

_ELSEWHERE = (NoScriptError, ReadOnlyError)
"""What a server answers that is not the one it was, or not the one to write to any more."""


class _AsyncConnection(Protocol):
    @property
    def is_connected(self) -> bool: ...
    async def connect(self) -> None: ...
    async def disconnect(self, nowait: bool = False) -> None: ...
    async def send_packed_command(self, command: Sequence[bytes]) -> None: ...
    async def read_response(self) -> object: ...


class _Connection(Protocol):
    def connect(self) -> None: ...
    def disconnect(self) -> None: ...
    def send_packed_command(self, command: Sequence[bytes]) -> None: ...
    def read_response(self) -> object: ...


class AsyncLink:
    """For one task at a time."""

    def __init__(self, url: str, socket_timeout_s: float) -> None:
        """ValueError, which repeats nothing of the URL, where that cannot be read."""
        pool = redis.asyncio.ConnectionPool.from_url(
            driver_url(url),
            socket_timeout=socket_timeout_s,
            socket_connect_timeout=socket_timeout_s,
            protocol=2,
            driver_info=None,
        )
        make = cast("Callable[[], _AsyncConnection]", pool.make_connection)
        self._connection = make()
        self._ready = False

    async def open(self) -> None:
        """Connect, unless it is connected, and hand over the script. Raises one of FAULTS."""
        if self._ready:
            return
        try:
            await self._connection.connect()
            await self._connection.send_packed_command([_LOAD])
            await self._connection.read_response()
        except BaseException:
            await self.close()
            raise
        self._ready = True

    async def exchange(self, commands: Sequence[bytes]) -> list[object]:
        """The answers to packed commands, of which each may be a ResponseError.

        Raises one of FAULTS where the connection is lost.
        """
        await self.open()
        connection = self._connection
        answers: list[object] = []
        try:
            await connection.send_packed_command([b"".join(commands)])
            for _ in commands:
                try:
                    answers.append(await connection.read_response())
                except ResponseError as error:
                    answers.append(error)
                    self._ready = self._ready and not isinstance(error, _ELSEWHERE)
        except BaseException:
            await self.close()
            raise
        if not self._ready:
            await self.close()
        return answers

    async def close(self) -> None:
        """End it; the next exchange connects anew."""
        self._ready = False
        await self._connection.disconnect(nowait=True)


class Link:
    """For one thread at a time."""

    def __init__(self, url: str, socket_timeout_s: float) -> None:
        """ValueError, which repeats nothing of the URL, where that cannot be read."""
        pool = redis.ConnectionPool.from_url(
            driver_url(url),
            socket_timeout=socket_timeout_s,
            socket_connect_timeout=socket_timeout_s,
            protocol=2,
            driver_info=None,
        )
        make = cast("Callable[[], _Connection]", pool.make_connection)
        self._connection = make()
        self._ready = False

    def open(self) -> None:
        """Connect, unless it is connected, and hand over the script. Raises one of FAULTS."""
        if self._ready:
            return
        try:
            self._connection.connect()
            self._connection.send_packed_command([_LOAD])
            self._connection.read_response()
        except BaseException:
            self.close()
            raise
        self._ready = True

    def exchange(self, commands: Sequence[bytes]) -> list[object]:
        """The answers to packed commands, of which each may be a ResponseError.

        Raises one of FAULTS where the connection is lost.
        """
        self.open()
        connection = self._connection
        answers: list[object] = []
        try:
            connection.send_packed_command([b"".join(commands)])
            for _ in commands:
                try:
                    answers.append(connection.read_response())
                except ResponseError as error:
                    answers.append(error)
                    self._ready = self._ready and not isinstance(error, _ELSEWHERE)
        except BaseException:
            self.close()
            raise
        if not self._ready:
            self.close()
        return answers

    def close(self) -> None:
        """End it; the next exchange connects anew."""
        self._ready = False
        self._connection.disconnect()
