"""What TypeScript the schemas of a contract become."""

from __future__ import annotations

import pytest

from codegen.contract import Json, NamedSchema, Server, Source
from codegen.render.typescript_types import Types, broken, doc, literal, property_name
from codegen.render.typescript_usage import default_url, package_version

REF: Json = {"$ref": "#/components/schemas/Bar"}


def named(name: str, schema: dict[str, Json], is_object: bool = False) -> NamedSchema:
    """A schema of a contract."""
    return NamedSchema(name, schema, "", Source("spec.yaml", 1, 1), is_object)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "format": "decimal"}, "string"),
        ({"type": "integer"}, "number"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"const": "a"}, '"a"'),
        ({"enum": ["a", 1, None, True]}, '"a" | 1 | null | true'),
        ({"type": "string", "x-open-enum": ["a", "b"]}, '"a" | "b" | (string & {})'),
        ({"type": "integer", "x-open-enum": [1]}, "1 | (number & {})"),
        (REF, "Bar"),
        ({"anyOf": [REF, {"type": "null"}]}, "Bar | null"),
        ({"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]}, "string"),
        ({"oneOf": [{"type": "string"}, {}]}, "unknown"),
        ({"oneOf": [{"not": {}}, REF]}, "Bar"),
        ({"type": "array", "items": REF}, "Bar[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"type": "array"}, "unknown[]"),
        ({"type": "array", "prefixItems": [REF, {"type": "string"}], "items": False}, "[Bar, string]"),
        ({"type": "array", "prefixItems": [REF], "items": {"type": "number"}}, "[Bar, ...number[]]"),
        ({"type": "array", "items": REF, "minItems": 2, "maxItems": 2}, "[Bar, Bar]"),
        ({"type": "object"}, "{ [key: string]: unknown }"),
        ({"type": "object", "additionalProperties": REF}, "{ [key: string]: Bar }"),
        ({"type": "object", "additionalProperties": False}, "{ [key: string]: never }"),
        ({"type": "object", "properties": {"a-b": {"type": "string"}}}, '{ "a-b"?: string }'),
        ({"allOf": [REF, {"type": "object", "properties": {"x": {}}}]}, "Bar & { x?: unknown }"),
        (True, "unknown"),
        (False, "never"),
        ({}, "unknown"),
        ({"not": {}}, "never"),
    ],
)
def test_types(schema: Json, expected: str) -> None:
    """Each shape of schema has its type."""
    assert Types([]).type(schema) == expected


def test_named_extras_fit_the_index() -> None:
    """Properties beside `additionalProperties` are part of what any key may hold, as TypeScript demands."""
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "additionalProperties": {"type": "integer"},
    }
    declaration = Types([]).declaration(named("Sizes", schema, is_object=True))
    assert declaration.index == "number | string | undefined"


def test_an_alias_of_itself() -> None:
    """A union that contains itself says nothing; a list of itself is a fine type."""
    loop = named("Loop", {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Loop"}]})
    nest = named("Nest", {"type": "array", "items": {"$ref": "#/components/schemas/Nest"}})
    types = Types([loop, nest])
    assert types.declaration(loop).type == " unknown"
    assert types.declaration(nest).type == " Nest[]"


def test_fields() -> None:
    """Absent and null stay apart, defaults are told, what is required but undescribed is there."""
    schema: dict[str, Json] = {
        "type": "object",
        "required": ["a", "c"],
        "properties": {
            "a": {"type": ["string", "null"], "description": "First."},
            "b": {"type": "integer", "default": 5, "deprecated": True},
        },
    }
    fields = Types([]).fields(schema)
    assert [f"{field.name}{field.layout}" for field in fields] == [
        "a: string | null",
        "b?: number",
        "c: unknown",
    ]
    assert [field.description for field in fields] == ["First.", "@defaultValue `5`\n@deprecated", ""]


def test_comments() -> None:
    """A description cannot end its comment; long lines are broken, lists keep their shape."""
    assert doc("One */ line.", 2) == "  /** One *\\/ line. */"
    assert doc("One.\n\n- two") == "/**\n * One.\n *\n * - two\n */"
    lines = doc("- " + "word " * 40).splitlines()
    assert all(len(line) <= 110 for line in lines)
    assert lines[2].startswith(" *   word")


def test_expressions() -> None:
    """JSON becomes TypeScript: names are quoted only where they have to be, text always is."""
    assert literal({"a": [1, None, 'x\n"'], "b c": {}}) == '{ a: [1, null, "x\\n\\""], "b c": {} }'
    assert property_name("ok_$1") == "ok_$1"
    assert property_name("1st") == '"1st"'


def test_long_unions() -> None:
    """A union too long for its line has a line for each member; brackets and quotes stay whole."""
    members = ['"a | b"', "(string | number)[]", *(f'"member number {number}"' for number in range(8))]
    text = broken(" | ".join(members), "  name:", 4)
    assert text == "".join(f"\n    | {member}" for member in members)
    assert broken("A | B", "  name:") == " A | B"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0.0", "1.0.0"),
        ("v2", "2.0.0"),
        ("1.2", "1.2.0"),
        ("01.02.03", "1.2.3"),
        ("1.0.0-beta.1", "1.0.0-beta.1"),
        ("1.0.0-01", "1.0.0"),
        ("2024-05-01", "2024.0.0-05-01"),
        ("next", "0.0.0"),
    ],
)
def test_versions(version: str, expected: str) -> None:
    """Whatever a document calls its version, npm gets one that it takes."""
    assert package_version(version) == expected


@pytest.mark.parametrize(
    ("url", "protocol", "expected"),
    [
        ("wss://a.example/ws", "wss", "wss://a.example/ws"),
        ("a.example", "wss", "wss://a.example"),
        ("//a.example/ws", "ws", "ws://a.example/ws"),
        ("{region}.a.example", "wss", None),
        ("broker.example:9092", "kafka", None),
    ],
)
def test_default_addresses(url: str, protocol: str, expected: str | None) -> None:
    """A client without a URL connects to the first server that speaks WebSocket and has a whole address."""
    assert default_url([Server("main", url, protocol, "")]) == expected
