"""One client of a mock: its heartbeat, its limits, what waits to be sent to it, and what is done to it on purpose."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from codegen.contract import Heartbeat
from codegen.mock.scenario import Scenario, Sending
from codegen.runtime.python.connection import Connection, Socket
from codegen.runtime.python.errors import Disconnected, RequestError

_MOST_WAITING = 5000
_MOST_MISTAKES = 100
"""More than so many are too many, of which one is forgotten each second."""
_MISTAKES = frozenset({"bad_frame", "bad_json", "bad_envelope", "unknown_type", "bad_payload"})


@dataclass(slots=True)
class House:
    """What all connections of a mock keep to."""

    limits: Mapping[str, int]
    heartbeat: Heartbeat | None
    close_codes: Mapping[int, str]
    scenario: Scenario
    log: Callable[[str], None]
    leave: Callable[[Guest], None]
    made: Callable[[str], bytes | None]
    """A message of the server's that nobody asks for, by its key or tag; None where there is none."""
    problem_codes: Callable[[str], bool]
    """Whether the contract's problem may have a code."""
    open: int = 0
    count: int = 0

    def limit(self, name: str) -> int | None:
        """One of `x-limits`, where the document has it."""
        return self.limits.get(name)


class Guest(Connection[object]):
    """A connection whose frames leave in order, none before its time."""

    def __init__(self, socket: Socket, house: House) -> None:
        super().__init__(socket)
        house.count += 1
        self.name = f"#{house.count}"
        self.muted = False
        """Whether the next answer is not sent, as the scenario wants it."""
        self.after_answer: list[bytes] = []
        """What is sent once the answer to the request at hand is."""
        self.subscriptions = 0
        self._house = house
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._woken = asyncio.Event()
        self._heard, self._counted = 0.0, time.monotonic()
        """How many messages count as having come at once, the refused among them; as of when."""
        self._mistakes, self._mistaken_at = 0.0, 0.0

    async def receive(self) -> str | bytes:
        """The next frame; closes with 4002 where there is none for as long as the document allows."""
        house = self._house
        if house.heartbeat is None or not house.scenario.heartbeat:
            return await super().receive()
        try:
            async with asyncio.timeout(house.heartbeat.interval_ms / 1000):
                return await super().receive()
        except TimeoutError:
            await self.end(4002, "nothing came from the client for too long")
            raise Disconnected(4002) from None

    async def send_frame(self, frame: bytes) -> None:
        """Take an answer, or a frame of the mock's own; nothing is awaited."""
        after, self.after_answer = self.after_answer, []
        if self.muted:
            self.muted = False
        else:
            self.push(frame)
        for one in after:
            self.push(one)

    def push(self, frame: bytes) -> None:
        """Send a frame when its time has come."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((time.monotonic() + self._house.scenario.latency, frame))
        self._woken.set()

    async def write(self) -> None:
        """Send what waits, until the client is gone."""
        with suppress(Disconnected):
            while True:
                while not self._waiting:
                    self._woken.clear()
                    await self._woken.wait()
                if len(self._waiting) >= _MOST_WAITING:
                    await self.end(4004, "what waits for the client is too much")
                    return
                due, frame = self._waiting.popleft()
                if (pause := due - time.monotonic()) > 0:
                    await asyncio.sleep(pause)
                await super().send_frame(frame)

    async def end(self, code: int, reason: str) -> None:
        """Close, and say why in the log."""
        if self._closed:
            return
        self._house.log(f"{self.name} closed with {code}: {reason}")
        await self.close(code, reason)

    def admit(self) -> RequestError | None:
        """Refuse what comes faster than the document allows; who goes on all the same is closed."""
        rate = self._house.limit("messages_per_second")
        if rate is None or not self._house.problem_codes("rate_limited"):
            return None
        most, now = self._house.limit("message_burst") or rate, time.monotonic()
        self._heard = max(0.0, self._heard - (now - self._counted) * rate) + 1
        self._counted = now
        excess = self._heard - most
        if excess <= 0:
            return None
        if excess > most:
            self._end_soon(4006, "messages kept coming faster than allowed")
        wait = max(1, round((excess + 1) / rate * 1000))
        return RequestError(
            "rate_limited", f"More than {rate} messages per second.", retryable=True, retry_after_ms=wait
        )

    def on_mistake(self, error: RequestError) -> None:
        """Say what was refused; enough is enough."""
        self._house.log(f"{self.name} refused, {error.code}: {error.message}")
        if error.code not in _MISTAKES:
            return
        now = time.monotonic()
        self._mistakes = max(0.0, self._mistakes - (now - self._mistaken_at)) + 1
        self._mistaken_at = now
        if self._mistakes > _MOST_MISTAKES:
            self._end_soon(4501, "too many mistakes")

    def _end_soon(self, code: int, reason: str) -> None:
        """Close with a code that the document has."""
        if code in self._house.close_codes:
            task = asyncio.ensure_future(self.end(code, reason))
            task.add_done_callback(lambda _: None)


@asynccontextmanager
async def received(socket: Socket, house: House) -> AsyncIterator[Guest]:
    """Accept a socket, and see to it for as long as it lives."""
    await socket.accept()
    guest = Guest(socket, house)
    client = socket.client
    house.log(f"{guest.name} connected to {socket.url.path}" + (f" from {client.host}" if client else ""))
    most = house.limit("connections_per_address")
    house.open += 1
    tasks = [asyncio.create_task(guest.write())]
    try:
        if most is not None and house.open > most and 4504 in house.close_codes:
            await guest.end(4504, "there are as many connections as are allowed")
        if house.heartbeat is not None and house.scenario.heartbeat:
            tasks.append(
                _later(
                    house.heartbeat.lifespan_ms / 1000, guest, 4001, "connections live no longer than this"
                )
            )
        if house.scenario.drop_every is not None:
            reason = "dropped, as the scenario asks"
            tasks.append(_later(house.scenario.drop_every, guest, house.scenario.drop_code, reason))
        tasks += [_sent(sending, guest, house) for sending in house.scenario.sendings]
        yield guest
    finally:
        house.open -= 1
        house.leave(guest)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await guest.close()
        house.log(f"{guest.name} is gone")


def _sent(sending: Sending, guest: Guest, house: House) -> asyncio.Task[None]:
    async def send() -> None:
        await asyncio.sleep(sending.after)
        frame = house.made(sending.message)
        if frame is not None:
            house.log(f"{guest.name} ← {sending.message}, as asked")
            guest.push(frame)

    return asyncio.create_task(send())


def _later(seconds: float, guest: Guest, code: int, reason: str) -> asyncio.Task[None]:
    async def close() -> None:
        await asyncio.sleep(seconds)
        await guest.end(code, reason)

    return asyncio.create_task(close())
