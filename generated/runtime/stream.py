"""What a client of a channel with a socket of its own remembers: requests under way, messages to be read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar, cast
from urllib.parse import urlencode

from .codec import Codec, Json, Path, TagValue, at, decode_json
from .errors import OWN_CLOSE, ConnectionLost, InvalidMessage
from .options import ClientOptions
from .pending import Pending, within
from .queue import BoundedQueue
from .transport import Advice, Transport, open_transport, socket_url

logger = logging.getLogger(__name__)

A = TypeVar("A")
M_co = TypeVar("M_co", covariant=True)
Q = TypeVar("Q")
Receives = TypeVar("Receives")


@dataclass(frozen=True, slots=True)
class MessageType(Generic[M_co]):
    """One message that a client may receive."""

    key: str
    """Its name in the contract."""
    tag: TagValue | None
    """What it is told by; None where it is found by trying."""
    decode: Callable[[str | bytes], M_co]
    """Reads a whole frame, or raises InvalidMessage."""
    identity: Path | None = None
    """Where the id of the request that it answers stands."""


class MessageReader(Generic[Receives]):
    """Tells the messages of a socket apart."""

    def __init__(self, path: Path | None, types: Sequence[MessageType[Receives]]) -> None:
        self._path = path or ()
        self._tagged = {(type(one.tag), one.tag): one for one in types if one.tag is not None}
        self._untagged = tuple(one for one in types if one.tag is None)

    def read(self, frame: str | bytes) -> tuple[MessageType[Receives], Receives, Json]:
        """What a frame is, typed and as plain JSON; InvalidMessage where the contract does not know it."""
        plain = decode_json(frame)
        tag = at(plain, self._path) if self._path else None
        known = self._tagged.get((type(tag), tag)) if isinstance(tag, str | int) else None
        if known is not None:
            return known, known.decode(frame), plain
        for one in self._untagged:
            try:
                return one, one.decode(frame), plain
            except InvalidMessage:
                continue
        raise InvalidMessage("the frame is no message that the contract knows here")


class ChannelConnection(Generic[Receives]):
    """A connection to one channel: an async context manager and an async iterator of what the server sends.

    Answers to requests go to whoever asked; everything else is iterated. Iterating ends quietly after
    `close()`. It raises ConnectionLost where the connection is lost, and SubscriptionOverflow where the
    reader is too slow. Frames that the contract does not know are logged and skipped, unless `on_invalid`
    takes them.
    """

    def __init__(
        self,
        base: str,
        path: str,
        reader: MessageReader[Receives],
        advice: Advice,
        *,
        options: ClientOptions,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> None:
        self.url = socket_url(base, path)
        if query:
            self.url += ("&" if "?" in self.url else "?") + urlencode(query)
        self.lost: ConnectionLost | None = None
        """Why the connection is over; None while it lives."""
        self._reader = reader
        self._advice = advice
        self._options = options
        self._on_invalid = on_invalid
        self._transport: Transport | None = None
        self._pending: Pending[Receives] = Pending()
        self._queue: BoundedQueue[Receives] = BoundedQueue(options.capacity)
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect; ConnectionLost where that fails."""
        if self._transport is not None:
            raise RuntimeError("this connection is open, or was; make another")
        self._transport = await open_transport(self.url, self._options, self._advice)
        self._task = asyncio.create_task(self._read(self._transport))

    async def close(self) -> None:
        """Close the connection; requests under way end with ConnectionLost."""
        self._end(ConnectionLost(1000, OWN_CLOSE, reconnect=False), quiet=True)
        if self._transport is not None:
            await self._transport.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Receives:
        return await self._queue.get()

    async def _tell(self, codec: Codec[Q], message: Q) -> None:
        """Send a message that nobody answers."""
        await self._send(codec.encode(message))

    async def _ask(
        self,
        codec: Codec[Q],
        message: Q,
        response: MessageType[A],
        *,
        identity: Path | None = None,
        response_timeout: float | None = None,
    ) -> A:
        """Send a message and wait for its answer: that with its id, else the next of the answer's type."""
        frame = codec.encode(message)
        name = at(decode_json(frame), identity) if identity is not None else None
        answer = self._pending.add(name if isinstance(name, str | int) else None, response.key)
        try:
            await self._send(frame)
            seconds = self._options.response_timeout if response_timeout is None else response_timeout
            async with within(seconds, response.key):
                received = await answer
        finally:
            self._pending.forget(answer)
        return cast("A", received)  # the one that this type read

    async def _send(self, frame: bytes) -> None:
        if self.lost is not None:
            raise self.lost
        if self._transport is None:
            raise RuntimeError("the connection is not open: use `async with`, or await its `open()`")
        await self._transport.send(frame)

    async def _read(self, transport: Transport) -> None:
        try:
            while True:
                self._take(await transport.receive())
        except ConnectionLost as error:
            self._end(error)

    def _take(self, frame: str | bytes) -> None:
        try:
            kind, message, plain = self._reader.read(frame)
        except InvalidMessage as error:
            if self._on_invalid is None:
                logger.warning("skipped a frame: %s: %.200r", error, frame)
            else:
                self._on_invalid(error, frame)
            return
        identity = at(plain, kind.identity) if kind.identity is not None else None
        if not self._pending.resolve(identity, kind.key, message):
            self._queue.put(message)

    def _end(self, error: ConnectionLost, *, quiet: bool = False) -> None:
        if self.lost is None:
            self.lost = error
            self._pending.fail_all(error)
            self._queue.end(None if quiet else error)
