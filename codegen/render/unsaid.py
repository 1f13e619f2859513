"""Where the generated models take a schema otherwise than JSON Schema does: said aloud, at the keyword's line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegen.build.names import word_set
from codegen.contract import Json
from codegen.diagnostics import Diagnostic
from codegen.document import Location
from codegen.render.models_feed import spoken_format

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
_FORMATS = word_set(
    """
    date date-time email hostname idn-email idn-hostname ipv4 ipv6 iri iri-reference json-pointer regex
    relative-json-pointer time uri uri-reference uri-template
    """
)
"""The formats that draft 7 has; whether they are checked it leaves to whoever reads a schema."""
_REMEDY = {
    "format": "add a `pattern`, or check it where the message is handled",
    "nullable": "write `type: [..., 'null']`",
    "": "write `type: object`",
    "pattern": "write it without what Python's expressions lack",
}


def unsaid(understood: Understood) -> tuple[Diagnostic, ...]:
    """A warning for every demand of a message's or component's schema that the Pydantic models do not make as it is.

    What TypeScript's types cannot say (ranges, lengths, patterns) is not reported: they promise no check.
    """
    document = understood.document
    found: dict[Diagnostic, None] = {}

    def note(at: Location, keyword: str, text: str) -> None:
        remedy = _REMEDY.get(keyword, "check it where the message is handled")
        found.setdefault(Diagnostic(document.source(at), RULE, f"{text}; {remedy}", "warning"))

    for at, text in understood.contract.unenforced:
        is_schema = isinstance(document.value(at), dict) and text.startswith("the models accept objects")
        note(at, "" if is_schema else str(at.pointer[-1]), text)
    for at in _schemas(understood):
        value = document.value(at)
        if isinstance(value, dict):
            for keyword, text in _otherwise(value):
                note(at.child(keyword), keyword, text)
    return tuple(sorted(found, key=lambda item: (item.source.file, item.source.line, item.source.column)))


def _schemas(understood: Understood) -> Iterator[Location]:
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


def _otherwise(value: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The keywords of one schema that mean something else to the models, and what."""
    kinds = value.get("type")
    if (
        value.get("nullable") is True
        and kinds != "null"
        and not (isinstance(kinds, list) and "null" in kinds)
    ):
        yield (
            "nullable",
            "the models accept null, as OpenAPI has it; draft 7 of JSON Schema knows no `nullable`",
        )
    for keyword in ("contentEncoding", "contentMediaType"):
        if isinstance(told := value.get(keyword), str):
            yield keyword, f"`{keyword}: {told}` is not enforced by the models"
    named = value.get("format")
    if isinstance(named, str) and named in _FORMATS and spoken_format(value) is None:
        yield "format", f"`format: {named}` is not enforced by the models"
