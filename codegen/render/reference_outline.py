"""The headings of the reference, in order, and the anchor of each: what all its links are made from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from codegen.contract import Channel, Contract, Message
from codegen.render.reference_markdown import Anchors, code
from codegen.render.reference_pages import Role
from codegen.render.reference_types import referenced

SOCKET = "How the socket works"
SOCKETS = "How the sockets work"


@dataclass(frozen=True, slots=True)
class Placed:
    """A message where a channel has it."""

    message: Message
    role: Role
    anchor: str


@dataclass(frozen=True, slots=True)
class Group:
    """The messages of a channel under one heading."""

    title: str
    anchor: str
    messages: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class ChannelOutline:
    """The headings of a channel."""

    channel: Channel
    anchor: str
    exchange: str
    groups: tuple[Group, ...]
    errors: str


@dataclass
class Outline:
    """All headings of a contract's reference. `rules` are the titles of what is said of the socket."""

    contract: Contract
    rule_titles: tuple[str, ...]
    exchanges: frozenset[str]
    """The names of the channels that have an exchange to show."""
    rules: dict[str, str] = field(default_factory=dict)
    channels: list[ChannelOutline] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    socket: str = ""
    types_anchor: str = ""
    changes_anchor: str = ""
    changes: list[str] = field(default_factory=list)
    _by_key: dict[str, list[tuple[Placed, str]]] = field(default_factory=dict)
    _by_schema: dict[str, str] = field(default_factory=dict)
    _messages: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._messages = {one.key: one for one in self.contract.messages}
        anchors = Anchors()
        anchors.add(self.contract.title)
        anchors.add("Contents")
        self.socket = anchors.add(SOCKET if self.contract.envelope else SOCKETS)
        self.rules = {title: anchors.add(title) for title in self.rule_titles}
        self.channels = [self._channel(channel, anchors) for channel in self.contract.channels]
        self.types_anchor = anchors.add("Types")
        self.types = {name: anchors.add(name) for name in self._described()}
        # These come last: the Markdown has no such headings, and no anchor before them may depend on them.
        self.changes_anchor = anchors.add("Changes")
        self.changes = [anchors.add(f"Changes {one.version}") for one in self.contract.changelog]
        self._index()

    def _index(self) -> None:
        for outline in self.channels:
            for group in outline.groups:
                for one in group.messages:
                    self._by_key.setdefault(one.message.key, []).append((one, outline.channel.name))
                    self._by_schema.setdefault(one.message.schema, one.anchor)

    def type(self, name: str) -> str | None:
        """The anchor of what is said of a schema; None where it has no place of its own."""
        if name in self.types:
            return self.types[name]
        return self._by_schema.get(name)

    def rule(self, title: str, words: str) -> str:
        """Words that are a link to what is said of the socket, where it is said."""
        found = self.rules.get(title)
        return words if found is None else f"[{words}](#{found})"

    def message(self, key: str, near: Channel | None = None, *, sent: bool | None = None) -> str:
        """A message's name, linked to the place where it is described: in the channel `near`, if it is there."""
        name = code(called(self._messages[key]))
        found = self._by_key.get(key, ())
        closest = [one for one, channel in found if near is None or channel == near.name]
        wanted = [one for one in closest if sent in (None, one.role in ("request", "message"))]
        for one in (*wanted, *closest, *(one for one, _ in found)):
            return f"[{name}](#{one.anchor})"
        return name

    def _channel(self, channel: Channel, anchors: Anchors) -> ChannelOutline:
        own = anchors.add(channel.name)
        exchange = anchors.add(f"An exchange: {channel.name}") if channel.name in self.exchanges else ""
        groups = []
        for title, messages in self._groups(channel):
            heading = anchors.add(title)
            placed = tuple(Placed(one, role, anchors.add(called(one))) for one, role in messages)
            groups.append(Group(title, heading, placed))
        errors = ""
        if self.contract.envelope and any(self._can_fail(one) for one in channel.requests):
            errors = anchors.add(f"Errors: {channel.name}")
        return ChannelOutline(channel, own, exchange, tuple(groups), errors)

    def _can_fail(self, request: Message) -> bool:
        return request.response is not None and self._messages[request.response].can_fail

    def _groups(self, channel: Channel) -> Iterator[tuple[str, list[tuple[Message, Role]]]]:
        keys = dict.fromkeys(one.response for one in channel.requests if one.response is not None)
        listed = {one.key: one for one in channel.server_to_client}
        answers = [listed.get(key) or self._messages[key] for key in keys]
        pushed = [one for one in channel.server_to_client if one.key not in keys]
        sent: list[tuple[Message, Role]] = [
            (one, "message" if one.response is None else "request") for one in channel.client_to_server
        ]
        if sent:
            yield f"What clients send: {channel.name}", sent
        if answers:
            yield f"What comes back: {channel.name}", [(one, "answer") for one in answers]
        if pushed:
            said = "What is pushed" if answers or channel.is_topic else "What the server sends"
            yield f"{said}: {channel.name}", [(one, _pushed_as(one)) for one in pushed]

    def _described(self) -> list[str]:
        """The schemas with a section: neither whole messages, nor the choice of an answer's outcomes."""
        messages = {one.schema for one in self.contract.messages}
        choices = {one.body for one in self.contract.messages if one.can_fail and one.ok}
        return [
            one.name
            for one in self.contract.schemas
            if one.name not in messages
            and not (one.name in choices and not one.is_object and referenced(one.schema) is None)
        ]


def called(message: Message) -> str:
    """What a message is called: its tag, for readers know it by that, else its name."""
    if message.tag is None:
        return message.key
    return message.tag.value if isinstance(message.tag.value, str) else json.dumps(message.tag.value)


def _pushed_as(message: Message) -> Role:
    return "update" if message.action == "update" else "notice"
