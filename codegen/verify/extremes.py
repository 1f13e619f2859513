"""Valid values at the very ends of what a schema allows, one place at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.verify.filling import At, filled, parts, put
from codegen.verify.strategies import ABSENT, simple
from codegen.written import Judge

_DEEPEST = 8
_LONGEST_LIST = 200
_LONGEST_TEXT = 5_000


def extremes(schema: SchemaDict, values: list[Json], most: int) -> list[Json]:
    """Up to `most` of them, each judged to be valid: shortest and longest lists and texts, bounds, listed values."""
    definitions = cast("SchemaDict", schema.get("definitions", {}))
    judge = Judge(schema)
    found: dict[str, Json] = {repr(value): value for value in values}
    known = len(found)
    for value in values:
        whole = filled(schema, value, definitions, judge)
        for at, end in _ends(dict(schema), whole, definitions, judge, ()):
            made = put(whole, at, end)
            if repr(made) not in found and judge.accepts(made):
                found[repr(made)] = made
            if len(found) - known >= most:
                return list(found.values())[known:]
    return list(found.values())[known:]


def _ends(
    schema: Json, value: Json, definitions: SchemaDict, judge: Judge, at: At
) -> Iterator[tuple[At, Json]]:
    """What to put where; nobody has judged it yet."""
    if len(at) > _DEEPEST:
        return
    for plain in parts(schema, value, definitions, judge):
        listed = plain.get("enum")
        for one in listed if isinstance(listed, list) else []:
            yield at, one
        match value:
            case dict():
                properties = plain.get("properties")
                for name, child in properties.items() if isinstance(properties, Mapping) else ():
                    if name in value:
                        yield from _ends(child, value[name], definitions, judge, (*at, name))
            case list():
                yield from ((at, end) for end in _of_lists(plain, value, definitions))
                items = plain.get("items")
                if isinstance(items, Mapping) and value:
                    yield from _ends(items, value[0], definitions, judge, (*at, 0))
            case str():
                yield from ((at, end) for end in _of_texts(plain, value))
            case bool():
                yield at, not value
            case int() | float():
                yield from ((at, end) for end in _of_numbers(plain))


def _of_lists(plain: SchemaDict, value: list[Json], definitions: SchemaDict) -> Iterator[Json]:
    least, most, items = plain.get("minItems", 0), plain.get("maxItems"), plain.get("items")
    if not isinstance(items, Mapping) or not isinstance(least, int):
        return
    made = value[0] if value else simple(items, definitions)
    yield [*value[:least]]
    if made is not ABSENT:
        wanted = {least, 3, most if isinstance(most, int) and most <= _LONGEST_LIST else 3}
        for length in sorted(wanted):
            yield [*value, *[cast("Json", made)] * length][:length]


def _of_texts(plain: SchemaDict, value: str) -> Iterator[Json]:
    least, most = plain.get("minLength", 0), plain.get("maxLength")
    if isinstance(least, int):
        yield (value or "a")[:least]
    if isinstance(most, int) and most <= _LONGEST_TEXT:
        yield ((value or "a") * most)[:most]


def _of_numbers(plain: SchemaDict) -> Iterator[Json]:
    for keyword in ("minimum", "maximum"):
        bound = plain.get(keyword)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound
