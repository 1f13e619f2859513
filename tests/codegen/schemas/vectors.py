"""Pairs of schemas, and what the second accepts compared with the first, objects open as JSON Schema has them."""
# ruff: noqa: ANN401 - schemas and values may be anything

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
NULL: dict[str, Any] = {"type": "null"}
FLAG: dict[str, Any] = {"type": "boolean"}
LIST: dict[str, Any] = {"type": "array"}
OBJECT: dict[str, Any] = {"type": "object"}
Vector = tuple[str, Any, Any, str]


def having(members: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An object with properties."""
    return {"type": "object", "properties": members, **others}


def tagged(tag: str, **members: Any) -> dict[str, Any]:
    """An object that a tag tells from others."""
    return having({"kind": {"const": tag}, **members}, required=["kind"])


def chain(value: Any, name: str = "node") -> dict[str, Any]:
    """A list of objects, each of which holds the next."""
    node = having({"value": value, "next": {"$ref": f"#/definitions/{name}"}}, required=["value"])
    return {"$ref": f"#/definitions/{name}", "definitions": {name: node}}


TYPES: list[Vector] = [
    ("whole numbers become numbers", WHOLE, NUMBER, "wider"),
    ("a text becomes a number", TEXT, NUMBER, "other"),
    ("null joins", TEXT, {"type": ["string", "null"]}, "wider"),
    ("a list of types or alternatives", {"type": ["string", "null"]}, {"anyOf": [NULL, TEXT]}, "same"),
    ("whole by type or by step", WHOLE, {"type": "number", "multipleOf": 1}, "same"),
    ("whole beside number says nothing", {"type": ["integer", "number"]}, NUMBER, "same"),
    (
        "all types are no restriction",
        {},
        {"type": ["array", "boolean", "null", "number", "object", "string"]},
        "same",
    ),
    ("true and no keyword", True, {}, "same"),
    ("false and the opposite of all", False, {"not": {}}, "same"),
    ("nothing becomes something", False, FLAG, "wider"),
    ("a flag as its two values", FLAG, {"enum": [True, False]}, "same"),
    ("null as its only value", NULL, {"const": None}, "same"),
    ("all but texts", {"not": TEXT}, {"type": ["number", "boolean", "null", "object", "array"]}, "same"),
    (
        "keywords of other types say nothing",
        WHOLE,
        {"type": "integer", "minLength": 3, "required": ["a"]},
        "same",
    ),
    (
        "annotations say nothing",
        TEXT,
        {"type": "string", "title": "A", "description": "b", "examples": ["c"]},
        "same",
    ),
]
VALUES: list[Vector] = [
    ("a value joins", {"enum": ["a"]}, {"enum": ["a", "b"]}, "wider"),
    ("a value goes and one comes", {"enum": ["a", "b"]}, {"enum": ["b", "c"]}, "other"),
    ("order and repetition of values", {"enum": ["a", "b"]}, {"enum": ["b", "a", "a"]}, "same"),
    ("one value listed or constant", {"enum": ["a"]}, {"const": "a"}, "same"),
    ("constants in alternatives", {"oneOf": [{"const": 1}, {"const": 2}]}, {"enum": [1, 2]}, "same"),
    ("one is 1.0", {"const": 1}, {"const": 1.0}, "same"),
    ("true is not one", {"const": 1}, {"const": True}, "other"),
    ("values of which the type takes some", {"type": "string", "enum": ["a", 1]}, {"const": "a"}, "same"),
    ("values against a range", {"enum": [1, 2, 3]}, {"type": "integer", "minimum": 1, "maximum": 3}, "same"),
    ("a range with a hole", {"enum": [1, 3]}, {"type": "integer", "minimum": 1, "maximum": 3}, "wider"),
    ("objects as values", {"const": {"a": [1]}}, {"enum": [{"a": [1.0]}]}, "same"),
    ("an object as value, described", {"const": {"a": 1}}, having({"a": WHOLE}, required=["a"]), "wider"),
    ("all but one value", TEXT, {"type": "string", "not": {"const": ""}}, "narrower"),
    (
        "all but the empty text",
        {"type": "string", "minLength": 1},
        {"type": "string", "not": {"const": ""}},
        "same",
    ),
]
NUMBERS: list[Vector] = [
    ("a higher minimum", {"minimum": 1}, {"minimum": 2}, "narrower"),
    ("a lower minimum", {"minimum": 1}, {"minimum": 0}, "wider"),
    ("a minimum comes", NUMBER, {"type": "number", "minimum": 0}, "narrower"),
    ("a range moves", {"minimum": 0, "maximum": 5}, {"minimum": 1, "maximum": 6}, "other"),
    ("a bound is left out", {"maximum": 5}, {"exclusiveMaximum": 5}, "narrower"),
    ("whole numbers over a bound", {**WHOLE, "exclusiveMinimum": 0}, {**WHOLE, "minimum": 1}, "same"),
    ("whole numbers over half a bound", {**WHOLE, "minimum": 0.5}, {**WHOLE, "minimum": 1}, "same"),
    ("no number at all", {**NUMBER, "minimum": 2, "maximum": 1}, False, "same"),
    ("whole numbers between bounds", {**WHOLE, "exclusiveMinimum": 1, "exclusiveMaximum": 2}, False, "same"),
    ("steps that hold others", {"multipleOf": 6}, {"multipleOf": 3}, "wider"),
    ("steps that do not", {"multipleOf": 4}, {"multipleOf": 6}, "other"),
    ("two steps as one", {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}, {"multipleOf": 12}, "same"),
    ("decimal steps", {"multipleOf": 0.1}, {"multipleOf": 0.05}, "wider"),
    ("steps at a bound", {"multipleOf": 5, "minimum": 1}, {"multipleOf": 5, "minimum": 5}, "same"),
    (
        "the even ones as all but the odd",
        {**WHOLE, "multipleOf": 2},
        {**WHOLE, "not": {**WHOLE, "multipleOf": 2}},
        "other",
    ),
    ("two ranges as one", {"anyOf": [{"minimum": 5}, {"maximum": 5}]}, {}, "same"),
    ("two ranges with a hole", {**NUMBER, "anyOf": [{"minimum": 6}, {"maximum": 5}]}, NUMBER, "wider"),
    ("whole numbers without a hole", {**WHOLE, "anyOf": [{"minimum": 6}, {"maximum": 5}]}, WHOLE, "same"),
    (
        "overlapping ranges, one alone",
        {"oneOf": [{"minimum": 1}, {"minimum": 5}]},
        {"oneOf": [{"minimum": 1}]},
        "wider",
    ),
]
TEXTS: list[Vector] = [
    ("shorter", {"maxLength": 5}, {"maxLength": 4}, "narrower"),
    ("a least length of none", {"minLength": 0}, {}, "same"),
    ("lengths exclude each other", {**TEXT, "minLength": 3, "maxLength": 2}, False, "same"),
    ("a pattern comes", TEXT, {**TEXT, "pattern": "^a"}, "narrower"),
    (
        "a pattern that holds another",
        {**TEXT, "pattern": "^[a-f]+$"},
        {**TEXT, "pattern": "^[a-z]*$"},
        "wider",
    ),
    ("patterns of one meaning", {"pattern": "^(a|b)c$"}, {"pattern": "^[ab]c$"}, "same"),
    ("a pattern as a length", {"pattern": "^[^]{2,3}$"}, {"minLength": 2, "maxLength": 3}, "same"),
    ("a pattern without its anchor", {"pattern": "^ab"}, {"pattern": "ab"}, "wider"),
    (
        "two patterns that exclude each other",
        {**TEXT, "allOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        False,
        "same",
    ),
    ("a look ahead", {**TEXT, "pattern": "^(?!x)[a-z]+$"}, {**TEXT, "pattern": "^[a-wyz][a-z]*$"}, "same"),
    ("digits are ten", {"pattern": "^\\d+$"}, {"pattern": "^[0-9]+$"}, "same"),
    ("values that a pattern takes", {"enum": ["EUR", "USD"]}, {**TEXT, "pattern": "^[A-Z]{3}$"}, "wider"),
    ("a value that a pattern refuses", {"enum": ["EUR", "usd"]}, {**TEXT, "pattern": "^[A-Z]{3}$"}, "other"),
    ("a format comes", TEXT, {**TEXT, "format": "date"}, "narrower"),
    ("a format changes", {**TEXT, "format": "date"}, {**TEXT, "format": "uuid"}, "other"),
    ("a format that holds another", {**TEXT, "format": "uri"}, {**TEXT, "format": "uri-reference"}, "wider"),
    ("a format of numbers says nothing", NUMBER, {"type": "number", "format": "date"}, "same"),
]
LISTS: list[Vector] = [
    ("fewer items", {"maxItems": 3}, {"maxItems": 2}, "narrower"),
    ("items get a type", LIST, {**LIST, "items": TEXT}, "narrower"),
    ("items of a wider type", {**LIST, "items": WHOLE}, {**LIST, "items": NUMBER}, "wider"),
    ("no item at all", {**LIST, "items": False}, {**LIST, "maxItems": 0}, "same"),
    ("items that cannot be, but need not", {**LIST, "items": {**TEXT, "enum": []}}, {"const": []}, "same"),
    ("a place gets a type", {**LIST, "items": [TEXT]}, {**LIST, "items": [TEXT, WHOLE]}, "narrower"),
    (
        "places closed",
        {**LIST, "items": [TEXT]},
        {**LIST, "items": [TEXT], "additionalItems": False},
        "narrower",
    ),
    (
        "places of one type",
        {**LIST, "items": [TEXT, TEXT], "additionalItems": TEXT},
        {**LIST, "items": TEXT},
        "same",
    ),
    ("more items say nothing without places", {**LIST, "additionalItems": False}, LIST, "same"),
    ("places that must be filled", {**LIST, "items": [TEXT, False], "minItems": 2}, False, "same"),
    ("items once only", LIST, {**LIST, "uniqueItems": True}, "narrower"),
    (
        "more different items than there are",
        {**LIST, "items": FLAG, "uniqueItems": True, "minItems": 3},
        False,
        "same",
    ),
    (
        "different items, counted",
        {**LIST, "items": {"enum": [1, 2]}, "uniqueItems": True},
        {**LIST, "items": {"enum": [1, 2]}, "uniqueItems": True, "maxItems": 2},
        "same",
    ),
    (
        "different places that share one value",
        {**LIST, "items": [{"const": 1}, {"enum": [1, 2]}], "uniqueItems": True, "minItems": 2},
        {**LIST, "items": [{"const": 1}, {"const": 2}], "uniqueItems": True, "minItems": 2},
        "same",
    ),
    ("a list must hold something", LIST, {**LIST, "contains": {}}, "narrower"),
    ("holding anything is being filled", {**LIST, "contains": {}}, {**LIST, "minItems": 1}, "same"),
    ("holding more", {**LIST, "contains": {"const": 1}}, {**LIST, "contains": NUMBER}, "wider"),
    ("what cannot be held", {**LIST, "items": TEXT, "contains": WHOLE}, False, "same"),
    (
        "two things held",
        {**LIST, "contains": TEXT, "allOf": [{"contains": WHOLE}]},
        {**LIST, "minItems": 2},
        "wider",
    ),
]
OBJECTS: list[Vector] = [
    ("a property must be there", having({"a": TEXT}), having({"a": TEXT}, required=["a"]), "narrower"),
    ("a property need not be there", having({"a": TEXT}, required=["a"]), having({"a": TEXT}), "wider"),
    ("a property is described", OBJECT, having({"a": TEXT}), "narrower"),
    ("a property that may be anything", OBJECT, having({"a": {}}), "same"),
    ("a property is no longer described", having({"a": TEXT}), OBJECT, "wider"),
    (
        "a property joins closed ones",
        having({"a": TEXT}, additionalProperties=False),
        having({"a": TEXT, "b": TEXT}, additionalProperties=False),
        "wider",
    ),
    (
        "a property leaves closed ones",
        having({"a": TEXT, "b": TEXT}, additionalProperties=False),
        having({"a": TEXT}, additionalProperties=False),
        "narrower",
    ),
    ("others are refused", having({"a": TEXT}), having({"a": TEXT}, additionalProperties=False), "narrower"),
    (
        "a property as others were",
        having({}, additionalProperties=TEXT),
        having({"a": TEXT}, additionalProperties=TEXT),
        "same",
    ),
    (
        "a property unlike others",
        having({}, additionalProperties=TEXT),
        having({"a": WHOLE}, additionalProperties=TEXT),
        "other",
    ),
    (
        "a property that must not be",
        having({"a": False}),
        {"type": "object", "not": {"required": ["a"]}},
        "same",
    ),
    (
        "two names that a pattern takes",
        having({"ab": WHOLE}),
        {**OBJECT, "patternProperties": {"^a": WHOLE}},
        "narrower",
    ),
    (
        "patterns that hold each other",
        {**OBJECT, "patternProperties": {"^a": WHOLE}},
        {**OBJECT, "patternProperties": {"^ab": WHOLE}},
        "wider",
    ),
    (
        "a name that the pattern has described",
        {**OBJECT, "patternProperties": {"^a": WHOLE}, "additionalProperties": False},
        having({"ab": NUMBER}, patternProperties={"^a": WHOLE}, additionalProperties=False),
        "same",
    ),
    (
        "names by a pattern",
        {**OBJECT, "propertyNames": {"pattern": "^a"}},
        {**OBJECT, "propertyNames": {"minLength": 1}},
        "wider",
    ),
    (
        "names closed in two ways",
        {**OBJECT, "propertyNames": {"enum": ["a"]}},
        having({"a": {}}, additionalProperties=False),
        "same",
    ),
    ("no name at all", {**OBJECT, "propertyNames": False}, {"const": {}}, "same"),
    ("fewer properties", {"maxProperties": 3}, {"maxProperties": 2}, "narrower"),
    (
        "more properties than names",
        having({"a": {}}, additionalProperties=False, minProperties=2),
        False,
        "same",
    ),
    (
        "filled, and closed to one",
        having({"a": {}}, additionalProperties=False, minProperties=1),
        having({"a": {}}, required=["a"], maxProperties=1),
        "same",
    ),
    ("one needs the other", having({}), having({}, dependencies={"a": ["b"]}), "narrower"),
    (
        "one needs the other, as a schema",
        having({}, dependencies={"a": ["b"]}),
        having({}, dependencies={"a": {"required": ["b"]}}),
        "same",
    ),
    (
        "needs in the other direction",
        having({}, dependencies={"a": ["b"]}),
        having({}, dependencies={"b": ["a"]}),
        "other",
    ),
    (
        "what is needed is always there",
        having({}, required=["b"], dependencies={"a": ["b"]}),
        having({}, required=["b"]),
        "same",
    ),
    (
        "deep inside",
        having({"a": having({"b": {"maximum": 5}})}),
        having({"a": having({"b": {"maximum": 4}})}),
        "narrower",
    ),
    ("what cannot be there says nothing", having({"a": False}), having({"a": {**TEXT, "enum": []}}), "same"),
]
JOINED: list[Vector] = [
    (
        "parts in one",
        {"allOf": [having({"a": TEXT}), having({"b": WHOLE}, required=["b"])]},
        having({"a": TEXT, "b": WHOLE}, required=["b"]),
        "same",
    ),
    ("a part more", {"allOf": [TEXT]}, {"allOf": [TEXT, {"minLength": 1}]}, "narrower"),
    ("parts exclude each other", {"allOf": [TEXT, WHOLE]}, False, "same"),
    ("alternatives in another order", {"oneOf": [TEXT, WHOLE]}, {"oneOf": [WHOLE, TEXT]}, "same"),
    ("an alternative more", {"oneOf": [TEXT]}, {"oneOf": [TEXT, WHOLE]}, "wider"),
    (
        "one of several that exclude each other, or any",
        {"oneOf": [TEXT, WHOLE]},
        {"anyOf": [TEXT, WHOLE]},
        "same",
    ),
    ("one of several that overlap, or any", {"oneOf": [WHOLE, NUMBER]}, {"anyOf": [WHOLE, NUMBER]}, "wider"),
    (
        "one of two of which one holds the other",
        {"oneOf": [WHOLE, NUMBER]},
        {"allOf": [NUMBER, {"not": WHOLE}]},
        "same",
    ),
    ("an alternative that another holds", {"anyOf": [WHOLE, NUMBER]}, NUMBER, "same"),
    (
        "alternatives of objects",
        {"oneOf": [tagged("a"), tagged("b")]},
        {"oneOf": [tagged("b"), tagged("a"), tagged("c")]},
        "wider",
    ),
    (
        "an alternative changes",
        {"oneOf": [tagged("a", x=WHOLE), tagged("b")]},
        {"oneOf": [tagged("b"), tagged("a", x=NUMBER)]},
        "wider",
    ),
    (
        "alternatives drawn together",
        {"anyOf": [having({"a": TEXT}, required=["a"]), having({"a": WHOLE}, required=["a"])]},
        having({"a": {"type": ["integer", "string"]}}, required=["a"]),
        "same",
    ),
    (
        "alternatives of two properties do not mix",
        {"anyOf": [having({"a": TEXT, "b": TEXT}), having({"a": WHOLE, "b": WHOLE})]},
        having({"a": {"type": ["integer", "string"]}, "b": {"type": ["integer", "string"]}}),
        "wider",
    ),
    ("not not", {"not": {"not": TEXT}}, TEXT, "same"),
    (
        "not both",
        {"not": {"allOf": [{"required": ["a"]}, {"required": ["b"]}]}},
        {"not": {"required": ["a", "b"]}},
        "same",
    ),
    ("not either", {"not": {"anyOf": [TEXT, WHOLE]}}, {"allOf": [{"not": TEXT}, {"not": WHOLE}]}, "same"),
    ("less is left out", {"not": NUMBER}, {"not": WHOLE}, "wider"),
    (
        "a condition as alternatives",
        {"if": TEXT, "then": {"minLength": 1}},
        {"anyOf": [{"not": TEXT}, {"minLength": 1}]},
        "same",
    ),
    ("a condition that says nothing", {"if": TEXT}, {}, "same"),
    ("a condition without a question", {"then": TEXT}, {}, "same"),
    (
        "a condition with both answers",
        {"if": TEXT, "then": {"minLength": 1}, "else": WHOLE},
        {"anyOf": [{**TEXT, "minLength": 1}, WHOLE]},
        "same",
    ),
    (
        "a condition by tag",
        {"if": having({"kind": {"const": "a"}}, required=["kind"]), "then": {"required": ["x"]}},
        {},
        "wider",
    ),
]
REFERENCES: list[Vector] = [
    ("said in place", {"$ref": "#/definitions/a", "definitions": {"a": TEXT}}, TEXT, "same"),
    ("by another name", chain(WHOLE, "one"), chain(WHOLE, "two"), "same"),
    (
        "unrolled once",
        chain(WHOLE),
        {
            **having({"value": WHOLE, "next": {"$ref": "#/definitions/node"}}, required=["value"]),
            "definitions": chain(WHOLE)["definitions"],
        },
        "same",
    ),
    ("wider all the way down", chain(WHOLE), chain(NUMBER), "wider"),
    (
        "what stands beside a reference says nothing",
        {"$ref": "#/definitions/a", "maxLength": 1, "definitions": {"a": TEXT}},
        TEXT,
        "same",
    ),
    (
        "an endless value is none",
        {
            "$ref": "#/definitions/a",
            "definitions": {"a": having({"a": {"$ref": "#/definitions/a"}}, required=["a"])},
        },
        False,
        "same",
    ),
    (
        "two that hold each other",
        {
            "$ref": "#/definitions/a",
            "definitions": {
                "a": {**LIST, "items": {"$ref": "#/definitions/b"}},
                "b": {**LIST, "items": {"$ref": "#/definitions/a"}},
            },
        },
        {"$ref": "#/definitions/a", "definitions": {"a": {**LIST, "items": {"$ref": "#/definitions/a"}}}},
        "same",
    ),
]


def vectors() -> Iterator[Vector]:
    """All of them."""
    for group in (TYPES, VALUES, NUMBERS, TEXTS, LISTS, OBJECTS, JOINED, REFERENCES):
        yield from group
