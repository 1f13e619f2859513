"""One client of a mock: its heartbeat, its limits, what waits to be sent to it, and what is done to it on purpose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import ceil

from codegen.contract import Heartbeat
from codegen.mock.outbox import Answer, Outbox, Update
from codegen.mock.scenario import Scenario, Sending
from codegen.mock.wire import GRACE, wire_of
from codegen.runtime.python.connection import Connection, Socket
from codegen.runtime.python.errors import Disconnected, RequestError

MOST_WAITING = 262_144
"""Bytes that may wait for a client that does not read them."""
_DRAIN = 1.0
"""Seconds that clients have to go when the mock ends."""
_MOST_MISTAKES = 100
"""More than so many are too many, of which one is forgotten each second."""
_NO_MISTAKES = frozenset({"internal", "unavailable", "rate_limited"})
"""Refusals that are no mistakes of the client's, or are counted elsewhere."""


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
    leaving: Callable[[], bytes | None]
    """What clients are told before the mock leaves; None where the document has no such message."""
    problem_codes: Callable[[str], bool]
    """Whether the contract's problem may have a code."""
    guests: dict[Guest, None] = field(default_factory=dict)
    count: int = 0
    empty: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nobody is here."""

    def __post_init__(self) -> None:
        self.empty.set()

    def enter(self, guest: Guest) -> None:
        """Somebody came."""
        self.guests[guest] = None
        self.empty.clear()

    def exit(self, guest: Guest) -> None:
        """Somebody went."""
        self.guests.pop(guest, None)
        if not self.guests:
            self.empty.set()

    async def drain(self) -> None:
        """Send everybody away, as the document says, and wait a little until they are gone."""
        notice = self.leaving() if self.guests else None
        for guest in list(self.guests):
            if notice is not None and guest.heard:
                guest.say(notice)
            guest.end(4000 if 4000 in self.close_codes else 1012, "the mock ends")
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN + self.scenario.latency):
                await self.empty.wait()

    def cut(self) -> None:
        """Wait for nobody any more."""
        for guest in list(self.guests):
            guest.cut()

    def limit(self, name: str) -> int | None:
        """One of `x-limits`, where the document has it."""
        return self.limits.get(name)


class Guest(Connection[object]):
    """A connection whose frames leave in order, none before its time."""

    def __init__(self, socket: Socket, house: House) -> None:
        super().__init__(socket)
        house.count += 1
        self.name = f"#{house.count}"
        self.heard = False
        """Whether anything came from the client."""
        self.muted = False
        """Whether the next answer is not sent, as the scenario wants it."""
        self.after_answer: list[Update] = []
        """What is sent once the answer to the request at hand is."""
        self.says_position = False
        """Whether the answer to the request at hand says where a topic stands."""
        self.subscriptions = 0
        self.authenticated = "authorization" in socket.headers
        """Whether the client has said who it is."""
        self.farewell: tuple[int, str] | None = None
        """How the connection ends; None while it goes on."""
        self._house = house
        self._wire = wire_of(socket)
        self._outbox = Outbox()
        self._woken = asyncio.Event()
        self._last_words: tuple[int, str] | None = None
        """How the connection ends once the answer that is on its way is said."""
        self._heard, self._counted = 0.0, time.monotonic()
        """How many messages count as having come at once, the refused among them; as of when."""
        self._mistakes, self._mistaken_at = 0.0, 0.0

    @property
    def stuck(self) -> bool:
        """Whether the client does not read as fast as it is sent."""
        return self._wire is not None and self._wire.stuck

    async def receive(self) -> str | bytes:
        """The next frame; closes with 4002 where there is none for as long as the document allows."""
        heartbeat = self._house.heartbeat if self._house.scenario.heartbeat else None
        try:
            async with asyncio.timeout(None if heartbeat is None else heartbeat.interval_ms / 1000):
                frame = await super().receive()
        except TimeoutError:
            self.end(4002, "nothing came from the client for too long")
            raise Disconnected(4002) from None
        if self.farewell is not None:
            raise Disconnected(*self.farewell)
        self.heard = True
        return frame

    async def send_frame(self, frame: bytes) -> None:
        """Take an answer, or a frame of the mock's own; nothing is awaited."""
        after, self.after_answer = self.after_answer, []
        position, self.says_position = self.says_position, False
        if self.muted:
            self.muted = False
        else:
            self._owe(Answer(frame, position))
        for one in after:
            self._owe(one)
        if self._last_words is not None:
            self.end(*self._last_words)

    def push(self, update: Update) -> None:
        """Send an update when its time has come."""
        self._owe(update)

    def say(self, frame: bytes) -> None:
        """Send a frame that nobody asked for when its time has come."""
        self._owe(Answer(frame))

    def _owe(self, owed: Answer | Update) -> None:
        if self.farewell is not None:
            return
        outbox = self._outbox
        outbox.put(owed, time.monotonic() + self._house.scenario.latency)
        if self.stuck and outbox.bytes > MOST_WAITING:
            if not outbox.folds:
                self._house.log(f"{self.name} reads too slowly: what conflates is folded")
            if not outbox.keep_to(MOST_WAITING):
                self.end(4004, "the client reads too slowly", discard=True)
        self._woken.set()

    async def write(self) -> None:
        """Send what waits, until the client is gone or the goodbye is said."""
        with suppress(Disconnected):
            while True:
                while not self._outbox and self.farewell is None:
                    self._woken.clear()
                    await self._woken.wait()
                if not self._outbox:
                    break
                if (pause := self._outbox.due() - time.monotonic()) > 0:
                    await asyncio.sleep(pause)
                    continue
                try:
                    for frame in self._outbox.take():
                        await super().send_frame(frame)
                except ValueError as error:
                    self.end(4004, str(error), discard=True)
            await super().close(*(self.farewell or (1000, "")))

    def end(self, code: int, reason: str, *, discard: bool = False) -> None:
        """Close after what waits, or without it, and say why in the log; the first goodbye counts."""
        if self.farewell is not None:
            return
        self._house.log(f"{self.name} closed with {code}: {reason}")
        self.farewell = code, reason
        if discard:
            self._outbox.clear()
        self._woken.set()
        if self._wire is not None:
            self._wire.cut_off(GRACE + self._house.scenario.latency)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close after what waits; returns at once."""
        self.end(code, reason)

    def cut(self) -> None:
        """End the connection now, whatever is still to be sent."""
        if self._wire is not None:
            self._wire.cut_off()

    async def over(self, writing: asyncio.Task[None]) -> None:
        """Return when the goodbye is said, or there is nobody to say it to."""
        if self.farewell is not None:
            await asyncio.wait([writing], timeout=GRACE + self._house.scenario.latency)
        if self._wire is not None:
            self._wire.cut_off(GRACE)

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
        wait = max(1, ceil((excess + 1) / rate * 1000))
        return RequestError(
            "rate_limited",
            f"More than {rate} messages a second; try again in {wait} ms.",
            retryable=True,
            retry_after_ms=wait,
        )

    def on_mistake(self, error: RequestError) -> None:
        """Say what was refused; enough is enough."""
        self._house.log(f"{self.name} refused, {error.code}: {error.message}")
        if error.code in _NO_MISTAKES:
            return
        now = time.monotonic()
        self._mistakes = max(0.0, self._mistakes - (now - self._mistaken_at)) + 1
        self._mistaken_at = now
        if self._mistakes > _MOST_MISTAKES:
            self._end_soon(4501, "too many mistakes")

    def _end_soon(self, code: int, reason: str) -> None:
        """Close after the answer that is on its way, with a code that the document has."""
        if code in self._house.close_codes and self._last_words is None:
            self._last_words = code, reason


@asynccontextmanager
async def received(socket: Socket, house: House) -> AsyncIterator[Guest]:
    """Accept a socket, and see to it for as long as it lives."""
    await socket.accept()
    guest = Guest(socket, house)
    address = socket.client.host if socket.client else ""
    house.log(f"{guest.name} connected to {socket.url.path}" + (f" from {address}" if address else ""))
    most = house.limit("connections_per_address")
    house.enter(guest)
    writing = asyncio.create_task(guest.write())
    tasks = [writing]
    try:
        # Where a document lists other codes and not this one, there is no way to say it.
        code = 4504 if 4504 in house.close_codes else 1013
        if most is not None and len(house.guests) > most and (code == 4504 or not house.close_codes):
            guest.end(code, "there are as many connections as are allowed")
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
        house.leave(guest)
        try:
            await guest.over(writing)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            house.exit(guest)
            house.log(f"{guest.name} is gone")


def _sent(sending: Sending, guest: Guest, house: House) -> asyncio.Task[None]:
    async def send() -> None:
        await asyncio.sleep(sending.after)
        frame = house.made(sending.message)
        if frame is not None:
            house.log(f"{guest.name} ← {sending.message}, as asked")
            guest.say(frame)

    return asyncio.create_task(send())


def _later(seconds: float, guest: Guest, code: int, reason: str) -> asyncio.Task[None]:
    async def close() -> None:
        await asyncio.sleep(seconds)
        guest.end(code, reason)

    return asyncio.create_task(close())
