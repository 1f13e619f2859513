"""What the reference says, as data: laid out as Markdown by a template, and as a page by whoever reads the JSON.

All texts are Markdown; `#anchor` in them leads to the heading that has it, in either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from codegen.contract import Json

Role = Literal["request", "message", "answer", "update", "notice"]
"""A `request` is answered, a `message` of a client is not; an `update` is of a topic, a `notice` of none."""


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table of fields."""

    name: str
    """With the names of the objects that it is in: `payload.limit`."""
    type: str
    required: bool
    allowed: str
    """Bounds, and the values of an enumeration; empty where all of the type are allowed."""
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema allows: fields, or a sentence where it is not an object with fields."""

    fields: tuple[Field, ...] = ()
    what: str = ""
    rest: str = ""
    """What is said of an object's other fields; empty where that is nothing."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of fields: those of which some field has something to say."""
        always = ("name", "type", "required")
        return always + tuple(
            column
            for column in ("allowed", "default", "meaning")
            if any(getattr(one, column) for one in self.fields)
        )


@dataclass(frozen=True, slots=True)
class Type:
    """A schema with a name."""

    name: str
    anchor: str
    description: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the things that an answer can say."""

    title: str
    says: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Shown:
    """An example that the message's schema accepts."""

    title: str
    payload: Json


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One kind of frame, in one channel."""

    key: str
    name: str
    """As readers know it: by its tag, else by its key."""
    anchor: str
    role: Role
    title: str
    """Empty where it says no more than the name."""
    description: str
    schema: str
    """Which of `Page.schemas` the whole frame has."""
    tag: Json
    """What tells it from others: `{"path": […], "value": …}`, or null."""
    answered: str
    """A sentence that names the answer, or what this answers; empty where there is none."""
    shape: Shape
    outcomes: tuple[Outcome, ...]
    examples: tuple[Shown, ...]
    left_out: str
    """A sentence on examples of the document that are not shown; empty where all are."""


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of an exchange."""

    sent: bool
    """By the client."""
    name: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One part of an address that varies."""

    name: str
    values: str
    default: str
    meaning: str
    stands: str
    """Where a message has it; empty where it is in the address alone."""


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code of a problem."""

    code: str
    retry: str
    """What examples say of trying again: `yes`, `no`, or empty where none says."""
    example: str
    """A message that an example has."""


@dataclass(frozen=True, slots=True)
class Section:
    """The messages of a channel that go one way for one reason."""

    title: str
    anchor: str
    messages: tuple[MessagePart, ...]


@dataclass(frozen=True, slots=True)
class ChannelPart:
    """One channel."""

    name: str
    anchor: str
    address: str
    path: str
    """Of the socket on which it is spoken, with parameters in braces."""
    description: str
    parameters: tuple[ParameterRow, ...]
    facts: tuple[Fact, ...]
    exchange_anchor: str
    exchange: tuple[Step, ...]
    sections: tuple[Section, ...]
    errors_anchor: str
    errors: str
    """Which errors a request of it can meet; empty where the contract has none to tell."""

    @property
    def parameter_columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the table of parameters and their titles: those of which some has something to say."""
        titles = {"name": "parameter", "values": "allowed", "stands": "in messages"}
        columns = ("name", "values", "default", "stands", "meaning")
        return tuple(
            (one, titles.get(one, one))
            for one in columns
            if any(getattr(row, one) for row in self.parameters)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One part of how the socket works, with a table where it has one."""

    title: str
    anchor: str
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: str = ""
    """What is to be said after the table."""


@dataclass(frozen=True, slots=True)
class ServerPart:
    """One server."""

    name: str
    url: str
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a changelog."""

    verdict: Literal["breaking", "dangerous", "compatible"]
    direction: str
    """Who is concerned: `what clients send`, `what clients receive`; empty where it goes neither way."""
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one release to the next."""

    title: str
    anchor: str
    since: str
    """The version before; empty for the first release."""
    entries: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All of the reference."""

    title: str
    version: str
    asyncapi: str
    description: str
    servers: tuple[ServerPart, ...]
    socket: str
    """The anchor of the part that says how the socket works."""
    rules: tuple[Rule, ...]
    channels: tuple[ChannelPart, ...]
    types_anchor: str
    types: tuple[Type, ...]
    changes_anchor: str
    """Of the changes, which `reference.md` leaves to `changelog.md`."""
    changes: tuple[Changes, ...]
    """By release, the newest first; empty where the document has none."""
    envelope: Mapping[str, str] | None
    """The envelope's fields by what they are, or null."""
    schemas: Mapping[str, Json]
    """Every schema, for whoever judges frames by them; they refer to each other as `#/components/schemas/<name>`."""
