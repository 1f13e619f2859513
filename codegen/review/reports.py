"""A review as Markdown for a pull request, and as text for a terminal; the verdict comes first."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codegen.review import OUT, SPEC, Review, counted
from codegen.semver import parse

if TYPE_CHECKING:
    from codegen.diff import Comparison
    from codegen.lint import Finding

_MOST_FINDINGS = 30
_MOST_FILES = 20
_MOST_LINES = 400


def verdict(review: Review) -> str:
    """One line: whether the change is ready, and why not, or what it breaks."""
    if review.obstacles:
        return f"Not ready: {'; '.join(review.obstacles)}."
    comparison = review.comparison
    if comparison is None:
        if review.is_first:
            return f"Nothing to compare with: {review.remark}. Nothing else stands in the way."
        return f"Not compared: {review.remark}."
    if comparison.breaking:
        broken = counted(comparison.counts["breaking"], "breaking change")
        return f"Ready: {broken}, and the version says so ({_versions(review)})."
    if comparison.counts["dangerous"]:
        return f"Ready: nothing breaks; {counted(comparison.counts['dangerous'], 'change')} to look at."
    return "Ready: nothing breaks." if comparison.changes else "Ready: the contract has not changed."


def markdown(review: Review) -> str:
    """The whole review; what a reader may want to skip is folded."""
    sections = [
        f"## {'✅' if review.passes else '❌'} {verdict(review)}",
        "\n".join(["| | |", "|---|---|", *(f"| **{name}** | {said} |" for name, said in _facts(review))]),
        *_changes(review),
        *_lint(review),
        *_stale(review),
        *_reference(review),
    ]
    return "\n\n".join(sections) + "\n"


def text(review: Review) -> str:
    """The review for a terminal: of the reference's lines there is only the number."""
    from codegen.diff import text as changes  # noqa: PLC0415 - only where there are some

    lines = [verdict(review), "", *(f"{name:<11}{said}" for name, said in _facts(review))]
    if review.comparison is not None and review.comparison.changes:
        lines += ["", changes(review.comparison).rstrip()]
    errors = [finding for finding in review.old if finding.severity == "error"]
    new = "new lint findings" if review.knows_new else "lint findings"
    for title, findings in ((new, review.new), ("lint errors from before", errors)):
        if findings:
            lines += ["", title, *(f"  {finding}" for finding in _first(findings, _MOST_FINDINGS))]
    if review.stale:
        stale = [f"{review.out}/{name}" for name in review.stale]
        lines += ["", "stale", *(f"  {name}" for name in _first(stale, _MOST_FILES))]
    return "\n".join(lines).replace("`", "") + "\n"


def _facts(review: Review) -> Iterator[tuple[str, str]]:
    comparison = review.comparison
    if comparison is None:
        # Where nothing stands in the way, the verdict has told why.
        yield "Changes", f"not compared: {review.remark}" if review.obstacles else "not compared"
    else:
        counts = ", ".join(f"{number} {kind}" for kind, number in comparison.counts.items())
        yield "Changes", f"{counts}, compared with {review.base.name if review.base else ''}"
        yield "Version", _versions(review) + _wanted(comparison)
    if not review.knows_new:
        yield "Lint", _kinds(review.new)
    else:
        yield "Lint", f"new: {_kinds(review.new)}; from before: {_kinds(review.old)}"
    if review.stale is None:
        yield "Generated", "nothing, since the document has errors"
    elif review.stale:
        stale = counted(len(review.stale), "file")
        yield "Generated", f"{review.out}/ is stale, {stale}: run `{_command(review)}`"
    else:
        yield "Generated", f"{review.out}/ is fresh"
    yield "Reference", _read(review.reference)


def _wanted(comparison: Comparison) -> str:
    """What is wrong with the document's version; empty where nothing is."""
    wanted = comparison.suggested_version
    if comparison.follows:
        return ""
    if wanted and parse(comparison.new_version) is None:
        return f", which is no semantic version: {wanted} would do"
    if not comparison.changes:
        return ", which is lower"
    return f", but {wanted or 'another one'} is asked for"


def _read(reference: Sequence[str] | None) -> str:
    if reference is None:
        return "not compared"
    added = sum(line.startswith("+") for line in reference)
    removed = sum(line.startswith("-") for line in reference)
    return f"{counted(added, 'line')} more, {removed or 'none'} less" if reference else "reads as before"


def _command(review: Review) -> str:
    """What brings the generated files up to date."""
    spec = [] if review.spec == SPEC else ["--spec", review.spec]
    out = [] if review.out == OUT else ["--out", review.out]
    return shlex.join(["python", "-m", "codegen", "generate", *spec, *out])


def _kinds(findings: Sequence[Finding]) -> str:
    kinds = [(kind, sum(one.severity == kind for one in findings)) for kind in ("error", "warning", "info")]
    told = [f"{count} info" if kind == "info" else counted(count, kind) for kind, count in kinds if count]
    return ", ".join(told) or "nothing"


def _versions(review: Review) -> str:
    comparison = review.comparison
    if comparison is None or comparison.old_version == comparison.new_version:
        return review.version
    return f"{comparison.old_version} → {comparison.new_version}"


def _changes(review: Review) -> Iterator[str]:
    from codegen.diff import markdown as changes  # noqa: PLC0415 - as above

    if review.comparison is not None and review.comparison.changes:
        yield changes(review.comparison, heading="###").rstrip()


def _lint(review: Review) -> Iterator[str]:
    if review.new:
        title = "### New lint findings" if review.knows_new else "### Lint findings"
        yield "\n".join([title, "", *_findings(review.new)])
    if review.old:
        title = f"{counted(len(review.old), 'lint finding')} from before"
        yield _folded(title, "\n".join(_findings(review.old)))


def _findings(findings: Sequence[Finding]) -> list[str]:
    from codegen.diff.reports import cell  # noqa: PLC0415 - as above

    order = ("error", "warning", "info")
    worst = sorted(findings, key=lambda finding: order.index(finding.severity))
    lines = [
        f"{one.severity} `{one.rule}` `{one.source.file}:{one.source.line}`: {cell(one.message)}"
        for one in worst
    ]
    return [f"- {line}" for line in _first(lines, _MOST_FINDINGS)]


def _stale(review: Review) -> Iterator[str]:
    if review.stale:
        names = [f"`{review.out}/{name}`" for name in review.stale]
        listed = "\n".join(f"- {name}" for name in _first(names, _MOST_FILES))
        yield f"### Stale\n\nRun `{_command(review)}`, and commit what it writes.\n\n{listed}"


def _reference(review: Review) -> Iterator[str]:
    if review.reference:
        lines = [str(line) for line in _first(review.reference, _MOST_LINES)]
        fence = "`" * (3 + max(line.count("```") for line in lines))
        body = "\n".join([f"{fence}diff", *lines, fence])
        yield _folded("What reads differently in the reference", body)


def _first(items: Sequence[object], most: int) -> list[object]:
    """Some of the items, and how many more there are."""
    more = len(items) - most
    return [*items[:most], *([f"… and {more} more"] if more > 0 else [])]


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
