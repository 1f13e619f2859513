"""What schemas demand and the generated models let pass: said aloud, at the line of the keyword."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.diagnostics import Diagnostic
from codegen.document import Document, Location

if TYPE_CHECKING:
    from codegen.pipeline import Understood

RULE = "schema-not-enforced"

_ONE = (
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
)
_LISTS = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
_MAPS = ("dependencies", "patternProperties", "properties")
_NEVER = frozenset(
    {"contains", "dependencies", "if", "maxProperties", "minProperties", "not", "propertyNames"}
)


def unsaid(understood: Understood) -> tuple[Diagnostic, ...]:
    """A warning for every demand of a message's or component's schema that the Pydantic models do not make.

    What TypeScript's types cannot say (ranges, lengths, patterns) is not reported: they promise no check.
    """
    found: dict[Diagnostic, None] = {}
    for at in schemas(understood):
        for keyword, what in _loose(understood.document, at):
            place = understood.document.source(at.child(keyword))
            message = f"{what}; check it where the message is handled, or say it in another way"
            found.setdefault(Diagnostic(place, RULE, message, "warning"))
    return tuple(sorted(found, key=lambda item: (item.source.file, item.source.line, item.source.column)))


def schemas(understood: Understood) -> Iterator[Location]:
    """Every schema that a message's payload or a component leads to, each once, `$ref`s followed."""
    document = understood.document
    waiting = [message.payload for message in understood.contract.messages if message.payload is not None]
    components = Location(document.root.file, ("components", "schemas"))
    if document.has(components):
        listed = document.value(components)
        waiting += [components.child(name) for name in listed] if isinstance(listed, dict) else []
    seen: set[Location] = set()
    while waiting:
        at = document.follow(waiting.pop())
        if at in seen:
            continue
        seen.add(at)
        value = document.value(at)
        if isinstance(value, dict):
            yield at
            waiting += _inside(at, value)


def _inside(at: Location, value: dict[str, Json]) -> Iterator[Location]:
    for keyword, item in value.items():
        if isinstance(item, dict) and keyword in _MAPS:
            yield from (at.child(keyword, name) for name, member in item.items() if isinstance(member, dict))
        elif isinstance(item, dict) and keyword in _ONE:
            yield at.child(keyword)
        elif isinstance(item, list) and keyword in _LISTS:
            yield from (at.child(keyword, index) for index in range(len(item)))


def _loose(document: Document, at: Location) -> Iterator[tuple[str, str]]:
    value = document.value(at)
    assert isinstance(value, dict)
    for keyword, item in value.items():
        if keyword in _NEVER or (keyword == "uniqueItems" and item is True):
            yield keyword, f"the generated models do not enforce `{keyword}`"
    patterns = value.get("patternProperties")
    if isinstance(patterns, dict) and (
        value.get("properties") or len(patterns) > 1 or value.get("additionalProperties") is not False
    ):
        yield "patternProperties", "the generated models do not enforce these `patternProperties`"
    for keyword in ("const", "enum"):
        listed = value.get(keyword)
        choices = [listed] if keyword == "const" else listed
        if isinstance(choices, list) and any(isinstance(item, float | list | dict) for item in choices):
            yield keyword, f"the generated models do not enforce this `{keyword}`: not all of it is scalar"
