"""Warnings for what models take otherwise than JSON Schema: at the keyword, with what to do, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from codegen.pipeline import understand
from codegen.render.unsaid import RULE, unsaid

_HEAD = "asyncapi: 2.4.0\ninfo: {title: Test, version: '1'}\nchannels:\n"


def said(folder: Path, schema: str) -> list[tuple[int, str]]:
    """Line within the schema and message of each warning, for a schema that is a message's payload."""
    path = folder / "asyncapi.yaml"
    before = _HEAD + "  /ws:\n    publish:\n      message:\n        name: it\n        payload:\n"
    path.write_text(before + indent(dedent(schema), " " * 10), encoding="utf-8")
    first = before.count("\n")
    found = unsaid(understand(path))
    assert all(item.severity == "warning" and item.rule == RULE for item in found)
    return [(item.source.line - first, item.message) for item in found]


@pytest.mark.parametrize(
    ("schema", "line", "words"),
    [
        (
            "type: object\nproperties:\n  a: {type: string, format: email}",
            3,
            "`format: email` is not enforced",
        ),
        ("type: string\nformat: date\nmaxLength: 10", 2, "`format: date` is not enforced"),
        ("type: string\ncontentEncoding: base64", 2, "`contentEncoding: base64` is not enforced"),
        ("type: string\nnullable: true", 2, "accept null"),
        ("properties:\n  op: {const: a}\nrequired: [op]", 0, "accept objects only"),
        ("type: string\npattern: '(?<=a+)b'", 2, "Python cannot match it"),
        ("type: string\nnot:\n  pattern: '(?<=a+)b'", 2, "`not` is not enforced"),
    ],
)
def test_what_models_take_otherwise_is_reported(schema: str, line: int, words: str, tmp_path: Path) -> None:
    """One warning, at the keyword's line, that says what is done instead."""
    ((found, message),) = said(tmp_path, schema)
    assert found == line
    assert words in message


@pytest.mark.parametrize(
    "schema",
    [
        "type: array\nuniqueItems: true\ncontains: {const: 1}",
        "type: string\nformat: date-time",
        "type: integer\nformat: int64",
        "type: object\nminProperties: 1\ndependencies: {a: [b]}\npropertyNames: {maxLength: 3}",
        "type: string\npattern: '^\\p{L}+$'",
        "not: {type: string}",
        "oneOf: [{type: integer}, {minimum: 3}]",
        "properties: {a: {type: string}}",
        "type: [string, 'null']\nnullable: true",
    ],
)
def test_what_models_say_is_not_reported(schema: str, tmp_path: Path) -> None:
    """Nor is what a type, or a demand beside it, says exactly."""
    assert said(tmp_path, schema) == []


def test_schemas_that_no_message_uses_are_looked_at_too(tmp_path: Path) -> None:
    """Every component is a model, and what is referred to is told once."""
    path = tmp_path / "asyncapi.yaml"
    schemas = "components:\n  schemas:\n    A: {type: string, format: uri}\n    B: {$ref: '#/components/schemas/A'}\n"
    path.write_text(_HEAD + "  {}\n" + schemas, encoding="utf-8")
    assert [item.source.line for item in unsaid(understand(path))] == [7]
