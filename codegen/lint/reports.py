"""A report as text, as JSON, as GitHub's annotations, as Markdown."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from codegen.contract import Json
from codegen.diagnostics import in_code, on_one_line
from codegen.lint.findings import SEVERITIES, Finding, Report, counted

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_MARKUP = re.compile(r"[\\|*_`\[~]")
_MOST_ROWS = 50
_FOLDED = 5


def _told(counts: Mapping[str, int]) -> str:
    """`2 errors, 1 warning, 4 info (3 suppressed)`."""
    told = [
        counted(counts[severity], severity)
        for severity in SEVERITIES
        if counts[severity] or severity != "info"
    ]
    suppressed = f" ({counts['suppressed']} suppressed)" if counts["suppressed"] else ""
    return ", ".join(told) + suppressed


def text(report: Report, *, shown: Iterable[Finding] | None = None, fold: bool = False) -> str:
    """A line for each finding, and one that counts them.

    `fold`: of remarks of one rule that are many, the first are told, and how many more there are.
    """
    lines = []
    told: Counter[str] = Counter()
    for finding in report.standing if shown is None else shown:
        told[finding.rule] += finding.severity == "info"
        if fold and told[finding.rule] > _FOLDED and finding.severity == "info":
            continue
        reason = f" (suppressed: {finding.suppressed})" if finding.suppressed is not None else ""
        lines.append(f"{finding}{reason}")
    lines += [
        f"{report.spec}: info: {rule}: {count - _FOLDED} more (--all tells them)"
        for rule, count in told.items()
        if fold and count > _FOLDED
    ]
    return "\n".join([*lines, f"{report.spec}: {_told(report.counts)}"]) + "\n"


def to_json(report: Report) -> str:
    """`{"findings": [{rule, severity, file, line, column, message, suppressed}], "counts": {…}}`."""
    findings: list[Json] = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "file": finding.source.file,
            "line": finding.source.line,
            "column": finding.source.column,
            "message": finding.message,
            "suppressed": finding.suppressed,
        }
        for finding in report.findings
    ]
    whole = {"document": report.spec, "findings": findings, "counts": dict(report.counts)}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def github(report: Report, *, shown: Iterable[Finding] | None = None) -> str:
    """A workflow command for each finding: GitHub shows it beside the line."""
    lines = []
    for finding in report.standing if shown is None else shown:
        if finding.suppressed is not None:
            continue
        source = finding.source
        place = f"file={_property(_in_workspace(source.file))},line={source.line},col={source.column}"
        command = _COMMANDS[finding.severity]
        lines.append(f"::{command} {place},title={_property(finding.rule)}::{_data(finding.message)}")
    return "".join(f"{line}\n" for line in lines)


def markdown(report: Report, *, shown: Iterable[Finding] | None = None) -> str:
    """A table of the findings, fit for a comment on a pull request."""
    findings = [one for one in (report.standing if shown is None else shown) if one.suppressed is None]
    lines = [f"**Lint** of `{report.spec}`: {_told(report.counts)}"]
    if findings:
        lines += ["", "| | where | rule | what |", "|---|---|---|---|"]
        worst = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
        lines += [
            f"| {finding.severity} | {_code(f'{finding.source.file}:{finding.source.line}')} "
            f"| `{finding.rule}` | {_cell(finding.message)} |"
            for finding in worst[:_MOST_ROWS]
        ]
        if len(worst) > _MOST_ROWS:
            lines += ["", f"… and {len(worst) - _MOST_ROWS} more."]
    return "\n".join(lines) + "\n"


def _in_workspace(file: str) -> str:
    """A file as GitHub's actions know it: from the root of the checkout, wherever the command runs."""
    root = os.environ.get("GITHUB_WORKSPACE")
    path = Path(file).absolute()
    if not root or not path.is_relative_to(root):
        return file
    return Path(os.path.relpath(path, root)).as_posix()


def _data(message: str) -> str:
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _cell(value: str) -> str:
    """Words as a cell of a table, in which nothing is what Markdown or HTML would take for its own."""
    words = on_one_line(" ".join(value.split()))
    parts = words.split("`")
    if len(parts) % 2 == 0:  # a backtick that ends nothing
        parts = [words]
    return "`".join(
        part.replace("|", "\\|") if index % 2 else _MARKUP.sub(r"\\\g<0>", part).replace("<", "&lt;")
        for index, part in enumerate(parts)
    )


def _code(value: str) -> str:
    """A name as code in a cell: of its signs a bar alone has to be escaped."""
    return in_code(value).replace("|", "\\|")
