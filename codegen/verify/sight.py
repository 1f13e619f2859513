"""A contract as one needs it to try it: judges of its messages, addresses of its topics, places in its document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, cast

from codegen.contract import Channel, Contract, Json, Message, Path, Routing, SchemaDict, Source
from codegen.document import Document
from codegen.pipeline import Understood
from codegen.verify.strategies import resolved
from codegen.written import Fault, Judge, standalone


class Sight:
    """Looks things up, and keeps what took long."""

    def __init__(self, understood: Understood) -> None:
        self.document: Document = understood.document
        self.contract: Contract = understood.contract
        self._judges: dict[str, Judge] = {}
        self._schemas: dict[str, dict[str, Json]] = {}
        self.close_codes = {known.code: known for known in self.contract.close_codes}
        self.limits = {limit.name: limit.value for limit in self.contract.limits}

    @cached_property
    def channel_of(self) -> dict[str, Channel]:
        """The first channel of each message."""
        found: dict[str, Channel] = {}
        for channel in self.contract.channels:
            for message in (*channel.client_to_server, *channel.server_to_client):
                found.setdefault(message.key, channel)
        return found

    @cached_property
    def incoming(self) -> tuple[Message, ...]:
        """What clients send, each once, in document order."""
        return _once(message for channel in self.contract.channels for message in channel.client_to_server)

    @cached_property
    def outgoing(self) -> tuple[Message, ...]:
        """What the server sends, each once, in document order."""
        return _once(message for channel in self.contract.channels for message in channel.server_to_client)

    def message(self, key: str) -> Message:
        """By key."""
        return self.contract.message(key)

    def schema(self, message: Message) -> dict[str, Json]:
        """Of the whole frame, as written."""
        if message.key not in self._schemas:
            at = message.payload
            self._schemas[message.key] = {} if at is None else standalone(self.document, at)
        return self._schemas[message.key]

    def judge(self, message: Message) -> Judge:
        """Of the whole frame."""
        if message.key not in self._judges:
            self._judges[message.key] = Judge(self.schema(message))
        return self._judges[message.key]

    def takes_all(self, message: Message) -> bool:
        """Whether every value fits a message's schema, as far as a few plain ones tell."""
        plain: tuple[Json, ...] = (None, True, 7, 1.5, "", "text", [], [7], {}, {"a": 7})
        return all(self.judge(message).accepts(one) for one in plain)

    def declares(self, message: Message, name: str) -> bool:
        """Whether a message's schema names a field of the frame."""
        schema = self.schema(message)
        definitions = cast("dict[str, Json]", schema.get("definitions", {}))
        return any(
            name in cast("dict[str, Json]", one.get("properties", {})) for one in _all(schema, definitions)
        )

    def fault(self, message: Message, frame: Json) -> Fault | None:
        """The first place of a frame that does not fit its message."""
        return next(self.judge(message).faults(frame), None)

    def place(self, message: Message, fault: Fault | None = None) -> Source:
        """Where the document has a message, or what its schema says that a frame does not keep."""
        if fault is None or message.payload is None:
            return message.source
        at = self.document.follow(message.payload)
        for key in fault.by:
            if key == "definitions" or not self.document.has(at):
                break
            at = self.document.follow(at.child(key))
        return self.document.source(at) if self.document.has(at) else message.source

    def root(self, *keys: str) -> Source:
        """Where something stands from the document's root on, or what is nearest to it."""
        return self.document.source(self.document.root.child(*keys))

    def channel_place(self, channel: Channel, key: str = "") -> Source:
        """Where the document has a channel, or something that stands in it."""
        if channel.place is not None and key and self.document.has(channel.place.child(key)):
            return self.document.source(channel.place.child(key))
        return channel.source

    def by_tag(self, frame: Json, messages: Iterable[Message]) -> Message | None:
        """The message that a frame's tag says it is."""
        for message in messages:
            if message.tag is not None and same(at(frame, message.tag.path), message.tag.value):
                return message
        return None

    def values(self, channel: Channel, frame: Json) -> dict[str, str | None]:
        """A channel's parameters as a message has them, in their one spelling; None where it does not say."""
        found: dict[str, str | None] = {}
        for parameter in channel.parameters:
            value = at(frame, parameter.location) if parameter.location else None
            text = text_of(value)
            found[parameter.name] = text and dict(parameter.aliases).get(text, text)
        return found

    def address(self, channel: Channel, frame: Json) -> str | None:
        """The topic that a request is about; None where it does not say."""
        address = channel.address
        for parameter in channel.parameters:
            text = self.values(channel, frame)[parameter.name]
            if text is None:
                if parameter.default is None:
                    return None
                text = dict(parameter.aliases).get(parameter.default, parameter.default)
            address = address.replace("{" + parameter.name + "}", text)
        return address


def _all(schema: Json, definitions: SchemaDict, depth: int = 0) -> Iterator[SchemaDict]:
    """A schema and those of which every value has to fit all."""
    plain = resolved(schema, definitions)
    yield plain
    arms = plain.get("allOf")
    for arm in arms if isinstance(arms, list) and depth < 12 else []:
        yield from _all(arm, definitions, depth + 1)


def routed(routing: Routing, frame: Json) -> Message | None:
    """The message that a frame's tag says it is, on one socket."""
    if routing.path is None:
        return None
    tag = at(frame, routing.path)
    return next((message for value, message in routing.tagged if same(tag, value)), None)


def at(value: Json, path: Path) -> Any:  # noqa: ANN401 - any JSON value, of which the caller asks what it is
    """What stands at a path; None where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_of(value: Json) -> str | None:
    """A parameter's value as it stands in an address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON: 1 is not true, nor "1"."""
    return type(one) is type(other) and one == other


def written(frame: Json) -> str:
    """A frame as it goes over the wire."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _once(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple({message.key: message for message in messages}.values())
