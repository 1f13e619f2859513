"""What clients may send without an end, and what has one though it does not look so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.lint.documents import found, payload, write

COMPONENTS = """components:
  schemas:
    Short: {type: string, maxLength: 5}
    Long: {type: string}
    Word: {enum: [one, two]}
    Tree:
      type: object
      properties:
        name: {type: string}
        children: {type: array, maxItems: 5, items: {$ref: '#/components/schemas/Tree'}}
"""
BOUNDED = (
    "{type: string, maxLength: 5}",
    "{type: string, enum: [one, two]}",
    "{type: string, const: one}",
    "{type: string, format: date-time}",
    "{type: string, pattern: '^[a-z]{1,5}$'}",
    "{type: string, pattern: '^(one|two)$'}",
    "{$ref: '#/components/schemas/Short'}",
    "{allOf: [{$ref: '#/components/schemas/Long'}, {maxLength: 5}]}",
    "{type: string, allOf: [{maxLength: 5}]}",
    "{type: string, maxLength: 5, anyOf: [{pattern: '^a'}, {pattern: '^b'}]}",
    "{anyOf: [{$ref: '#/components/schemas/Word'}, {type: string, maxLength: 3}]}",
    "{oneOf: [{type: integer}, {type: 'null'}]}",
    "{type: string, if: {minLength: 2}, then: {maxLength: 5}, else: {maxLength: 1}}",
    "{type: boolean}",
)
UNBOUNDED = (
    "{type: string}",
    "{type: string, minLength: 5}",
    "{type: string, pattern: '^[a-z]+$'}",
    "{type: string, pattern: '[a-z]{1,5}'}",
    "{type: string, format: uri}",
    "{type: [string, 'null']}",
    "{$ref: '#/components/schemas/Long'}",
    "{allOf: [{$ref: '#/components/schemas/Long'}]}",
    "{anyOf: [{type: string, maxLength: 3}, {type: string, pattern: '^a'}]}",
    "{oneOf: [{type: integer}, {$ref: '#/components/schemas/Long'}]}",
    "{type: string, if: {minLength: 2}, then: {maxLength: 5}}",
    "{type: string, x-open-enum: [one, two]}",
    "{type: array, maxItems: 2, items: {type: string}}",
    "{type: object, maxProperties: 2, additionalProperties: {type: string}}",
)


@pytest.mark.parametrize("schema", BOUNDED)
def test_texts_with_an_end(schema: str, tmp_path: Path) -> None:
    """The end may stand in any of the schemas that hold at once, and is needed in each arm of a union."""
    assert payload(tmp_path, schema, "unbounded-string", direction="publish", rest=COMPONENTS) == []


@pytest.mark.parametrize("schema", UNBOUNDED)
def test_texts_without_an_end(schema: str, tmp_path: Path) -> None:
    """One finding for each place, however many ways lead to it."""
    assert len(payload(tmp_path, schema, "unbounded-string", direction="publish", rest=COMPONENTS)) == 1


@pytest.mark.parametrize("schema", UNBOUNDED)
def test_what_the_server_sends_is_its_own_business(schema: str, tmp_path: Path) -> None:
    """Only what clients send is asked for bounds."""
    rules = (
        "unbounded-string",
        "unbounded-array",
        "unbounded-object",
        "unbounded-number",
        "any-value",
        "open-object",
    )
    assert payload(tmp_path, schema, *rules, rest=COMPONENTS) == []


def test_the_ways_are_told(tmp_path: Path) -> None:
    """The first way, and how many other messages lead there; recursion comes to an end."""
    text = (
        "channels:\n  chat:\n    publish:\n      message:\n        oneOf:\n"
        "          - {name: plant, payload: {$ref: '#/components/schemas/Tree'}}\n"
        "          - {name: fell, payload: {type: object, properties: {tree: {$ref: '#/components/schemas/Tree'}}}}\n"
    )
    [finding] = found(write(tmp_path, text + COMPONENTS), "unbounded-string")
    assert finding.source.line == 18
    assert '"name" of plant, and 1 other message;' in finding.message


@pytest.mark.parametrize(
    ("schema", "rule", "count"),
    [
        ("{type: array, items: {type: integer}}", "unbounded-array", 1),
        ("{type: array, maxItems: 3}", "unbounded-array", 0),
        ("{type: array, items: [{type: integer}], additionalItems: false}", "unbounded-array", 0),
        ("{type: array, items: [{type: integer}]}", "unbounded-array", 1),
        ("{type: object, additionalProperties: true}", "unbounded-object", 1),
        ("{type: object, additionalProperties: {type: integer}, maxProperties: 3}", "unbounded-object", 0),
        ("{type: object, patternProperties: {'^a': {type: integer}}}", "unbounded-object", 1),
        ("{type: object, patternProperties: {'^a': {}}, additionalProperties: false}", "unbounded-object", 0),
        ("{type: object, properties: {a: {type: integer}}}", "unbounded-object", 0),
        ("{type: integer}", "unbounded-number", 1),
        ("{type: integer, minimum: 0}", "unbounded-number", 1),
        ("{type: integer, minimum: 0, exclusiveMaximum: 9}", "unbounded-number", 0),
        ("{type: integer, format: int32}", "unbounded-number", 0),
        ("{type: number, enum: [1, 2]}", "unbounded-number", 0),
        ("{type: object}", "open-object", 1),
        ("{type: object, additionalProperties: true}", "open-object", 0),
        ("{type: object, additionalProperties: false}", "open-object", 0),
        ("{}", "any-value", 1),
        ("{description: Whatever.}", "any-value", 1),
        ("true", "any-value", 1),
        ("{type: integer}", "any-value", 0),
        ("{allOf: [{}, {type: integer}]}", "any-value", 0),
        ("{oneOf: [{type: integer}, {}]}", "any-value", 1),
    ],
)
def test_lists_maps_numbers_and_anything(schema: str, rule: str, count: int, tmp_path: Path) -> None:
    """Each has its own way to have an end."""
    assert len(payload(tmp_path, schema, rule, direction="publish")) == count


def test_objects_of_several_schemas_are_closed_by_names(tmp_path: Path) -> None:
    """`additionalProperties: false` in one of them would refuse what the others describe; it is not advised."""
    parts = (
        "allOf:\n  - {type: object, properties: {a: {type: integer}}}\n  - {properties: {b: {type: integer}}}"
    )
    (said,) = payload(tmp_path, parts, "open-object", direction="publish")
    assert "under propertyNames" in said
    closed = parts + "\npropertyNames: {enum: [a, b]}"
    assert payload(tmp_path, closed, "open-object", direction="publish") == []
    (said,) = payload(
        tmp_path, "type: object\nproperties: {a: {type: integer}}", "open-object", direction="publish"
    )
    assert "say additionalProperties: false" in said


def test_what_aliases_repeat_is_told_once(tmp_path: Path) -> None:
    """It was written once, and is changed once."""
    schema = "properties:\n  a: {properties: &one {text: {type: string}}}\n  b: {properties: *one}"
    told = payload(tmp_path, schema, "unbounded-string", direction="publish")
    assert len(told) == 1
    assert '"a.text"' in told[0]
