"""How findings put things."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches

from codegen.contract import Json
from codegen.document import Location

_ALIKE = 0.7
"""How much of two names must be alike for the one to be meant by the other; below, letters that happen to recur do."""


def called(at: Location) -> str:
    """How a message names a place."""
    if not at.pointer:
        return "the document"
    key = at.pointer[-1]
    return (
        f"item {key + 1} of {called(Location(at.file, at.pointer[:-1]))}"
        if isinstance(key, int)
        else f'"{key}"'
    )


def type_name(value: Json) -> str:
    """A value's type in a reader's words."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"{str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def hint(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or nothing where nothing comes close."""
    names = list(known)
    close = get_close_matches(name, names, 1, _ALIKE)
    if not close and len(name) > 2:
        close = [longer for longer in names if longer.startswith(name)]  # "int" for "integer"
    return f'; did you mean "{close[0]}"?' if close else ""


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that a name is a slip away from: two slips in long names; None where none is."""
    allowed = 1 if len(name) < 6 else 2
    near = [(slips, word) for word in known if (slips := _slips(name.lower(), word.lower())) <= allowed]
    return min(near)[1] if near else None


def _slips(one: str, other: str) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]


def canonical(value: Json) -> str:
    """The same text for values that are equal in JSON, where 1 is 1.0 and true is not 1."""
    return json.dumps(_plain(value), sort_keys=True)


def told(item: Json) -> str:
    """How a finding mentions an item of a list."""
    return "the same item" if isinstance(item, dict | list) else json.dumps(item, ensure_ascii=False)


def _plain(value: Json) -> Json:
    match value:
        case dict():
            return {key: _plain(member) for key, member in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float() if value.is_integer():
            return int(value)
    return value
