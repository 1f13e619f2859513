"""A client in any language, as scenarios see it.

Commands and events are JSON, the same for every language:

    {"do": "create", "re": 1, "client": "c", "url": "ws://…", "options": {…}}
    {"do": "subscribe", "re": 2, "client": "c", "sub": "s1", "channel": "bars", "payload": {…}, "how": "listener"}
    {"event": "answer", "re": 2, "value": "bars:AAPL:1"}
    {"event": "update", "sub": "s1", "body": {…}}

Every command is answered by `answer` or `failed`, which names its `re`. Beside those there are the events `state`,
`update`, `ended`, `hole`, `token`, and `complaint`: what a client logs, or tells those who listen to its errors.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from tests.clients.bodies import SELECTIONS, number_of
from tests.clients.scripted import PATIENCE

T = TypeVar("T")
Json = Any
"""JSON whose shape the scenario knows."""
Language = Literal["python", "node", "chromium"]
How = Literal["listener", "items", "frames"]
"""Updates by a call each, by iterating, or whole with their envelopes."""


class Driver(Protocol):
    """Where commands go."""

    language: Language

    def send(self, command: Json) -> None:
        """Hand a command over."""

    async def finish(self) -> list[str]:
        """End it; what its clients have left behind."""
        ...

    async def offline(self, lost: bool) -> None:
        """Take the network away, or give it back."""

    @property
    def attempts(self) -> int:
        """How many connections were tried since the network was first taken away."""
        ...


class Failed(Exception):
    """A command failed, as the client said."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['name']}: {error.get('message')}")
        self.name: str = error["name"]
        """`Refused`, `Timeout`, `Lost`, `QueueFull`, `Aborted`, or the language's own name."""
        self.code: str | int | None = error.get("code")
        self.retryable: bool | None = error.get("retryable")
        self.retry_after_ms: int | None = error.get("retry_after_ms")


class Log(Generic[T]):
    """What has come, to be read one after another."""

    def __init__(self, what: str) -> None:
        self.all: list[T] = []
        """Everything so far, read or not."""
        self._what = what
        self._read = 0
        self._more = asyncio.Event()

    def add(self, item: T) -> None:
        """One more."""
        self.all.append(item)
        self._more.set()

    async def next(self) -> T:
        """The next one that was not read. TimeoutError where none comes."""
        [item] = await self.take(1)
        return item

    async def take(self, count: int) -> list[T]:
        """The next so many."""
        try:
            async with asyncio.timeout(PATIENCE):
                while len(self.all) < self._read + count:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise TimeoutError(f"{self._what}: after {self.all[-20:]} comes no more") from None
        self._read += count
        return self.all[self._read - count : self._read]

    @property
    def unread(self) -> list[T]:
        """Those that were not read."""
        return self.all[self._read :]


class Asked:
    """A command under way."""

    def __init__(self, client: Client, re: int, name: str) -> None:
        self.re = re
        self._client = client
        self._name = name
        self._future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    async def answer(self) -> Json:
        """What it gives. Raises Failed."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._future)
        except TimeoutError:
            raise TimeoutError(f"{self._name} is not answered") from None

    async def failure(self) -> Failed:
        """How it fails, which it must."""
        try:
            value = await self.answer()
        except Failed as error:
            return error
        raise AssertionError(f"{self._name} did not fail, but gave {value!r}")

    @property
    def done(self) -> bool:
        """Whether it is answered, or has failed."""
        return self._future.done()

    async def abort(self) -> None:
        """Give it up."""
        await self._client.ask("abort", target=self.re).answer()

    def settle(self, event: Json) -> None:
        """Take the event that answers it."""
        if event["event"] == "answer":
            self._future.set_result(event["value"])
        else:
            self._future.set_exception(Failed(event["error"]))
            self._future.exception()  # whoever asks will see it; nobody has to


@dataclass
class Sub:
    """A subscription of a client."""

    client: Client
    name: str
    asked: Asked
    updates: Log[Json] = field(default_factory=lambda: Log("updates"))
    """Bodies, or whole frames where those were asked for."""
    holes: Log[Json] = field(default_factory=lambda: Log("holes of the subscription"))
    ends: Log[Json] = field(default_factory=lambda: Log("the subscription's end"))
    """None, or the error that ended it."""

    async def joined(self) -> str:
        """Wait until the server has said yes; the topic. Raises Failed."""
        topic: str = await self.asked.answer()
        return topic

    async def numbers(self, count: int) -> list[int]:
        """The numbers that the next bodies carry."""
        return [number_of(body) for body in await self.updates.take(count)]

    async def latest(self) -> Json:
        """What the client holds of the topic."""
        return await self.client.ask("latest", sub=self.name).answer()

    async def active(self) -> bool:
        """Whether updates may still come."""
        active: bool = await self.client.ask("active", sub=self.name).answer()
        return active

    def leave(self) -> Asked:
        """Unsubscribe."""
        return self.client.ask("unsubscribe", sub=self.name)


class Client:
    """A client under test; made by `create`, once `driver` is set."""

    driver: Driver

    def __init__(self) -> None:
        self.states: Log[tuple[str, Json]] = Log("states")
        """Each state with its reason, an error or None."""
        self.holes: Log[Json] = Log("holes of the client")
        self.complaints: Log[str] = Log("complaints")
        self.tokens: Log[str | None] = Log("tokens")
        """What the token callback has given; None where it threw."""
        self._numbers = itertools.count(1)
        self._asked: dict[int, Asked] = {}
        self._subs: dict[str, Sub] = {}
        self._made = False

    @property
    def language(self) -> Language:
        """Which client this is."""
        return self.driver.language

    async def create(self, url: str, **options: Json) -> None:
        """Make the client; quick to reconnect, unless the options say otherwise.

        `reconnect`: shortest and longest wait in milliseconds, or False; `timeout_ms`, `max_queued`, `tokens`,
        `on_hole`: whether the client's holes are listened to.
        """
        options = {"reconnect": [1, 5], "timeout_ms": 8000, **options}
        await self.ask("create", url=url, options=options).answer()
        self._made = True

    def ask(self, do: str, **fields: Json) -> Asked:
        """Send a command."""
        asked = Asked(self, next(self._numbers), do)
        self._asked[asked.re] = asked
        self.driver.send({"do": do, "re": asked.re, "client": "c", "options": {}, **fields})
        return asked

    def connect(self) -> Asked:
        """Connect now."""
        return self.ask("connect")

    async def close(self) -> None:
        """Close the client, where there is one."""
        if self._made:
            await self.ask("close").answer()

    def subscribe(self, channel: str = "bars", how: How = "listener", **options: Json) -> Sub:
        """Subscribe to a channel's usual topic, or to what `payload` says."""
        payload = options.pop("payload", SELECTIONS[channel])
        name = f"s{len(self._subs) + 1}"
        self._subs[name] = sub = Sub(
            self,
            name,
            self.ask("subscribe", sub=name, channel=channel, how=how, payload=payload, options=options),
        )
        return sub

    def request(self, operation: str, payload: Json = None, **options: Json) -> Asked:
        """Send a request: `bars.history`, `session.ping`."""
        channel, _, name = operation.partition(".")
        return self.ask("request", channel=channel, operation=name, payload=payload, options=options)

    def ping(self, **options: Json) -> Asked:
        """Send the request that has no consequences."""
        return self.request("session.ping", **options)

    async def enters(self, *states: str) -> Json:
        """The next states must be these; the last one's reason."""
        reason = None
        for expected in states:
            state, reason = await self.states.next()
            assert state == expected, self.states.all
        return reason

    async def reaches(self, state: str) -> Json:
        """Wait for a state, whatever comes before it; its reason."""
        while True:
            entered, reason = await self.states.next()
            if entered == state:
                return reason

    async def finish(self) -> list[str]:
        """What is left behind once the client is closed."""
        return await self.driver.finish()

    def hear(self, event: Json) -> None:
        """Take an event."""
        match event["event"]:
            case "answer" | "failed":
                self._asked.pop(event["re"]).settle(event)
            case "state":
                self.states.add((event["state"], event["reason"]))
            case "hole":
                (self._subs[event["sub"]].holes if "sub" in event else self.holes).add(event["hole"])
            case "update":
                self._subs[event["sub"]].updates.add(event["body"])
            case "ended":
                self._subs[event["sub"]].ends.add(event["error"])
            case "token":
                self.tokens.add(event["token"])
            case "complaint":
                self.complaints.add(event["text"])
            case other:
                raise AssertionError(other)
