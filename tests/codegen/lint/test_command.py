"""`python -m codegen lint`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.lint import RULES
from tests.codegen.lint.documents import write

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = """channels:
  chat:
    publish:
      message:
        payload: {type: string}
"""


def test_the_own_document_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The contract of this project is as its own rules want it; what is suppressed has a reason."""
    monkeypatch.chdir(ROOT)
    assert main(["lint", "--fail-on", "info"]) == 0
    assert capsys.readouterr().out.startswith("spec/asyncapi.yaml: 0 errors, 0 warnings")


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings fail only where that is asked for; errors always, unless it is never."""
    path = str(write(tmp_path, DOCUMENT))
    assert main(["lint", path]) == 0
    assert main(["lint", path, "--fail-on", "warning"]) == 1
    assert main(["lint", path, "--max-warnings", "0"]) == 1
    assert main(["lint", path, "--max-warnings", "9"]) == 0
    write(tmp_path, "channels: 1\n")
    assert main(["lint", path]) == 1
    assert main(["lint", path, "--fail-on", "never"]) == 0
    (tmp_path / "tapewire-lint.toml").write_text('fail-on = "warning"\n')
    write(tmp_path, DOCUMENT)
    assert main(["lint", path]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["text", "json", "github", "markdown"])
def test_what_cannot_be_read_has_findings_too(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every format: no file, no YAML, no AsyncAPI."""
    for text in (None, "a: [", "a: b\n"):
        path = tmp_path / "asyncapi.yaml"
        if text is not None:
            path.write_text(text)
        assert main(["lint", str(path), "--format", form]) == 1
        told = capsys.readouterr()
        assert told.err == ""
        if form == "json":
            assert [one["severity"] for one in json.loads(told.out)["findings"]] == ["error"]
        elif form == "github":
            assert told.out.startswith("::error file=")
        else:
            assert "1 error" in told.out


def test_less_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--show`, `--select` and `--ignore` say of what; the counts stay whole where only less is shown."""
    path = str(write(tmp_path, DOCUMENT))
    main(["lint", path, "--show", "warning"])
    told = capsys.readouterr().out
    assert " info: " not in told
    assert " info\n" in told
    main(["lint", path, "--select", "unbounded-string,info-contact", "--ignore", "info-contact"])
    told = capsys.readouterr().out
    assert told.count("\n") == 2
    assert "unbounded-string" in told


def test_suppressed_findings_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason."""
    path = str(
        write(tmp_path, DOCUMENT.replace("string}", "string}  # lint: ignore unbounded-string - so it is"))
    )
    main(["lint", path])
    assert "unbounded-string" not in capsys.readouterr().out
    main(["lint", path, "--show-suppressed"])
    assert "(suppressed: so it is)" in capsys.readouterr().out


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, with severity and a sentence; one of them, with its page, its severity and its options."""
    assert main(["lint", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(RULES)
    assert main(["lint", "--explain", "property-name-style"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("# property-name-style\n")
    assert "## Bad" in told
    assert "Severity: warning." in told
    assert "Option `style` = 'consistent'" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--explain", "unbounded-strings"],
            'there is no rule "unbounded-strings"; did you mean "unbounded-string"?',
        ),
        (["--select", "no-such"], 'the command line: there is no rule "no-such"'),
        (["--ignore", "yaml-syntax"], "it stays an error"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--max-warnings", "-1"], "--max-warnings is a whole number, at least 0"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says what was meant, and exit code 2."""
    assert main(["lint", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert said in told.err
    assert told.err.count("\n") == 1


def test_what_is_like_nothing_gets_no_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    """A name is suggested only where it may have been meant."""
    assert main(["lint", "--select", "nonsense"]) == 2
    assert capsys.readouterr().err == 'error: the command line: there is no rule "nonsense"\n'


def test_a_link_to_itself_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Like any file that cannot be read."""
    path = tmp_path / "loop.yaml"
    path.symlink_to("loop.yaml")
    assert main(["lint", str(path)]) == 1
    told = capsys.readouterr()
    assert "cannot be read" in told.out
    assert told.err == ""


def test_an_unknown_option_is_told_with_the_usage_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Which says what there is; the list of commands does not."""
    with pytest.raises(SystemExit) as stop:
        main(["lint", "--formatt", "json"])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("usage: python -m codegen lint ")
    assert "unrecognized arguments: --formatt" in told
