"""What one connection under an envelope shows, frame by frame: what is asked, what answers it, what is pushed.

Nothing here does any I/O: who has a connection tells what it sent and what it received.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, cast

from codegen.contract import Channel, Envelope, Json, Message, Source
from codegen.verify.following import Subscription
from codegen.verify.report import Finding
from codegen.verify.sight import Sight, at, same, written
from codegen.verify.strategies import ABSENT

Expect = Literal["answer", "refusal"]

_REMEMBERED = 500
"""How many answered requests a second answer is looked for among."""


@dataclass(slots=True, eq=False)
class Asked:
    """A frame that was sent, and what answered it."""

    message: Message | None
    """The request; None for what is none."""
    text: str
    """As it went over the wire."""
    frame: Json
    """None for what is no JSON."""
    expect: Expect
    """Whether the contract allows the frame, or it must be refused."""
    what: str = ""
    """For people: what is wrong with it."""
    identity: Json | object = ABSENT
    """The id that an answer must repeat; ABSENT where it need not have any."""
    is_example: bool = False
    answer: Json = None
    """The frame that answered it, once there is one."""
    refused: bool = False
    """Whether that was a problem."""
    topic: str | None = None
    """Of a request with an action."""
    channel: Channel | None = None
    recover: Json = None
    early: list[tuple[Message, dict[str, Json], str]] = field(default_factory=list)
    """Updates of the topic that came before the answer."""
    kind: str = ""


@dataclass(slots=True)
class Watcher:
    """Follows one connection, and collects what is against the contract."""

    sight: Sight
    envelope: Envelope
    findings: list[Finding] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    """How many frames of each message were checked."""
    open: list[Asked] = field(default_factory=list)
    """What is not answered yet, in order."""
    done: list[Asked] = field(default_factory=list)
    late: list[Asked] = field(default_factory=list)
    """What was given up; an answer may still come."""
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    """By topic; those that were given up stay."""
    authenticated: bool = False
    """Whether the server has been told who asks."""
    excused: set[str] = field(default_factory=set)
    """Topics that were granted to a broken request."""

    def sent(self, asked: Asked) -> None:
        """Take note of a frame that goes out."""
        message = asked.message
        if message is not None and asked.expect == "answer":
            asked.channel = self.sight.channel_of[message.key]
            if message.action is not None:
                asked.topic = self.sight.address(asked.channel, asked.frame)
            if self.envelope.recover is not None and isinstance(asked.frame, dict):
                asked.recover = asked.frame.get(self.envelope.recover)
        self.open.append(asked)

    def arrived(self, data: str | bytes) -> None:
        """Check a frame that came in."""
        text = data if isinstance(data, str) else repr(data)
        try:
            frame: Json = json.loads(data) if isinstance(data, str) else None
        except (ValueError, RecursionError):
            frame = None
        if not isinstance(frame, dict):
            kind = "a binary frame" if isinstance(data, bytes) else "no JSON object"
            self._find("frame-unreadable", None, f"the server sends {kind}", came=text)
            return
        message = self.sight.by_tag(frame, self.sight.outgoing)
        if message is None:
            self._unknown(frame, text)
            return
        self.received[message.key] += 1
        fault = self.sight.fault(message, frame)
        if fault is not None:
            where = "/" + "/".join(map(str, fault.at))
            self._find(
                "schema",
                message,
                f"{message.key} at {where}: {fault.message[:200]}",
                came=text,
                place=self.sight.place(message, fault),
                kind=str(fault.by),
            )
        if message.action == "update":
            self._update(message, frame, text)
        elif message.key == self.envelope.error or self._is_response(message):
            self._answer(message, frame, text)
        elif message.action in ("reset", "close"):
            self._taken_back(message, frame)

    def lost(self, asked: Asked) -> None:
        """Give a frame up that nothing answers."""
        if asked in self.open:
            self.open.remove(asked)
            self.late.append(asked)

    def finish(self) -> None:
        """Say what can only be known when nothing more comes."""
        for subscription in self.subscriptions.values():
            self.findings += subscription.finish()

    def _unknown(self, frame: dict[str, Json], text: str) -> None:
        tag = frame.get(self.envelope.type)
        wrong = self.sight.by_tag(frame, self.sight.incoming)
        if wrong is not None:
            self._find(
                "type-direction", wrong, f"the server sends {wrong.key}, which is a request", came=text
            )
        else:
            told = f"the server sends a {self.envelope.type} {json.dumps(tag)}, which no message has"
            self._find("type-unknown", None, told, came=text, kind=json.dumps(tag))
        for asked in self.open:
            if self._named(frame, asked):
                self._settle(asked, frame)
                break

    def _is_response(self, message: Message) -> bool:
        return any(request.response == message.key for request in self.sight.incoming)

    # Answers

    def _answer(self, message: Message, frame: dict[str, Json], text: str) -> None:
        asked = next((one for one in (*self.open, *self.late) if self._named(frame, one)), None)
        if asked is None and not self.open:
            asked = next((one for one in self.late if message.key in self._allowed(one)), None)
        if asked is None and (before := self._before(message, frame)) is not None:
            self._find(
                "answered-twice", before.message, "a request is answered again", sent=before, came=text
            )
            return
        if asked is None and not self.open:
            self._find("answer-unasked", message, f"{message.key} answers nothing that was asked", came=text)
            return
        asked = asked or self.open[0]
        self._check_identity(asked, message, frame, text)
        self._settle(asked, frame)
        asked.refused = self._is_problem(message, frame)
        allowed = self._allowed(asked)
        if message.key not in allowed:
            told = f"answered by {message.key}, not by {' or '.join(sorted(allowed))}"
            place = self.sight.place(asked.message) if asked.message is not None else None
            self._find("wrong-response", asked.message, told, sent=asked, came=text, place=place)
        elif asked.expect == "refusal":
            if not asked.refused:
                self._accepted(asked, text)
                self._excuse(asked, frame)
        elif asked.message is not None and not asked.refused:
            self._carried_out(asked, frame, text)

    def _named(self, frame: dict[str, Json], asked: Asked) -> bool:
        """Whether a frame has the very id of a request."""
        name = self.envelope.id
        if name is None or asked.identity is ABSENT or name not in frame:
            return False
        return same(frame[name], cast("Json", asked.identity))

    def _before(self, message: Message, frame: dict[str, Json]) -> Asked | None:
        """The request that a second answer is for."""
        for asked in reversed(self.done):
            if self._named(frame, asked) and (not self.open or message.key in self._allowed(asked)):
                return asked
        if self.open or not self.done:
            return None
        last = self.done[-1]
        known = self.envelope.id is None or self.envelope.id in frame
        return None if known or message.key not in self._allowed(last) else last

    def _settle(self, asked: Asked, frame: Json) -> None:
        asked.answer = frame
        (self.open if asked in self.open else self.late).remove(asked)
        self.done.append(asked)
        del self.done[:-_REMEMBERED]

    def _allowed(self, asked: Asked) -> set[str]:
        """Keys of the messages that may answer a frame."""
        request = asked.message
        if request is None or request.response is None:
            return {self.envelope.error}
        if asked.expect == "refusal" or not self.sight.message(request.response).can_fail:
            return {request.response, self.envelope.error}
        return {request.response}

    def _is_problem(self, message: Message, frame: dict[str, Json]) -> bool:
        tag = self.envelope.problem_tag
        body = frame.get(self.envelope.payload)
        return message.key == self.envelope.error or (
            message.can_fail and same(at(body, tag.path), tag.value)
        )

    def _check_identity(self, asked: Asked, message: Message, frame: dict[str, Json], text: str) -> None:
        name = self.envelope.id
        if name is None or not self._identified(asked, message, name):
            return
        if self._named(frame, asked) or (asked.identity is ABSENT and name not in frame):
            return
        if asked.expect == "refusal" and asked.identity is ABSENT:
            return
        place = self.sight.place(message)
        wanted = "none" if asked.identity is ABSENT else json.dumps(asked.identity)
        came = json.dumps(frame[name]) if name in frame else "none"
        if asked.identity is not ABSENT and name in frame and str(frame[name]) == str(asked.identity):
            told = f"the id {wanted} comes back as {came}"
            self._find("id-type", asked.message, told, sent=asked, came=text, place=place)
        else:
            told = f"the id of the request was {wanted}, that of the answer is {came}"
            self._find("id-echo", asked.message, told, sent=asked, came=text, place=place)

    def _identified(self, asked: Asked, answer: Message, name: str) -> bool:
        """Whether request and answer have an id: the envelope's, where no message says so by itself."""
        if answer.correlation is not None:
            return True
        known = asked.message is not None and asked.identity is not ABSENT
        known = known and self.sight.declares(cast("Message", asked.message), name)
        return known and self.sight.declares(answer, name)

    def _accepted(self, asked: Asked, text: str) -> None:
        told = f"taken as if it were right: {asked.what}"
        place = None
        if asked.message is not None:
            fault = self.sight.fault(asked.message, asked.frame)
            place = self.sight.place(asked.message, fault)
        self._find(
            "broken-accepted", asked.message, told, sent=asked, came=text, place=place, kind=asked.kind
        )

    def _carried_out(self, asked: Asked, frame: dict[str, Json], text: str) -> None:
        message, channel = asked.message, asked.channel
        assert message is not None
        assert channel is not None
        self._check_parameters(message, channel, asked, frame, text)
        body = frame.get(self.envelope.payload)
        named = at(body, (self.envelope.topic,)) if self.envelope.topic else None
        if asked.topic is not None and isinstance(named, str) and named != asked.topic:
            told = f"the answer names {named}, asked for was {asked.topic}"
            self._find("topic-echo", message, told, sent=asked, came=text, place=channel.source)
        topic = asked.topic
        if message.key == self.sight.contract.authenticate:
            self.authenticated = True
        if topic is None:
            return
        if message.action == "subscribe":
            if channel.access is not None and self.sight.contract.authenticate and not self.authenticated:
                told = f"{topic} is granted to somebody who has shown no token"
                self._find("access-free", message, told, sent=asked, came=text, place=channel.source)
            self.excused.discard(topic)
            subscription = self.subscriptions.setdefault(topic, Subscription(self.sight, channel, topic))
            self.findings += subscription.begin(asked.text, asked.recover, frame, text)
            self._early(asked, subscription)
        elif message.action == "unsubscribe" and topic in self.subscriptions:
            self.findings += self.subscriptions[topic].end()

    def _check_parameters(
        self, message: Message, channel: Channel, asked: Asked, frame: Json, text: str
    ) -> None:
        wanted, got = self.sight.values(channel, asked.frame), self.sight.values(channel, frame)
        for parameter in channel.parameters:
            value = wanted[parameter.name] or parameter.default
            value = value and dict(parameter.aliases).get(value, value)
            came = got[parameter.name]
            if came is not None and value is not None and came != value:
                told = f"the answer has {parameter.name} {came}, asked for was {value}"
                self._find("parameter-echo", message, told, sent=asked, came=text, place=channel.source)

    def _excuse(self, asked: Asked, frame: dict[str, Json]) -> None:
        """Expect the updates of a topic that should not have been granted: that has been told."""
        if asked.message is None or asked.message.action != "subscribe":
            return
        body = frame.get(self.envelope.payload)
        named = at(body, (self.envelope.topic,)) if self.envelope.topic else None
        address = self.sight.address(self.sight.channel_of[asked.message.key], asked.frame)
        for topic in (named, address):
            if isinstance(topic, str):
                self.excused.add(topic)
                self.subscriptions.pop(topic, None)

    def _is_excused(self, topic: Json) -> bool:
        return isinstance(topic, str) and topic in self.excused

    # Updates

    def _update(self, message: Message, frame: dict[str, Json], text: str) -> None:
        channel = self.sight.channel_of[message.key]
        topic = frame.get(self.envelope.topic) if self.envelope.topic else None
        subscription = self.subscriptions.get(topic) if isinstance(topic, str) else None
        waiting = next((one for one in self.open if one.topic == topic and one.channel is channel), None)
        asks = waiting is not None and waiting.message is not None and waiting.message.action == "subscribe"
        granted = subscription is not None and subscription.channel is channel and subscription.live
        owed = subscription is not None and subscription.awaits_snapshot
        if granted and asks and waiting is not None and self._is_snapshot(frame) and not owed:
            waiting.early.append((message, frame, text))  # meant for the request that is not answered yet
        elif subscription is not None and granted:
            self.findings += subscription.update(message, frame, text)
        elif asks and waiting is not None:
            waiting.early.append((message, frame, text))  # wrong, if an answer comes at all
        elif self._is_excused(topic) or any(one.topic == topic for one in self.late):
            pass  # the request for it was not answered, or should not have been granted: that has been told
        elif subscription is not None and subscription.channel is channel:
            told = f"an update of {topic} comes after the subscription has ended"
            self._find("update-after-unsubscribe", message, told, sent=subscription.sent, came=text)
        else:
            told = f"an update of {json.dumps(topic)}, to which this connection has not subscribed"
            last = self.done[-1] if self.done else None
            self._find("update-unsubscribed", message, told, sent=last, came=text)

    def _taken_back(self, message: Message, frame: dict[str, Json]) -> None:
        """A topic begins anew, or its subscription is over."""
        topic = frame.get(self.envelope.topic) if self.envelope.topic else None
        subscription = self.subscriptions.get(topic) if isinstance(topic, str) else None
        if subscription is not None and subscription.live:
            self.findings += subscription.reset(frame) if message.action == "reset" else subscription.end()

    def _early(self, asked: Asked, subscription: Subscription) -> None:
        """Take what came before the answer, which is wrong where the topic was not granted before."""
        for message, frame, text in asked.early:
            if subscription.grants == 1:
                told = f"an update of {subscription.topic} comes before the answer to the request for it"
                self._find("update-before-answer", message, told, sent=asked, came=text)
            self.findings += subscription.update(
                message, frame, text
            )  # what follows is to be judged by itself

    def _is_snapshot(self, frame: dict[str, Json]) -> bool:
        return self.envelope.snapshot is not None and frame.get(self.envelope.snapshot) is True

    def _find(
        self,
        rule: str,
        message: Message | None,
        detail: str,
        *,
        sent: Asked | str | None = None,
        came: str = "",
        place: Source | None = None,
        kind: str = "",
    ) -> None:
        text = sent.text if isinstance(sent, Asked) else sent or (self.open[0].text if self.open else "")
        if place is None:
            place = self.sight.place(message) if message is not None else self.sight.root("x-envelope")
        key = message.key if message is not None else ""
        self.findings.append(Finding(rule, key, detail, text, came, place, kind))

    def find(
        self, rule: str, asked: Asked, detail: str, *, came: str = "", place: Source | None = None
    ) -> None:
        """Add what whoever has the connection saw."""
        self._find(rule, asked.message, detail, sent=asked, came=came, place=place, kind=asked.kind)


def identity_of(sight: Sight, envelope: Envelope, message: Message | None, frame: Json) -> Json | object:
    """The id of a frame that an answer must repeat; ABSENT where it has none, or one that is none."""
    if envelope.id is None or not isinstance(frame, dict) or envelope.id not in frame:
        return ABSENT
    identity = frame[envelope.id]
    if isinstance(identity, bool) or not isinstance(identity, str | int):
        return ABSENT
    if message is not None:
        broken = (fault.at[:1] == (envelope.id,) for fault in sight.judge(message).faults(frame))
        return ABSENT if any(broken) else identity
    error = sight.message(envelope.error)
    faults = sight.judge(error).faults({envelope.id: identity})
    return ABSENT if any(fault.at[:1] == (envelope.id,) for fault in faults) else identity


__all__ = ["ABSENT", "Asked", "Watcher", "identity_of", "written"]
