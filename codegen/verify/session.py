"""One connection under an envelope, watched: sends what is to be tried, and tells what came of it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from codegen.contract import Json, Message
from codegen.values import ImpossibleError, make
from codegen.verify.link import Closed, Link, Pace, UnreachableError
from codegen.verify.options import Options
from codegen.verify.report import Finding
from codegen.verify.sight import Sight, written
from codegen.verify.strategies import ABSENT
from codegen.verify.watching import Asked, Expect, Watcher, identity_of

_SETTLING = 0.05
OLD = 0.95
"""A part of its lifespan, or of the time that it may be silent, after which a connection's end is no longer early."""


@dataclass(frozen=True, slots=True)
class Try:
    """A frame to send, and what has to come of it."""

    message: Message | None
    expect: Expect
    frame: Json | object = ABSENT
    """As a value; ABSENT for what is no JSON."""
    raw: str | bytes | None = None
    """As it goes over the wire, where that is not the value as JSON."""
    what: str = ""
    """What is wrong with it."""
    kind: str = ""
    """Tells kinds of mistakes apart."""
    closes: frozenset[int] = frozenset()
    """Close codes that are an answer to it too."""
    as_text: bool = False
    """Send bytes as a text frame."""
    is_example: bool = False

    @property
    def data(self) -> str | bytes:
        """What goes over the wire."""
        return self.raw if self.raw is not None else written(self.frame)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """The same for people."""
        return self.data if isinstance(self.data, str) else repr(self.data)


@dataclass(slots=True)
class Session:
    """A connection and its watcher."""

    sight: Sight
    options: Options
    watcher: Watcher
    link: Link
    mistakes: int = 0
    """Frames sent that had to be refused."""
    last: Asked | None = None
    last_try: Try | None = None
    told: bool = False
    """Whether its end has been looked into."""
    awaits_end: bool = False
    """Whether its end is what is being tried, which whoever tries it judges."""
    born: float = 0.0
    """When it began to connect, by the event loop's clock."""
    counted: Counter[str] = field(default_factory=Counter)
    _number: int = 0

    @classmethod
    async def open(cls, sight: Sight, options: Options, url: str) -> Session:
        """Connect. Raises UnreachableError."""
        envelope = sight.contract.envelope
        assert envelope is not None
        watcher, born = Watcher(sight, envelope), asyncio.get_running_loop().time()
        watcher.authenticated = any(name.lower() == "authorization" for name, _ in options.headers)
        rate = sight.limits.get("messages_per_second")
        burst = sight.limits.get("message_burst", rate or 0)
        pace = Pace(None if rate is None else rate * 0.9, max(1.0, burst * 0.8))
        link = await Link.open(url, pace, watcher.arrived, options.headers)
        session = cls(sight, options, watcher, link, born=born)
        if options.token is not None and sight.contract.authenticate is not None:
            await session.authenticate(sight.message(sight.contract.authenticate), options.token)
        return session

    @property
    def age(self) -> float:
        """How long it has lasted, in seconds."""
        until = self.link.closed_at
        return (asyncio.get_running_loop().time() if until is None else until) - self.born

    def is_spent(self, part: float) -> bool:
        """Whether it has lasted so large a part of its lifespan, or was silent for that of the heartbeat's interval.

        The latter is a fault of ours, on a machine that has much else to do.
        """
        heartbeat = self.sight.contract.heartbeat
        return heartbeat is not None and (
            self.age * 1000 >= heartbeat.lifespan_ms * part
            or self.link.silence * 1000 >= heartbeat.interval_ms * part
        )

    async def authenticate(self, request: Message, token: str) -> None:
        """Say who we are. Raises UnreachableError where that is refused."""
        frame = smallest(request, self.sight)
        name = self.watcher.envelope.payload
        body = frame.get(name) if isinstance(frame, dict) else None
        assert isinstance(frame, dict)
        said: Json = {**(body if isinstance(body, dict) else {}), self.sight.contract.token or "token": token}
        asked = await self.attempt(Try(request, "answer", self.unique({**frame, name: said})))
        if asked.answer is None or asked.refused:
            await self.link.close()
            raise UnreachableError("the token was refused")

    async def attempt(self, one: Try, *, paced: bool = True) -> Asked:
        """Send a frame, and wait until it is answered, the connection ends, or patience does."""
        asked = self.ask(one)
        await self.link.send(one.data, as_text=one.as_text, paced=paced)
        await self.link.until(lambda: asked.answer is not None, self.options.patience)
        self._judge(one, asked)
        return asked

    def ask(self, one: Try) -> Asked:
        """Have the watcher expect an answer."""
        frame: Json = None if one.frame is ABSENT else one.frame  # type: ignore[assignment]
        identity = identity_of(self.sight, self.watcher.envelope, one.message, frame)
        asked = Asked(one.message, one.text, frame, one.expect, one.what, identity, one.is_example)
        asked.kind = one.kind
        self.watcher.sent(asked)
        self.mistakes += one.expect == "refusal"
        self.last, self.last_try = asked, one
        return asked

    def unique(self, frame: Json) -> Json:
        """The frame with an id that no other on this connection has; of the same type where it has one."""
        name = self.watcher.envelope.id
        if name is None or not isinstance(frame, dict):
            return frame
        self._number += 1
        identity = frame.get(name)
        return {**frame, name: f"v{self._number}" if isinstance(identity, str) else 900_000 + self._number}

    async def settle(self) -> None:
        """Wait for what may still come of what was sent."""
        await self.link.until(lambda: False, _SETTLING)
        heartbeat = self.sight.contract.heartbeat
        if self.link.closed is None and heartbeat is not None and heartbeat.request is not None:
            request = self.sight.message(heartbeat.request)
            frame = self.unique(smallest(request, self.sight))
            if self.sight.judge(request).accepts(frame):
                await self.attempt(Try(request, "answer", frame))

    def take(self) -> list[Finding]:
        """What was found since the last time."""
        if self.link.closed is not None and not self.told and self.last is not None:
            self._ended(self.last)
        found, self.watcher.findings = self.watcher.findings, []
        return found

    async def retire(self) -> list[Finding]:
        """Wait for what may still come, leave, and tell what was found."""
        await self.settle()
        self.watcher.finish()
        found = self.take()
        self.told = True
        await self.link.close()
        return found

    def _judge(self, one: Try, asked: Asked) -> None:
        if asked.answer is not None:
            return
        self.watcher.lost(asked)
        closed = self.link.closed
        if closed is None:
            rule = "no-answer" if one.expect == "answer" else "broken-unanswered"
            about = asked.message.key if asked.message is not None else "what is no request"
            told = f"nothing answers {about} within {self.options.patience:g} s" + (
                f": {one.what}" if one.what else ""
            )
            self.watcher.find(rule, asked, told)
            return
        self.told = True
        if closed.code in one.closes:
            asked.refused = True
            return
        self._closing(asked, closed)

    def _ended(self, asked: Asked) -> None:
        """Look into an end that came after the answer."""
        self.told = True
        assert self.link.closed is not None
        self._closing(asked, self.link.closed)

    def _closing(self, asked: Asked, closed: Closed) -> None:
        codes = self.sight.close_codes
        if self.awaits_end or ((closed.code in codes or not codes) and self.is_spent(OLD)):
            return
        place = self.sight.root("x-close-codes")
        if closed.code != 1006 and codes and closed.code not in codes:
            told = f"{closed}, which the contract does not list"
            self.watcher.find("close-undeclared", asked, told, came=str(closed), place=place)
        else:
            rule = "closed" if asked.expect == "answer" else "broken-closed"
            about = asked.what or (asked.message.key if asked.message is not None else "")
            self.watcher.find(rule, asked, f"{closed}, after {about}", came=str(closed))


def smallest(message: Message, sight: Sight) -> Json:
    """An example of a message, else as little as its schema takes."""
    for example in message.examples:
        if sight.judge(message).accepts(example.payload):
            return json.loads(json.dumps(example.payload))  # type: ignore[no-any-return]
    try:
        return make(sight.schema(message), Random(0))  # noqa: S311 - makes an example, keeps no secret
    except ImpossibleError:
        return {}
