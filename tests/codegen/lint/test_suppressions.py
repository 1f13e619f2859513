"""What authors leave as it is, with a reason: comments in YAML, `x-lint-ignore` anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.lint import Config, Report, lint
from tests.codegen.lint.documents import HEAD, write

RULES = (
    *("unbounded-string", "unbounded-number", "idle-keyword", "bad-value", "ref-siblings", "example"),
    *("suppression-reason", "suppression-unknown", "suppression-unused"),
)
PAYLOAD = """channels:
  chat:
    publish:
      message:
        payload:
          type: object
          properties:
            text: {{type: string}}{end}
            {above}
            name: {{type: string}}
"""


def review(path: Path) -> Report:
    """The findings that suppressions of these tests are about."""
    return lint(path, Config(select=RULES))


def told(report: Report) -> list[tuple[str, int, str | None]]:
    """Rule, line and reason of each finding."""
    return [(one.rule, one.source.line, one.suppressed) for one in report.findings]


def test_at_the_end_of_a_line_and_on_the_line_above(tmp_path: Path) -> None:
    """A comment speaks of its own line, or, where it stands alone, of the next one that says anything."""
    path = write(
        tmp_path,
        PAYLOAD.format(
            end="  # lint: ignore unbounded-string - a frame is at most 64 KiB",
            above="# lint: ignore unbounded-string - because names are short\n            # (see the guide)\n",
        ),
    )
    assert told(review(path)) == [
        ("unbounded-string", 10, "a frame is at most 64 KiB"),
        ("unbounded-string", 14, "because names are short"),
    ]
    assert review(path).counts["suppressed"] == 2


@pytest.mark.parametrize("sign", [" - ", " -- ", " \N{EN DASH} ", " \N{EM DASH} ", ": ", " because "])
def test_ways_to_begin_a_reason(tmp_path: Path, sign: str) -> None:
    """A dash, a colon or the word itself."""
    path = write(
        tmp_path,
        PAYLOAD.format(
            end=f"  # lint: ignore unbounded-string{sign}so it is",
            above="# lint: ignore unbounded-string: so",
        ),
    )
    assert {one.suppressed is not None for one in review(path).findings} == {True}


def test_for_a_whole_file_at_its_top(tmp_path: Path) -> None:
    """What stands before anything else speaks of all of the file, and of no other."""
    path = tmp_path / "asyncapi.yaml"
    comment = "# lint: ignore unbounded-string, idle-keyword - a sketch\n"
    path.write_text(
        comment + HEAD + PAYLOAD.format(end="", above="").replace("{type: string}\n", "{$ref: b.yaml}\n", 1)
    )
    (tmp_path / "b.yaml").write_text("type: string\nminimum: 1\n")
    assert told(review(path)) == [
        ("suppression-unused", 1, None),
        ("unbounded-string", 13, "a sketch"),
        ("unbounded-string", 1, None),
        ("idle-keyword", 2, None),
    ]


def test_a_comment_in_another_file_speaks_there(tmp_path: Path) -> None:
    """Findings across `$ref`s are suppressed where they stand."""
    path = write(tmp_path, "channels: {chat: {publish: {message: {payload: {$ref: 'b.yaml#/Text'}}}}}\n")
    (tmp_path / "b.yaml").write_text("Text: {type: string}  # lint: ignore unbounded-string - theirs\n")
    [finding] = review(path).findings
    assert (Path(finding.source.file).name, finding.suppressed) == ("b.yaml", "theirs")


def test_without_a_reason_it_is_a_finding(tmp_path: Path) -> None:
    """It suppresses nothing then."""
    path = write(
        tmp_path, PAYLOAD.format(end="  # lint: ignore unbounded-string", above="").replace("name", "n")
    )
    assert ("suppression-reason", 10, None) in told(review(path))
    assert ("unbounded-string", 10, None) in told(review(path))


@pytest.mark.parametrize(
    ("comment", "rule", "said"),
    [
        ("# lint: ignore unbounded-strin - so", "suppression-unknown", 'did you mean "unbounded-string"?'),
        ("# lint: ignore", "suppression-unknown", "names no rule"),
        ("# lint: ignore - so", "suppression-unknown", "names no rule"),
        ("# lint: ignore unbounded-array - so", None, ""),
        ("# lint: ignore unbounded-number - so", "suppression-unused", "has nothing to say here"),
        ("# lint: ignore yaml-syntax - so", "suppression-unused", "it stays an error"),
    ],
)
def test_mistakes_in_suppressions(tmp_path: Path, comment: str, rule: str | None, said: str) -> None:
    """Unknown, unused and impossible ones are told; not those of rules that nobody asked for."""
    path = write(tmp_path, PAYLOAD.format(end="", above=comment))
    found = [one for one in review(path).findings if one.rule.startswith("suppression")]
    assert [one.rule for one in found] == ([] if rule is None else [rule])
    assert all(said in one.message for one in found)


def test_what_looks_like_one_in_a_text_is_none(tmp_path: Path) -> None:
    """A comment begins outside of texts."""
    text = "# lint: ignore unbounded-string - no comment"
    path = write(
        tmp_path,
        f"""
x-notes: "{text}"
x-more: |
  {text}
x-last: 'one
  {text}'
channels: {{}}
""",
    )
    assert review(path).findings == ()


def test_errors_of_the_stages_stay(tmp_path: Path) -> None:
    """A suppression does not make a document that nothing can be generated from."""
    path = write(
        tmp_path, "channels: {}\ncomponents: {schemas: {A: {type: text}}}  # lint: ignore bad-value - so\n"
    )
    assert told(review(path)) == [("bad-value", 4, None), ("suppression-unused", 4, None)]


def test_warnings_of_the_stages_can_be_suppressed(tmp_path: Path) -> None:
    """They are rules like others."""
    path = write(
        tmp_path,
        "channels: {}\ncomponents: {schemas: {A: {type: string, default: 1}}}  # lint: ignore example - so\n",
    )
    assert told(review(path)) == [("example", 4, "so")]


def test_beside_the_place_in_json(tmp_path: Path) -> None:
    """JSON has no comments: `x-lint-ignore` speaks of the mapping in which it stands, and of its own entries."""
    text = {"type": "string", "x-lint-ignore": {"unbounded-string": "a frame is at most 64 KiB"}}
    name = {
        "type": "string",
        "x-lint-ignore": {"unbounded-string": "", "unbounded-number": "so", "no-rule": "so"},
    }
    payload = {"type": "object", "properties": {"text": text, "name": name}}
    document = {
        "asyncapi": "2.6.0",
        "info": {"title": "Example", "version": "1.0.0"},
        "channels": {"chat": {"publish": {"message": {"payload": payload}}}},
    }
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(document, indent=1))
    report = review(path)
    assert sorted((one.rule, one.suppressed) for one in report.findings if one.suppressed) == [
        ("unbounded-string", "a frame is at most 64 KiB")
    ]
    assert sorted(one.rule for one in report.standing) == [
        "suppression-reason",
        "suppression-unknown",
        "suppression-unused",
        "unbounded-string",
    ]


def test_at_the_root_it_speaks_of_the_file(tmp_path: Path) -> None:
    """`x-lint-ignore` among the document's own fields."""
    path = write(tmp_path, PAYLOAD.format(end="", above="") + "x-lint-ignore: {unbounded-string: a sketch}\n")
    assert {one.suppressed for one in review(path).findings} == {"a sketch"}


def test_of_several_properties_each_can_be_left_alone(tmp_path: Path) -> None:
    """A property without a description has a finding of its own, which a comment at its line is about."""
    comment = "# lint: ignore property-description - names say it"
    path = write(tmp_path, PAYLOAD.format(end="", above=comment))
    report = lint(path, Config(select=("property-description",)))
    assert told(report) == [
        ("property-description", 10, None),
        ("property-description", 12, "names say it"),
    ]


def test_a_comment_beside_its_place_is_told_the_place(tmp_path: Path) -> None:
    """Who wrote it within a schema meant the schema: the line at which it would count is named."""
    above = "# lint: ignore unbounded-string - of the other\n            id: {type: integer}\n"
    path = write(tmp_path, PAYLOAD.format(end="  # lint: ignore unbounded-string - short", above=above))
    (said,) = [one.message for one in review(path).standing if one.rule == "suppression-unused"]
    assert said == (
        '"unbounded-string" has nothing to say here, but in line 14: put it at the end of that line, or above it'
    )


def test_a_field_that_names_no_rule_is_told_its_form(tmp_path: Path) -> None:
    """`x-lint-ignore` is a mapping, and no comment."""
    path = write(tmp_path, "x-lint-ignore: [unbounded-string]\nchannels: {}\n")
    (said,) = review(path).standing
    assert said.message == "this suppression names no rule: `x-lint-ignore: {RULE: why}`"
