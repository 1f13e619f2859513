"""A few values that a schema may accept: enough to show by one of them that two schemas overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from codegen.contract import Json, SchemaDict

_TEXTS = ("", "a", "A", "1", "abc", "2026-01-01", "2026-01-01T00:00:00Z", "x" * 64)
_MOST = 24
_DEEPEST = 4


def specimens(schema: SchemaDict) -> list[Json]:
    """Values that the schema may accept, the likely ones first; whether it does is for a `Judge` to say."""
    definitions = schema.get("definitions")
    return list(islice(_made(schema, definitions if isinstance(definitions, dict) else {}, 0), _MOST))


def _made(schema: Json | SchemaDict, definitions: Mapping[str, Json], depth: int) -> Iterator[Json]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        yield from (None, 0, "a") if schema is not False else ()
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield from _made(definitions.get(reference.rpartition("/")[2]), definitions, depth + 1)
        return
    if "const" in schema:
        yield schema["const"]
    for keyword in ("enum", "examples"):
        listed = schema.get(keyword)
        yield from listed if isinstance(listed, list) else ()
    for keyword in ("allOf", "oneOf", "anyOf"):
        arms = schema.get(keyword)
        for arm in arms if isinstance(arms, list) else ():
            yield from islice(_made(arm, definitions, depth + 1), 4)
    said = schema.get("type")
    kinds = said if isinstance(said, list) else [said] if said is not None else _kinds(schema)
    for kind in kinds:
        yield from _of_kind(str(kind), schema, definitions, depth)


def _kinds(schema: SchemaDict) -> list[Json]:
    if "properties" in schema or "required" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    return ["string", "integer", "boolean", "null", "array", "object"]


def _of_kind(kind: str, schema: SchemaDict, definitions: Mapping[str, Json], depth: int) -> Iterator[Json]:
    match kind:
        case "string":
            yield from _TEXTS
            least = schema.get("minLength")
            if isinstance(least, int) and least < 1000:
                yield "a" * least
        case "integer" | "number":
            yield from (0, 1, -1)
            for keyword, step in (
                ("minimum", 0),
                ("maximum", 0),
                ("exclusiveMinimum", 1),
                ("exclusiveMaximum", -1),
            ):
                bound = schema.get(keyword)
                if isinstance(bound, int | float):
                    yield bound + step
            if kind == "number":
                yield 0.5
        case "boolean":
            yield from (True, False)
        case "null":
            yield None
        case "array":
            yield []
            items = schema.get("items")
            for item in islice(_made(items if items is not None else {}, definitions, depth + 1), 3):
                yield [item]
        case "object":
            yield from _objects(schema, definitions, depth)


def _objects(schema: SchemaDict, definitions: Mapping[str, Json], depth: int) -> Iterator[Json]:
    properties = schema.get("properties")
    required = schema.get("required")
    found = properties if isinstance(properties, dict) else {}
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    for wanted in (names, list(dict.fromkeys([*names, *found]))):
        whole: dict[str, Json] = {}
        for name in wanted:
            whole[name] = next(_made(found.get(name, {}), definitions, depth + 1), None)
        yield whole
