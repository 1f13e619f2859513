"""Schemas as their authors wrote them, and expressions in ECMAScript's dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.document import Document, Location
from codegen.load import load
from codegen.patterns import compiled
from codegen.written import judge, standalone


def document(folder: Path, **files: str) -> Document:
    """A document made of files; its root is the one called root."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(folder / "root.yaml")


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        (r"^\d+$", ["12"], ["12\n", "\u0661\u0662", ""]),
        (r"^\w$", ["a", "_"], ["ä"]),
        (r"^[^\d]$", ["a", "\u0661"], ["1"]),
        (r"^\S+$", ["ab"], ["a\ufeffb"]),
        (r"^(?<year>\d{4})-\k<year>$", ["2020-2020"], ["2020-2021"]),
        (r"^[^]$", ["\n", "x"], ["", "xx"]),
        (r"a[]", [], ["a", "a[]"]),
        (r"^[[]\]$", ["[]"], ["["]),
        (r"^\u{1F600}$", ["\U0001f600"], ["u"]),
        (r"^a\/b$", ["a/b"], ["a\\/b"]),
        ("b", ["abc"], ["ac"]),
    ],
)
def test_expressions_match_what_they_match_in_ecmascript(
    pattern: str, fits: list[str], fails: list[str]
) -> None:
    """Digits are ten, words are ASCII, `$` is the very end, and a match may be anywhere."""
    found = compiled(pattern)
    assert found is not None
    assert [text for text in fits + fails if found.search(text)] == fits


def test_an_expression_that_python_cannot_say_is_none() -> None:
    """Unicode classes are nothing that `re` knows."""
    assert compiled(r"^\p{Lu}$") is None


ROOT = """\
asyncapi: 2.4.0
info: {title: T, version: '1'}
channels: {}
components:
  schemas:
    Tree:
      $id: https://example.test/tree
      type: object
      properties:
        $ref: {type: string}
        children: {type: array, items: {$ref: '#/components/schemas/Tree'}}
        other: {$ref: 'more.yaml#/Leaf'}
      default: {$ref: kept as it is}
    Nothing: false
    Moved: {$ref: '#/components/schemas/Tree', type: string}
"""
MORE = """\
Leaf: {anyOf: [{$ref: '#/Deep/Leaf'}, {type: 'null'}]}
Deep: {Leaf: {type: integer}}
"""


def schema_at(name: str, within: Document) -> Location:
    """The place of a component."""
    return within.root.child("components", "schemas", name)


def test_a_schema_stands_alone_with_all_it_refers_to(tmp_path: Path) -> None:
    """Recursion and other files become definitions, two of the same name are told apart, data stay as they are."""
    found = document(tmp_path, root=ROOT, more=MORE)
    assert standalone(found, schema_at("Tree", found)) == {
        "$ref": "#/definitions/Tree",
        "definitions": {
            "Tree": {
                "type": "object",
                "properties": {
                    "$ref": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
                    "other": {"$ref": "#/definitions/Leaf"},
                },
                "default": {"$ref": "kept as it is"},
            },
            "Leaf": {"anyOf": [{"$ref": "#/definitions/Leaf_2"}, {"type": "null"}]},
            "Leaf_2": {"type": "integer"},
        },
    }


def test_what_is_judged_is_what_the_document_says(tmp_path: Path) -> None:
    """A judge follows references, ignores what stands beside them, and names the place that does not fit."""
    found = document(tmp_path, root=ROOT, more=MORE)
    moved = judge(found, schema_at("Moved", found))
    assert moved.accepts({"children": [{"other": None}, {"children": [{"other": 3}]}]})
    assert [at for at, _ in moved.errors({"children": [{}, {"other": "x"}]})] == [("children", 1, "other")]
    assert not judge(found, schema_at("Nothing", found)).accepts(None)
