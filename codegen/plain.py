"""Parts of a document taken for what they should be; nothing where something else stands."""

from __future__ import annotations

from codegen.contract import Json


def members(value: Json) -> dict[str, Json]:
    """A mapping, or an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """A list, or an empty one for what is none."""
    return value if isinstance(value, list) else []


def names(value: Json) -> list[str]:
    """The texts in a list."""
    return [item for item in items(value) if isinstance(item, str)]
