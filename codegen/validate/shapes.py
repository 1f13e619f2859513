"""What a place in a document may hold, as values that can be put together to tables (see `structure`).

A shape checks one place and all below it. Findings stand at the line of what is wrong; on the way every
object is noted by its kind, so that later rules need not search for it again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from codegen.contract import Json
from codegen.diagnostics import Diagnostic
from codegen.document import Document, Location
from codegen.validate.formats import FORMATS
from codegen.validate.words import called, canonical, hint, misspelt, told, type_name

EXTENSION = re.compile(r"x-[\w.-]+\Z")


@dataclass(slots=True, eq=False)
class Walk:
    """One pass over a document."""

    document: Document
    minor: int
    """The y of AsyncAPI 2.y."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    found: dict[str, list[Location]] = field(default_factory=lambda: defaultdict(list))
    """Every object that was reached, by kind, each place once, in the order of the walk."""
    severity: Literal["error", "warning"] = "error"
    _seen: set[tuple[Location, str]] = field(default_factory=set)
    _waiting: list[tuple[Shape, Location]] = field(default_factory=list)

    def report(self, at: Location, rule: str, message: str) -> None:
        """Note a finding about a place."""
        self.diagnostics.append(Diagnostic(self.document.source(at), rule, message, self.severity))

    def warn(self, at: Location, rule: str, message: str) -> None:
        """Note a finding that stops nobody."""
        self.diagnostics.append(Diagnostic(self.document.source(at), rule, message, "warning"))

    def enter(self, at: Location, kind: str) -> bool:
        """Whether a place is now looked at as this kind for the first time."""
        if (at, kind) in self._seen:
            return False
        self._seen.add((at, kind))
        if self.severity == "error":  # what may be odd is nothing to build upon
            self.found[kind].append(at)
        return True

    def check_later(self, shape: Shape, at: Location) -> None:
        """Check what a reference leads to when all else is done: chains of references get long."""
        self._waiting.append((shape, at))

    def finish(self) -> None:
        """Check what has been put off, and what that leads to."""
        while self._waiting:
            shape, at = self._waiting.pop()
            shape.check(self, at, self.document.value(at))

    def must_be(self, at: Location, value: Json, what: str) -> None:
        """Report a value of the wrong type."""
        self.report(at, "wrong-type", f"{called(at)} is to be {what}, not {type_name(value)}")


class Shape:
    """What a place may hold."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report all that is wrong with the value at a place."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Anything(Shape):
    """Any value."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Find nothing."""


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A text, perhaps one of few, of a format, or matching an expression."""

    choices: tuple[str, ...] = ()
    format: str = ""
    pattern: str = ""
    example: str = ""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is no text, or not the right one."""
        if not isinstance(value, str):
            advice = "; write it in quotes" if isinstance(value, int | float) else ""
            walk.report(at, "wrong-type", f"{called(at)} is to be a text, not {type_name(value)}{advice}")
        elif self.choices and value not in self.choices:
            known = ", ".join(f'"{choice}"' for choice in self.choices)
            is_one = "is to be" if len(self.choices) == 1 else "is one of"
            walk.report(
                at, "bad-value", f'{called(at)} {is_one} {known}, not "{value}"{hint(value, self.choices)}'
            )
        elif self.format and not FORMATS[self.format](value):
            walk.report(at, "bad-value", f'"{value}" is not {self.format}')
        elif self.pattern and not re.search(self.pattern, value):
            walk.report(at, "bad-value", f'{called(at)} is written like "{self.example}", not "{value}"')


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is neither."""
        if not isinstance(value, bool):
            walk.must_be(at, value, "true or false")


@dataclass(frozen=True, slots=True)
class Number(Shape):
    """A number, perhaps whole, perhaps bounded."""

    whole: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is no such number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            walk.must_be(at, value, "a whole number" if self.whole else "a number")
        elif self.whole and isinstance(value, float) and not value.is_integer():
            walk.must_be(at, value, "a whole number")
        elif self.least is not None and value < self.least:
            walk.report(at, "bad-value", f"{called(at)} is at least {self.least:g}, not {value}")
        elif self.above is not None and value <= self.above:
            walk.report(at, "bad-value", f"{called(at)} is more than {self.above:g}, not {value}")
        elif self.most is not None and value > self.most:
            walk.report(at, "bad-value", f"{called(at)} is at most {self.most:g}, not {value}")


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list of values of one shape."""

    item: Shape
    unique: bool = False
    least: int = 0

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is no list, its length, its doubles and its items."""
        if not isinstance(value, list):
            walk.must_be(at, value, "a list")
            return
        if len(value) < self.least:
            walk.report(at, "too-few", f"{called(at)} has {len(value)} items; it needs at least {self.least}")
        first: dict[str, int] = {}
        for index, item in enumerate(value):
            self.item.check(walk, at.child(index), item)
            if self.unique:
                earlier = first.setdefault(canonical(item), index)
                if earlier != index:
                    where = walk.document.source(at.child(earlier))
                    walk.report(
                        at.child(index),
                        "not-unique",
                        f"{called(at)} holds {told(item)} twice (first at {where.line}:{where.column})",
                    )


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """A mapping from names of the author's choice to values of one shape."""

    member: Shape
    key: str = ""
    """What a key must be to be looked at; all others are nobody's business."""
    check_key: Callable[[str], bool] | None = None
    key_kind: str = ""
    """What a key that passes `check_key` is called."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is no mapping, its keys and its members."""
        if not isinstance(value, dict):
            walk.must_be(at, value, "a mapping")
            return
        for key, member in value.items():
            if self.key and not re.search(self.key, key):
                continue
            if key == "$ref" and isinstance(member, str):
                walk.report(
                    at.child(key),
                    "ref-here",
                    f"a $ref stands in place of one entry of {called(at)}, not of all",
                )
                continue
            if self.check_key is not None and not self.check_key(key):
                walk.report(at.child(key), "bad-name", f'"{key}" is not {self.key_kind}')
            self.member.check(walk, at.child(key), member)


@dataclass(frozen=True, slots=True)
class EitherType(Shape):
    """One shape for each JSON type that is allowed."""

    by_type: tuple[tuple[type, Shape], ...]
    what: str

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Check by the type's shape, or report a type that has none."""
        for python_type, shape in self.by_type:
            if isinstance(value, python_type):
                shape.check(walk, at, value)
                return
        walk.must_be(at, value, self.what)


@dataclass(frozen=True, slots=True)
class Since(Shape):
    """A field that came with a later version: unknown before."""

    minor: int
    shape: Shape

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Check as the shape does."""
        self.shape.check(walk, at, value)


@dataclass(frozen=True, slots=True)
class ByMinor(Shape):
    """What depends on the version: the shape of the latest entry that is not after it."""

    shapes: tuple[tuple[int, Shape], ...]

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Check by the version's shape."""
        [*_, (_, shape)] = [entry for entry in self.shapes if entry[0] <= walk.minor]
        shape.check(walk, at, value)


@dataclass(frozen=True, slots=True)
class Fields(Shape):
    """A mapping with fields of its own: what AsyncAPI calls an object."""

    kind: str
    """What it is called, with an article: `a server`."""
    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    closed: bool = True
    """Whether a field that is neither known nor an extension is a mistake."""
    extensible: bool = True
    """Whether `x-` fields are allowed."""
    any_of: tuple[str, ...] = ()
    """At least one of these must be there."""
    forbidden: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    """Where other fields are allowed: the fields that one a slip away from is warned to be meant as."""
    foreign: frozenset[str] = frozenset()
    """Where other fields are allowed: names that are known elsewhere, and so no slip."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report unknown and missing fields, and what is wrong within the known ones."""
        if not isinstance(value, dict):
            walk.must_be(at, value, f"a mapping: {self.kind}")
            return
        if not walk.enter(at, self.kind):
            return
        if self.closed and isinstance(value.get("$ref"), str) and "$ref" not in self.fields:
            walk.report(at.child("$ref"), "ref-here", f"a $ref cannot stand in place of {self.kind}")
            return
        for name in self.required:
            if name not in value:
                walk.report(at, "missing-field", f'{self.kind} needs "{name}"')
        if self.any_of and not any(name in value for name in self.any_of):
            names = " or ".join(f'"{name}"' for name in self.any_of)
            walk.report(at, "missing-field", f"{self.kind} needs {names}")
        for name, member in value.items():
            shape = self.fields.get(name)
            if name in self.forbidden:
                walk.report(at.child(name), "unknown-field", f'"{name}" is not for {self.kind}')
            elif shape is None:
                self._unknown(walk, at, name)
            elif isinstance(shape, Since) and shape.minor > walk.minor:
                walk.report(
                    at.child(name),
                    "unknown-field",
                    f'"{name}" is a field of {self.kind} since AsyncAPI 2.{shape.minor}; '
                    f"this document says 2.{walk.minor}",
                )
            else:
                shape.check(walk, at.child(name), member)

    def _unknown(self, walk: Walk, at: Location, name: str) -> None:
        if not self.closed and name not in self.foreign and not name.lower().startswith("x-"):
            meant = misspelt(name, self.guessed)
            if meant is not None:
                walk.warn(
                    at.child(name), "unknown-keyword", f'"{name}" means nothing here; did you mean "{meant}"?'
                )
        if not self.closed or (self.extensible and EXTENSION.match(name)):
            return
        message = f'"{name}" is not a field of {self.kind}{hint(name, self.fields)}'
        if name.lower().startswith("x-"):
            message = f'"{name}" is not the name of an extension: x- and letters, digits, ".", "_" and "-"'
        walk.report(at.child(name), "unknown-field", message)


@dataclass(frozen=True, slots=True)
class Referable(Shape):
    """An object, or a reference to one."""

    kind: str
    """The kind that is wanted, as `Fields` calls it."""
    section: str
    """The part of `components` where such objects stand."""
    shape: Shape

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Check the object; for a reference, the one that it leads to."""
        has_reference = isinstance(value, dict) and "$ref" in value
        # A channel is an object with a $ref among its fields; everything else is either the one or the other.
        if not has_reference or self.section == "channels":
            self.shape.check(walk, at, value)
        if isinstance(value, dict) and has_reference and follow(walk, at, value, self.kind, self.section):
            walk.check_later(self.shape, walk.document.follow(at))


def follow(walk: Walk, at: Location, value: dict[str, Json], kind: str, section: str) -> bool:
    """Whether a reference leads to a place worth looking at; reports what is wrong with where it leads."""
    target = walk.document.follow(at)
    if target == at:
        return False  # it leads nowhere, which has been said
    reference = value["$ref"]
    if isinstance(reference, str) and not FORMATS["a reference"](reference):
        walk.report(at.child("$ref"), "bad-value", f'"{reference}" is not a reference')
    match target.pointer:
        case ("components", str() as other, _, *deeper) if (
            target.file == walk.document.root.file and not deeper and other in SECTIONS and other != section
        ):
            walk.report(
                at.child("$ref"), "ref-kind", f"{reference} is {SECTIONS[other]}; {kind} is wanted here"
            )
            return False
    siblings = [name for name in value if name != "$ref"]
    if siblings and section != "channels":
        names = ", ".join(f'"{name}"' for name in siblings)
        means = "means" if len(siblings) == 1 else "mean"
        walk.warn(at.child(siblings[0]), "ref-siblings", f"{names} beside a $ref {means} nothing")
    return True


SECTIONS = {
    "schemas": "a schema",
    "servers": "a server",
    "serverVariables": "a server variable",
    "channels": "a channel",
    "messages": "a message",
    "securitySchemes": "a security scheme",
    "parameters": "a parameter",
    "correlationIds": "a correlation id",
    "operationTraits": "an operation trait",
    "messageTraits": "a message trait",
}
"""What stands in each part of `components`."""


@dataclass(slots=True)
class Later(Shape):
    """A shape that is named before it is made, for shapes that hold themselves."""

    shape: Shape | None = None

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Check as the shape does."""
        assert self.shape is not None
        self.shape.check(walk, at, value)
