"""The schemas of a document as their authors wrote them, in a form that JSON Schema tools take.

`build` says schemas in one plain form, fit for rendering. Whoever judges what goes over the wire, compares two
documents or makes up values starts here instead, from what stands in the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.document import Document, Location
from codegen.load import DATA

_NAMED = frozenset({"properties", "patternProperties", "definitions", "dependencies"})
_BASES = frozenset({"$id", "id", "$schema"})
_PREFIX = "#/definitions/"


def standalone(document: Document, at: Location) -> dict[str, Json]:
    """The schema at a place as a JSON Schema of draft 7 that refers to nothing but itself.

    What `$ref`s lead to, in whatever file, stands under `definitions`; what stands beside a `$ref` is left out, as
    draft 7 says (section 8.3). A schema that is `true` or `false` is said as `{}` or `{"not": {}}`.
    """
    names: dict[Location, str] = {}
    definitions: dict[str, Json] = {}
    start = document.follow(at)
    whole = copied(document, start, names)
    define(document, names, definitions)
    if not isinstance(whole, dict):
        whole = {} if whole else {"not": {}}
    if start in names:
        whole = {"$ref": _PREFIX + names[start]}
    return {**whole, "definitions": definitions} if definitions else whole


def define(document: Document, names: dict[Location, str], definitions: dict[str, Json]) -> None:
    """Add to the definitions all that has a name and is not among them, and what that leads to."""
    waiting = [target for target, name in names.items() if name not in definitions]
    while waiting:
        for target in waiting:
            definitions[names[target]] = copied(document, target, names)
        waiting = [target for target, name in names.items() if name not in definitions]


def copied(
    document: Document, start: Location, names: dict[Location, str], only: Collection[str] | None = None
) -> Json:
    """The schema at a place, `$ref`s unfollowed, each leading to a definition; `names` gets the new ones.

    Where `only` is given, no other keywords of the schema itself are copied.
    """

    def copy(at: Location, value: Json, *, is_schema: bool) -> Json:
        if isinstance(value, list):
            return [copy(at.child(index), item, is_schema=is_schema) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if is_schema and at in document.references:
            return {"$ref": _PREFIX + _name(document.follow(at), names)}
        return {
            key: member
            if is_schema and key in DATA
            else copy(at.child(key), member, is_schema=not (is_schema and key in _NAMED))
            for key, member in value.items()
            if not (is_schema and (key in _BASES or key == "definitions"))
            and (only is None or at != start or key in only)
        }

    return copy(start, document.value(start), is_schema=True)


def _name(target: Location, names: dict[Location, str]) -> str:
    """A name for what stands at a place: its own key where no other has it."""
    if target not in names:
        base = "".join(
            c if c.isalnum() else "_" for c in str(target.pointer[-1] if target.pointer else "root")
        )
        name, number = base, 1
        while name in names.values():
            number += 1
            name = f"{base}_{number}"
        names[target] = name
    return names[target]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of a value that does not fit."""

    at: tuple[str | int, ...]
    """Where in the value."""
    by: tuple[str | int, ...]
    """Which keyword of the schema says so, `$ref`s followed as if they were not there."""
    message: str


class Judge:
    """Says whether a value is what a schema describes, by JSON Schema draft 7, formats left aside.

    Expressions in patterns are ECMAScript's, see `codegen.patterns`; one that Python cannot match is not checked.
    """

    def __init__(self, schema: SchemaDict) -> None:
        self.schema = schema
        self._validator = validator_class()(schema)

    def part(self, schema: SchemaDict) -> Judge:
        """A judge of a schema whose references lead into this judge's schema."""
        judge = Judge.__new__(Judge)
        judge.schema = schema
        judge._validator = self._validator.evolve(schema=schema)
        return judge

    def accepts(self, value: Json) -> bool:
        """Whether the value fits."""
        return bool(self._validator.is_valid(value))

    def errors(self, value: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where in the value something does not fit, and what: of a union's many failures the one that says most."""
        for fault in self.faults(value):
            yield fault.at, fault.message

    def faults(self, value: Json) -> Iterator[Fault]:
        """The same, with the keywords that say so."""
        from jsonschema.exceptions import best_match  # noqa: PLC0415 - takes long

        for whole in self._validator.iter_errors(value):
            error = best_match([whole])
            path = error.absolute_schema_path
            yield Fault(tuple(error.absolute_path), tuple(path), str(error.message))


def judge(document: Document, at: Location) -> Judge:
    """A judge of the schema at a place."""
    return Judge(standalone(document, at))


_made: list[Any] = []


def validator_class() -> Any:  # noqa: ANN401 - jsonschema has no types
    """The class of what checks values by draft 7, with our own keywords, see `codegen.keywords`."""
    if not _made:
        from jsonschema import Draft7Validator  # noqa: PLC0415
        from jsonschema.validators import extend  # noqa: PLC0415

        from codegen.keywords import OWN  # noqa: PLC0415

        _made.append(extend(Draft7Validator, OWN))  # type: ignore[no-untyped-call]
    return _made[0]
