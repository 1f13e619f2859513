"""How much a client may send: what a server reads must have an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.contract import Json, Source
from codegen.lint.expressions import longest
from codegen.lint.reach import Reached, types, values, where
from codegen.lint.rule import Option, Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location
from codegen.plain import members

_BOUNDED_FORMATS = frozenset(
    {"date", "date-time", "time", "uuid", "ipv4", "ipv6", "hostname", "idn-hostname", "email"}
)
"""Formats whose texts have a greatest length by their own standards."""
_SIZED = frozenset(
    {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"}
)
_SAYING = frozenset(
    {
        "$ref",  # of one that leads nowhere, which has been said
        *("type", "enum", "const", "not", "format", "pattern", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "maxLength", "minLength", "maxItems", "minItems", "items"),
        *("contains", "properties", "patternProperties", "additionalProperties", "required", "propertyNames"),
        *("maxProperties", "minProperties", "dependencies", "uniqueItems", "x-open-enum"),
    }
)
"""Keywords that exclude something."""

Judged = Callable[[Subject, Reached], Location | None]


def _each(subject: Subject, judge: Judged, message: str) -> Iterator[Said]:
    """Say something of each place that a judge names, once, with the ways that lead there."""
    found: dict[Source, tuple[Location, Reached]] = {}
    for reached in subject.sent:
        at = judge(subject, reached)
        if at is None:
            continue
        # What aliases of YAML repeat was written once.
        source = subject.document.source(at)
        if source in found:
            for key, way in reached.ways.items():
                found[source][1].ways.setdefault(key, way)
        else:
            found[source] = at, type(reached)(reached.spot, dict(reached.ways))
    for at, reached in found.values():
        yield at, message.format(told=reached.told())


def _is(subject: Subject, reached: Reached, wanted: str) -> bool:
    """Whether a value may be of a type, by what its schemas say; where none says, it is asked for elsewhere."""
    found = types(subject.document, reached.spot)
    return found is not None and wanted in found


def _listed(subject: Subject, reached: Reached) -> bool:
    """Whether the values are told one by one; those of an open enum may grow, and are texts all the same."""
    return any(values(subject.document, reached.spot, keyword) for keyword in ("enum", "const"))


def _strings(subject: Subject, reached: Reached) -> Location | None:
    document, spot = subject.document, reached.spot
    if not _is(subject, reached, "string") or _listed(subject, reached):
        return None
    if values(document, spot, "maxLength") or _BOUNDED_FORMATS & set(_texts(subject, reached, "format")):
        return None
    if any(longest(pattern) is not None for pattern in _texts(subject, reached, "pattern")):
        return None
    return where(document, spot)


def _texts(subject: Subject, reached: Reached, keyword: str) -> list[str]:
    return [said for said in values(subject.document, reached.spot, keyword) if isinstance(said, str)]


def _arrays(subject: Subject, reached: Reached) -> Location | None:
    document, spot = subject.document, reached.spot
    if not _is(subject, reached, "array") or _listed(subject, reached) or values(document, spot, "maxItems"):
        return None
    listed = [
        schema for part in spot.parts if isinstance((schema := subject.mapping(part)).get("items"), list)
    ]
    if any(schema.get("additionalItems") is False for schema in listed):
        return None
    return where(document, spot)


def _objects(subject: Subject, reached: Reached) -> Location | None:
    """Maps: objects that have entries by names of the client's choice, and say so."""
    document, spot = subject.document, reached.spot
    if values(document, spot, "maxProperties") or _listed(subject, reached):
        return None
    if any(said is False for said in values(document, spot, "additionalProperties")):
        return None
    for part in spot.parts:
        schema = subject.mapping(part)
        more = schema.get("additionalProperties")
        if more is True or (isinstance(more, dict) and more.get("not") != {}):
            return part.child("additionalProperties")
        if members(schema.get("patternProperties")) and schema.get("additionalProperties") is not False:
            return part.child("patternProperties")
    return None


def _open(subject: Subject, reached: Reached) -> Location | None:
    """Objects that do not say whether other properties may be there."""
    document, spot = subject.document, reached.spot
    if subject.has_envelope or not _is(subject, reached, "object") or _listed(subject, reached):
        return None
    if any(
        values(document, spot, word) for word in ("additionalProperties", "maxProperties", "propertyNames")
    ):
        return None
    return where(document, spot)


def _composed(subject: Subject, reached: Reached) -> Location | None:
    """Such objects whose properties stand in several schemas, none of which may refuse the others'."""
    at = _open(subject, reached)
    return reached.spot.parts[0] if at is not None and _parts(subject, reached) > 1 else None


def _whole(subject: Subject, reached: Reached) -> Location | None:
    return _open(subject, reached) if _parts(subject, reached) <= 1 else None


def _parts(subject: Subject, reached: Reached) -> int:
    return sum(bool(members(subject.mapping(part).get("properties"))) for part in reached.spot.parts)


def _numbers(subject: Subject, reached: Reached) -> Location | None:
    document, spot = subject.document, reached.spot
    if not (_is(subject, reached, "number") or _is(subject, reached, "integer")) or _listed(subject, reached):
        return None
    below = values(document, spot, "minimum") + values(document, spot, "exclusiveMinimum")
    above = values(document, spot, "maximum") + values(document, spot, "exclusiveMaximum")
    if (below and above) or _SIZED & set(_texts(subject, reached, "format")):
        return None
    return where(document, spot)


def _anything(subject: Subject, reached: Reached) -> Location | None:
    for part in reached.spot.parts:
        value: Json = subject.document.value(part)
        if value is False or (isinstance(value, dict) and _SAYING & set(value)):
            return None
    return reached.spot.parts[0]


def _rule(id_: str, judge: Judged, message: str, *more: tuple[Judged, str], is_info: bool = False) -> Rule:
    def check(subject: Subject, options: Options) -> Iterator[Said]:
        allowed = options["allow"]
        names = allowed if isinstance(allowed, list) else []

        for one, said in ((judge, message), *more):

            def judged(subject: Subject, reached: Reached, judge: Judged = one) -> Location | None:
                last = reached.spot.way.rpartition(".")[2]
                return None if last in names else judge(subject, reached)

            yield from _each(subject, judged, said)

    options = {"allow": Option([], "names of properties that may be as they are")}
    return Rule(id_, "info" if is_info else "warning", check, options)


RULES = (
    _rule(
        "unbounded-string",
        _strings,
        "clients may send a text of any length as {told}; give it maxLength, an enum, or a pattern with an end",
    ),
    _rule(
        "unbounded-array", _arrays, "clients may send any number of items as {told}; give the list maxItems"
    ),
    _rule(
        "unbounded-object",
        _objects,
        "clients may send any number of entries as {told}; give the map maxProperties",
    ),
    _rule(
        "unbounded-number",
        _numbers,
        "clients may send a number of any size as {told}; give it a minimum and a maximum",
        is_info=True,
    ),
    _rule(
        "open-object",
        _whole,
        "clients may send properties that nobody knows in {told}; say additionalProperties: false, or true "
        "where that is meant",
        (
            _composed,
            "clients may send properties that nobody knows in {told}; list the names that there may be under "
            "propertyNames (additionalProperties: false would refuse those of the other schemas), or say "
            "additionalProperties: true where that is meant",
        ),
        is_info=True,
    ),
    _rule("any-value", _anything, "clients may send anything at all as {told}; say at least its type"),
)
