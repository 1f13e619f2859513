"""Valid values made fuller: with all that they may have, and of each kind that they may be of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.patterns import compiled
from codegen.values import ImpossibleError, Maker
from codegen.verify.strategies import ABSENT, resolved, simple
from codegen.written import Judge

At = tuple[str | int, ...]

DEEPEST = 12
_MOST_VARIANTS = 16
_NAMES = ("surprise", "more", "other", "z", "q", "k9")
_MOST_ALIKE = 3
"""Values that are made in vain for each that is wanted."""


def filled(schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge) -> Json:
    """A valid value with the optional properties and items that it lacks, as far as it stays valid with them."""
    whole = cast("Json", json.loads(json.dumps(value)))
    for _ in range(DEEPEST):
        before = whole
        for at, child in list(_lacking(schema, whole, definitions, judge)):
            made = simple(child, definitions)
            if made is ABSENT:
                continue
            with_it = put(whole, at, cast("Json", made))
            if judge.accepts(with_it):
                whole = with_it
        if whole == before:
            break
    return whole


def grown(schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge) -> Iterator[Json]:
    """A valid value with one of the optional properties and items that it lacks, and all that this one may have."""
    for at, child in list(_lacking(schema, value, definitions, judge)):
        made = simple(child, definitions)
        if made is not ABSENT:
            part = filled(child, cast("Json", made), definitions, judge.part(child))
            for one in (part, cast("Json", made)):
                whole = put(value, at, one)
                if judge.accepts(whole):
                    yield whole
                    break


def variants(schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge) -> list[Json]:
    """The value with another kind of value wherever there may be one: each arm of a union, either branch of an `if`."""
    found: dict[str, Json] = {}
    for at, part, child in _kinds(schema, value, definitions, judge):
        try:
            made = Maker({**child, "definitions": dict(definitions)}).make(Random(0), like=part)  # noqa: S311
        except ImpossibleError:
            continue
        whole = put(value, at, made)
        if whole != value and judge.accepts(whole):
            found.setdefault(repr(whole), whole)
        if len(found) == _MOST_VARIANTS:
            break
    return list(found.values())


def parts(schema: Json, value: Json, definitions: SchemaDict, judge: Judge) -> Iterator[SchemaDict]:
    """The schema and those that it is made of, as far as they concern the value.

    Of a union the arms that accept it, of an `if` the branch that it takes, of dependencies those of what it has.
    """
    plain = resolved(schema, definitions)
    yield plain
    for key in ("allOf", "oneOf", "anyOf"):
        arms = plain.get(key)
        for arm in arms if isinstance(arms, list) else []:
            if key == "allOf" or _accepts(judge, arm, definitions, value):
                yield from parts(arm, value, definitions, judge)
    if "if" in plain:
        branch = plain.get("then" if _accepts(judge, plain["if"], definitions, value) else "else", True)
        yield from parts(branch, value, definitions, judge)
    dependencies = plain.get("dependencies")
    for name, needs in dependencies.items() if isinstance(dependencies, Mapping) else ():
        if isinstance(value, dict) and name in value and not isinstance(needs, list):
            yield from parts(needs, value, definitions, judge)


def places(
    schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge
) -> Iterator[tuple[SchemaDict, At, Json]]:
    """Each part of the schema that says something of a place of the value, the place, and what stands there."""

    def below(schema: Json, value: Json, at: At) -> Iterator[tuple[SchemaDict, At, Json]]:
        if len(at) > DEEPEST:
            return
        for plain in parts(schema, value, definitions, judge):
            yield plain, at, value
            for key, child in children(plain, value):
                yield from below(child, value[key], (*at, key))  # type: ignore[index]

    return below(dict(schema), value, ())


def children(plain: SchemaDict, value: Json) -> Iterator[tuple[str | int, Json]]:
    """What a value has that the schema says something of: names or positions, and their schemas."""
    if isinstance(value, dict):
        properties, patterns = plain.get("properties"), plain.get("patternProperties")
        others = plain.get("additionalProperties")
        for name in value:
            known = False
            if isinstance(properties, Mapping) and name in properties:
                known = True
                yield name, properties[name]
            for pattern, child in patterns.items() if isinstance(patterns, Mapping) else ():
                expression = compiled(pattern)
                if expression is not None and expression.search(name):
                    known = True
                    yield name, child
            if not known and isinstance(others, Mapping):
                yield name, others
    elif isinstance(value, list) and value:
        items = plain.get("items")
        if isinstance(items, list):
            yield from zip(range(len(value)), items, strict=False)
        elif items is not None:
            yield 0, items


def put(whole: Json, at: At, value: Json) -> Json:
    """A copy of a value in which something else stands at a place; an item just behind the last is appended."""
    if not at:
        return value
    key, rest = at[0], at[1:]
    if isinstance(whole, dict) and isinstance(key, str):
        return {**whole, key: put(whole.get(key, {}), rest, value)}
    if isinstance(whole, list) and isinstance(key, int):
        return [*whole[:key], put(whole[key] if key < len(whole) else {}, rest, value), *whole[key + 1 :]]
    return whole


def several(schema: Json, definitions: SchemaDict, count: int) -> list[Json]:
    """Up to so many different values that a part of a schema accepts."""
    maker = Maker({**resolved(schema, definitions), "definitions": dict(definitions)})
    found: dict[str, Json] = {}
    for number in range(count * _MOST_ALIKE):
        try:
            made = maker.make(Random(number))  # noqa: S311 - makes values, keeps no secret
        except ImpossibleError:
            break
        found.setdefault(json.dumps(made, sort_keys=True), made)
        if len(found) == count:
            break
    return list(found.values())


def free_name(
    plain: SchemaDict, value: Mapping[str, Json], judge: Judge, *, fitting: bool = True
) -> str | None:
    """A name that a value does not have and that no property or pattern of the schema is for; None where none is found.

    Whether it is one of those that there may be (`propertyNames`) is to be said.
    """
    names, patterns, properties = (
        plain.get(key) for key in ("propertyNames", "patternProperties", "properties")
    )
    expressions = [compiled(one) for one in (patterns if isinstance(patterns, Mapping) else ())]
    odd = ("", " ", "Ü!", "a" * 300, "A", "0", "surprise", "x-y_z")
    for name in _NAMES if fitting else odd:
        if name in value or (isinstance(properties, Mapping) and name in properties):
            continue
        if any(one is not None and one.search(name) for one in expressions):
            continue
        if names is None or judge.part(_mapping(names)).accepts(name) == fitting:
            return name
    return None


def _lacking(
    schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge
) -> Iterator[tuple[At, SchemaDict]]:
    """Properties and items that are declared and not there: where, and their schemas."""
    for plain, at, part in places(schema, value, definitions, judge):
        if isinstance(part, dict) and len(at) < DEEPEST // 2:
            for name, child in _names(plain, part, judge):
                if name not in part and child is not False:
                    yield (*at, name), resolved(child, definitions)
        elif isinstance(part, list):
            items = plain.get("items")
            if isinstance(items, list) and len(part) < len(items):
                yield (*at, len(part)), resolved(items[len(part)], definitions)
            elif isinstance(items, Mapping) and not part:
                yield (*at, 0), resolved(items, definitions)


def _names(plain: SchemaDict, value: dict[str, Json], judge: Judge) -> Iterator[tuple[str, Json]]:
    """Names that an object may have: one for each property and pattern, and one of its own."""
    properties, patterns = plain.get("properties"), plain.get("patternProperties")
    if isinstance(properties, Mapping):
        yield from properties.items()
    for pattern, child in patterns.items() if isinstance(patterns, Mapping) else ():
        expression = compiled(pattern)
        if expression is None or any(expression.search(name) for name in value):
            continue
        names = several({"type": "string", "pattern": pattern}, {}, 1)
        yield from ((name, child) for name in names if isinstance(name, str))
    others = plain.get("additionalProperties")
    if isinstance(others, Mapping) and not any(name in value for name in _NAMES):
        name = free_name(plain, value, judge)
        if name is not None:
            yield name, others


def _kinds(
    schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge
) -> Iterator[tuple[At, Json, SchemaDict]]:
    """Where a value may be of another kind: the place, what stands there, and a schema of the other kind."""
    for plain, at, part in places(schema, value, definitions, judge):
        for key in ("oneOf", "anyOf"):
            arms = plain.get(key)
            for arm in arms if isinstance(arms, list) else []:
                if not _accepts(judge, arm, definitions, part):
                    yield at, part, {"allOf": [arm, _without(plain, key)]}
        if "if" in plain:
            taken = _accepts(judge, plain["if"], definitions, part)
            yield at, part, {"allOf": [{"not": plain["if"]} if taken else plain["if"], dict(plain)]}
        listed = plain.get("enum")
        for one in listed if isinstance(listed, list) else []:
            yield at, part, {"const": one}


def _without(plain: SchemaDict, key: str) -> dict[str, Json]:
    return {name: value for name, value in plain.items() if name not in {key, "definitions"}}


def _accepts(judge: Judge, schema: Json, definitions: SchemaDict, value: Json) -> bool:
    return judge.part(resolved(schema, definitions)).accepts(value)


def _mapping(schema: Json) -> SchemaDict:
    if isinstance(schema, Mapping):
        return schema
    return {} if schema else {"not": {}}
