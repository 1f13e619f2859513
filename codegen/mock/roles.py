"""What the numbers of an update are, as the document's examples show it.

Nothing is told by the meaning of names but clocks and counters: a number that is the greatest of its neighbours in
every example stays so, one that stays the same while its update's key does is set when the key changes, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf
from typing import Literal, TypeAlias, TypeGuard

from codegen.contract import Json, SchemaDict
from codegen.mock.kits import schema_at
from codegen.values.clocks import ticks

Place: TypeAlias = tuple[str | int, ...]

Role: TypeAlias = Literal["clock", "counter", "level", "most", "least", "first", "growing", "alone"]
"""`level`, `most`, `least` and `first` move together: where they are now, the greatest and the least since the key
changed, and where they were then. `growing` starts anew with each key."""

_COUNTERS = frozenset({"id", "seq", "sequence", "number", "nonce", "offset", "index", "version", "counter"})
_NEAR = 0.05


@dataclass(slots=True)
class Roles:
    """What is known of the places of an update's payload."""

    roles: dict[Place, Role] = field(default_factory=dict)
    units: dict[Place, int] = field(default_factory=dict)
    """Of clocks: ticks in a second; 0 where it is a text (ISO 8601)."""
    digits: dict[Place, int] = field(default_factory=dict)
    """How many decimals a number is written with; 0 for whole numbers."""
    choices: dict[Place, list[Json]] = field(default_factory=dict)
    """Places that hold one of a few values."""
    bounds: dict[Place, tuple[float, float]] = field(default_factory=dict)

    def of(self, *wanted: Role) -> list[Place]:
        """The places with one of these roles."""
        return [place for place, role in self.roles.items() if role in wanted]


def leaves(value: Json, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Every value that is neither object nor array, with its place."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    else:
        yield place, value


def learn(schema: SchemaDict, examples: Sequence[Json], key: str | None, names: Container[str] = ()) -> Roles:
    """What the places of a payload are; the first example says which there are.

    `key`: see `x-delivery`. `names` are those of properties that say where a level is, as far as that is known.
    """
    found = Roles()
    numbers: dict[Place, float] = {}
    for place, value in leaves(examples[0]):
        said = schema_at(schema, place)
        name = str(next((part for part in reversed(place) if isinstance(part, str)), ""))
        listed = said.get("enum") or said.get("x-open-enum")
        if isinstance(listed, list) and len(listed) > 1:
            found.choices[place] = listed
        elif isinstance(value, str):
            if said.get("format") == "date-time":
                found.roles[place], found.units[place] = "clock", 0
        elif isinstance(value, int | float) and not isinstance(value, bool):
            unit = ticks(name, said, value)
            found.digits[place] = max(decimals(at_place(example, place)) for example in examples)
            found.bounds[place] = _bound(said, "minimum", -inf), _bound(said, "maximum", inf)
            if unit:
                found.roles[place], found.units[place] = "clock", unit
            elif name.lower() in _COUNTERS and isinstance(value, int):
                found.roles[place] = "counter"
            else:
                numbers[place] = float(value)
                found.roles[place] = "alone"
    _levels(found, numbers, examples)
    if not found.of("level"):
        for place in numbers:
            if place[-1:] and place[-1] in names:
                found.roles[place] = "level"
    if key is not None:
        _within_key(found, examples, key)
    return found


def _levels(found: Roles, numbers: Mapping[Place, float], examples: Sequence[Json]) -> None:
    """Numbers that are nearly alike move together."""
    groups: list[list[Place]] = []
    for place, value in numbers.items():
        for group in groups:
            middle = numbers[group[0]]
            if middle and value and abs(value - middle) <= _NEAR * abs(middle):
                group.append(place)
                break
        else:
            groups.append([place])
    group = max(groups, key=len, default=[])
    if len(group) < 2:
        return
    for place in group:
        found.roles[place] = "level"
    if len(group) < 3:
        return
    rows = [[_number(at_place(example, place)) for place in group] for example in examples]
    for index, place in enumerate(group):
        others = [row[:index] + row[index + 1 :] for row in rows]
        own = [row[index] for row in rows]
        if all(value >= max(rest) for value, rest in zip(own, others, strict=True)) and "most" not in (
            found.roles[other] for other in group
        ):
            found.roles[place] = "most"
        elif all(value <= min(rest) for value, rest in zip(own, others, strict=True)) and "least" not in (
            found.roles[other] for other in group
        ):
            found.roles[place] = "least"


def _within_key(found: Roles, examples: Sequence[Json], key: str) -> None:
    """What stays the same, and what grows, in examples of the same key."""
    by_key: dict[str, list[Json]] = defaultdict(list)
    for example in examples:
        by_key[str(at_place(example, (key,)))].append(example)
    runs = [run for run in by_key.values() if len(run) > 1]
    if not runs:
        return
    for place in found.of("level", "alone"):
        rows = [[_number(at_place(example, place)) for example in run] for run in runs]
        if found.roles[place] == "level" and all(len(set(row)) == 1 for row in rows):
            found.roles[place] = "first"
        elif found.roles[place] == "alone" and all(row == sorted(row) and row[0] < row[-1] for row in rows):
            found.roles[place] = "growing"


def at_place(value: Json, place: Place) -> Json:
    """What stands at a place; None where nothing does."""
    for part in place:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _bound(said: SchemaDict, keyword: str, default: float) -> float:
    value = said.get(keyword)
    return float(value) if isinstance(value, int | float) else default


def is_number(value: Json) -> TypeGuard[int | float]:
    """Whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def decimals(value: Json) -> int:
    """How many decimals a number is written with, at most 8; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, float):
        return 0
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(8, max(0, -exponent)) if isinstance(exponent, int) else 0
