"""A change of the contract as its reviewer looks at it: who breaks, what is odd, what is stale."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.diagnostics import DocumentError
from codegen.review.base import Base, NoBaseError, checked_out, choose, text_at

if TYPE_CHECKING:
    from codegen.diff import Comparison
    from codegen.lint import Config, Finding, Report
    from codegen.pipeline import Understood

__all__ = ["NoBaseError", "Review", "review"]

REFERENCE = "reference.md"


@dataclass(frozen=True, slots=True)
class Review:
    """All that a review found."""

    spec: str
    base: Base | None
    comparison: Comparison | None
    """None where there is nothing to compare, or nothing to compare with."""
    remark: str
    """Why there is no comparison; empty where there is one."""
    version: str
    new: tuple[Finding, ...]
    """What lint has to say of this document, and had not of the base's."""
    old: tuple[Finding, ...]
    """What it had to say then, too."""
    lint_fails: bool
    """Whether lint's findings are as bad as its configuration does not allow."""
    out: str
    stale: tuple[str, ...] | None
    """The generated files that are not what the document gives; None where it gives none."""
    reference: tuple[str, ...]
    """The lines of a diff of the reference."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What has to be mended before the change is ready; empty where it is."""
        found = []
        comparison = self.comparison
        if comparison is not None and not comparison.follows:
            wanted = comparison.suggested_version
            asks = "what breaks asks" if comparison.breaking else "the changes ask"
            found.append(f"`info.version` is {self.version}, and {asks} for {wanted or 'a higher one'}")
        if self.lint_fails:
            errors = sum(finding.severity == "error" for finding in (*self.new, *self.old))
            found.append(
                f"lint finds {counted(errors, 'error')}" if errors else "lint finds more than it may"
            )
        if self.stale is None:
            found.append("nothing can be generated from the document")
        elif self.stale:
            found.append(f"{self.out}/ is stale")
        return tuple(found)

    @property
    def passes(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.obstacles


def review(spec: str | Path, out: str | Path = "generated", wanted: str | None = None) -> Review:
    """Look at a document in every way: compared with a base, linted, generated from.

    `wanted` names the base, see `choose`. Where nobody names one and there is none to be found, there is no
    comparison, and the review says so.

    Raises:
        NoBaseError: there is no base of the name that is wanted.
        ConfigError: lint's configuration makes no sense.

    """
    from codegen.lint import find, lint  # noqa: PLC0415 - --help should not wait for it

    document, folder = Path(spec), Path(out)
    understood = _understood(document)
    releases = understood.contract.releases if understood is not None else ()
    base, remark = None, ""
    try:
        base = choose(document, wanted, Path(releases[-1].file) if releases else None)
    except NoBaseError as error:
        if wanted:
            raise
        remark = str(error)
    config = find(document)
    report = lint(document, config)
    before: Report | None = None
    comparison, version = None, ""
    if base is not None:
        try:
            with checked_out(base, document) as there:
                before = lint(there, config)
        except NoBaseError as error:
            remark = f"{error}: all of it is new"
    if understood is not None:
        version = understood.contract.version
        if base is not None and not remark:
            comparison, remark = _compared(base, understood)
    elif not remark:
        remark = "the document has errors, and cannot be compared"
    new, old = _sorted_out(report, before)
    stale, reference = _generated(understood, folder, base)
    return Review(
        *(document.as_posix(), base, comparison, remark, version, new, old, _fails(report, config)),
        *(folder.as_posix(), stale, reference),
    )


def counted(number: int, what: str) -> str:
    """`no error`, `1 error`, `2 errors`."""
    return f"{number or 'no'} {what}{'s' if number > 1 else ''}"


def _worst(findings: tuple[Finding, ...]) -> str:
    """How many findings there are of the worst severity that there is."""
    from codegen.lint.findings import SEVERITIES  # noqa: PLC0415 - as above

    counts = Counter(finding.severity for finding in findings)
    kind = next(kind for kind in SEVERITIES if counts[kind])
    return f"{counts[kind]} info" if kind == "info" else counted(counts[kind], kind)


def _understood(document: Path) -> Understood | None:
    from codegen.pipeline import understand  # noqa: PLC0415 - as above

    try:
        return understand(document.as_posix())
    except DocumentError:
        return None  # lint tells of it


def _compared(base: Base, new: Understood) -> tuple[Comparison | None, str]:
    from codegen.diff import UnknownReferenceError, compare_contracts, read  # noqa: PLC0415 - as above

    try:
        return compare_contracts(read(base.reference), new), ""
    except UnknownReferenceError as error:
        return None, str(error)
    except DocumentError as error:
        return None, f"the document at {base.name} has errors; the first: {error.diagnostics[0]}"


def _sorted_out(report: Report, before: Report | None) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that are new and those that are not; lines move, so a finding is known by what it says."""
    known = Counter(map(_said, before.standing if before is not None else ()))
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in report.standing:
        is_old = known[_said(finding)] > 0
        known[_said(finding)] -= is_old
        (old if is_old else new).append(finding)
    return tuple(new), tuple(old)


def _said(finding: Finding) -> tuple[str, str]:
    return finding.rule, re.sub(r"\d+", "", finding.message)


def _fails(report: Report, config: Config) -> bool:
    return report.fails(config.fail_on, config.max_warnings)


def _generated(
    understood: Understood | None, out: Path, base: Base | None
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The files of the output folder that are stale, and the lines in which the reference differs from the base's."""
    from codegen.pipeline import rendered  # noqa: PLC0415 - as above
    from codegen.write import MANIFEST, differing  # noqa: PLC0415

    if understood is None:
        return None, ()
    files = rendered(understood)
    then = text_at(base, out / REFERENCE) if base is not None else None
    now = files.get(REFERENCE, "")
    lines = unified_diff(then.splitlines(), now.splitlines(), "", "", n=1, lineterm="") if then else ()
    stale = [name for name in differing(files, out) if name != MANIFEST]
    return tuple(stale), tuple(line for line in lines if line[:3] not in ("---", "+++"))
