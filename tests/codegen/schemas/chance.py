"""Schemas and values by chance: small, of every keyword, and close enough to each other to matter."""
# ruff: noqa: ANN401 - schemas and values may be anything

from __future__ import annotations

from random import Random
from typing import Any

NAMES = ("a", "b", "ab", "x1")
PATTERNS = ("^a", "b$", "^[a-b]*$", "1", "^.{2}$", "^x|b$")
SCALARS: tuple[Any, ...] = (None, True, False, 0, 1, 2, 3, 5, 1.5, -1, 2.5, "", "a", "b", "ab", "abc", "x1")


def value(chance: Random, depth: int = 2) -> Any:
    """A small JSON value."""
    if depth == 0 or chance.random() < 0.4:
        return chance.choice(SCALARS)
    if chance.random() < 0.45:
        return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
    names = chance.sample(NAMES, chance.randrange(len(NAMES)))
    return {name: value(chance, depth - 1) for name in names}


def schema(chance: Random, depth: int = 2) -> Any:
    """A small schema of draft 7; one of depth 0 holds no other."""
    if chance.random() < 0.06:
        return chance.choice((True, False, {}))
    found: dict[str, Any] = {}
    kinds = ("number", "integer", "string", "object", "array", "boolean", "null")
    focus = chance.choice(("number", "string", "array", "object", "any"))
    if chance.random() < 0.75:
        kind = {"any": chance.choice(kinds), "number": chance.choice(("number", "integer"))}.get(focus, focus)
        found["type"] = kind if chance.random() < 0.7 else sorted({kind, chance.choice(kinds)})
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        found.update(_keyword(chance, focus, depth))
    if depth and chance.random() < 0.35:
        found.update(_joined(chance, depth))
    return found


def _keyword(chance: Random, focus: str, depth: int) -> dict[str, Any]:
    def inner() -> Any:
        return (
            schema(chance, depth - 1)
            if depth
            else chance.choice((True, {"type": "string"}, {"type": "integer"}))
        )

    count = chance.randrange(4)
    match focus, chance.randrange(7):
        case "number", 0 | 1:
            return {chance.choice(("minimum", "exclusiveMinimum")): chance.choice((0, 1, 1.5, 2))}
        case "number", 2 | 3:
            return {chance.choice(("maximum", "exclusiveMaximum")): chance.choice((0, 1, 2.5, 3, 5))}
        case "number", 4:
            return {"multipleOf": chance.choice((1, 2, 3, 0.5))}
        case "string", 0 | 1:
            return {chance.choice(("minLength", "maxLength")): count}
        case "string", 2 | 3 | 4:
            return {"pattern": chance.choice(PATTERNS)}
        case "array", 0:
            return {chance.choice(("minItems", "maxItems")): count}
        case "array", 1:
            return {"uniqueItems": True}
        case "array", 2:
            return {"contains": inner()}
        case "array", 3 | 4:
            return {"items": inner()}
        case "array", 5:
            return {"items": [inner() for _ in range(1 + count // 2)], "additionalItems": inner()}
        case "object", 0:
            return {chance.choice(("minProperties", "maxProperties")): count}
        case "object", 1:
            return {"required": chance.sample(NAMES, 1 + count // 2)}
        case "object", 2:
            return {"properties": {name: inner() for name in chance.sample(NAMES, 1 + count // 2)}}
        case "object", 3:
            return {"properties": {chance.choice(NAMES): inner()}, "additionalProperties": inner()}
        case "object", 4:
            return {"patternProperties": {chance.choice(PATTERNS): inner()}}
        case "object", 5:
            return {"propertyNames": chance.choice(({"pattern": chance.choice(PATTERNS)}, {"maxLength": 1}))}
        case "object", _:
            first, second = chance.sample(NAMES, 2)
            return {"dependencies": {first: [second] if count < 2 else inner()}}
        case _:
            values = [value(chance, 1) for _ in range(1 + count)]
            return {"const": values[0]} if count == 0 else {"enum": values}


def _joined(chance: Random, depth: int) -> dict[str, Any]:
    parts = [schema(chance, depth - 1) for _ in range(chance.choice((1, 2, 2, 3)))]
    match chance.randrange(6):
        case 0:
            return {"allOf": parts}
        case 1 | 2:
            return {"anyOf": parts}
        case 3:
            return {"oneOf": parts}
        case 4:
            return {"not": parts[0]}
        case _:
            return {"if": parts[0], "then": parts[-1], "else": schema(chance, depth - 1)}


def changed(chance: Random, before: Any) -> Any:
    """A schema that differs from another in one keyword somewhere."""
    if not isinstance(before, dict) or not before or chance.random() < 0.2:
        return schema(chance, 1)
    after = dict(before)
    key = chance.choice(sorted(after))
    match after[key]:
        case dict() as inner if key in {"properties", "patternProperties", "dependencies"}:
            name = chance.choice(sorted(inner))
            if chance.random() < 0.3:
                after[key] = {each: part for each, part in inner.items() if each != name}
            elif not isinstance(inner[name], list):
                after[key] = {**inner, name: changed(chance, inner[name])}
        case dict() as inner:
            after[key] = changed(chance, inner)
        case list() as members if key in {"allOf", "anyOf", "oneOf", "items"}:
            index = chance.randrange(len(members))
            after[key] = [changed(chance, part) if at == index else part for at, part in enumerate(members)]
        case int() | float() as number if not isinstance(number, bool):
            after[key] = max(number + chance.choice((-1, 1)), 1 if key == "multipleOf" else 0)
        case _:
            del after[key]
            if chance.random() < 0.5:
                after.update(_keyword(chance, chance.choice(("number", "string", "array", "object")), 1))
    return after
