"""Enumerations that may grow (`x-open-enum`): JSON Schema says nothing of them, readers of a contract do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from codegen.contract import Json
from codegen.document import Document, Location

At = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class OpenEnumChange:
    """Values that an open enumeration has more, or less."""

    kind: Literal["open-enum-value-added", "open-enum-value-removed"]
    at: At
    old: list[Json]
    new: list[Json]
    old_place: Location
    new_place: Location


def compare_open_enums(
    old: Document, old_at: Location, new: Document, new_at: Location
) -> Iterator[OpenEnumChange]:
    """What differs between the open enumerations at the same places of a value."""
    before = dict(_found(old, old_at, (), ()))
    for at, (new_values, new_place) in dict(_found(new, new_at, (), ())).items():
        if at not in before:
            continue
        old_values, old_place = before[at]
        where = (old_place, new_place)
        if any(value not in old_values for value in new_values):
            yield OpenEnumChange("open-enum-value-added", at, old_values, new_values, *where)
        if any(value not in new_values for value in old_values):
            yield OpenEnumChange("open-enum-value-removed", at, old_values, new_values, *where)


def _found(
    document: Document, at: Location, way: At, trail: tuple[Location, ...]
) -> Iterator[tuple[At, tuple[list[Json], Location]]]:
    """Every open enumeration by where it stands in a value."""
    place = document.follow(at)
    schema = document.value(place)
    if place in trail or not isinstance(schema, dict):
        return
    trail = (*trail, place)
    listed = schema.get("x-open-enum")
    if isinstance(listed, list):
        yield way, (listed, place.child("x-open-enum"))
    properties = schema.get("properties")
    for name in properties if isinstance(properties, dict) else ():
        yield from _found(document, place.child("properties", name), (*way, name), trail)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _found(document, place.child(keyword), (*way, "*"), trail)
    for keyword in ("allOf", "anyOf", "oneOf"):
        arms = schema.get(keyword)
        for index in range(len(arms) if isinstance(arms, list) else 0):
            yield from _found(document, place.child(keyword, index), way, trail)
