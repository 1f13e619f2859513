"""Unions of classes that a constant tells apart: Pydantic then reads, and complains of, one of them only."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from codegen.contract import Json, NamedSchema

_PREFIX = "#/components/schemas/"


def union_tag(schema: NamedSchema, names: Mapping[str, NamedSchema], aliases: Collection[str]) -> str | None:
    """The property whose constants tell the arms of a union apart; None where no single one does."""
    arms = schema.schema.get("oneOf", schema.schema.get("anyOf"))
    if not isinstance(arms, list) or len(arms) < 2:
        return None
    tags = [_required_texts(arm, names, aliases) for arm in arms]
    for name in tags[0]:
        values = [tag[name] for tag in tags if name in tag]
        if len(values) == len(arms) == len(set(values)):
            return name
    return None


def _required_texts(arm: Json, names: Mapping[str, NamedSchema], aliases: Collection[str]) -> dict[str, str]:
    """The required properties of a referenced class that are always the same text, and keep their name."""
    target = arm.get("$ref") if isinstance(arm, dict) else None
    found = names.get(target.removeprefix(_PREFIX)) if isinstance(target, str) else None
    if found is None or not found.is_object:
        return {}
    properties = found.schema.get("properties")
    required = found.schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return {}
    return {
        name: text
        for name, item in properties.items()
        if isinstance(item, dict)
        and isinstance(text := item.get("const"), str)
        and name in required
        and f"{found.name}.{name}" not in aliases
    }
