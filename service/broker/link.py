"""One life of the two connections to Redis: one for commands, one that hears what is published."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from contextvars import Context
from typing import cast

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from generated.runtime.redis_protocol import PREFIX, Command
from generated.runtime.redis_scripts import PUBLISH, READ, RENEW
from service.broker.connection import connection_to
from service.tasks import end

log = logging.getLogger(__name__)

Answer = object
"""What Redis says to a command: bytes, a number, a list of these, or a ResponseError."""

_SLICE = 32
"""Answers or messages that are read before others get their turn on the event loop."""

_MOST_NAMES = 200
"""Channels that are named in one command."""

_PROBE = 0.5
"""Seconds between two looks at how long a publication takes."""


class LinkLost(Exception):
    """The connections are of no use any more; the message says why."""


class Link:
    """Both connections, from `connect` until either is lost; then `lost` says why, and another link is made.

    Commands are answered in order, and each batch is answered before the next is sent.
    """

    def __init__(
        self,
        address: str,
        name: str,
        *,
        timeout: float,
        on_message: Callable[[bytes, bytes], None],
        on_subscribed: Callable[[bytes], None],
        on_lag: Callable[[float], None],
    ) -> None:
        """`timeout` is in seconds; `name` tells this node from others; `on_lag` gets seconds.

        `on_message` gets a channel and what was published there, `on_subscribed` each channel that is listened to
        from now on.
        """
        self._timeout = timeout
        self._commands = connection_to(address, timeout=timeout)
        self._hearing = connection_to(address, timeout=timeout)
        self._own = f"{PREFIX}node:{name}".encode()
        self._on_message = on_message
        self._on_subscribed = on_subscribed
        self._on_lag = on_lag
        self._busy = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._changes: list[tuple[bytes, bytes]] = []
        """SUBSCRIBE or UNSUBSCRIBE, and a channel: what is yet to be sent."""
        self._changed = asyncio.Event()
        self._probe_due = asyncio.Event()
        self._probe_sent: float | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails with LinkLost when the link is."""

    async def connect(self) -> None:
        """Connect, and make the scripts known. Raises LinkLost."""
        try:
            async with asyncio.timeout(2 * self._timeout):
                await self._commands.connect()  # type: ignore[no-untyped-call]
                await self._hearing.connect()  # type: ignore[no-untyped-call]
                await self.load()
                await self._hearing.send_command("SUBSCRIBE", self._own)
                # Until that is confirmed what is published there may be passed on to nobody: one connection may be
                # served before the other, above all by a server that stood still and has much to catch up with.
                await _heard(self._hearing)
        except (RedisError, OSError, TimeoutError) as error:
            raise LinkLost(_reason(error)) from error
        finally:
            if self.lost.done():
                self.lost.exception()  # told already
        for work in (self._hear(), self._say(), self._probe(), self._measure()):
            self.spawn(work)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do something for as long as the link lives; when that fails, it is lost."""
        # In nobody's name: it serves all.
        task = asyncio.get_running_loop().create_task(self._until_lost(work), context=Context())
        # Where the link is lost before the task's first turn, nobody has ever awaited the work.
        task.add_done_callback(lambda _: work.close())
        self._tasks.append(task)

    async def load(self) -> None:
        """Make the scripts known to the server, which forgets them when it restarts."""
        for answer in await self.call([("SCRIPT LOAD", script.text) for script in (PUBLISH, READ, RENEW)]):
            if isinstance(answer, ResponseError):
                raise LinkLost(_reason(answer))

    async def close(self) -> None:
        """Leave."""
        if not self.lost.done():
            self.lost.cancel()
        await end(self._tasks)
        for connection in (self._commands, self._hearing):
            with suppress(RedisError, OSError, TimeoutError):
                await connection.disconnect(nowait=True)

    def listen(self, channel: bytes) -> None:
        """Hear of a channel; once that is so, `on_subscribed` is called."""
        self._change(b"SUBSCRIBE", channel)

    def ignore(self, channel: bytes) -> None:
        """Hear of a channel no more."""
        self._change(b"UNSUBSCRIBE", channel)

    async def call(self, commands: Sequence[Command]) -> list[Answer]:
        """The answers to commands, in order; what Redis refuses is answered by a ResponseError.

        Raises LinkLost where the server is not there, or does not answer in time. Whether the commands have been
        carried out is not known then.
        """
        answers: list[Answer] = []
        connection = self._commands
        async with self._busy:
            try:
                await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
                while len(answers) < len(commands):
                    try:
                        answers.append(await connection.read_response())
                    except ResponseError as error:
                        answers.append(error)
                    if len(answers) % _SLICE == 0:
                        await asyncio.sleep(0)
            except (RedisError, OSError, TimeoutError) as error:
                lost = LinkLost(_reason(error))
                self.lose(lost)
                raise lost from error
        return answers

    def lose(self, why: LinkLost) -> None:
        """Give the link up."""
        if not self.lost.done():
            self.lost.set_exception(why)

    def _change(self, command: bytes, channel: bytes) -> None:
        self._changes.append((command, channel))
        self._changed.set()

    async def _until_lost(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except LinkLost as error:
            self.lose(error)
        except (RedisError, OSError, TimeoutError) as error:
            self.lose(LinkLost(_reason(error)))
        except Exception as error:
            if not (self._commands.is_connected and self._hearing.is_connected):
                # redis-py takes a lost connection's streams away under whoever is about to write to them.
                self.lose(LinkLost("the connection was lost"))
                return
            log.exception("the link to the broker failed")
            self.lose(LinkLost(f"a fault of its own: {error!r}"))

    async def _say(self) -> None:
        """Say what is to be listened to, in order, many channels at a time."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._changes:
                command, names = self._changes[0][0], 1
                while names < min(len(self._changes), _MOST_NAMES) and self._changes[names][0] == command:
                    names += 1
                channels = [channel for _, channel in self._changes[:names]]
                del self._changes[:names]
                await self._hearing.send_command(command, *channels, check_health=False)

    async def _hear(self) -> None:
        """Read what is published."""
        count = 0
        while True:
            answer = await _heard(self._hearing)
            count += 1
            if answer[0] == b"message":
                channel, data = cast("tuple[bytes, bytes]", answer[1:])
                if channel == self._own:
                    self._probed()
                else:
                    self._on_message(channel, data)
            elif answer[0] == b"subscribe" and answer[1] != self._own:
                self._on_subscribed(cast("bytes", answer[1]))
            if count % _SLICE == 0:
                await asyncio.sleep(0)

    async def _probe(self) -> None:
        """Say something now and then."""
        while True:
            await self._probe_due.wait()
            self._probe_due.clear()
            await self.call([("PUBLISH", self._own, b"")])

    async def _measure(self) -> None:
        """Measure how long it takes to hear what one says; who hears nothing for too long has lost the link."""
        while True:
            now = time.perf_counter()
            if self._probe_sent is None:
                self._probe_sent = now
                self._probe_due.set()
            elif now - self._probe_sent > self._timeout:
                raise LinkLost("what is published does not come back")
            else:
                self._on_lag(now - self._probe_sent)
            await asyncio.sleep(_PROBE)

    def _probed(self) -> None:
        if self._probe_sent is not None:
            self._on_lag(time.perf_counter() - self._probe_sent)
            self._probe_sent = None


async def _heard(connection: AbstractConnection) -> list[object]:
    """The next message, however long that takes."""
    answer: object = await connection.read_response(timeout=math.inf)
    if not isinstance(answer, list):
        raise LinkLost(f"it said something else than was expected: {answer!r:.100}")
    return answer


def _reason(error: Exception) -> str:
    """What happened, for people. Errors of the driver name no password."""
    if isinstance(error, NoPermissionError):
        return f"it does not permit: {error}"
    if isinstance(error, TimeoutError) and not isinstance(error, RedisError):
        return "it does not answer in time"
    return str(error) or type(error).__name__
