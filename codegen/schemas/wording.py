"""How values and alternatives are called in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable

from codegen.contract import Json

_LONGEST = 60
_MANY = 6


def said(value: Json) -> str:
    """A value as it is written, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False).replace("`", "\\u0060")  # which would begin code
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def listed(names: Iterable[str], word: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`; the last of many are counted."""
    each = list(names)
    if len(each) > _MANY:
        each = [*each[: _MANY - 1], f"{len(each) - _MANY + 1} others"]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} {word} {each[-1]}" if each else "nothing"


def values(found: Iterable[Json]) -> str:
    """Values, with `or` before the last."""
    return listed(map(said, found))


def types(found: Iterable[str]) -> str:
    """Types with their articles."""
    words = {
        "null": "null",
        "boolean": "true or false",
        "integer": "an integer",
        "object": "an object",
        "array": "an array",
    }
    return listed(words.get(each, f"a {each}") for each in found)
