"""Numbers that readers get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.contract import Json
from codegen.lint.reach import flatten
from codegen.lint.rule import Option, Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location

MOST_EXACT = 2**53 - 1
"""The greatest integer that every reader of JSON gets right."""
_NUMBERS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "const",
    "enum",
    "default",
    "examples",
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOMENT = re.compile(
    r"(?:^|_)(?:time|timestamp|ts|date|datetime|epoch_time|created|updated|expires|expiry|expiration|deadline)$"
    r"|_(?:at|on|since|until)$"
)
_SPAN = re.compile(
    r"(?:^|_)(?:timeout|duration|interval|delay|ttl|latency|lifetime|lifespan|max_age|elapsed|uptime|retry_after"
    r"|expires_in)$"
)
_UNIT = re.compile(
    r"\b(?:milli|micro|nano)?-?second(?:s|en)?\b|\bm?secs?\b|\bmillis\b|\bms\b|\b[uµ]s\b|\bns\b|\bminutes?\b|\bmins?\b"
    r"|\bhours?\b|\bdays?\b|\bweeks?\b|\bmonths?\b|\byears?\b|\bin s\b|\bunix (?:time|timestamp|epoch)\b|\bepoch\b"
    r"|\bISO.?8601\b|\bRFC.?3339\b|\bYYYY|\bbpm\b",
    re.IGNORECASE,
)


def _unsafe(subject: Subject, _options: Options) -> Iterator[Said]:
    for message in subject.messages:
        place = message.fields.get("examples")
        examples = subject.context.value(place) if place is not None else None
        for at, value in _numbers(place, examples) if place is not None else ():
            yield at, f"{value} is beyond 2^53, where readers in JavaScript round; send it as a text"
    for at in subject.found("a schema"):
        schema = subject.mapping(at)
        for keyword in _NUMBERS:
            for place, value in _numbers(at.child(keyword), schema.get(keyword)):
                yield place, f"{value} is beyond 2^53, where readers in JavaScript round; send it as a text"
        form, most = schema.get("format"), schema.get("maximum", schema.get("exclusiveMaximum"))
        if form in ("int64", "uint64") and schema.get("type") != "string" and not _is_exact(most):
            yield (
                at.child("format"),
                f'the format "{form}" allows numbers beyond 2^53, where readers in JavaScript round; give it a '
                "maximum, or send it as a text",
            )


def _is_exact(most: Json) -> bool:
    return isinstance(most, int | float) and most <= MOST_EXACT + 1


def _numbers(at: Location, value: Json) -> Iterator[tuple[Location, int]]:
    if isinstance(value, list | dict):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(at.child(key), item)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > MOST_EXACT + 1:
        yield at, value


def _units(subject: Subject, options: Options) -> Iterator[Said]:
    """Numbers whose name says that they are a time, and of which nothing says what they count."""
    allowed = options["allow"]
    for at in subject.found("a schema"):
        for name, place in subject.context.entries(at, "properties"):
            if isinstance(allowed, list) and name in allowed:
                continue
            words = _CAMEL.sub("_", name).lower().replace("-", "_")
            what = "a moment" if _MOMENT.search(words) else "a span of time" if _SPAN.search(words) else ""
            if not what or not _is_number(subject, place) or _says_unit(subject, at, place):
                continue
            yield (
                place,
                f'"{name}" is {what} in a number, and nothing says in which unit; say it in the description',
            )


def _is_number(subject: Subject, at: Location) -> bool:
    for part in flatten(subject.document, at):
        said = subject.mapping(part).get("type")
        kinds = said if isinstance(said, list) else [said]
        if "integer" in kinds or "number" in kinds:
            return True
    return False


def _says_unit(subject: Subject, holder: Location, at: Location) -> bool:
    """Whether a description says the unit: the property's own, one of what it is made of, or its object's."""
    written = subject.document.value(at)
    told = [written.get("description")] if isinstance(written, dict) else []
    told.append(subject.mapping(holder).get("description"))
    for part in flatten(subject.document, at):
        schema = subject.mapping(part)
        told += [schema.get("description"), schema.get("title"), schema.get("x-unit"), schema.get("format")]
    return any(isinstance(text, str) and _UNIT.search(text) for text in told)


RULES = (
    Rule("unsafe-integer", "warning", _unsafe),
    Rule(
        "timestamp-unit",
        "warning",
        _units,
        {"allow": Option([], "names of properties whose unit everybody knows")},
    ),
)
