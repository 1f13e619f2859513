"""Schemas in the plain form that `build` tells them in, and what is asked of them before."""

from __future__ import annotations

from codegen.build.context import Context
from codegen.build.parts import Parts, keywords
from codegen.contract import Json, SchemaDict

_PREFIX = "#/components/schemas/"


def reference(name: str) -> dict[str, Json]:
    """A `$ref` to a named schema."""
    return {"$ref": _PREFIX + name}


def referenced(schema: SchemaDict) -> str | None:
    """The name that a `$ref` schema refers to; None for other schemas."""
    target = schema.get("$ref")
    return target.removeprefix(_PREFIX) if isinstance(target, str) else None


def choices(schema: SchemaDict) -> list[str]:
    """The named schemas that a value may be, by reference or in a union."""
    target = referenced(schema)
    if target is not None:
        return [target]
    arms = [arm for keyword in ("oneOf", "anyOf") if isinstance(arm := schema.get(keyword), list)]
    return [name for listed in arms for arm in listed if isinstance(arm, dict) for name in choices(arm)]


def _names(value: Json) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def union_of(keyword: str, arms: list[Json]) -> dict[str, Json]:
    """A union of plain forms; of one it is that one, of none it is nothing."""
    if not arms:
        return {"not": {}}
    if len(arms) == 1 and isinstance(arms[0], dict):
        return arms[0]
    return {keyword: arms}


def has_tag(context: Context, flat: Parts) -> bool:
    """Whether a required property has one value."""
    for part in flat:
        needed = {name for other in flat for name in _names(keywords(context, other).get("required"))}
        for name, place in context.entries(part.at, "properties"):
            value = context.value(place)
            enum = value.get("enum") if isinstance(value, dict) else None
            single = isinstance(enum, list) and len(enum) == 1
            if name in needed and isinstance(value, dict) and ("const" in value or single):
                return True
    return False


def has_properties(context: Context, flat: Parts) -> bool:
    """Whether objects are a class rather than a mapping."""
    for part in flat:
        value = keywords(context, part)
        if value.get("properties") or value.get("required"):
            return True
        if value.get("additionalProperties") is False and not value.get("patternProperties"):
            return True
    return False
