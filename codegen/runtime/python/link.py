"""One open connection of a client: what is asked on it, and what comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Never

from .backoff import Clock
from .codec import TagValue
from .envelope import Envelope
from .errors import ConnectionLost, InvalidMessage, RequestError, ResponseTimeout
from .exchange import Pair
from .pending import Pending, within
from .position import Position
from .received import Received, frame_reader
from .transport import Transport

logger = logging.getLogger(__name__)


class Protocol:
    """What all connections of a client have in common."""

    def __init__(self, envelope: Envelope, ids: Iterator[int | str], clock: Clock) -> None:
        self.envelope = envelope
        self.ids = ids
        self.clock = clock
        self.read = frame_reader(envelope)


class Link:
    """A connection from its opening to its loss; another one follows it, not the same again."""

    def __init__(self, transport: Transport, protocol: Protocol) -> None:
        self.transport = transport
        self.lost: ConnectionLost | None = None
        """Why it is over; None while it lives."""
        self.answered = False
        """Whether the server has answered anything."""
        self.window: float | None = None
        """Within how many seconds to come back, where the server has said that it leaves."""
        self.retry_after = 0.0
        """The server's advice when it last refused something, in seconds."""
        self.last_sent = protocol.clock.time()
        self._protocol = protocol
        self._pending: Pending[Received] = Pending()
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self,
        pair: Pair,
        payload: bytes | None,
        *,
        recover: Position | None = None,
        on_answer: Callable[[Received], None] | None = None,
    ) -> asyncio.Future[Received]:
        """Send a request; what is sent leaves in the order of these calls. `finish` waits for its answer.

        `on_answer` is called with what says yes, before the next frame is read. Raises ConnectionLost.
        """
        if self.lost is not None:
            raise self.lost
        envelope, identity = self._protocol.envelope, next(self._protocol.ids)

        def answered(received: Received) -> None:
            if on_answer is not None and envelope.problem_in(received.body) is None:
                on_answer(received)

        position = None if recover is None else recover.encode()
        frame = envelope.request(pair.request, identity, payload, position)
        answer = self._pending.add(identity, "" if pair.response is None else pair.response, answered)
        self._outgoing.put_nowait(frame)
        return answer

    async def finish(self, pair: Pair, answer: asyncio.Future[Received], seconds: float | None) -> Received:
        """The answer to a request that was begun, which may take so long.

        Raises RequestError where the request is refused, ResponseTimeout, ConnectionLost, and InvalidMessage for an
        answer of another type.
        """
        try:
            async with within(seconds, pair.request):
                received = await answer
        except ResponseTimeout:
            if not answer.done() or answer.cancelled():
                raise
            # It came when the time was over already, and was acted on: asking again would take that back.
            received = answer.result()
        finally:
            self._pending.forget(answer)
        problem = self._protocol.envelope.problem_in(received.body)
        if problem is not None:
            self._note(problem)
            raise problem
        return received

    async def ask(self, pair: Pair, payload: bytes | None, seconds: float | None = None) -> Received:
        """Begin a request, and finish it."""
        return await self.finish(pair, self.begin(pair, payload), seconds)

    def tell(self, type_: TagValue, payload: bytes | None = None) -> None:
        """Send a message that nobody answers. Raises ConnectionLost."""
        if self.lost is not None:
            raise self.lost
        protocol = self._protocol
        self._outgoing.put_nowait(protocol.envelope.request(type_, next(protocol.ids), payload))

    async def send(self) -> None:
        """Send what is asked and told, one after another, until the connection is lost."""
        while True:
            frame = await self._outgoing.get()
            self.last_sent = self._protocol.clock.time()
            try:
                await self.transport.send(frame)
            except ConnectionLost:
                return  # whoever receives will learn it too

    async def receive(self, take: Callable[[Received], None]) -> ConnectionLost:
        """Take frame after frame until the connection is lost or given up, and read on until it is closed; why."""
        while True:
            try:
                frame = await self.transport.receive()
            except ConnectionLost as error:
                return self.give_up(error)
            if self.lost is not None:
                continue  # given up: what comes until it is closed is nobody's
            try:
                take(self._protocol.read(frame))
            except InvalidMessage:
                logger.warning("ignored a frame that is no message of this contract: %.200r", frame)
            except Exception:  # no frame, whatever is in it, costs the connection
                logger.exception("ignored a frame that could not be dealt with: %.200r", frame)

    def resolve(self, received: Received, type_: TagValue) -> bool:
        """Hand an answer to its request; whether there is one."""
        found = self._pending.resolve(received.head.id, type_, received)
        self.answered = self.answered or found
        return found

    def refuse(self, received: Received) -> RequestError | None:
        """Refuse a request by the message of errors; the error where it belongs to no request."""
        envelope = self._protocol.envelope
        problem = envelope.problem_in(received.body)
        error = problem or RequestError("internal", "the server sent an error that does not say what it is")
        self._note(error)
        # Where errors cannot say whose they are, they are the oldest's: a server answers in order.
        unnamed = envelope.id is None
        found = self._pending.fail_oldest(error) if unnamed else self._pending.fail(received.head.id, error)
        self.answered = self.answered or found
        return None if found else error

    def spawn(self, work: Coroutine[object, Never, None]) -> asyncio.Task[None]:
        """Do something that ends with the connection, if not before."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def give_up(self, error: ConnectionLost) -> ConnectionLost:
        """Ask nothing more, and tell those who wait that no answer will come; why it is over."""
        self.lost = self.lost or error
        self._pending.fail_all(self.lost)
        return self.lost

    async def fail(self, error: ConnectionLost) -> None:
        """Break the connection off."""
        self.give_up(error)
        await self.transport.abort()

    async def end(self) -> None:
        """Leave nothing behind."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await self.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def recovers(self) -> bool:
        """Whether the contract lets a subscribe request name a position."""
        return self._protocol.envelope.recover is not None

    @property
    def is_own(self) -> bool:
        """Whether what runs now is a task of this connection, and so ends with it."""
        return asyncio.current_task() in self._tasks

    def _note(self, problem: RequestError) -> None:
        if problem.retry_after_ms is not None:
            self.retry_after = problem.retry_after_ms / 1000

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the client failed", exc_info=error)
