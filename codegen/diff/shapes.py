"""What a schema says, as a text that is the same for the same schema under other names and with other words."""

from __future__ import annotations

import json

from codegen.contract import Json
from codegen.diff.documentation import without_words
from codegen.document import Document, Location
from codegen.load import DATA, NAMED
from codegen.written import standalone

_DEFINITION = "#/definitions/"


def shape(document: Document, at: Location) -> str:
    """A schema and all that it refers to, with numbers for names and without words."""
    schema = standalone(document, at)
    definitions = schema.pop("definitions", {})
    assert isinstance(definitions, dict)
    numbers: dict[str, int] = {}
    found = [_numbered(without_words(schema), numbers, is_named=False)]
    while len(found) <= len(numbers):
        # In the order in which they are met, which names do not change.
        name = list(numbers)[len(found) - 1]
        found.append(_numbered(without_words(definitions.get(name)), numbers, is_named=False))
    return json.dumps(found, sort_keys=True, default=str)


def _numbered(value: Json, numbers: dict[str, int], *, is_named: bool) -> Json:
    if isinstance(value, list):
        return [_numbered(item, numbers, is_named=False) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not is_named and isinstance(reference, str) and reference.startswith(_DEFINITION):
        number = numbers.setdefault(reference.removeprefix(_DEFINITION), len(numbers))
        return {"$ref": str(number)}
    return {
        key: value[key]
        if not is_named and key in DATA
        else _numbered(value[key], numbers, is_named=not is_named and key in NAMED)
        for key in sorted(value)
    }
