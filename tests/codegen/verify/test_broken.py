"""Values that break a schema in one place."""

from __future__ import annotations

import pytest

from codegen.contract import Json
from codegen.verify.broken import Broken, breakages
from codegen.written import Judge

SCHEMAS: dict[str, tuple[Json, Json]] = {
    "minimum": ({"type": "integer", "minimum": 3}, 7),
    "maximum": ({"type": "integer", "maximum": 9}, 7),
    "exclusiveMinimum": ({"type": "number", "exclusiveMinimum": 3}, 7),
    "exclusiveMaximum": ({"type": "number", "exclusiveMaximum": 9}, 7),
    "multipleOf": ({"type": "integer", "multipleOf": 7}, 7),
    "minLength": ({"type": "string", "minLength": 2}, "abc"),
    "maxLength": ({"type": "string", "maxLength": 3}, "abc"),
    "pattern": ({"type": "string", "pattern": "^[a-c]+$"}, "abc"),
    "enum": ({"type": "string", "enum": ["abc", "d"]}, "abc"),
    "const": ({"const": "abc"}, "abc"),
    "minItems": ({"type": "array", "minItems": 1}, [1]),
    "maxItems": ({"type": "array", "maxItems": 2}, [1]),
    "uniqueItems": ({"type": "array", "uniqueItems": True}, [1]),
    "contains": ({"type": "array", "contains": {"const": 1}}, [1]),
    "items": ({"type": "array", "items": {"type": "integer"}}, [1]),
    "required": ({"type": "object", "required": ["a"]}, {"a": 1}),
    "additionalProperties": (
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        {"a": 1},
    ),
    "minProperties": ({"type": "object", "minProperties": 1}, {"a": 1}),
    "maxProperties": ({"type": "object", "maxProperties": 1}, {"a": 1}),
    "propertyNames": ({"type": "object", "propertyNames": {"pattern": "^[a-z]$"}}, {"a": 1}),
    "dependencies": ({"type": "object", "dependencies": {"a": ["b"]}}, {"a": 1, "b": 2}),
}


def ways(schema: Json, value: Json, inside: str = "v") -> list[Broken]:
    """How a property with this schema can be broken."""
    whole: Json = {"type": "object", "properties": {inside: schema}}
    assert isinstance(whole, dict)
    return breakages(whole, [{inside: value}])


@pytest.mark.parametrize("keyword", SCHEMAS)
def test_each_keyword_is_broken(keyword: str) -> None:
    """Of each keyword there is a value that breaks it and is judged to be broken."""
    schema, value = SCHEMAS[keyword]
    found = [one for one in ways(schema, value) if one.keyword == keyword]
    assert found
    judge = Judge({"properties": {"v": schema}})
    for one in found:
        assert not judge.accepts(one.value), one
        assert isinstance(one.value, dict)
        assert one.at == ("v",), one


def test_each_property_is_given_other_types() -> None:
    """Null among them; those that its own schema allows are left out."""
    found = [one.value for one in ways({"type": ["string", "null"]}, "a") if one.keyword == "type"]
    assert found == [{"v": True}, {"v": 1.5}, {"v": 7}, {"v": {}}, {"v": []}]


def test_what_is_deep_is_broken_too() -> None:
    """Through lists, references, `allOf`, and the arm of a union that the value is of."""
    schema: dict[str, Json] = {
        "properties": {"a": {"allOf": [{"$ref": "#/definitions/A"}]}},
        "definitions": {
            "A": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"$ref": "#/definitions/B"}]}},
            "B": {
                "type": "object",
                "required": ["c"],
                "properties": {"c": {"type": "integer", "minimum": 1}},
            },
        },
    }
    found = {(one.keyword, one.at) for one in breakages(schema, [{"a": [{"c": 4}]}])}
    assert {("minimum", ("a", 0, "c")), ("required", ("a", 0)), ("type", ("a",))} <= found


def test_optional_properties_are_put_in_to_be_broken() -> None:
    """A value that lacks them says nothing about them."""
    schema: dict[str, Json] = {
        "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer", "maximum": 5}}}}
    }
    assert ("maximum", ("a", "b")) in {(one.keyword, one.at) for one in breakages(schema, [{}])}


def test_recursion_ends() -> None:
    """A schema that contains itself is broken to some depth."""
    schema: dict[str, Json] = {
        "$ref": "#/definitions/Tree",
        "definitions": {
            "Tree": {
                "type": "object",
                "properties": {"of": {"$ref": "#/definitions/Tree"}, "n": {"type": "integer"}},
            }
        },
    }
    assert ("type", ("of", "n")) in {(one.keyword, one.at) for one in breakages(schema, [{"n": 1}])}


def test_what_accepts_everything_cannot_be_broken() -> None:
    """Nothing is made up to be wrong."""
    assert breakages({}, [{"a": 1}, [], "a"]) == []
