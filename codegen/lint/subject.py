"""What rules look at: a document, what was found in it, and what of it goes which way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from codegen.build.context import Context
from codegen.build.traits import merged_fields
from codegen.contract import Json
from codegen.document import Document
from codegen.lint.reach import Reached, spots
from codegen.location import Location
from codegen.pipeline import Understood
from codegen.validate.rules import mapping
from codegen.validate.shapes import Walk
from codegen.validate.structure import JSON_SCHEMA_FORMAT

Direction: TypeAlias = Literal["sent", "received"]
"""From where clients stand."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was written."""

    at: Location
    """`$ref`s followed."""
    key: str
    """What to call it: its key among the components, else its name, else its channel's address."""
    fields: dict[str, Location] = field(hash=False, compare=False)
    """Where each field stands, traits applied."""

    @property
    def payload(self) -> Location | None:
        """Where the schema of the payload stands."""
        return self.fields.get("payload")


@dataclass(frozen=True, slots=True)
class Operation:
    """What goes one way on one channel."""

    address: str
    channel: Location
    """Where the address stands."""
    at: Location
    direction: Direction
    messages: tuple[Message, ...]


class Subject:
    """A document under review. Rules must expect values of any type in places that `validate` found fault with."""

    def __init__(self, walk: Walk, understood: Understood | None) -> None:
        self.walk = walk
        self.document: Document = walk.document
        self.understood = understood
        """The contract and its warnings; None where the document has errors."""
        self.context = Context(walk.document)

    @property
    def root(self) -> Location:
        """The document itself."""
        return self.document.root

    def mapping(self, at: Location) -> dict[str, Json]:
        """The mapping that a place means, `$ref`s followed; an empty one where something else stands."""
        return mapping(self.document, at)

    def entries(self, *keys: str) -> Iterator[tuple[str, Location]]:
        """Keys and places of a mapping of the document's own."""
        return self.context.entries(self.root, *keys)

    def found(self, kind: str) -> list[Location]:
        """Every object of a kind, in the order of the files and the lines."""
        return sorted(self.walk.found[kind], key=self.order)

    def order(self, at: Location) -> tuple[bool, str, int, int]:
        """The document before other files, and each from top to bottom."""
        source = self.document.source(at)
        return at.file != self.root.file, source.file, source.line, source.column

    @property
    def is_sound(self) -> bool:
        """Whether the document has no errors: with some, what seems unused may have been meant where they are."""
        return self.understood is not None

    @cached_property
    def has_envelope(self) -> bool:
        """Whether all channels share one socket by the document's own word."""
        return bool(self.mapping(self.root.child("x-envelope")))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What goes either way on each channel; AsyncAPI's `publish` is what clients send."""
        found = []
        for address, place in self.entries("channels"):
            channel = self.document.follow(place)
            ways: tuple[tuple[str, Direction], ...] = (("publish", "sent"), ("subscribe", "received"))
            for keyword, direction in ways:
                at = channel.child(keyword)
                if isinstance(self.mapping(channel).get(keyword), dict):
                    messages = tuple(self._messages(at, address))
                    found.append(Operation(address, place, at, direction, messages))
        return tuple(found)

    def _messages(self, at: Location, address: str) -> Iterator[Message]:
        place = merged_fields(self.context, at).get("message")
        waiting = [] if place is None else [place]
        seen: set[Location] = set()
        while waiting:
            target = self.document.follow(waiting.pop(0))
            value = self.mapping(target)
            if target in seen:
                continue
            seen.add(target)
            if isinstance(value.get("oneOf"), list):
                waiting[:0] = list(self.context.items(target, "oneOf"))
            elif value:
                yield self.message(target, address)

    def message(self, at: Location, address: str = "") -> Message:
        """The message at a place."""
        fields = merged_fields(self.context, at)
        said = self.context.value(fields["schemaFormat"]) if "schemaFormat" in fields else None
        if isinstance(said, str) and not JSON_SCHEMA_FORMAT.match(said):
            fields.pop("payload", None)  # in a language that is not read here
        key = ""
        is_own = len(at.pointer) == 1 and at.file != self.root.file
        if is_own or (len(at.pointer) > 1 and at.pointer[-2] == "messages"):
            key = str(at.pointer[-1])
        for name in ("name", "messageId"):
            if not key and name in fields and isinstance(value := self.context.value(fields[name]), str):
                key = value
        return Message(at, key or (f'the message of channel "{address}"' if address else "a message"), fields)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Every message that was written, each once."""
        used = {message.at: message for operation in self.operations for message in operation.messages}
        for at in self.found("a message"):
            used.setdefault(at, self.message(at))
        return tuple(sorted(used.values(), key=lambda message: self.order(message.at)))

    def going(self, direction: Direction) -> tuple[Message, ...]:
        """The messages that go one way, each once."""
        return tuple(
            {
                message.at: message
                for operation in self.operations
                if operation.direction == direction
                for message in operation.messages
            }.values()
        )

    @cached_property
    def sent(self) -> tuple[Reached, ...]:
        """Every value in what clients send."""
        return self._reached("sent")

    @cached_property
    def received(self) -> tuple[Reached, ...]:
        """Every value in what clients receive."""
        return self._reached("received")

    @cached_property
    def values(self) -> tuple[Reached, ...]:
        """Every value that schemas describe: in messages, and in components that no message leads to."""
        found = {reached.spot.parts: reached for reached in (*self.sent, *self.received)}
        met = {part for parts in found for part in parts}
        for name, at in self.entries("components", "schemas"):
            if self.document.follow(at) not in met:
                for spot in spots(self.document, at):
                    found.setdefault(spot.parts, Reached(spot, {name: spot.way}))
        return tuple(found.values())

    def _reached(self, direction: Direction) -> tuple[Reached, ...]:
        found: dict[tuple[Location, ...], Reached] = {}
        for message in self.going(direction):
            if message.payload is None:
                continue
            for spot in spots(self.document, message.payload):
                reached = found.setdefault(spot.parts, Reached(spot, {}))
                reached.ways.setdefault(message.key, spot.way)
        return tuple(found.values())
