"""Tries a contract without an envelope: a socket for each path, and as much as the document says of each.

There, nothing says how a server tells that a frame is refused. So what is broken may be passed over in silence,
answered by whatever else the contract has, or close the socket; it may not be answered as what is right is, nor bring
the server down.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from codegen.contract import Channel, Endpoint, Json, Message, Source
from codegen.verify.addresses import addresses_of
from codegen.verify.collecting import Collection
from codegen.verify.link import Closed, Link, Pace, UnreachableError
from codegen.verify.options import Options
from codegen.verify.report import Finding
from codegen.verify.session import Try
from codegen.verify.sight import Sight, at, routed, same
from codegen.verify.tries import broken, valid

_PAUSE = 0.1
"""Seconds in which a server that closes for a frame does so."""
_ENDS = frozenset({1000, 1001})
"""Goodbyes without a fault."""
_FAILED = frozenset({1006, 1011})


@dataclass(slots=True)
class Watched:
    """A socket of one path, and what came over it."""

    sight: Sight
    endpoint: Endpoint
    findings: list[Finding] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    came: list[tuple[str, Json, str]] = field(default_factory=list)
    """Keys of messages, frames, and texts, since the last frame was sent."""
    sent: str = ""

    def arrived(self, data: str | bytes) -> None:
        """Find out which message a frame is, and whether it fits."""
        text = data if isinstance(data, str) else repr(data)
        try:
            frame: Json = json.loads(data)
        except (ValueError, RecursionError):
            self._find("frame-unreadable", None, "the server sends what is no JSON", text)
            return
        routing = self.endpoint.outgoing
        messages = {one.key: one for one in (*(tagged for _, tagged in routing.tagged), *routing.untagged)}
        message = routed(routing, frame)
        if message is None:
            fitting = [one for one in routing.untagged if self.sight.judge(one).accepts(frame)]
            # What takes anything is meant only where nothing else is.
            message = next((one for one in fitting if not self.sight.takes_all(one)), None)
            message = message or next(iter(fitting), None)
        if message is None and len(messages) == 1:
            (message,) = messages.values()  # then it can be said what is wrong
        if message is None:
            told = f"what comes on {self.endpoint.path} is none of its messages"
            self._find("push-invalid", None, told, text)
            return
        self.received[message.key] += 1
        self.came.append((message.key, frame, text))
        fault = self.sight.fault(message, frame)
        if fault is not None:
            where = "/" + "/".join(map(str, fault.at))
            told = f"{message.key} at {where}: {fault.message[:200]}"
            self._find("schema", message, told, text, self.sight.place(message, fault), kind=str(fault.by))

    def find(self, rule: str, one: Try, detail: str, came: str, place: Source | None = None) -> None:
        """Add what whoever has the socket saw."""
        self._find(rule, one.message, detail, came, place, kind=one.kind)

    def _find(
        self,
        rule: str,
        message: Message | None,
        detail: str,
        came: str,
        place: Source | None = None,
        *,
        kind: str = "",
    ) -> None:
        if place is None:
            place = self.sight.place(message) if message else self.endpoint.channels[0].source
        key = message.key if message is not None else ""
        self.findings.append(Finding(rule, key, detail, self.sent, came, place, kind))


@dataclass(slots=True)
class PathTrial:
    """One path of a server, tried."""

    sight: Sight
    options: Options
    url: str
    endpoint: Endpoint
    collection: Collection
    end: float
    brief: bool = False
    """Whether only what is right is sent: another value of a parameter, after one at which everything was."""
    watched: Watched | None = None
    link: Link | None = None
    last: str = ""
    """The last frame that was sent."""
    arms: dict[str, set[int]] = field(default_factory=dict)
    """By request: which arms of its answer's union came for what was right."""

    async def run(self) -> None:
        """Listen, then send what is right and what is broken. Raises UnreachableError."""
        await self.connect()
        messages = [
            (channel, message)
            for channel in self.endpoint.channels
            for message in channel.client_to_server
            if self._chosen(channel, message)
        ]
        for channel, message in messages:
            self.collection.trying = message.key
            self.options.progress(f"{self.endpoint.path}: {message.key}")
            await self._each(valid(self.sight, self.options, channel, message), message)
            if not self.brief:
                await self._each(broken(self.sight, self.options, message), message)
        self.collection.trying = self.endpoint.channels[0].name
        if messages and not self.brief:
            await self._each(iter(_MALFORMED), None)
        await self.leave()

    def tell_of_the_rest(self) -> None:
        """Say what the server's end left out."""
        for channel in self.endpoint.channels:
            for message in channel.client_to_server:
                tried = self.collection.tried[message.key]
                if self._chosen(channel, message) and not (tried.valid or tried.broken):
                    tried.undone["the server was gone before it was tried"] = None

    def _chosen(self, channel: Channel, message: Message) -> bool:
        only = set(self.options.only)
        return not only or bool(only & {channel.name, channel.address, message.key, message.response})

    def _left(self) -> float:
        return max(0.05, self.end - asyncio.get_running_loop().time())

    async def connect(self) -> None:
        """Open the socket, or another after it was closed."""
        rate = self.sight.limits.get("messages_per_second")
        burst = self.sight.limits.get("message_burst", rate or 0)
        self.collection.connections += 1
        self.watched = Watched(self.sight, self.endpoint)
        pace = Pace(None if rate is None else rate * 0.9, max(1.0, burst * 0.8))
        self.link = await Link.open(self.url, pace, self.watched.arrived, self.options.headers)

    async def leave(self) -> None:
        """Close the socket, and keep what it showed."""
        assert self.watched is not None
        assert self.link is not None
        await self.link.close()
        for finding in self.watched.findings:
            self.collection.add(finding)
        for key, number in self.watched.received.items():
            self.collection.tried[key].received += number

    async def _each(self, tries: Iterator[Try], message: Message | None) -> None:
        for one in tries:
            if self._left() <= 0.05:
                told = f"the time of {self.options.time:g} s was up before everything was tried"
                self.collection.undone[told] = None
                return
            assert self.link is not None
            if self.link.closed is not None:
                await self.leave()
                await self.connect()
            rules = await self._attempt(one, message)
            if rules and not all(self.collection.has(finding) for finding in rules):
                await self._again(one, message, rules)
            else:
                for finding in rules:
                    self.collection.add(finding)

    async def _again(self, one: Try, message: Message | None, found: list[Finding]) -> None:
        """See whether it shows on a connection of its own."""
        await self.leave()
        try:
            await self.connect()
        except UnreachableError:
            for finding in found:
                self.collection.add(finding)
            raise
        again = {finding.rule for finding in await self._attempt(one, message, counted=False)}
        for finding in found:
            self.collection.add(finding, reproduced=finding.rule in again)

    async def _attempt(self, one: Try, message: Message | None, *, counted: bool = True) -> list[Finding]:
        """Send a frame; what came of it that should not have."""
        watched, link = self.watched, self.link
        assert watched is not None
        assert link is not None
        watched.sent = self.last = one.text
        watched.came.clear()
        await link.send(one.data, as_text=one.as_text)
        response = one.message.response if one.message is not None else None
        waited = self.options.patience if response is not None and one.expect == "answer" else _PAUSE
        answered = await link.until(
            lambda: response is not None and any(self._answers(one, response, came) for came in watched.came),
            waited,
        )
        answer = next(
            (came for came in watched.came if response and self._answers(one, response, came)), None
        )
        self._judge(one, watched, answer, response)
        if link.closed is not None:
            self._closing(one, watched, link.closed)
        if message is not None and counted:
            tried = self.collection.tried[message.key]
            tried.valid += one.expect == "answer"
            tried.broken += one.expect == "refusal"
            tried.answers += answered and answer is not None
            tried.refusals += one.expect == "refusal" and link.closed is not None
        found, watched.findings = watched.findings, []
        return found

    def _answers(self, one: Try, response: str, came: tuple[str, Json, str]) -> bool:
        """Whether a frame is the answer to a request: of its response's kind, and not to another request."""
        key, frame, _ = came
        request, answer = one.message, self.sight.message(response)
        if key != response or request is None:
            return False
        if request.correlation is None or answer.correlation is None or not isinstance(one.frame, dict):
            return True
        wanted, got = at(one.frame, request.correlation), at(frame, answer.correlation)
        return wanted is None or got is None or str(wanted) == str(got)

    def _judge(
        self, one: Try, watched: Watched, answer: tuple[str, Json, str] | None, response: str | None
    ) -> None:
        request = one.message
        if request is None or response is None:
            return
        arm = self._arm(self.sight.message(response), answer[1]) if answer else -1
        arms = self.arms.setdefault(request.key, set())
        if one.expect == "answer":
            if answer is None:
                if self.link is None or self.link.closed is None:
                    told = f"nothing answers {request.key} within {self.options.patience:g} s"
                    watched.find("no-answer", one, told, "")
                return
            arms.add(arm)
            self._check_identity(one, watched, answer, self.sight.message(response))
        elif answer is not None and arm in arms:
            fault = self.sight.fault(request, cast("Json", one.frame))
            told = f"answered as if it were right: {one.what}"
            watched.find("broken-accepted", one, told, answer[2], self.sight.place(request, fault))

    def _check_identity(
        self, one: Try, watched: Watched, answer: tuple[str, Json, str], response: Message
    ) -> None:
        request = one.message
        if request is None or request.correlation is None or response.correlation is None:
            return
        wanted = at(cast("Json", one.frame), request.correlation)
        got = at(answer[1], response.correlation)
        if wanted is not None and not same(wanted, got):
            rule = "id-echo" if str(wanted) != str(got) else "id-type"
            told = f"the id of the request was {json.dumps(wanted)}, that of the answer is {json.dumps(got)}"
            watched.find(rule, one, told, answer[2], self.sight.place(response))

    def _arm(self, response: Message, frame: Json) -> int:
        """Which arm of its union an answer is; 0 where it is no union."""
        schema = self.sight.schema(response)
        arms = schema.get("oneOf") or schema.get("anyOf")
        fault_free = [
            number
            for number, arm in enumerate(arms if isinstance(arms, list) else [], 1)
            if isinstance(arm, dict) and _fits(arm, schema, frame)
        ]
        return fault_free[0] if fault_free else 0

    def _closing(self, one: Try, watched: Watched, closed: Closed) -> None:
        codes = self.sight.close_codes
        about = one.what or (one.message.key if one.message is not None else "")
        told = f"{closed}, after {about}"
        if codes and closed.code not in codes and closed.code not in _ENDS | {1006, 1007}:
            place = self.sight.root("x-close-codes")
            watched.find(
                "close-undeclared", one, f"{told}, which the contract does not list", str(closed), place
            )
        elif one.expect == "answer" and closed.code not in _ENDS:
            watched.find("closed", one, told, str(closed))
        elif one.expect == "refusal" and closed.code in _FAILED:
            watched.find("broken-closed", one, told, str(closed))


def _fits(arm: dict[str, Json], schema: dict[str, Json], frame: Json) -> bool:
    from codegen.written import Judge  # noqa: PLC0415

    return Judge({**arm, "definitions": schema.get("definitions", {})}).accepts(frame)


_MALFORMED = (
    Try(None, "refusal", raw="{", what="half an object", kind="json"),
    Try(None, "refusal", raw="", what="an empty frame", kind="empty"),
    Try(None, "refusal", raw="[" * 10_000 + "]" * 10_000, what="10000 arrays in each other", kind="depth"),
    Try(None, "refusal", raw=b"\x00\x01\x02", what="a binary frame", kind="binary"),
    Try(
        None,
        "refusal",
        raw=b'{"a":"\xc3\x28"}',
        what="a text frame that is no UTF-8",
        kind="utf-8",
        as_text=True,
    ),
)


async def trial_of_paths(sight: Sight, options: Options, url: str, collection: Collection) -> None:
    """Try every socket of the document. Raises UnreachableError where not even the first opens."""
    end = asyncio.get_running_loop().time() + options.time
    chosen = [
        (endpoint, addresses)
        for endpoint in sight.contract.endpoints
        if (addresses := addresses_of(sight, endpoint, url, collection)) and _asked_for(endpoint, options)
    ]
    ears = [
        asyncio.create_task(_hear(sight, options, address, endpoint, collection))
        for endpoint, addresses in chosen
        if endpoint.outgoing.tagged or endpoint.outgoing.untagged
        for address in addresses
    ]
    try:
        opened = False
        for endpoint, addresses in chosen:
            for number, address in enumerate(addresses):
                trial = PathTrial(sight, options, address, endpoint, collection, end, brief=number > 0)
                await _run(trial, opened=opened)
                opened = True
        await asyncio.gather(*ears)
    finally:
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)
    for endpoint, _ in chosen:
        for channel in endpoint.channels:
            for message in channel.server_to_client:
                tried = collection.tried[message.key]
                if not tried.received:
                    tried.undone[f"nothing of it came on {endpoint.path} in {options.listen:g} s"] = None


def _asked_for(endpoint: Endpoint, options: Options) -> bool:
    names = {name for one in endpoint.channels for name in (one.name, one.address)}
    names |= {
        one.key
        for channel in endpoint.channels
        for one in (*channel.client_to_server, *channel.server_to_client)
    }
    return not options.only or bool(names & set(options.only))


async def _run(trial: PathTrial, *, opened: bool) -> None:
    try:
        await trial.run()
    except UnreachableError as error:
        if trial.watched is not None and trial.link is not None:
            told = f"no connection comes about any more: {error}"
            place = trial.endpoint.channels[0].source
            trial.collection.add(Finding("server-gone", "", told, trial.last, "", place))
            await trial.leave()
            trial.tell_of_the_rest()
        elif not opened:
            raise
        else:
            trial.collection.undone[f"{trial.endpoint.path}: {error}"] = None


async def _hear(
    sight: Sight, options: Options, address: str, endpoint: Endpoint, collection: Collection
) -> None:
    """Listen on a connection of its own, which nothing that is sent can end, while everything else is tried."""
    watched = Watched(sight, endpoint)
    loop = asyncio.get_running_loop()
    end = loop.time() + min(options.listen, options.time)
    try:
        link = await Link.open(address, Pace(None, 1.0), watched.arrived, options.headers)
    except UnreachableError as error:
        collection.undone[f"{endpoint.path}: {error}"] = None
        return
    collection.connections += 1
    try:
        await link.until(lambda: False, end - loop.time())
        closed, left = link.closed, end - loop.time()
    finally:
        await link.close()
        for finding in watched.findings:
            collection.add(finding, trying=endpoint.channels[0].name)
        for key, number in watched.received.items():
            collection.tried[key].received += number
    if closed is not None and closed.code not in _ENDS and left > 0:
        told = f"{endpoint.path}: a connection that only listened was {closed}, {left:.1f} s before its time"
        collection.undone[told] = None
