"""Values that break a schema in one place, one keyword at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.verify.damage import OF_EACH_TYPE, Damage, candidates
from codegen.verify.filling import At, filled, grown, places, put, variants
from codegen.written import Judge

_MOST_MIXED = 3
"""Values that break a keyword at a place and another with it; of those that break nothing else, all are kept."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that a schema does not accept, and why."""

    value: Json
    keyword: str
    """The keyword that it breaks."""
    at: At
    """Where in the value."""
    how: str
    """For people: "`unit` left out"."""


def breakages(schema: SchemaDict, values: list[Json]) -> list[Broken]:
    """Of valid values every way to break them that was found, each judged to be broken, each kind and place once.

    Optional properties that a value does not have are put in where that keeps it valid, so that they can be broken
    too; and each arm of a union, either branch of an `if`, is broken in values of its kind.
    """
    definitions = cast("SchemaDict", schema.get("definitions", {}))
    judge = Judge(schema)
    found: dict[tuple[str, At, str], Broken] = {}
    mixed: dict[tuple[str, At], dict[str, Broken]] = {}
    been: set[tuple[At, str]] = set()
    for whole in _bases(schema, values, definitions, judge):
        for plain, at, part in places(schema, whole, definitions, judge):
            place = (at, repr(plain))
            if place in been:
                continue
            been.add(place)
            for damage in _damages(plain, at, part, definitions, judge):
                made = Broken(put(whole, at, damage.value), damage.keyword, at, damage.how)
                key = (made.keyword, at, made.how)
                if key in found or judge.accepts(made.value):
                    continue
                if _alone(plain, damage, judge):
                    found[key] = made
                else:
                    mixed.setdefault(key[:2], {}).setdefault(made.how, made)
    for (keyword, at), others in mixed.items():
        left = [(how, made) for how, made in others.items() if (keyword, at, how) not in found]
        found.update(((keyword, at, how), made) for how, made in left[:_MOST_MIXED])
    return list(found.values())


def _bases(schema: SchemaDict, values: list[Json], definitions: SchemaDict, judge: Judge) -> Iterator[Json]:
    """The values, then each with one thing more, with all that they may have, and of other kinds."""
    yield from values
    for value in values:
        yield from grown(schema, value, definitions, judge)
    for value in values[:1]:
        whole = filled(schema, value, definitions, judge)
        yield whole
        for other in variants(schema, whole, definitions, judge):
            yield filled(schema, other, definitions, judge)


def _damages(
    plain: SchemaDict, at: At, value: Json, definitions: SchemaDict, judge: Judge
) -> Iterator[Damage]:
    """Candidates, which nobody has judged yet."""
    name, inside = (f"`{at[-1]}`", f" `{at[-1]}`") if at else ("the message", "")
    for other in OF_EACH_TYPE if at else ():
        yield Damage("type", other, f"{name} is {json.dumps(other)}")
    for damage in candidates(plain, value, definitions, judge):
        told = damage.how.replace("{}", name, 1).replace("{in}", inside and f" in{inside}", 1)
        yield Damage(damage.keyword, damage.value, told)


def _alone(plain: SchemaDict, damage: Damage, judge: Judge) -> bool:
    """Whether who ignores this one keyword would take the value."""
    others = {key: said for key, said in plain.items() if key not in {damage.keyword, "definitions"}}
    return damage.keyword == "type" or judge.part(others).accepts(damage.value)
