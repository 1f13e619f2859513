"""Random JSON values near a schema: mostly what it asks for, now and then something else."""

from __future__ import annotations

import random
from typing import Any, cast

from codegen.contract import Json

_OTHERS: list[Json] = [
    None, True, False, 0, 1, -1, 1.0, 1.5, 10, 2**64, "", "a", "b", "abc", "1", "x" * 40, "é", [], ["a"], [1],
    ["a", 1.5], {}, {"a": 1}, {"a": "x"}, {"b": 2},
]  # fmt: skip


def near(
    chance: random.Random, schema: dict[str, Any], schemas: dict[str, dict[str, Any]], depth: int = 0
) -> Json:
    """A value for a schema in the form that `build` gives it; every so often one that does not fit."""
    if chance.random() < 0.05 or depth > 5:
        return chance.choice(_OTHERS)
    if "$ref" in schema:
        return near(chance, schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return near(chance, chance.choice(schema[keyword]), schemas, depth + 1)
    if "const" in schema:
        value: Json = schema["const"]
        return value
    if "enum" in schema:
        listed: Json = chance.choice(schema["enum"])
        return listed
    match schema.get("type"):
        case "object":
            return _object(chance, schema, schemas, depth)
        case "array":
            return _array(chance, schema, schemas, depth)
        case "integer":
            return cast(Json, chance.choice([0, 1, 2, 5, 10, -3, 1.0, 2**63, schema.get("minimum", 7)]))
        case "number":
            return cast(Json, chance.choice([0, 1, 1.5, -2.25, 100, schema.get("maximum", 3)]))
        case "string":
            return chance.choice(["a", "ab", "AAPL", "b", "12", "", " é", "aaaa", "x" * 70])
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
    return chance.choice(_OTHERS)


def _object(
    chance: random.Random, schema: dict[str, Any], schemas: dict[str, dict[str, Any]], depth: int
) -> Json:
    made: dict[str, Json] = {}
    for name, item in schema.get("properties", {}).items():
        if chance.random() < (0.97 if name in schema.get("required", ()) else 0.4):
            made[name] = near(chance, item, schemas, depth + 1)
    if chance.random() < 0.2:
        made[chance.choice(["zz", "a1", "b1"])] = chance.choice(_OTHERS)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        made["more"] = near(chance, extra, schemas, depth + 1)
    return made


def _array(
    chance: random.Random, schema: dict[str, Any], schemas: dict[str, dict[str, Any]], depth: int
) -> Json:
    if "prefixItems" in schema:
        items = [near(chance, item, schemas, depth + 1) for item in schema["prefixItems"]]
        return items[: chance.choice([1, 9, 9])]
    return [near(chance, schema.get("items") or {}, schemas, depth + 1) for _ in range(chance.randint(0, 3))]
