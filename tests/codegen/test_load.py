"""What the loader makes of texts, files and references."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from codegen.contract import Json, Source
from codegen.diagnostics import DocumentError
from codegen.document import Document, Location
from codegen.load import load


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(text: str, name: str = "a.yaml") -> Document:
    """Write a text to a file, and load it."""
    Path(name).write_text(text, encoding="utf-8")
    return load(name)


def value(text: str, name: str = "a.yaml") -> Json:
    """The values of a text."""
    document = loaded(text, name)
    return document.value(document.root)


def findings(text: str | bytes, name: str = "a.yaml") -> list[str]:
    """What is said of a text that cannot be loaded."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    Path(name).write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        load(name)
    return [str(diagnostic) for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize(("name", "indent"), [("a.yaml", ""), ("a.json", "  ")])
def test_a_conflict_that_was_forgotten_is_called_one(name: str, indent: str) -> None:
    """It stands at git's own sign, and not at where a parser stumbles."""
    sides = f'{indent}"a": 1\n{"=" * 7}\n{indent}"a": 2\n{">" * 7} theirs\n'
    text = ("{\n" if indent else "b: 1\n") + f"{'<' * 7} HEAD\n{sides}" + ("}\n" if indent else "")
    rule = "json-syntax" if indent else "yaml-syntax"
    said = f"{name}:2:1: {rule}: a conflict of a merge has not been resolved: {'<' * 7} HEAD"
    assert said in findings(text, name)


def test_scalars_are_those_of_yaml_1_2() -> None:
    """Dates, yes and no are texts; numbers in octal and hexadecimal are numbers; nothing is null."""
    text = "a: 2026-01-02\nb: yes\nc: off\nd: 0o17\ne: 0x1F\nf: 010\n"
    text += "g: 1_000\nh: 1.5e3\ni: ~\nj:\nk: True\nl: '1'\n"
    expected = ["2026-01-02", "yes", "off", 15, 31, 10, "1_000", 1500.0, None, None, True, "1"]
    assert value(text) == dict(zip("abcdefghijkl", expected, strict=True))


def test_keys_are_texts_as_written() -> None:
    """A key that looks like a number, a truth value or null is the text that stands there."""
    assert value("1: a\n2.0: b\ntrue: c\nnull: d\n0x10: e\n") == {
        "1": "a",
        "2.0": "b",
        "true": "c",
        "null": "d",
        "0x10": "e",
    }


def test_merge_keys_fill_in_what_is_not_given() -> None:
    """`<<` takes a mapping or several; what is written beside it wins, then what comes first."""
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 9}\nd:\n  '<<': 5\n"
    assert value(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "z": 4},
        "c": {"x": 9, "y": 2, "z": 4},
        "d": {"<<": 5},
    }


def test_positions_are_of_keys_and_of_items() -> None:
    """A member stands where its key does, an item where it begins, what is merged in where it was written."""
    document = loaded("a:\n  - b: 1\n  -   c: 2\nd: &d\n  e: 3\nf: *d\ng:\n  <<: *d\n")

    def at(*pointer: str | int) -> Source:
        return document.source(document.root.child(*pointer))

    assert at() == Source("a.yaml", 1, 1)
    assert at("a", 0, "b") == Source("a.yaml", 2, 5)
    assert at("a", 1) == Source("a.yaml", 3, 7)
    assert at("f") == Source("a.yaml", 6, 1)
    assert at("f", "e") == Source("a.yaml", 5, 3)
    assert at("g", "e") == Source("a.yaml", 5, 3)
    assert at("g", "nothing") == Source("a.yaml", 7, 1)


def test_json_gives_the_same_as_yaml() -> None:
    """JSON is read with its tabs, escapes and numbers, and its positions."""
    text = '{\n\t"a": [1, -2.5e1, "\\u00e9\\n\\ud83d\\ude00", true, null],\n\t"b": {}\n}\n'
    expected: Json = {"a": [1, -25.0, "é\n😀", True, None], "b": {}}
    assert value(text, "a.json") == expected
    assert value(text, "a.yaml") == expected
    document = load("a.json")
    assert document.source(document.root.child("b")) == Source("a.json", 3, 2)
    assert document.source(document.root.child("a", 1)) == Source("a.json", 2, 11)


def test_json_of_any_shape_is_read_as_the_standard_library_reads_it() -> None:
    """Objects, arrays and texts in every combination mean what `json.loads` says they mean."""
    for text in (
        '""',
        "[]",
        "{}",
        "[[], {}]",
        '{"": {"a": [{}]}}',
        '"\\\\\\"\\/\\b\\f"',
        "-0.0",
        "[1e5, 0, -7]",
    ):
        assert value(text, "a.json") == json.loads(text)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    """A file may begin with UTF-8's byte order mark."""
    assert value("\ufeffa: 1\n") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.yaml:1:1: empty:"),
        ("# only a comment\n", "a.yaml:1:1: empty:"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: yaml-syntax:"),
        ("a: [1, 2\nb: 3\n", "a.yaml:2:2: yaml-syntax:"),
        ("a: {b: 1\n", "a.yaml:2:1: yaml-syntax:"),
        ('a: "\\q"\n', "a.yaml:1:6: yaml-syntax:"),
        ('a: "\\U99999999"\n', "a.yaml:1:1: yaml-syntax:"),
        ("%YAML 9.9\n---\na: 1\n", "a.yaml:1:1: yaml-syntax:"),
        ("a: 1\n---\nb: 1\n", "a.yaml:2:1: many-documents:"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1: duplicate-key:"),
        ("a: .nan\n", "a.yaml:1:4: not-json:"),
        ("a: 1e999\n", "a.yaml:1:4: number-size:"),
        ("a: " + "9" * 5000 + "\n", "a.yaml:1:4: number-size:"),
        ("a: *b\n", "a.yaml:1:4: unknown-anchor:"),
        ("a: &a [*a]\n", "a.yaml:1:8: recursive-alias:"),
        ("? [1]\n: 2\n", "a.yaml:1:3: key-type:"),
        ("<<: 1\n", "a.yaml:1:1: merge-type:"),
        ("a: !mine 1\n", "a.yaml:1:4: unknown-tag:"),
        ("a: !!set {b}\n", "a.yaml:1:4: unknown-tag:"),
        ("a: \x01\n", "a.yaml:1:4: bad-character:"),
        ('a: "\\ud83d"\n', "a.yaml:1:4: bad-character:"),
        (b"a: 1\nb: \xff\n", "a.yaml:2:4: encoding:"),
        (b"\xff\xfea\x00", "a.yaml:1:1: encoding:"),
        ("[" * 100_000, "a.yaml:1:101: too-deep:"),
        ("- " * 5_000 + "x", "a.yaml:1:201: too-deep:"),
    ],
)
def test_a_text_that_is_no_document_is_refused_at_its_place(text: str | bytes, expected: str) -> None:
    """What cannot be read is told with file, line, column and rule, and nothing else is raised."""
    [finding] = findings(text)
    assert finding.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', "a.json:1:9: json-syntax:"),
        ("{'a': 1}", "a.json:1:2: json-syntax:"),
        ('{"a": 1', "a.json:1:8: json-syntax:"),
        ('{"a": "x\ny"}', "a.json:1:7: json-syntax:"),
        ('{"a": 01}', "a.json:1:8: json-syntax:"),
        ("[NaN]", "a.json:1:2: not-json:"),
        ('{"a": 1, "a": 2}', "a.json:1:10: duplicate-key:"),
        ("[1] 2", "a.json:1:5: json-syntax:"),
        ("[" * 100_000, "a.json:1:101: too-deep:"),
        ("a: 1", "a.json:1:1: json-syntax:"),
    ],
)
def test_json_is_taken_strictly(text: str, expected: str) -> None:
    """A file that is called `.json` holds JSON and nothing else."""
    [finding] = findings(text, "a.json")
    assert finding.startswith(expected)


def test_aliases_that_multiply_are_refused_at_once() -> None:
    """A text of a few lines cannot make the generator walk a billion values."""
    lines = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    started = time.monotonic()
    [finding] = findings("\n".join(lines))
    assert "too-many-aliases" in finding
    assert time.monotonic() - started < 5


def test_mistakes_are_told_all_at_once() -> None:
    """Reading goes on after a mistake that leaves the rest of the text plain."""
    assert [finding.split(" ")[1] for finding in findings("a: 1\na: .inf\nb: *c\nd: {$ref: '#/e'}\n")] == [
        "duplicate-key:",
        "not-json:",
        "unknown-anchor:",
        "ref-pointer:",
    ]


def test_what_is_no_file_is_told() -> None:
    """A missing file and a folder are findings like any other."""
    for name, words in (("nothing.yaml", "there is no file"), (".", "is a folder")):
        with pytest.raises(DocumentError, match=words):
            load(name)


def test_references_lead_across_files() -> None:
    """A reference is relative to the file that holds it, and may name a whole file."""
    Path("common").mkdir()
    Path("common/b.yaml").write_text("x: {$ref: 'c.json'}\ny: {$ref: '../a.yaml#/z'}\n", encoding="utf-8")
    Path("common/c.json").write_text('{"q": {"$ref": "#/r"}, "r": {}}', encoding="utf-8")
    document = loaded("p: {$ref: 'common/b.yaml#/x'}\nr: {$ref: './common/b.yaml#/y'}\nz: {}\n")
    root = document.root
    assert set(document.files) == {"a.yaml", "common/b.yaml", "common/c.json"}
    assert document.follow(root.child("p")) == Location("common/c.json")
    assert document.follow(root.child("r")) == root.child("z")
    assert document.references[Location("common/c.json", ("q",))] == Location("common/c.json", ("r",))


def test_pointers_are_unescaped() -> None:
    """`~1`, `~0` and percent signs mean what RFC 6901 says; a list is entered by index."""
    document = loaded(
        "'a/b~c d': [{}, {}]\nm: {$ref: '#/a~1b~0c%20d/1'}\n"
        "n: {$ref: '#/channels/x:{y}'}\nchannels: {'x:{y}': {}}\n"
    )
    assert document.follow(document.root.child("m")) == document.root.child("a/b~c d", 1)
    assert document.follow(document.root.child("n")) == document.root.child("channels", "x:{y}")


def test_a_pointer_may_lead_through_another_reference() -> None:
    """What lies behind a reference is reached by a pointer that goes through it."""
    document = loaded("a: {$ref: '#/b'}\nb: {c: {}}\nd: {$ref: '#/a/c'}\n")
    assert document.follow(document.root.child("d")) == document.root.child("b", "c")


def test_examples_are_data_and_properties_are_not() -> None:
    """A `$ref` in an example or a default is a text; a property called `example` or `$ref` is a schema."""
    document = loaded(
        "s:\n"
        "  default: {$ref: '#/nowhere'}\n"
        "  enum: [{$ref: '#/nowhere'}]\n"
        "  x-mine: {$ref: '#/nowhere'}\n"
        "  properties:\n"
        "    example: {$ref: '#/t'}\n"
        "    default: {$ref: '#/t'}\n"
        "    $ref: {type: string}\n"
        "x-response: {$ref: '#/t'}\n"
        "t: {}\n"
    )
    properties = document.root.child("s", "properties")
    assert set(document.references) == {
        properties.child("example"),
        properties.child("default"),
        document.root.child("x-response"),
    }


def test_every_reference_that_leads_nowhere_is_told() -> None:
    """Missing files, missing places, cycles and addresses on the network are all named in one go."""
    Path("broken.yaml").write_text("a: [\n", encoding="utf-8")
    text = (
        "a: {$ref: '#/b'}\n"
        "b: {$ref: '#/a'}\n"
        "c: {$ref: '#/nope'}\n"
        "d: {$ref: nope.yaml}\n"
        "e: {$ref: 'https://example.com/e.yaml#/e'}\n"
        "f: {$ref: 5}\n"
        "g: {$ref: '#name'}\n"
        "h: {$ref: '#/h'}\n"
        "i: {$ref: 'broken.yaml#/a'}\n"
        "j: {$ref: '#/j/x'}\n"
        "k: {$ref: '.'}\n"
        'l: {$ref: "a\\0b"}\n'
    )
    assert [" ".join(finding.split(" ")[:2]) for finding in findings(text)] == [
        "a.yaml:1:5: ref-cycle:",
        "a.yaml:2:5: ref-cycle:",
        "a.yaml:3:5: ref-pointer:",
        "a.yaml:4:5: ref-file:",
        "a.yaml:5:5: ref-remote:",
        "a.yaml:6:5: ref-type:",
        "a.yaml:7:5: ref-pointer:",
        "a.yaml:8:5: ref-cycle:",
        "a.yaml:10:5: ref-cycle:",
        "a.yaml:11:5: ref-file:",
        "a.yaml:12:5: ref-file:",
        "broken.yaml:2:1: yaml-syntax:",
    ]


def test_a_file_that_is_not_there_is_told_of_once() -> None:
    """At the first place that refers to it, with the number of others; not before the cause, nor once more for each."""
    text = "".join(f"{key}: {{$ref: 'nope.yaml#/{key}'}}\n" for key in "abc") + "d: {$ref: '.'}\n"
    assert [str(finding) for finding in findings(text)] == [
        "a.yaml:1:5: ref-file: there is no file nope.yaml; it is referred to 2 more times",
        "a.yaml:4:5: ref-file: . is a folder, not a file",
    ]


def test_files_are_shown_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file below the working folder is shown relative to it, however it was named."""
    (tmp_path / "spec").mkdir()
    document = tmp_path / "spec" / "a.yaml"
    document.write_text("a: 1\n", encoding="utf-8")
    assert load(document).root.file == "spec/a.yaml"
    assert load("spec/../spec/a.yaml").root.file == "spec/a.yaml"
    monkeypatch.chdir(tmp_path / "spec")
    assert load("a.yaml").root.file == "a.yaml"


def test_a_recursive_schema_stays_finite() -> None:
    """References are followed, not unrolled."""
    document = loaded("a: {properties: {again: {$ref: '#/a'}}}\n")
    assert document.references == {document.root.child("a", "properties", "again"): document.root.child("a")}
