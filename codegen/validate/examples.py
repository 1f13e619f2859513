"""Examples and defaults that contradict their own schema: worth saying, no reason to stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.contract import Json
from codegen.document import Document, Location
from codegen.load import DATA
from codegen.validate.rules import mapping
from codegen.validate.shapes import Walk

_BASE = "urn:document"
_LONGEST = 200


def check(walk: Walk) -> None:
    """Warn of every example and default that its schema refuses; the schemas themselves must be sound."""
    pairs = list(_pairs(walk))
    if not pairs:
        return
    from jsonschema import Draft7Validator  # noqa: PLC0415 - takes long
    from jsonschema.exceptions import best_match  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415
    from referencing.jsonschema import DRAFT7  # noqa: PLC0415

    names: dict[Location, str] = {}
    schemas: dict[str, Json] = {}
    for target in dict.fromkeys([*walk.document.references.values(), *(schema for _, schema, _ in pairs)]):
        names[target] = f"s{len(names)}"
    for target, name in names.items():
        schemas[name] = _portable(walk.document, target, names)
    registry = Registry().with_resource(_BASE, DRAFT7.create_resource(schemas))
    for at, schema, what in pairs:
        validator = Draft7Validator({"$ref": f"{_BASE}#/{names[schema]}"}, registry=registry)
        try:
            for whole in validator.iter_errors(walk.document.value(at)):
                error = best_match([whole])  # of a union's many, the one that says most
                place = at.child(*error.absolute_path)
                message = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"
                walk.warn(place, "example", f"{what} contradicts its schema: {message}")
        except (re.error, RecursionError):
            continue  # an expression in another dialect, or a schema without an end: nothing can be said


def _pairs(walk: Walk) -> Iterator[tuple[Location, Location, str]]:
    """Each example and default: where it stands, the schema it is of, and what it is called."""
    document = walk.document
    for at in walk.found["a message"]:
        message = mapping(document, at)
        examples = message.get("examples")
        for index, example in enumerate(examples if isinstance(examples, list) else []):
            for part in ("payload", "headers"):
                if isinstance(example, dict) and part in example and part in message:
                    yield at.child("examples", index, part), document.follow(at.child(part)), "the example"
    for at in walk.found["a schema"]:
        schema = mapping(document, at)
        examples = schema.get("examples")
        for index in range(len(examples)) if isinstance(examples, list) else ():
            yield at.child("examples", index), at, "the example"
        if "default" in schema:
            yield at.child("default"), at, "the default"


def _portable(document: Document, start: Location, names: dict[Location, str]) -> Json:
    """A copy of a schema whose references are names in the registry, and which has no base of its own."""

    def copy(at: Location, value: Json, *, is_schema: bool) -> Json:
        if isinstance(value, list):
            return [copy(at.child(index), item, is_schema=is_schema) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if at in document.references:
            return {"$ref": f"{_BASE}#/{names[document.follow(at)]}"}
        if is_schema and "$ref" in value:
            return {}  # it leads nowhere, which has been said
        return {
            key: member
            if is_schema and key in DATA
            else copy(at.child(key), member, is_schema=not (is_schema and key in _NAMED))
            for key, member in value.items()
            if not (is_schema and key in ("$id", "$schema"))
        }

    return copy(start, document.value(start), is_schema=True)


_NAMED = frozenset({"properties", "patternProperties", "definitions", "dependencies"})
