"""Values that break a schema in one place, one keyword at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.patterns import compiled
from codegen.verify.strategies import ABSENT, resolved, simple
from codegen.written import Judge

At = tuple[str | int, ...]

_OF_EACH_TYPE: tuple[Json, ...] = (None, True, 1.5, 7, "text", {}, [])
_DEEPEST = 12


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

    Optional properties that a value does not have are put in where that keeps it valid, so that they can be
    broken too.
    """
    definitions = cast("SchemaDict", schema.get("definitions", {}))
    judge = Judge(schema)
    found: dict[tuple[str, At, str], Broken] = {}
    for value in values:
        whole = filled(schema, value, definitions, judge)
        for broken in _ways(dict(schema), whole, definitions, (), 0):
            made = Broken(put(whole, broken.at, broken.value), broken.keyword, broken.at, broken.how)
            key = (broken.keyword, made.at, made.how)
            if key not in found and not judge.accepts(made.value):
                found[key] = made
    return list(found.values())


def filled(schema: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge) -> Json:
    """A valid value with the optional properties that it lacks, as far as it stays valid with them."""
    whole = cast("Json", json.loads(json.dumps(value)))
    for _ in range(_DEEPEST):
        before = whole
        for at, name, child in list(_lacking(dict(schema), whole, definitions, (), 0)):
            made = simple(child, definitions)
            if made is ABSENT:
                continue
            with_it = put(whole, (*at, name), cast("Json", made))
            if judge.accepts(with_it):
                whole = with_it
        if whole == before:
            break
    return whole


def _lacking(
    schema: Json, value: Json, definitions: SchemaDict, at: At, depth: int
) -> Iterator[tuple[At, str, SchemaDict]]:
    """Properties that are declared and not there: where, their names, their schemas."""
    if depth > _DEEPEST or not isinstance(value, dict):
        return
    for plain in parts(schema, value, definitions):
        properties = plain.get("properties")
        for name, child in properties.items() if isinstance(properties, Mapping) else ():
            if name in value:
                yield from _lacking(child, value[name], definitions, (*at, name), depth + 1)
            elif child is not False and depth < 6:
                yield at, name, resolved(child, definitions)


def parts(schema: Json, value: Json, definitions: SchemaDict) -> Iterator[SchemaDict]:
    """The schema and those that it is made of, as far as they concern the value: of a union the arms that accept it."""
    plain = resolved(schema, definitions)
    yield plain
    for key in ("allOf", "oneOf", "anyOf"):
        arms = plain.get(key)
        for arm in arms if isinstance(arms, list) else []:
            whole: dict[str, Json] = {**resolved(arm, definitions), "definitions": dict(definitions)}
            if key == "allOf" or Judge(whole).accepts(value):
                yield from parts(arm, value, definitions)


def _ways(schema: Json, value: Json, definitions: SchemaDict, at: At, depth: int) -> Iterator[Broken]:
    """Candidates: what to put at a place of the value to break which keyword; nobody has judged them yet."""
    if depth > _DEEPEST:
        return
    for plain in parts(schema, value, definitions):
        if depth or "type" in plain:
            name = f"`{at[-1]}`" if at else "the message"
            for other in _OF_EACH_TYPE:
                if at:
                    yield Broken(other, "type", at, f"{name} is {json.dumps(other)}")
        yield from _of_scalars(plain, value, at)
        if isinstance(value, dict):
            yield from _of_objects(plain, value, at)
            properties = plain.get("properties")
            for key, child in properties.items() if isinstance(properties, Mapping) else ():
                if key in value:
                    yield from _ways(child, value[key], definitions, (*at, key), depth + 1)
        elif isinstance(value, list):
            yield from _of_arrays(plain, value, at)
            items = plain.get("items")
            if value and isinstance(items, Mapping):
                yield from _ways(items, value[0], definitions, (*at, 0), depth + 1)


def _of_scalars(plain: SchemaDict, value: Json, at: At) -> Iterator[Broken]:
    name = f"`{at[-1]}`" if at else "the message"
    if isinstance(value, str):
        least, most, pattern = plain.get("minLength"), plain.get("maxLength"), plain.get("pattern")
        if isinstance(least, int) and least > 0:
            yield Broken(value[: least - 1], "minLength", at, f"{name} is shorter than {least}")
        if isinstance(most, int) and most < 1_000_000:
            longer = (value or "a") * (most + 1)
            yield Broken(longer[: most + 1], "maxLength", at, f"{name} is longer than {most}")
        if isinstance(pattern, str) and (expression := compiled(pattern)) is not None:
            for text in ("", " ", value + " ", value + "\n", "\u00e9", "!", "\x00", "a" * 300):
                if not expression.search(text):
                    yield Broken(text, "pattern", at, f"{name} is {json.dumps(text[:20])}, not as {pattern}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_numbers(plain, name, at)
    for keyword in ("enum", "const"):
        if keyword in plain:
            for other in _others(value):
                yield Broken(other, keyword, at, f"{name} is {json.dumps(other)}")


def _others(value: Json) -> list[Json]:
    """Values of the same type that are probably no member of an enumeration."""
    match value:
        case bool():
            return [not value]
        case str():
            return [value + "x", value.swapcase(), ""]
        case int() | float():
            return [value + 1, -value - 1, 10**9]
        case _:
            return [None, "other"]


def _of_numbers(plain: SchemaDict, name: str, at: At) -> Iterator[Broken]:
    for keyword, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
        bound = plain.get(keyword)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield Broken(bound + step, keyword, at, f"{name} is {bound + step:g}, beyond {keyword} {bound:g}")
    multiple = plain.get("multipleOf")
    if isinstance(multiple, int | float) and not isinstance(multiple, bool):
        yield Broken(multiple * 1.5, "multipleOf", at, f"{name} is no multiple of {multiple:g}")


def _of_objects(plain: SchemaDict, value: dict[str, Json], at: At) -> Iterator[Broken]:
    inside = f" in `{at[-1]}`" if at else ""
    required = plain.get("required")
    for name in required if isinstance(required, list) else []:
        less = {key: member for key, member in value.items() if key != name}
        yield Broken(less, "required", at, f"`{name}` left out{inside}")
    if "additionalProperties" in plain or "patternProperties" in plain:
        extras: tuple[Json, ...] = (None, [], {"surprise": 1})
        for extra in extras:
            more: dict[str, Json] = {**value, "surprise": extra}
            yield Broken(more, "additionalProperties", at, f"`surprise` put{inside or ' in'}")
    dependencies = plain.get("dependencies")
    for name, needs in dependencies.items() if isinstance(dependencies, Mapping) else ():
        for need in needs if isinstance(needs, list) else []:
            if name in value:
                less = {key: member for key, member in value.items() if key != need}
                yield Broken(less, "dependencies", at, f"`{need}` left out{inside}, which `{name}` needs")
    if "minProperties" in plain:
        yield Broken({}, "minProperties", at, f"no property{inside}")
    most = plain.get("maxProperties")
    if isinstance(most, int) and most < 1000:
        many: dict[str, Json] = {**value, **{f"more{number}": number for number in range(most + 1)}}
        yield Broken(many, "maxProperties", at, f"more than {most} properties{inside}")
    if "propertyNames" in plain:
        for name in ("", " ", "Ü!", "a" * 300, "a", "0"):
            named: dict[str, Json] = {**value, name: 1}
            yield Broken(named, "propertyNames", at, f"a property {json.dumps(name[:20])}{inside}")


def _of_arrays(plain: SchemaDict, value: list[Json], at: At) -> Iterator[Broken]:
    name = f"`{at[-1]}`" if at else "the message"
    least, most = plain.get("minItems"), plain.get("maxItems")
    if isinstance(least, int) and least > 0:
        yield Broken(value[: least - 1], "minItems", at, f"{name} has fewer than {least} items")
    if isinstance(most, int) and most < 100_000:
        many = (value or [cast("Json", 1)]) * (most + 1)
        yield Broken(many[: most + 1], "maxItems", at, f"{name} has more than {most} items")
    if plain.get("uniqueItems") is True and value:
        yield Broken([*value, value[0]], "uniqueItems", at, f"{name} has an item twice")
    if "contains" in plain:
        yield Broken([], "contains", at, f"{name} is empty")
    if plain.get("items") is not None:
        for other in _OF_EACH_TYPE:
            yield Broken([*value, other], "items", at, f"{name} ends with {json.dumps(other)}")


def put(whole: Json, at: At, value: Json) -> Json:
    """A copy of a value in which something else stands at a place."""
    if not at:
        return value
    key, rest = at[0], at[1:]
    if isinstance(whole, dict) and isinstance(key, str):
        return {**whole, key: put(whole.get(key, {}), rest, value)}
    if isinstance(whole, list) and isinstance(key, int):
        return [*whole[:key], put(whole[key], rest, value), *whole[key + 1 :]]
    return whole
