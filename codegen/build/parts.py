"""What a schema is made of: the places whose demands all hold at once, `allOf` and `$ref`s taken apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.build.context import Context
from codegen.build.names import word_set
from codegen.contract import Json
from codegen.document import Location

ANNOTATIONS = word_set(
    """
    $comment $id $schema contentEncoding contentMediaType default definitions deprecated description
    discriminator example examples externalDocs readOnly summary title writeOnly xml $defs
    """
)
"""Keywords that demand nothing of a value."""

_BY_TYPE = {
    "object": word_set(
        """
    properties required additionalProperties patternProperties minProperties maxProperties propertyNames
    dependencies
    """
    ),
    "array": word_set("items additionalItems minItems maxItems uniqueItems contains"),
    "string": word_set("minLength maxLength pattern format"),
    "number": word_set("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
}
_STRING_FORMATS = word_set(
    """
    date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-
    reference uri-template json-pointer regex uuid byte binary password decimal
    """
)
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


@dataclass(frozen=True, slots=True)
class Part:
    """One place whose demands hold."""

    at: Location
    omit: frozenset[str] = frozenset()
    """Keywords already taken care of."""
    only: str | None = None
    """The one type that is looked at, where a place allows several."""

    def without(self, *keywords: str) -> Part:
        """The same place, these keywords taken care of."""
        return replace(self, omit=self.omit | frozenset(keywords))


Parts = tuple[Part, ...]
"""Places whose demands hold together; a plain schema is a tuple of one."""


def keywords(context: Context, part: Part) -> dict[str, Json]:
    """The keywords of a part that are still to be taken care of; `false` is told as `{"not": {}}`."""
    value = context.document.value(part.at)
    if value is False:
        return {"not": {}}
    if not isinstance(value, dict):
        return {}
    return {key: item for key, item in value.items() if key not in part.omit and key != "$ref"}


def flatten(context: Context, parts: Parts) -> Parts:
    """The parts with `$ref`s followed and `allOf` opened, outermost first, each place once."""
    found: dict[Part, None] = {}

    def open_up(part: Part, trail: tuple[Location, ...]) -> None:
        at = context.document.follow(part.at)
        if at in trail:
            context.error(
                at, "schema-cycle", "this schema is part of itself; break the circle of allOf and $ref"
            )
            return
        part = replace(part, at=at)
        value = keywords(context, part)
        arms = value.get("allOf")
        opened = part.without("allOf") if isinstance(arms, list) else part
        if opened in found:
            return
        found[opened] = None
        if isinstance(arms, list):
            for index in range(len(arms)):
                open_up(Part(at.child("allOf", index), only=part.only), (*trail, at))

    for part in parts:
        open_up(part, ())
    return tuple(found)


def demands(context: Context, part: Part) -> bool:
    """Whether a part constrains anything at all."""
    return (
        any(
            key not in ANNOTATIONS and not key.startswith("x-") and key != "nullable"
            for key in keywords(context, part)
        )
        or context.document.value(part.at) is False
    )


def types(context: Context, parts: Parts) -> tuple[str, ...]:
    """The JSON types that all parts allow, in a fixed order; none where there is nothing to tell them apart.

    Keywords say nothing of values of other types than their own: where no `type` is written but keywords of some type
    are, all are allowed, those that the keywords speak of first.
    """
    allowed: set[str] | None = None
    nullable = False
    for part in parts:
        value = keywords(context, part)
        declared = _declared(value)
        nullable = nullable or value.get("nullable") is True
        if part.only is not None:
            declared = {part.only} if declared is None else _meet(declared, {part.only})
        if declared is not None:
            allowed = declared if allowed is None else _meet(allowed, declared)
    if allowed is None:
        implied = _implied(context, parts)
        others = implied and {*TYPES} - {"integer"} - implied
        return tuple(name for among in (implied, others) for name in TYPES if name in among)
    if nullable and allowed and all(part.only is None for part in parts):
        allowed = allowed | {"null"}
    return tuple(name for name in TYPES if name in allowed)


def relevant(keyword: str, kind: str) -> bool:
    """Whether a keyword speaks of values of this type."""
    if kind == "integer":
        kind = "number"
    return all(keyword not in names for name, names in _BY_TYPE.items() if name != kind)


def _declared(value: dict[str, Json]) -> set[str] | None:
    declared = value.get("type")
    if isinstance(declared, str):
        return {declared} if declared in TYPES else None
    if isinstance(declared, list):
        names = {name for name in declared if isinstance(name, str) and name in TYPES}
        return names - {"integer"} if "number" in names else names
    return None


def _meet(one: set[str], other: set[str]) -> set[str]:
    both = one & other
    if ("integer" in one and "number" in other) or ("number" in one and "integer" in other):
        both.add("integer")
        both.discard("number")
    return both


def untyped(context: Context, parts: Parts) -> bool:
    """Whether no part says of which type a value is."""
    return all(part.only is None and _declared(keywords(context, part)) is None for part in parts)


def _implied(context: Context, parts: Parts) -> set[str]:
    implied: set[str] = set()
    for part in parts:
        value = keywords(context, part)
        for kind, names in _BY_TYPE.items():
            for keyword in names:
                if keyword in value and not (keyword == "format" and value[keyword] not in _STRING_FORMATS):
                    implied.add(kind)
    return implied
