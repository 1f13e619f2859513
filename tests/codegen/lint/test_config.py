"""What a project can say of its rules, and what it is told when it says it wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.lint import Config, ConfigError, find, lint, read
from tests.codegen.lint.documents import write

CHANNELS = """
channels:
  chat:
    publish:
      message:
        payload:
          type: object
          properties:
            text: {type: string}
"""


def configured(folder: Path, text: str) -> Config:
    """The configuration in a file of its own."""
    path = folder / "tapewire-lint.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_a_rule_is_as_bad_as_the_project_says(tmp_path: Path) -> None:
    """A severity replaces the rule's own; `off` silences it."""
    document = write(tmp_path, CHANNELS)
    for level in ("error", "warning", "info"):
        config = configured(tmp_path, f'rules.unbounded-string = "{level}"')
        assert {
            one.severity for one in lint(document, config).findings if one.rule == "unbounded-string"
        } == {level}
    config = configured(tmp_path, 'rules.unbounded-string = "off"')
    assert "unbounded-string" not in {one.rule for one in lint(document, config).findings}


def test_the_nearest_configuration_counts(tmp_path: Path) -> None:
    """It is looked for from the document's folder upward; a pyproject.toml that does not speak of lint is passed by."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    document = write(inner, CHANNELS)
    (tmp_path / "pyproject.toml").write_text('[tool.tapewire.lint]\nfail-on = "info"\n')
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.other]\nfail-on = "never"\n')
    assert find(document).fail_on == "info"
    (tmp_path / "a" / "tapewire-lint.toml").write_text('fail-on = "never"\n')
    assert find(document).fail_on is None


def test_a_byte_order_mark_is_passed_by(tmp_path: Path) -> None:
    """Some editors write one before everything else."""
    assert configured(tmp_path, '\N{BOM}fail-on = "info"').fail_on == "info"


def test_options_reach_their_rule(tmp_path: Path) -> None:
    """A rule's options stand beside its severity."""
    document = write(tmp_path, CHANNELS)
    config = configured(tmp_path, 'rules.unbounded-string = {severity = "error", allow = ["text"]}')
    assert "unbounded-string" not in {one.rule for one in lint(document, config).findings}
    config = configured(tmp_path, 'rules.property-name-style = {style = "PascalCase"}')
    [finding] = [one for one in lint(document, config).findings if one.rule == "property-name-style"]
    assert finding.message == 'property name "text" is not written in PascalCase'


def test_rules_can_be_left_out_by_path(tmp_path: Path) -> None:
    """A pattern is matched with the path from the configuration's folder, and with the file's name."""
    (tmp_path / "vendor").mkdir()
    document = write(tmp_path / "vendor", CHANNELS)
    for pattern, left_out in (
        ("vendor/**", True),
        ("*.yaml", True),
        ("vendor/*.json", False),
        ("other/**", False),
    ):
        config = configured(tmp_path, f'per-file-ignores."{pattern}" = ["unbounded-string"]')
        rules = {one.rule for one in lint(document, config).findings}
        assert ("unbounded-string" not in rules) == left_out, pattern


def test_select_and_ignore(tmp_path: Path) -> None:
    """`select` looks for nothing else, `ignore` for all but; errors of the stages are told all the same."""
    document = write(tmp_path, CHANNELS + "  other: {subscribe: {message: {payload: {type: text}}}}\n")
    rules = {one.rule for one in lint(document, configured(tmp_path, 'select = ["info-contact"]')).findings}
    assert rules == {"info-contact", "bad-value"}
    rules = {one.rule for one in lint(document, configured(tmp_path, 'ignore = ["info-contact"]')).findings}
    assert "info-contact" not in rules
    assert "bad-value" in rules


def test_warnings_of_stages_can_be_raised_and_silenced(tmp_path: Path) -> None:
    """What `generate` only warns of is a rule like others."""
    document = write(tmp_path, "channels: {}\ncomponents: {schemas: {A: {type: string, default: 1}}}\n")
    assert [one.severity for one in lint(document, Config(select=("example",))).findings] == ["warning"]
    assert lint(document, Config(severities={"example": "error"})).counts["error"] == 1
    assert lint(document, Config(severities={"example": None}, select=("example",))).findings == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'rules.unbounded-strings = "off"',
            'there is no rule "unbounded-strings"; did you mean "unbounded-string"?',
        ),
        (
            'rules.unbounded-string = "of"',
            "\"unbounded-string\" is one of error, warning, info, off, not 'of'",
        ),
        (
            "rules.unbounded-string = {alow = []}",
            '"unbounded-string" has no option "alow"; did you mean "allow"?',
        ),
        ("rules.unbounded-string = {allow = 1}", '"allow" of "unbounded-string" is a list of texts'),
        ('rules.property-name-style = {style = "camel"}', 'did you mean "camelCase"?'),
        ("rules = []", '"rules" is a table of rules'),
        ('rules.wrong-type = "off"', None),
        (
            'rules.yaml-syntax = "off"',
            '"yaml-syntax" is what nothing can be generated with; it stays an error',
        ),
        ('ignore = ["ref-cycle"]', '"ref-cycle" is what nothing can be generated with; it stays an error'),
        ('fail-un = "error"', 'there is no setting "fail-un"; did you mean "fail-on"?'),
        ('fail-on = "warnings"', '"fail-on" is one of error, warning, info, never'),
        ("max-warnings = -1", '"max-warnings" is a whole number, at least 0'),
        ('select = "all"', '"select" is a list of rules'),
        ('select = ["al"]', 'there is no rule "al"'),
        ('per-file-ignores."*" = ["no-such"]', 'there is no rule "no-such"'),
        ("per-file-ignores = 1", '"per-file-ignores" is a table of lists of rules, by path'),
        ("rules = [", "tapewire-lint.toml: "),
    ],
)
def test_mistakes_are_told_with_a_guess(tmp_path: Path, text: str, told: str | None) -> None:
    """An unknown rule, option or setting, or a value of the wrong kind, is an error that says which was meant."""
    if told is None:
        configured(tmp_path, text)
        return
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, text)
    assert told in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path))
