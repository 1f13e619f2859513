"""What is accepted, what is only warned of, and what a finding depends on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from codegen.load import from_data, read
from codegen.validate import validate
from tests.codegen.feature_document import LATEST, feature_document

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("TAPEWIRE_DATA", ROOT.parent / "shared" / "data")) / "documents"
BROKEN_UPSTREAM = "ref-pointer: ./schemas.yaml#/commentChanged leads nowhere"


def small(message: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    """A document with one message."""
    channel = {"subscribe": {"message": message}}
    return {"asyncapi": "2.4.0", "info": {"title": "T", "version": "1"}, "channels": {"/c": channel}, **more}


def said(document: dict[str, Any]) -> list[str]:
    """All findings: severity, rule and message."""
    loaded, findings = from_data(document)
    return [f"{d.severity} {d.rule}: {d.message}" for d in [*findings, *validate(loaded)]]


@pytest.mark.parametrize("minor", range(LATEST + 1))
def test_every_feature_of_every_version_is_accepted(minor: int) -> None:
    """A document with all objects and fields of its version has no errors."""
    document = feature_document(minor)
    del document["components"]["schemas"]["Thing"]["discriminator"]
    assert [line for line in said(document) if line.startswith("error")] == []


def test_our_own_document_has_no_findings() -> None:
    """Nothing is to be said of spec/asyncapi.yaml."""
    document, findings = read(ROOT / "spec" / "asyncapi.yaml")
    assert document is not None
    assert [*findings, *validate(document)] == []


@pytest.mark.skipif(
    not DATA.is_dir(), reason="TAPEWIRE_DATA does not name the folder with documents of others"
)
def test_documents_of_others_are_accepted() -> None:
    """Documents that nobody here wrote have no errors, but for a reference that two of them have broken."""
    roots = [p for p in sorted(DATA.rglob("*.y*ml")) if "asyncapi:" in p.read_text(encoding="utf-8")]
    assert roots
    for path in roots:
        document, findings = read(path)
        assert document is not None
        errors = [str(d) for d in [*findings, *validate(document)] if d.severity == "error"]
        assert all(BROKEN_UPSTREAM in error for error in errors), path


def test_examples_and_defaults_that_contradict_their_schema_are_warned_of() -> None:
    """Payloads, headers, examples and defaults are held against their schemas, across references."""
    message = {
        "payload": {"$ref": "#/components/schemas/Price"},
        "headers": {"type": "object", "required": ["h"]},
        "examples": [
            {"payload": {"price": "much"}, "headers": {}},
            {"payload": {"price": 1}, "headers": {"h": 1}},
        ],
    }
    schemas = {
        "Price": {"type": "object", "properties": {"price": {"$ref": "#/components/schemas/Number"}}},
        "Number": {"type": "number", "default": "none", "examples": [1, "x"]},
    }
    assert said(small(message, components={"schemas": schemas})) == [
        'warning example: the default contradicts its schema: "none" is not of type "number"',
        'warning example: the example contradicts its schema: "much" is not of type "number"',
        'warning example: the example contradicts its schema: "x" is not of type "number"',
        "warning example: the example contradicts its schema: 'h' is a required property",
    ]


def test_an_expression_that_python_does_not_know_hides_nothing() -> None:
    """What else is wrong with an example is told, each at its place and in words that fit the document's language."""
    either = [{"type": "integer", "maximum": 30}, {"type": "integer", "minimum": 10}]
    properties = {
        "name": {"type": "string", "pattern": "^\\p{Lu}+$"},
        "code": {"type": "string", "pattern": "^\\d+$"},
        "size": {"oneOf": either},
        "kind": {"enum": ["a", "b"]},
        "link": {"anyOf": [{"$ref": "#/components/schemas/Link"}, {"type": "null"}]},
    }
    payload = {"type": "object", "additionalProperties": False, "properties": properties}
    example = {"name": "x", "code": "\u0661", "size": 20, "kind": None, "link": [], "more": 1}
    message = {"payload": payload, "examples": [{"payload": example}]}
    link = {"type": "object", "required": ["href"]}
    assert said(small(message, components={"schemas": {"Link": link}})) == sorted(
        f"warning example: the example contradicts its schema: {one}"
        for one in (
            *('"more" is no property that there may be', '"\u0661" does not match ^\\d+$'),
            *("20 fits arms 1 and 2 of oneOf, and may fit one alone", 'null is none of "a", "b"'),
            "[] fits none of the 2 arms of anyOf",
        )
    )


def test_examples_of_recursive_schemas_come_to_an_end() -> None:
    """A schema that holds itself is followed as far as the example goes."""
    tree = {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}}}
    message = {
        "payload": {"$ref": "#/components/schemas/Tree"},
        "examples": [{"payload": {"left": {"left": 1}}}],
    }
    assert said(small(message, components={"schemas": {"Tree": tree}})) == [
        'warning example: the example contradicts its schema: 1 is not of type "object"'
    ]


def test_a_long_chain_of_references_is_followed() -> None:
    """Schemas that lead to one another a thousand times are no reason to stumble."""
    schemas: dict[str, Any] = {
        f"S{i}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/S{i + 1}"}}}
        for i in range(1000)
    }
    schemas["S1000"] = {"type": "strng"}
    message = {"payload": {"$ref": "#/components/schemas/S0"}}
    [finding] = said(small(message, components={"schemas": schemas}))
    assert finding.startswith("error bad-value")


def test_patterns_of_other_dialects_are_accepted() -> None:
    """ECMAScript's named groups, Unicode classes and look-behinds are regular expressions; `(` is none."""
    for pattern in (r"(?<year>\d{4})", r"^\p{L}+$", r"(?<=a+)b", r"^[^]$", r"\/path\/", r"[\w-.]"):
        assert said(small({"payload": {"type": "string", "pattern": pattern}})) == []
    for pattern in ("(", "[a", "*a", "a{2,1}"):
        assert [line.split(":")[0] for line in said(small({"payload": {"pattern": pattern}}))] == [
            "error bad-value"
        ]


def test_what_stands_beside_a_reference_is_warned_of() -> None:
    """A field beside a `$ref` means nothing in 2.x, which its author should know."""
    message = {"payload": {"$ref": "#/components/schemas/A", "description": "More."}}
    assert said(small(message, components={"schemas": {"A": {"type": "string"}}})) == [
        'warning ref-siblings: "description" beside a $ref means nothing'
    ]


def test_equal_values_are_told_as_json_tells_them() -> None:
    """In a list of different items 1 and 1.0 are the same, 1 and true are not."""
    assert said(small({"payload": {"enum": [1, True, "1"]}})) == []
    assert said(small({"payload": {"enum": [1, 1.0]}})) == [
        'error not-unique: "enum" holds 1.0 twice (first at 1:1)'
    ]


def test_misspelt_keywords_are_warned_of() -> None:
    """A keyword a slip away from a known one is asked about; what is known elsewhere or far off is not."""
    payload = {
        "tpye": "object",
        "propertis": {"tpye": {"additionalproperties": False}},
        "nullable": True,
        "example": 1,
        "prefixItems": [],
        "id": "a",
        "unit": "m",
        "x-type": 1,
    }
    assert said(small({"payload": payload})) == [
        'warning unknown-keyword: "propertis" means nothing here; did you mean "properties"?',
        'warning unknown-keyword: "tpye" means nothing here; did you mean "type"?',
    ]
    nested = {"properties": {"tpye": {"additionalproperties": False}}}
    assert said(small({"payload": nested})) == [
        'warning unknown-keyword: "additionalproperties" means nothing here; '
        'did you mean "additionalProperties"?',
    ]


def test_what_needs_an_envelope_is_warned_of_without_one() -> None:
    """Clients of plain sockets beat no heart and send no token by themselves; who asks for that is told."""
    document = small({"payload": {}}) | {"x-heartbeat": {"interval_ms": 1, "lifespan_ms": 2}}
    document["components"] = {"messages": {"login": {"payload": {}}}}
    document["x-authenticate"] = {"request": "login", "token": "token"}
    assert said(document) == [
        "warning x-authenticate: without x-envelope clients send no token of their own accord: "
        "this has no effect on them",
        "warning x-heartbeat: without x-envelope clients send no heartbeat: this has no effect on them",
    ]


def test_a_document_with_all_extensions_is_accepted() -> None:
    """The extensions that the generator knows may name messages by reference, by key or by name."""
    document = small(
        {"$ref": "#/components/messages/ping"},
        components={
            "messages": {
                "ping": {"name": "p", "x-response": {"$ref": "#/components/messages/pong"}, "payload": {}},
                "pong": {
                    "x-response": "p",
                    "x-action": "update",
                    "payload": {"type": "string", "x-open-enum": ["a"]},
                },
            }
        },
    )
    document["x-envelope"] = {"type": "type", "payload": "payload", "error": "pong"}
    document["x-heartbeat"] = {
        "interval_ms": 1,
        "lifespan_ms": 2,
        "request": {"$ref": "#/components/messages/ping"},
    }
    document["x-limits"] = {"message_bytes": 1, "x-more": "theirs"}
    document["x-close-codes"] = [
        {"code": 4000, "name": "drain", "client": "reconnect", "description": "Bye."}
    ]
    document["info"]["x-client-name"] = "Trading"
    document["x-authenticate"] = {"request": "p", "token": "token"}
    document["x-typescript"] = {"entries": {"plot-2": "more/plot.ts"}}
    document["channels"]["/c"] |= {"x-name": "c", "x-delivery": {"mode": "conflate", "key": "k"}}
    document["channels"]["/c"] |= {
        "x-history": {"updates": 1, "x-more": "theirs"},
        "x-snapshot": "recover",
        "x-state": {"key": "k", "value": "v", "lists": {"a": "ascending"}},
        "x-hook": "useThings",
    }
    assert said(document) == []
