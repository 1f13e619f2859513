"""Words for people: how many of them differ between two documents, so that one line may sum them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.contract import Json
from codegen.load import DATA, NAMED

_WORDS = {
    "description": "description",
    "summary": "description",
    "title": "title",
    "examples": "example",
    "example": "example",
    "externalDocs": "link",
    "tags": "tag",
    "contact": "contact",
    "license": "licence",
    "termsOfService": "link",
    "$comment": "comment",
}
"""Fields for people, and what one calls them."""


def differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, int]:
    """How many texts of each kind differ where both documents have something to describe."""
    counted: dict[str, int] = {}
    for word in _walk(dict(old), dict(new), is_named=False):
        counted[word] = counted.get(word, 0) + 1
    return counted


def _walk(old: Json, new: Json, *, is_named: bool) -> Iterator[str]:
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            if not is_named and key in _WORDS:
                if old.get(key) != new.get(key):
                    yield _WORDS[key]
            elif key in old and key in new:
                yield from _walk(old[key], new[key], is_named=not is_named and key in NAMED)
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            yield from _walk(one, other, is_named=False)


def without_words(value: Json, *, is_named: bool = False) -> Json:
    """A schema, or a part of a document, without what is for people alone."""
    if isinstance(value, dict):
        return {
            key: member
            if not is_named and key in DATA
            else without_words(member, is_named=not is_named and key in NAMED)
            for key, member in value.items()
            if is_named or key not in _WORDS
        }
    if isinstance(value, list):
        return [without_words(item) for item in value]
    return value
