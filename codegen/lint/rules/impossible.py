"""Schemas that say less than it seems: nothing matches, or some of what they list never does."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from codegen.contract import Json
from codegen.document import Document
from codegen.lint.contradictions import Contradictions
from codegen.lint.reach import Spot, flatten, leaves, types
from codegen.lint.rule import Option, Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location
from codegen.plain import members, names
from codegen.schemas import includes
from codegen.validate.words import canonical, told
from codegen.written import standalone

_SECONDS = 5.0
"""For proofs in one document; most take a few milliseconds."""
_LONGEST = 20_000
"""Characters of a schema that is asked about; longer ones are made of others that are."""

_PAIRS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_NAMES: list[Json] = [
    "code",
    "kind",
    "type",
    "reason",
    "status",
    "category",
    "event",
    "feature",
    "capability",
]


def _impossible(subject: Subject, _options: Options) -> Iterator[Said]:
    asks = Contradictions(subject.document)
    explained: set[Location] = set()
    others: list[Location] = []
    for at in subject.found("a schema"):
        schema = subject.mapping(at)
        crossed = next(
            (
                (low, high)
                for low, high in _PAIRS
                if isinstance(least := schema.get(low), int | float)
                and isinstance(most := schema.get(high), int | float)
                and least > most
            ),
            None,
        )
        if crossed is not None:
            low, high = crossed
            explained.add(at)
            yield (
                at.child(low),
                f"nothing can match: `{low}: {schema[low]}` is more than `{high}: {schema[high]}`",
            )
            continue
        if schema.get("not") in (True, {}) or at.pointer[-1:] == ("not",):
            continue  # that is how one says that there is nothing
        parts = flatten(subject.document, at)
        reason = asks.why(parts)
        if reason is None:
            others.append(at)
            continue
        explained.add(at)
        if not _is_told_inside(subject, asks, at, parts):
            yield at, f"nothing can match this schema: {reason}"
    # A schema that is none itself proves nothing.
    yield from _proved(subject.document, others, explained) if subject.is_sound else ()


def _proved(document: Document, places: list[Location], explained: set[Location]) -> Iterator[Said]:
    """Schemas of which it is proved that they hold nothing, though no one reason was found."""
    until = monotonic() + _SECONDS
    empty: set[Location] = set()
    plain: dict[Location, bool] = {}
    for at in places:
        if _is_plain(document, at, plain):
            continue
        schema = standalone(document, at)
        if monotonic() > until:
            break
        if len(canonical(schema)) <= _LONGEST and includes({"not": {}}, schema).answer is True:
            empty.add(at)
    for at in (at for at in places if at in empty):
        inside = _impossible_inside(document, at, empty | explained)
        # Of schemas that hold nothing because they hold each other, the first is told.
        circle = {one for one in inside if at in _impossible_inside(document, one, empty)}
        if inside == circle and not any(places.index(one) < places.index(at) for one in circle):
            yield at, "nothing can match this schema: no value meets all that it says"


_PLAIN = frozenset(
    {
        *(
            "type",
            "title",
            "description",
            "examples",
            "default",
            "format",
            "deprecated",
            "readOnly",
            "writeOnly",
        ),
        *("$comment", "$id", "$schema", "discriminator", "externalDocs", "properties", "required", "items"),
        *("minimum", "maximum", "minLength", "maxLength", "maxItems"),
    }
)
"""Keywords that refuse everything, if at all, in a way that needs no proof: by bounds that cross, see `_PAIRS`."""


def _is_plain(document: Document, at: Location, known: dict[Location, bool]) -> bool:
    """Whether it needs no proof that something matches a schema: most schemas of most documents are such."""
    at = document.follow(at)
    if at in known:
        return known[at]
    known[at] = False  # what requires itself has no end
    schema = document.value(at)
    if not isinstance(schema, dict) or not all(key in _PLAIN or key.startswith("x-") for key in schema):
        return False
    if "minimum" in schema and "maximum" in schema and schema["maximum"] - schema["minimum"] < 1:  # type: ignore[operator]
        return False  # there may be no integer between
    required, described = names(schema.get("required")), members(schema.get("properties"))
    known[at] = all(
        _is_plain(document, at.child("properties", name), known) for name in required if name in described
    )
    return known[at]


def _impossible_inside(document: Document, at: Location, impossible: set[Location]) -> set[Location]:
    """Those of some schemas that stand within one, or that its `$ref`s lead to."""
    reached = {at}
    waiting = [at]
    while waiting:
        holder = waiting.pop()
        targets = {to for place, to in document.references.items() if _within(place, holder)} - reached
        reached |= targets
        waiting += targets
    return {one for one in impossible if one != at and any(_within(one, holder) for holder in reached)}


def _within(place: Location, holder: Location) -> bool:
    return place.file == holder.file and place.pointer[: len(holder.pointer)] == holder.pointer


def _is_told_inside(
    subject: Subject, asks: Contradictions, at: Location, parts: tuple[Location, ...]
) -> bool:
    """Whether the reason lies in one schema within, where it is told already."""
    inside = [part for part in parts if part != at]
    inside += [
        subject.document.follow(at.child("properties", name))
        for name in _names(subject, at)
        if subject.document.value(subject.document.follow(at.child("properties", name))) is not False
    ]
    return any(asks.why(flatten(subject.document, part)) is not None for part in inside)


def _names(subject: Subject, at: Location) -> list[str]:
    properties = subject.mapping(at).get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _idle_values(subject: Subject, _options: Options) -> Iterator[Said]:
    """Listed values that the rest of the schema refuses, where it accepts others."""
    asks = Contradictions(subject.document)
    for at in subject.found("a schema"):
        listed = subject.mapping(at).get("enum")
        spots = leaves(subject.document, (at,))
        if not isinstance(listed, list) or len(spots) != 1:
            continue
        spot = Spot(flatten(subject.document, at), "")
        kinds = types(subject.document, spot)
        refused = [
            (index, reason)
            for index, value in enumerate(listed)
            if (reason := asks.refusal(spot, value, kinds))
        ]
        for index, reason in refused if len(refused) < len(listed) else ():
            yield at.child("enum", index), f"{told(listed[index])} can never be sent: {reason}"


def _grows(subject: Subject, options: Options) -> Iterator[Said]:
    """Lists of values that the server sends, and that look as if more may come."""
    names = options["names"]
    wanted = {name.lower() for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    told_of: set[Location] = set()
    for reached in subject.received:
        name = reached.spot.way.rpartition(".")[2].removesuffix("[*]")
        for part in reached.spot.parts:
            schema = subject.mapping(part)
            listed = schema.get("enum")
            if not isinstance(listed, list) or len(listed) < 2 or part in told_of or "x-open-enum" in schema:
                continue
            if not all(isinstance(value, str) for value in listed):
                continue
            text = str(schema.get("description", "")).lower()
            says = any(
                word in text for word in ("may be added", "more may", "may grow", "others may", "unknown")
            )
            catch_all = {str(value).lower() for value in listed} & {"other", "unknown", "unspecified", "misc"}
            ends = any(name.lower().endswith(word) for word in wanted)
            if says or catch_all or ends:
                told_of.add(part)
                yield (
                    part.child("enum"),
                    f'a value that is added to "{name}" breaks clients that know these {len(listed)} alone '
                    f"({reached.told()}); if more may come, say x-open-enum instead of enum",
                )


RULES = (
    Rule("impossible-schema", "error", _impossible),
    Rule("idle-enum-value", "warning", _idle_values),
    Rule(
        "enum-may-grow",
        "info",
        _grows,
        {"names": Option(_NAMES, "endings of the names of properties whose values may grow")},
    ),
)
