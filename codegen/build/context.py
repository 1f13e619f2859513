"""What the parts of `build` share: the document, and the findings so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from codegen.contract import Json
from codegen.diagnostics import Diagnostic
from codegen.document import Document, Key, Location

T = TypeVar("T")


@dataclass
class Context:
    """A document being built."""

    document: Document
    diagnostics: list[Diagnostic] = field(default_factory=list)
    definition_names: dict[Location, str] = field(default_factory=dict)
    definitions: dict[str, Json] = field(default_factory=dict)
    """What demands of schemas refer to, see `codegen.build.demands`."""
    unenforced: dict[Location, str] = field(default_factory=dict)
    """Keywords of schemas that the models take otherwise than JSON Schema does, and how."""

    def error(self, at: Location, rule: str, message: str) -> None:
        """Note something that keeps the document from being expressed."""
        self._note(Diagnostic(self.document.source(at), rule, message))

    def warn(self, at: Location, rule: str, message: str) -> None:
        """Note something odd that stops nobody."""
        self._note(Diagnostic(self.document.source(at), rule, message, "warning"))

    def _note(self, finding: Diagnostic) -> None:
        if finding not in self.diagnostics:
            self.diagnostics.append(finding)

    def value(self, at: Location) -> Json:
        """The value at a place, `$ref`s followed; None where there is nothing."""
        try:
            return self.document.value(self.document.follow(at))
        except (KeyError, IndexError, TypeError):
            return None

    def at(self, base: Location, *keys: Key) -> Location | None:
        """The place under another, `$ref`s followed at every step; None where there is nothing."""
        place = self.document.follow(base)
        for key in keys:
            place = place.child(key)
            if not self.document.has(place):
                return None
            place = self.document.follow(place)
        return place

    def get(self, base: Location, *keys: Key) -> Json:
        """The value under a place, `$ref`s followed at every step; None where there is nothing."""
        place = self.at(base, *keys)
        return None if place is None else self.document.value(place)

    def text(self, base: Location, *keys: Key) -> str:
        """The text under a place, stripped; empty where there is none."""
        value = self.get(base, *keys)
        return value.strip() if isinstance(value, str) else ""

    def entries(self, base: Location, *keys: Key) -> Iterator[tuple[str, Location]]:
        """Key and place (unfollowed) of each entry of the mapping under a place, in document order."""
        place = self.at(base, *keys)
        if place is None:
            return
        value = self.document.value(place)
        if isinstance(value, dict):
            for key in value:
                yield key, place.child(key)

    def items(self, base: Location, *keys: Key) -> Iterator[Location]:
        """Place (unfollowed) of each item of the list under a place."""
        place = self.at(base, *keys)
        if place is None:
            return
        value = self.document.value(place)
        if isinstance(value, list):
            for index in range(len(value)):
                yield place.child(index)

    @property
    def root(self) -> Location:
        """The document itself."""
        return self.document.root
