"""Made-up values: always valid, readable, the same for the same seed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from codegen.contract import Json
from codegen.pipeline import understand
from codegen.values import ImpossibleError, Maker, make
from codegen.written import Judge, standalone

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [*sorted((ROOT / "tests/codegen/documents").glob("*.*")), ROOT / "spec/asyncapi.yaml"]

SCHEMAS: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "type list": {"type": ["integer", "null"]},
    "const": {"const": {"a": [1, None]}},
    "enum against type": {"type": "integer", "enum": ["a", 1.5, 7]},
    "true is not 1": {"enum": [1], "not": {"const": True}},
    "exclusive range": {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
    "narrow range": {"type": "number", "minimum": 0.001, "maximum": 0.002},
    "negative": {"type": "number", "maximum": -5},
    "multiples": {"type": "number", "multipleOf": 0.01, "minimum": 1},
    "multiples of two": {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer", "minimum": 13},
    "big": {"type": "integer", "minimum": 9007199254740993},
    "short": {"type": "string", "maxLength": 2},
    "long": {"type": "string", "minLength": 300},
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"},
    "two patterns": {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}]},
    "unanchored": {"type": "string", "pattern": "b+c", "minLength": 12},
    "long pattern": {"type": "string", "pattern": "^\\w*$", "minLength": 120, "maxLength": 130},
    "negated class": {"type": "string", "pattern": "^[^a-zA-Z0-9]$"},
    "tuple": {"type": "array", "items": [{"const": 1}, {"type": "string"}], "additionalItems": False},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 1000}},
    "unique": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    "empty array": {"type": "array", "maxItems": 0},
    "impossible items": {"type": "array", "items": False},
    "required": {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "null"}}},
    "closed": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
    "names": {"type": "object", "propertyNames": {"pattern": "^x-"}, "minProperties": 3},
    "pattern properties": {
        "type": "object",
        "patternProperties": {"^\\d+$": {"type": "boolean"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "few properties": {
        "type": "object",
        "properties": {name: {"type": "integer"} for name in "abcdef"},
        "maxProperties": 2,
    },
    "dependencies": {
        "type": "object",
        "required": ["a"],
        "dependencies": {"a": ["b"], "b": {"required": ["c"], "properties": {"c": {"const": 1}}}},
    },
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"a": {"minimum": 50}, "b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "one of by presence": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "overlapping arms": {"oneOf": [{"type": "integer"}, {"minimum": 2}]},
    "far arm": {
        "oneOf": [{"properties": {"k": {"const": n}}, "required": ["k"]} for n in range(30)],
        "properties": {"k": {"minimum": 29}},
    },
    "not": {
        "type": "object",
        "properties": {"a": {}, "b": {}},
        "not": {"required": ["a"]},
        "minProperties": 1,
    },
    "not a type": {"not": {"type": ["string", "object", "array", "null", "boolean"]}},
    "if then": {"if": {"type": "string"}, "then": {"minLength": 5}, "else": {"type": "integer"}},
    "recursive": {
        "$ref": "#/definitions/Tree",
        "definitions": {
            "Tree": {
                "type": "object",
                "required": ["children"],
                "properties": {"children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}}},
            }
        },
    },
    "recursive arms": {
        "$ref": "#/definitions/E",
        "definitions": {
            "E": {
                "anyOf": [
                    {"type": "array", "items": {"$ref": "#/definitions/E"}, "minItems": 2, "maxItems": 2},
                    {"type": "integer"},
                ]
            }
        },
    },
    "beside a reference": {
        "$ref": "#/definitions/A",
        "type": "string",
        "definitions": {"A": {"type": "null"}},
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_made_is_valid_and_the_same_for_the_same_seed(name: str) -> None:
    """Every keyword of draft 7 is kept to, whatever the seed; one seed makes one value."""
    schema = SCHEMAS[name]
    for seed in range(8):
        value = make(schema, Random(seed))
        assert Judge(schema).accepts(value), value
        assert json.dumps(value) == json.dumps(make(schema, Random(seed)))


@pytest.mark.parametrize(
    ("format_", "looks"),
    [
        ("date-time", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"),
        ("date", r"^\d{4}-\d\d-\d\d$"),
        ("uuid", r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
        ("email", r"^\w+@\w+\.example$"),
        ("uri", r"^https://\w+\.example/"),
        ("ipv4", r"^\d+(\.\d+){3}$"),
        ("ipv6", r"^2001:db8::"),
        ("decimal", r"^\d+\.\d\d$"),
        ("hostname", r"^\w+\.example$"),
    ],
)
def test_formats_look_as_they_should(format_: str, looks: str) -> None:
    """A text with a format is of that format."""
    for seed in range(5):
        value = make({"type": "string", "format": format_}, Random(seed))
        assert Judge({"type": "string", "pattern": looks}).accepts(value), value


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"examples": ["red", "blue"], "default": "green"}, {"red", "blue"}),
        ({"default": "green"}, {"green"}),
        ({"x-open-enum": ["left", "right"]}, {"left", "right"}),
        ({"examples": [5], "default": 7}, None),
    ],
)
def test_what_the_document_says_itself_comes_first(said: dict[str, Json], expected: set[str] | None) -> None:
    """Examples, then the default, then what an open enumeration knows; but never what is not valid."""
    made = {str(make({"type": "string", **said}, Random(seed))) for seed in range(20)}
    if expected is None:
        assert not made & {"5", "7"}
    else:
        assert made == expected


def test_a_value_near_to_another_keeps_what_of_it_fits() -> None:
    """With `like`, only the parts that are not valid are made anew."""
    schema: dict[str, Json] = {
        "type": "object",
        "required": ["name", "size", "tags"],
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer", "maximum": 5},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    like: Json = {"name": "mine", "size": 9, "tags": ["a", 1, "c"], "more": True}
    made = make(schema, Random(1), like=like)
    assert isinstance(made, dict)
    assert (made["name"], made["more"]) == ("mine", True)
    tags = made["tags"]
    assert isinstance(tags, list)
    assert (tags[0], tags[2]) == ("a", "c")
    assert make(schema, Random(1), like={**like, "size": 1, "tags": []}) == {**like, "size": 1, "tags": []}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {}},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "integer", "minimum": 1.2, "maximum": 1.8},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
        {
            "$ref": "#/definitions/A",
            "definitions": {"A": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/A"}}},
        },
    ],
)
def test_the_impossible_is_said_to_be(schema: dict[str, Json]) -> None:
    """A schema that nothing fits raises; nothing that does not fit ever comes out."""
    with pytest.raises(ImpossibleError):
        make(schema, Random(0))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_message_of_every_document_can_be_made(path: Path) -> None:
    """Whole messages, from what stands in documents of all shapes; none is longer than a screen."""
    understood = understand(path)
    for message in understood.contract.messages:
        if message.payload is None:
            continue
        maker = Maker(standalone(understood.document, message.payload))
        for seed in range(3):
            value = maker.make(Random(seed))
            assert maker.judge.accepts(value)
            assert len(json.dumps(value)) < 4000


def test_a_part_is_judged_with_the_definitions_of_the_whole() -> None:
    """A judge of a part follows references into the schema that the part stands in."""
    whole = Judge(
        {"definitions": {"A": {"type": "integer"}}, "properties": {"a": {"$ref": "#/definitions/A"}}}
    )
    part = whole.part({"$ref": "#/definitions/A"})
    assert part.accepts(1)
    assert not part.accepts("1")


@pytest.mark.parametrize(
    ("name", "kind", "pattern"),
    [
        ("created_at", "string", r"\d{4}-\d\d-\d\dT.+Z"),
        ("startDate", "string", r"\d{4}-\d\d-\d\d"),
        ("avatarUrl", "string", r"https://.+"),
        ("currency", "string", r"[A-Z]{3}"),
        ("event_ts", "string", r"\d{10}\.\d{6}"),
        ("totalAmount", "string", r"\d+\.\d\d"),
        ("errorCode", "number", r"\d+"),
        ("created", "number", r"\d{13}"),
    ],
)
def test_names_say_what_schemas_do_not(name: str, kind: str, pattern: str) -> None:
    """A property of a usual name, of whose values nothing else is said, has a value as such properties have."""
    schema: dict[str, Json] = {"type": "object", "required": [name], "properties": {name: {"type": kind}}}
    for seed in range(5):
        value: Any = make(schema, Random(seed))
        assert re.fullmatch(pattern, str(value[name])), value
