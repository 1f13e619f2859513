"""How a review is told: as text, JSON, GitHub's annotations and Markdown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.contract import Source
from codegen.lint import Config, Finding, Report, lint
from codegen.lint.reports import github, markdown, text, to_json
from tests.codegen.lint.documents import write

PLACE = Source("spec/a,b:c.yaml", 3, 7)
REPORT = Report(
    "spec/a,b:c.yaml",
    (
        Finding("one", "error", PLACE, "50% of\nit | is <wrong>"),
        Finding("two", "warning", PLACE, "odd", suppressed="so it is"),
        Finding("three", "info", PLACE, "by the way"),
    ),
)


def test_text() -> None:
    """A line for each finding that stands, and one that counts."""
    assert text(Report("a.yaml", ())) == "a.yaml: 0 errors, 0 warnings\n"
    lines = text(REPORT).split("\n")
    assert lines[0] == r"spec/a,b:c.yaml:3:7: error: one: 50% of\nit | is <wrong>"
    assert lines[-3:] == [
        "spec/a,b:c.yaml:3:7: info: three: by the way",
        "spec/a,b:c.yaml: 1 error, 0 warnings, 1 info (1 suppressed)",
        "",
    ]
    assert "two: odd (suppressed: so it is)" in text(REPORT, shown=REPORT.findings)


def test_a_line_is_a_line_whatever_a_document_names(tmp_path: Path) -> None:
    """Names may hold line ends and what terminals obey; who reads a log line by line takes none of it for another."""
    path = write(
        tmp_path, 'channels: {a: {subscribe: {message: {name: "x\\n::error::\\e[2J", payload: {}}}}}\n'
    )
    lines = text(lint(path, Config(select=("message-description",)))).splitlines()
    assert len(lines) == 2
    assert r" x\n::error::\x1b[2J has no summary" in lines[0]


def test_many_remarks_are_folded() -> None:
    """Of one rule, the first five; warnings are all told."""
    findings = [Finding("a", "info", Source("a.yaml", line, 1), "so") for line in range(1, 9)]
    findings += [Finding("b", "warning", Source("a.yaml", line, 1), "so") for line in range(1, 9)]
    told = text(Report("a.yaml", tuple(findings)), fold=True).splitlines()
    assert sum("info: a: so" in line for line in told) == 5
    assert sum("warning: b: so" in line for line in told) == 8
    assert "a.yaml: info: a: 3 more (--all tells them)" in told
    assert told[-1] == "a.yaml: 0 errors, 8 warnings, 8 info"


def test_json() -> None:
    """Every finding, suppressed ones with their reason, and the counts of those that stand."""
    told = json.loads(to_json(REPORT))
    assert told["counts"] == {"error": 1, "warning": 0, "info": 1, "suppressed": 1}
    assert told["findings"][1] == {
        "rule": "two",
        "severity": "warning",
        "file": "spec/a,b:c.yaml",
        "line": 3,
        "column": 7,
        "message": "odd",
        "suppressed": "so it is",
    }
    assert told["findings"][0]["suppressed"] is None


def test_github() -> None:
    """A workflow command a line, with its characters escaped: in a property `,` and `:` too."""
    assert github(REPORT, shown=REPORT.findings).splitlines() == [
        "::error file=spec/a%2Cb%3Ac.yaml,line=3,col=7,title=one::50%25 of%0Ait | is <wrong>",
        "::notice file=spec/a%2Cb%3Ac.yaml,line=3,col=7,title=three::by the way",
    ]


def test_github_is_told_files_from_the_root_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the command runs: else the annotation stands beside nothing."""
    (tmp_path / "api").mkdir()
    monkeypatch.chdir(tmp_path / "api")
    report = Report(
        "a.yaml", tuple(Finding("a", "error", Source(file, 1, 1), "so") for file in ("a.yaml", "../b.yaml"))
    )
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert [line.split(",")[0] for line in github(report).splitlines()] == [
        *("::error file=api/a.yaml", "::error file=b.yaml"),
    ]
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert github(report).startswith("::error file=a.yaml,")


def test_markdown() -> None:
    """A table, the worst first, whose cells hold no sign that would end them."""
    told = markdown(REPORT)
    assert told.startswith("**Lint** of `spec/a,b:c.yaml`: 1 error, 0 warnings, 1 info (1 suppressed)\n")
    assert "| error | `spec/a,b:c.yaml:3` | `one` | 50% of it \\| is &lt;wrong> |" in told
    assert "two" not in told


def test_markdown_keeps_names_as_they_are() -> None:
    """`__name__` and `a*b*` are no emphasis in a finding, and the place is code, which knows no escapes but a bar's."""
    place = Source("a_b_c/d\\e|f.yaml", 3, 7)
    told = markdown(Report("x", (Finding("one", "error", place, '"__name__" is *odd* [so](x) \x1b'),)))
    assert told.splitlines()[-1] == (
        r"| error | `a_b_c/d\e\|f.yaml:3` | `one` | " r'"\_\_name\_\_" is \*odd\* \[so](x) \\x1b |'
    )


def test_what_fails() -> None:
    """Errors do; warnings and remarks where that is asked for; suppressed findings never."""
    place = Path("a.yaml").as_posix()
    warned = Report(place, (Finding("two", "warning", PLACE, "odd"),))
    assert REPORT.fails()
    assert not REPORT.fails(None)
    assert not warned.fails()
    assert warned.fails("warning")
    assert warned.fails("info")
    assert warned.fails(None, max_warnings=0)
    assert not warned.fails(None, max_warnings=1)
    assert not Report(place, (Finding("two", "error", PLACE, "odd", suppressed="so"),)).fails()
