"""The values that go over the wire: of each, every schema that it must match, and the way that leads to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codegen.contract import Json
from codegen.document import Document
from codegen.location import Location
from codegen.plain import members
from codegen.validate.rules import mapping

_MOST = 4_000
"""Values looked at in one message: combinations of unions within unions have no end that matters."""
_WIDEST = 48
"""Combinations of the arms of several unions in one place that are taken apart."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One value in a message: where its schemas stand, and how one gets to it."""

    parts: tuple[Location, ...]
    """All schemas that hold at once: `$ref`s followed, `allOf` taken apart, one arm chosen of each union."""
    way: str
    """From the message's root: `payload.items[*].name`; empty for the root itself."""
    opened: frozenset[Location] = frozenset()
    """The unions of which an arm has been chosen."""


@dataclass(slots=True)
class Reached:
    """A value that goes one way, and all ways that lead to it."""

    spot: Spot
    ways: dict[str, str]
    """By message, the first way in it."""

    def told(self) -> str:
        """The ways, for a reader: `"text" of send, and 2 other messages`."""
        (message, way), *others = self.ways.items()
        told = f'"{way}" of {message}' if way else message
        if others:
            told += f", and {len(others)} other message{'s' if len(others) > 1 else ''}"
        return told


def flatten(document: Document, at: Location) -> tuple[Location, ...]:
    """A schema and what it has under `allOf`, `$ref`s followed, each once."""
    found: dict[Location, None] = {}
    waiting = [at]
    while waiting:
        place = document.follow(waiting.pop(0))
        if place in found:
            continue
        found[place] = None
        members = mapping(document, place).get("allOf")
        waiting[:0] = (
            [place.child("allOf", i) for i in range(len(members))] if isinstance(members, list) else []
        )
    return tuple(found)


def spots(document: Document, start: Location) -> Iterator[Spot]:
    """Every value of a message whose payload stands at a place, unions taken apart."""
    waiting = [Spot(flatten(document, start), "")]
    seen: set[tuple[frozenset[Location], frozenset[Location]]] = set()
    while waiting and len(seen) < _MOST:
        spot = waiting.pop(0)
        mark = (frozenset(spot.parts), spot.opened)
        if mark in seen:
            continue
        seen.add(mark)
        chosen = list(_choices(document, spot))
        if chosen:
            waiting[:0] = chosen
            continue
        yield spot
        waiting += _within(document, spot)


def leaves(
    document: Document, parts: Sequence[Location], opened: frozenset[Location] = frozenset()
) -> list[Spot]:
    """What a value that must match some schemas may be, an arm chosen of each union that is not `opened` already."""
    found: list[Spot] = []
    waiting = [Spot(tuple(dict.fromkeys(parts)), "", opened)]
    while waiting and len(found) < _WIDEST * 2:
        spot = waiting.pop(0)
        chosen = list(_choices(document, spot))
        waiting[:0] = chosen
        if not chosen:
            found.append(spot)
    return found


def _unions(document: Document, spot: Spot) -> list[tuple[Location, list[tuple[Location, ...]]]]:
    """The unions of a spot that are still whole, and the arms of each."""
    found: list[tuple[Location, list[tuple[Location, ...]]]] = []
    for part in spot.parts:
        schema = mapping(document, part)
        for keyword in ("oneOf", "anyOf"):
            place, arms = part.child(keyword), schema.get(keyword)
            if isinstance(arms, list) and arms and place not in spot.opened:
                found.append((place, [flatten(document, place.child(i)) for i in range(len(arms))]))
        place = part.child("if")
        if "if" in schema and place not in spot.opened and ("then" in schema or "else" in schema):
            yes = flatten(document, place) + (
                flatten(document, part.child("then")) if "then" in schema else ()
            )
            found.append((place, [yes, flatten(document, part.child("else")) if "else" in schema else ()]))
    return found


def _choices(document: Document, spot: Spot) -> Iterator[Spot]:
    unions = _unions(document, spot)
    if not unions:
        return
    product = 1
    for _, arms in unions:
        product *= len(arms)
    # Too many combinations: each union by itself.
    alone = product > _WIDEST
    for place, arms in unions if alone else unions[:1]:
        opened = spot.opened | ({one for one, _ in unions} if alone else {place})
        for arm in arms:
            yield Spot(tuple(dict.fromkeys((*spot.parts, *arm))), spot.way, opened)


def _within(document: Document, spot: Spot) -> Iterator[Spot]:
    named: dict[str, list[Location]] = {}
    items: list[Location] = []
    others: list[Location] = []
    for part in spot.parts:
        schema = mapping(document, part)
        for name in members(schema.get("properties")):
            named.setdefault(name, []).append(part.child("properties", name))
        for pattern in members(schema.get("patternProperties")):
            others.append(part.child("patternProperties", pattern))
        if isinstance(schema.get("additionalProperties"), dict):
            others.append(part.child("additionalProperties"))
        listed = schema.get("items")
        if isinstance(listed, list):
            items += [part.child("items", index) for index in range(len(listed))]
            if isinstance(schema.get("additionalItems"), dict):
                items.append(part.child("additionalItems"))
        elif isinstance(listed, dict):
            items.append(part.child("items"))
    for name, places in named.items():
        way = f"{spot.way}.{name}" if spot.way else name
        yield Spot(_together(document, places), way)
    if items:
        lists = [mapping(document, part).get("items") for part in spot.parts]
        together = not any(isinstance(one, list) for one in lists)
        for group in [items] if together else [[item] for item in items]:
            yield Spot(_together(document, group), f"{spot.way}[*]")
    for place in others:
        yield Spot(flatten(document, place), f"{spot.way}.*" if spot.way else "*")


def _together(document: Document, places: Sequence[Location]) -> tuple[Location, ...]:
    return tuple(dict.fromkeys(part for place in places for part in flatten(document, place)))


def types(document: Document, spot: Spot) -> frozenset[str] | None:
    """The types that a value may have; None where no schema says."""
    found: frozenset[str] | None = None
    for part in spot.parts:
        said = mapping(document, part).get("type")
        here = frozenset(one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str))
        if here:
            here |= {"integer"} if "number" in here else frozenset()
            found = here if found is None else found & here
    if found is not None and "number" in found:
        found -= {"integer"}
    return found


def values(document: Document, spot: Spot, keyword: str) -> list[Json]:
    """What all schemas of a spot say by a keyword."""
    return [schema[keyword] for part in spot.parts if keyword in (schema := mapping(document, part))]


def where(document: Document, spot: Spot, keyword: str = "type") -> Location:
    """The place to speak of: the schema that has a keyword, else the one that was written first."""
    for part in spot.parts:
        if keyword in mapping(document, part):
            return part
    return spot.parts[0]
