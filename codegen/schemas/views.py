"""What several schemas of one document say together about one value, with the places where they say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from codegen.contract import Json
from codegen.document import Document
from codegen.location import Location
from codegen.plain import members
from codegen.schemas.forms import Form, Key, Mode, World
from codegen.schemas.holding import covers


@dataclass(frozen=True, slots=True)
class Union:
    """Alternatives of a schema."""

    keyword: str
    place: Location
    arms: tuple[Location, ...]


@dataclass(slots=True)
class View:
    """Schemas that all apply: those at `places`, what they refer to and all parts of their `allOf`."""

    world: World
    side: int
    places: tuple[Location, ...]
    decided: frozenset[Location] = frozenset()
    """The lists of alternatives of which one is among the places already."""
    parts: list[Location] = field(default_factory=list)
    unions: list[Union] = field(default_factory=list)
    forbidden: bool = False
    """Whether one of them is `false`."""
    _keys: dict[str, Key] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        waiting = list(self.places)
        while waiting:
            at = self.document.follow(waiting.pop(0))
            value = self.document.value(at)
            if not isinstance(value, dict):
                self.forbidden = self.forbidden or value is False
                continue
            if at in self.parts:
                continue
            self.parts.append(at)
            parts = value.get("allOf")
            if isinstance(parts, list):
                waiting += [at.child("allOf", index) for index in range(len(parts))]
            for keyword in ("oneOf", "anyOf"):
                arms = value.get(keyword)
                if isinstance(arms, list) and at.child(keyword) not in self.decided:
                    places = [
                        at.child(keyword, index) for index in range(len(arms)) if arms[index] is not False
                    ]
                    if len(places) == 1:
                        waiting += places
                    else:
                        self.unions.append(Union(keyword, at.child(keyword), tuple(places)))

    @property
    def document(self) -> Document:
        """Where the schemas stand."""
        return self.world.documents[self.side]

    @property
    def place(self) -> Location | None:
        """The first of the places."""
        return self.places[0] if self.places else None

    @property
    def key(self) -> Key:
        """All of them as one schema of the world."""
        return self._joined("plain")

    @property
    def sent(self) -> Key:
        """The same without properties that only the other document declares, see `compare`."""
        return self._joined("outer")

    def _joined(self, mode: Mode) -> Key:
        if mode not in self._keys:
            self._keys[mode] = self.world.joined(self.side, self.places, mode)
        return self._keys[mode]

    def of(self, *places: Location) -> View:
        """A view of other schemas of the same document."""
        return View(self.world, self.side, places)

    def said(self, keyword: str) -> list[tuple[Location, Json]]:
        """What the parts say under a keyword."""
        found = []
        for at in self.parts:
            value = self.document.value(at)
            if isinstance(value, dict) and keyword in value:
                found.append((at.child(keyword), value[keyword]))
        return found

    def where(self, *keywords: str) -> Location | None:
        """Where the first of some keywords is written, else where the schema is."""
        for keyword in keywords:
            for at, _ in self.said(keyword):
                return at
        return self.place

    def sliced(self, *keywords: str) -> Key:
        """What the parts say under some keywords alone, as one schema of the world."""
        forms = []
        for at in self.parts:
            form = self.world.forms[self.world.joined(self.side, [at])]
            if isinstance(form, dict):
                forms.append({keyword: form[keyword] for keyword in keywords if keyword in form})
        return self.world.intern({"allOf": forms} if forms else {})

    def of_names(self) -> Key:
        """What the parts say of properties by their names, those that are named themselves left aside."""
        forms = []
        for at in self.parts:
            form = self.world.forms[self.world.joined(self.side, [at])]
            if isinstance(form, dict):
                kept = {
                    key: form[key] for key in ("patternProperties", "additionalProperties") if key in form
                }
                named: dict[str, Form] = {"properties": {name: {} for name in form.get("properties", ())}}
                forms.append({**named, **kept} if kept else {})
        return self.world.intern({"allOf": forms} if forms else {})

    def declared(self) -> dict[str, list[Location]]:
        """The properties that are named, with what is said of each by name."""
        found: dict[str, list[Location]] = {}
        for at, listed in self.said("properties"):
            if isinstance(listed, dict):
                for name in listed:
                    found.setdefault(name, []).append(at.child(name))
        return found

    def required(self) -> dict[str, Location]:
        """The properties that must be there, with where that is said."""
        found: dict[str, Location] = {}
        for at, names in self.said("required"):
            if isinstance(names, list):
                for index, name in enumerate(names):
                    found.setdefault(str(name), at.child(index))
        return found

    def applying(self, name: str) -> Iterator[Location]:
        """The schemas of a property of some name."""
        for at in self.parts:
            value = self.document.value(at)
            assert isinstance(value, dict)
            found = [at.child(key, name) for key in ("properties",) if name in members(value.get(key))]
            found += [
                at.child("patternProperties", pattern)
                for pattern in members(value.get("patternProperties"))
                if covers(pattern, name)
            ]
            if not found and "additionalProperties" in value:
                found = [at.child("additionalProperties")]
            yield from found

    def items(self, index: int) -> Sequence[Location]:
        """The schemas of an item."""
        found: list[Location] = []
        for at in self.parts:
            value = self.document.value(at)
            assert isinstance(value, dict)
            items = value.get("items")
            if isinstance(items, list):
                if index < len(items):
                    found.append(at.child("items", index))
                elif "additionalItems" in value:
                    found.append(at.child("additionalItems"))
            elif items is not None:
                found.append(at.child("items"))
        return found

    def prefix(self) -> int:
        """How many items have schemas of their own."""
        return max([0, *(len(items) for _, items in self.said("items") if isinstance(items, list))])
