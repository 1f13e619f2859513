"""Tries a contract under an envelope: all its messages, over one socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from codegen.contract import Channel, Message
from codegen.verify.beyond import beyond
from codegen.verify.collecting import Collection
from codegen.verify.link import UnreachableError
from codegen.verify.listening import Listening
from codegen.verify.options import Options
from codegen.verify.reduce import smallest_showing
from codegen.verify.report import Finding
from codegen.verify.session import Session, Try
from codegen.verify.sight import Sight
from codegen.verify.taste import Taste
from codegen.verify.tries import broken, malformed, valid
from codegen.verify.watching import Asked

_MISTAKES = 20
"""Frames that must be refused on one connection: a server may end one that sends nothing else."""
_OF_AGE = 0.7
"""A part of its lifespan, or of how long it may be silent, after which a connection is given up before the server does.
"""
_LONGEST_SILENCE = 2
"""Frames of one message that may go unanswered before the rest of its kind is left out."""
_BY_CHANCE = frozenset({"closed", "broken-closed", "no-answer", "broken-unanswered"})
"""What a loaded or restarting server does once; told of where it happens again, or is seen again and again."""
_AT_ONCE = 3
"""Connections that are held at once where so many are allowed: one listens, one tries, one tries again."""
_LEAVING = 0.1
"""Seconds in which a server may learn that a connection has ended, where every one counts."""


class Trial:
    """One server, tried."""

    def __init__(self, sight: Sight, options: Options, url: str, collection: Collection) -> None:
        self.sight = sight
        self.options = options
        self.url = url
        self.collection = collection
        self._end = 0.0
        self._session: Session | None = None
        self._taste = Taste(sight)
        self._last: Try | None = None
        self._listening = Listening(self)
        allowed = sight.limits.get("connections_per_address", _AT_ONCE)
        self._has_few = allowed < _AT_ONCE
        self.has_one = allowed == 1
        """Whether there may be no more than one connection."""

    async def run(self) -> None:
        """Try everything. Raises UnreachableError where not even the first connection comes about."""
        loop = asyncio.get_running_loop()
        self._end = loop.time() + self.options.time
        if self.sight.contract.authenticate is not None and self.options.token is None:
            told = "no --token was given: what the server does only for those who have one was not seen"
            self.collection.undone[told] = None
        listening = self._listening
        await (self.session() if self._has_few else listening.begin())
        try:
            await self._everything(listening)
            if self._has_few:
                told = "x-limits: so few connections from one address are allowed that updates were not listened to"
                self.collection.undone[f"{told} while other things were tried"] = None
                await self.leave()
                await listening.begin()
            await listening.finish(self._end)
        except UnreachableError as error:
            self._gone(error)
            for session in (self._session, listening.session):
                if session is not None:
                    self.count_in(session)
            self._tell_of_the_rest()
        for finding in self._taste.findings():
            self.collection.add(finding, trying=finding.message)

    async def _everything(self, listening: Listening) -> None:
        for channel, message in self._chosen():
            self.collection.trying = message.key
            self.options.progress(f"{message.key}: what the contract allows")
            await self._each(await _made(valid(self.sight, self.options, channel, message)), message)
            self.options.progress(f"{message.key}: what it does not")
            await self._each(await _made(broken(self.sight, self.options, message)), message)
            await self.leave()
            self._tell_of_refusals(message)
        envelope = self.sight.contract.envelope
        assert envelope is not None
        if not self.options.only or {"envelope", envelope.error} & set(self.options.only):
            self.collection.trying = "envelope"
            self.options.progress("what is no request")
            await self._each(malformed(self.sight, envelope), None)
            await self.leave()
            await beyond(self, 1 if listening.session and listening.session.link.closed is None else 0)
        self.collection.trying = ""
        self.options.progress("updates")

    def _gone(self, error: UnreachableError) -> None:
        """Tell of a server that was there, and is not any more."""
        last = self._last
        key = last.message.key if last is not None and last.message is not None else ""
        place = self.sight.place(last.message) if last is not None and last.message is not None else None
        sent = last.text if last is not None else ""
        told = f"no connection comes about any more: {error}"
        self.collection.add(Finding("server-gone", key, told, sent, "", place or self.sight.root("servers")))

    def _tell_of_the_rest(self) -> None:
        """Say what the server's end left out."""
        self.collection.undone["the server was gone before everything was tried"] = None
        for message in self.sight.incoming:
            tried = self.collection.tried[message.key]
            if self.chosen(self.sight.channel_of[message.key], message) and not (tried.valid or tried.broken):
                tried.undone["the server was gone before it was tried"] = None

    @property
    def left(self) -> float:
        """Seconds until the time is up."""
        return self._end - asyncio.get_running_loop().time()

    @property
    def over(self) -> bool:
        """Whether the time is up; said once."""
        if self.left > 0:
            return False
        self.collection.undone[f"the time of {self.options.time:g} s was up before everything was tried"] = (
            None
        )
        return True

    def chosen(self, channel: Channel, message: Message) -> bool:
        """Whether a message is among those that were asked for."""
        only = self.options.only
        return not only or bool({channel.name, channel.address, message.key, message.response} & set(only))

    def listens(self, channel: Channel) -> bool:
        """Whether a channel's updates are among those that were asked for."""
        names = {channel.name, channel.address, *(one.key for one in channel.updates)}
        return any(self.chosen(channel, one) for one in channel.client_to_server) or bool(
            names & set(self.options.only)
        )

    async def open(self) -> Session:
        """A fresh connection."""
        if self._has_few and self.collection.connections:
            await asyncio.sleep(_LEAVING)
        self.collection.connections += 1
        return await Session.open(self.sight, self.options, self.url)

    async def session(self) -> Session:
        """The connection that is being used, or another where it has had enough."""
        current = self._session
        if current is not None and (
            current.link.closed is not None or current.mistakes >= _MISTAKES or current.is_spent(_OF_AGE)
        ):
            await self.leave()
        if self._session is None:
            self._session = await self.open()
        return self._session

    async def leave(self) -> None:
        """Give the connection up that is being used."""
        if self._session is not None:
            session, self._session = self._session, None
            one = session.last_try
            for finding in await self.count_out(session):
                await self.tell(finding, one)

    async def retire(self, session: Session) -> None:
        """Give a connection up, and keep what it showed."""
        for finding in await self.count_out(session):
            self.collection.add(finding)

    async def count_out(self, session: Session) -> list[Finding]:
        """Give a connection up; what it showed."""
        found = await session.retire()
        self.count_in(session)
        return found

    def count_in(self, session: Session) -> None:
        """Add what was received on a connection to the numbers, once."""
        for key, number in session.watcher.received.items():
            self.collection.tried[key].received += number
        session.watcher.received.clear()

    def count(self, asked: Asked, key: str | None) -> None:
        """Keep the numbers of what was sent."""
        if key is None:
            return
        tried = self.collection.tried[key]
        tried.valid += asked.expect == "answer"
        tried.broken += asked.expect == "refusal"
        tried.refusals += asked.refused
        tried.answers += asked.answer is not None and not asked.refused

    def _tell_of_refusals(self, message: Message) -> None:
        """Say that what a request is answered with was not seen, where all that is right was refused."""
        tried = self.collection.tried[message.key]
        if tried.valid and not tried.answers and tried.refusals > tried.broken:
            told = "all that the contract allows was refused, so what answers it was not seen"
            tried.undone[told] = None

    def _chosen(self) -> Iterable[tuple[Channel, Message]]:
        for message in self.sight.incoming:
            channel = self.sight.channel_of[message.key]
            if self.chosen(channel, message):
                if message.response is None:
                    self.collection.tried[message.key].undone["nothing says how it is answered"] = None
                else:
                    yield channel, message

    async def _each(self, tries: Iterable[Try], message: Message | None) -> None:
        silent = 0
        for one in tries:
            if self.over:
                return
            session = await self.session()
            if isinstance(one.frame, dict) and not _breaks_identity(one, session):
                one = _renamed(one, session)  # noqa: PLW2901 - the same frame under a name of its own
            self._last = one
            asked = await session.attempt(one)
            self.count(asked, message.key if message is not None else None)
            self._taste.note(asked)
            for finding in session.take():
                await self.tell(finding, one)
            silent += asked.answer is None and session.link.closed is None
            if silent > _LONGEST_SILENCE:
                if message is not None:
                    told = "so many frames went without an answer that the rest was left out"
                    self.collection.tried[message.key].undone[told] = None
                return

    async def tell(self, finding: Finding, one: Try | None) -> None:
        """Keep a finding; a new one is looked for again on a connection of its own, in ever smaller frames."""
        listens = self._listening.session is not None and self._listening.session.link.closed is None
        if self.has_one:
            await self.leave()
        if (
            one is None
            or finding.sent != one.text
            or self.collection.has(finding)
            or (self.has_one and listens)
        ):
            self.collection.add(finding)
            return
        again = await self._repeat(finding, one)
        if again is None:
            if finding.rule in _BY_CHANCE:
                self.collection.undone[f"{finding.detail}; but not a second time"] = None
            else:
                self.collection.add(finding, reproduced=False)
            return

        async def shows(smaller: Try) -> Finding | None:
            return None if self.over else await self._repeat(finding, smaller)

        self.collection.add(await smallest_showing(self.sight, one, again, shows), reproduced=True)

    async def _repeat(self, finding: Finding, one: Try) -> Finding | None:
        """The same finding on a fresh connection, if it shows."""
        session = await self.open()
        await session.attempt(one)
        found = await session.retire()
        return next(
            (again for again in found if (again.rule, again.kind) == (finding.rule, finding.kind)), None
        )


async def _made(tries: Iterable[Try]) -> list[Try]:
    """Frames that take long to make up, while connections are seen to."""
    return await asyncio.to_thread(list, tries)


def _breaks_identity(one: Try, session: Session) -> bool:
    """Whether the id is what is broken, or there is none and there need not be."""
    name = session.watcher.envelope.id
    assert isinstance(one.frame, dict)
    return name is None or name not in one.frame or f" {name}" in one.kind or one.frame[name] is None


def _renamed(one: Try, session: Session) -> Try:
    from dataclasses import replace  # noqa: PLC0415

    return replace(one, frame=session.unique(one.frame))  # type: ignore[arg-type]
