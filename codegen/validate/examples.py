"""Examples and defaults that contradict their own schema: worth saying, no reason to stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from codegen.contract import Json
from codegen.document import Document, Location
from codegen.load import DATA
from codegen.patterns import compiled
from codegen.validate.rules import mapping
from codegen.validate.shapes import Walk
from codegen.written import validator_class

_BASE = "urn:document"
_LONGEST = 200
_LONGEST_VALUE = 80


def check(walk: Walk) -> None:
    """Warn of every example and default that its schema refuses; the schemas themselves must be sound."""
    for refusal in refusals(walk):
        walk.warn(refusal.at, "example", f"{refusal.what} contradicts its schema: {refusal.message}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place of an example or a default that does not fit."""

    at: Location
    what: str
    """What it is a part of: `the example`."""
    keyword: str
    """The keyword of the schema that refuses it."""
    message: str


def refusals(walk: Walk, formats: Callable[[str, str], bool | None] | None = None) -> Iterator[Refusal]:
    """What schemas refuse of examples and defaults.

    `formats` says of a format and a text whether it has it, None where the format is not known; without it they are
    left aside, as draft 7 allows.
    """
    pairs = list(_pairs(walk))
    if not pairs:
        return
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - takes long
    from referencing import Registry  # noqa: PLC0415
    from referencing.jsonschema import DRAFT7  # noqa: PLC0415

    names: dict[Location, str] = {}
    schemas: dict[str, Json] = {}
    for target in dict.fromkeys([*walk.document.references.values(), *(schema for _, schema, _ in pairs)]):
        names[target] = f"s{len(names)}"
    for target, name in names.items():
        schemas[name] = _portable(walk.document, target, names)
    made = validator_class()
    registry = Registry().with_resource(_BASE, DRAFT7.create_resource(schemas))
    checker = _Formats(formats) if formats is not None else None
    for at, schema, what in pairs:
        validator = made({"$ref": f"{_BASE}#/{names[schema]}"}, registry=registry, format_checker=checker)
        try:
            for found in validator.iter_errors(walk.document.value(at)):
                error = best_match([found])  # of a union's many, the one that says most
                place = at.child(*error.absolute_path)
                if error.validator == "additionalProperties":
                    for name in _unexpected(error):
                        message = f"{_json(name)} is no property that there may be"
                        yield Refusal(place.child(name), what, error.validator, message)
                    continue
                message = _short(_said(error, validator), _LONGEST)
                yield Refusal(place, what, error.validator, message)
        except RecursionError:
            continue  # a schema without an end: nothing can be said


class _Formats:
    """What `jsonschema` asks whether texts have formats."""

    def __init__(self, fits: Callable[[str, str], bool | None]) -> None:
        self._fits = fits

    def check(self, value: Json, name: str) -> None:
        from jsonschema.exceptions import FormatError  # noqa: PLC0415 - as above

        if isinstance(value, str) and self._fits(name, value) is False:
            raise FormatError(f"{_json(value)} is no `{name}`")


def _unexpected(error: Any) -> list[str]:  # noqa: ANN401 - jsonschema has no types
    """The properties that `additionalProperties: false` refuses."""
    declared, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
    known = [found for pattern in patterns if (found := compiled(pattern))]
    return [
        name for name in error.instance if name not in declared and not any(one.search(name) for one in known)
    ]


def _said(error: Any, validator: Any) -> str:  # noqa: ANN401, PLR0911 - jsonschema has no types; a table
    """What is wrong, values spelled as in JSON, and of a schema no more than what tells."""
    value, wanted = _json(error.instance), error.validator_value
    match error.validator:
        case "type":
            types = wanted if isinstance(wanted, list) else [wanted]
            return f"{value} is not of type {' or '.join(map(_json, types))}"
        case "enum":
            return f"{value} is none of {', '.join(map(_json, wanted))}"
        case "const":
            return f"{value} is not {_json(wanted)}"
        case "oneOf" | "anyOf":
            arms = [
                index
                for index, arm in enumerate(wanted, 1)
                if validator.evolve(schema=arm).is_valid(error.instance)
            ]
            if arms:
                return f"{value} fits arms {' and '.join(map(str, arms))} of oneOf, and may fit one alone"
            return f"{value} fits none of the {len(wanted)} arms of {error.validator}"
        case "not":
            return f"{value} is what `not` excludes"
        case "pattern":
            return f"{value} does not match {wanted}"
        case "maxLength" | "minLength":
            than = "at most" if error.validator == "maxLength" else "at least"
            return f"{value} must have {than} {wanted} characters, and has {len(error.instance)}"
        case "contains":
            return f"no item of {value} is what `contains` asks for"
    return str(error.message)


def _json(value: Json) -> str:
    return _short(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


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
