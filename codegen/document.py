"""A document as it was written: plain values, where each stands, and where each `$ref` leads.

`load` makes it; `validate` and `build` walk it by `Location`. References are followed, never inlined, so that
recursive schemas stay finite and a finding can always name the line that somebody wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.contract import Json, Source
from codegen.location import Key, Location

__all__ = ["Document", "Key", "Location", "SourceFile"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One parsed file."""

    name: str
    """As shown to the user: relative to the working folder where possible, forward slashes."""
    data: Json
    """Plain dicts, lists and scalars; keys of mappings are strings."""
    positions: Mapping[tuple[Key, ...], tuple[int, int]]
    """Line and column (from 1) of each value by pointer: of its key in a mapping, of the item in a list."""


@dataclass(frozen=True, slots=True)
class Document:
    """The root file and all that it refers to."""

    root: Location
    files: Mapping[str, SourceFile]
    references: Mapping[Location, Location] = field(default_factory=dict)
    """From each mapping that holds a `$ref` (outside examples and the like) to the place that it names."""

    def value(self, at: Location) -> Json:
        """The value at a place, `$ref`s unfollowed; KeyError, IndexError or TypeError where there is none."""
        value = self.files[at.file].data
        for key in at.pointer:
            value = value[key]  # type: ignore[index]
        return value

    def has(self, at: Location) -> bool:
        """Whether there is a value at a place."""
        try:
            self.value(at)
        except (KeyError, IndexError, TypeError):
            return False
        return True

    def source(self, at: Location) -> Source:
        """Line and column of a place, or of the nearest place around it that was written."""
        positions = self.files[at.file].positions
        pointer = at.pointer
        while pointer and pointer not in positions:
            pointer = pointer[:-1]
        line, column = positions.get(pointer, (1, 1))
        return Source(at.file, line, column)

    def follow(self, at: Location) -> Location:
        """The place that this one means: itself, or what its chain of `$ref`s ends at."""
        while at in self.references:
            at = self.references[at]
        return at
