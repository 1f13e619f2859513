"""A change of the contract as its reviewer looks at it: who breaks, what is odd, what is stale."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.diagnostics import DocumentError
from codegen.review.base import Base, NoBaseError, NoPastError, checked_out, choose, follow, text_at
from codegen.semver import parse

if TYPE_CHECKING:
    from codegen.diff import Comparison
    from codegen.lint import Config, Finding, Report
    from codegen.pipeline import Understood

__all__ = ["NoBaseError", "Review", "review"]

SPEC, OUT = "spec/asyncapi.yaml", "generated"
"""The document and the folder that `generate` takes where none is named."""
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
    is_first: bool
    """Whether there is no comparison since nothing came before."""
    version: str
    new: tuple[Finding, ...]
    """What lint has to say of this document, and had not of the base's."""
    old: tuple[Finding, ...]
    """What it had to say then, too."""
    knows_new: bool
    """Whether the base could be linted, so that what is new is known; else all findings are among the new."""
    excess: str
    """What lint finds and its configuration does not allow: `2 warnings`; empty where all is allowed."""
    out: str
    stale: tuple[str, ...] | None
    """The generated files that are not what the document gives; None where it gives none."""
    reference: tuple[str, ...] | None
    """The lines of a diff of the reference; None where there is none to compare with, or none to compare."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What has to be mended before the change is ready; empty where it is."""
        found = []
        comparison = self.comparison
        if comparison is not None and not comparison.follows:
            found.append(f"`info.version` is {self.version}, {_why_not(comparison)}")
        if self.excess:
            found.append(f"lint finds {self.excess}")
        if self.stale is None:
            found.append("nothing can be generated from the document")
        elif self.stale:
            found.append(f"{self.out}/ is stale")
        return tuple(found)

    @property
    def passes(self) -> bool:
        """Whether nothing stands in the way: what could have been compared and was not has not passed."""
        return not self.obstacles and (self.comparison is not None or self.is_first)


def _why_not(comparison: Comparison) -> str:
    """Why the document's version does not follow."""
    wanted = comparison.suggested_version
    if not wanted:
        return "as it was before what has changed"
    if parse(comparison.new_version) is None:
        return f"which is no semantic version as {comparison.old_version} is one"
    if not comparison.changes:
        return f"which is lower than {comparison.old_version}"
    return f"and {'what breaks asks' if comparison.breaking else 'the changes ask'} for {wanted}"


def review(spec: str | Path, out: str | Path = OUT, wanted: str | None = None) -> Review:
    """Look at a document in every way: compared with a base, linted, generated from.

    `wanted` names the base, see `choose`. Where nobody names one and there is none to be found, there is no
    comparison, and the review says so; it passes only where nothing came before.

    Raises:
        NoBaseError: there is no base of the name that is wanted.
        ConfigError: lint's configuration makes no sense.

    """
    from codegen.lint import find, lint  # noqa: PLC0415 - --help should not wait for it

    document, folder = Path(spec), Path(out)
    understood = _understood(document)
    releases = understood.contract.releases if understood is not None else ()
    base, remark, is_first = None, "", False
    try:
        base = choose(document, wanted, Path(releases[-1].file) if releases else None, _files(understood))
    except NoBaseError as error:
        if wanted:
            raise
        remark, is_first = str(error), isinstance(error, NoPastError)
    if base is not None:
        try:
            base = follow(base, document)
        except NoBaseError as error:
            base, remark, is_first = None, str(error), isinstance(error, NoPastError)
    config = find(document)
    report = lint(document, config)
    before = _linted(base, document, config) if base is not None else None
    comparison, version = None, ""
    if understood is not None:
        version = understood.contract.version
        if base is not None:
            comparison, remark = _compared(base, understood)
    elif not remark:
        remark = "the document has errors, and cannot be compared"
    if before is not None and any(map(_is_unread, before.standing)):
        before = None  # whatever else it had to say then is not known
    new, old = _sorted_out(report, before)
    stale, reference = _generated(understood, folder, base)
    excess = report.excess(config.fail_on, config.max_warnings)
    return Review(
        *(document.as_posix(), base, comparison, remark, is_first, version, new, old),
        *(before is not None, excess, folder.as_posix(), stale, reference),
    )


def counted(number: int, what: str) -> str:
    """`no error`, `1 error`, `2 errors`."""
    return f"{number or 'no'} {what}{'s' if number > 1 else ''}"


def _understood(document: Path) -> Understood | None:
    from codegen.pipeline import understand  # noqa: PLC0415 - as above

    try:
        return understand(document.as_posix())
    except DocumentError:
        return None  # lint tells of it


def _files(understood: Understood | None) -> list[Path] | None:
    """What a document consists of; None where that is not known."""
    return [Path(name) for name in understood.document.files] if understood is not None else None


_ELSEWHERE = frozenset({"ref-file", "x-typescript", "x-releases"})
"""Rules about files that a document refers to, and that may lie in other folders."""


def _linted(base: Base, document: Path, config: Config) -> Report:
    """What lint had to say of the document at a base."""
    from codegen.lint import lint  # noqa: PLC0415 - as above

    with checked_out(base, document) as there:
        report = lint(there, config)
    if all(finding.rule not in _ELSEWHERE for finding in report.standing):
        return report
    with checked_out(base, document, whole=True) as there:
        return lint(there, config)


def _is_unread(finding: Finding) -> bool:
    """Whether a finding says that a document could not be read at all."""
    from codegen.lint import RULES  # noqa: PLC0415 - as above

    rule = RULES[finding.rule]
    return rule.origin == "syntax" or rule.id in ("encoding", "file", "unsupported-version")


def _compared(base: Base, new: Understood) -> tuple[Comparison | None, str]:
    from codegen.diff import UnknownReferenceError, compare_contracts, read  # noqa: PLC0415 - as above

    try:
        return compare_contracts(read(base.reference), new), ""
    except UnknownReferenceError as error:
        return None, str(error)
    except DocumentError as error:
        first = error.diagnostics[0]
        return None, f"the document at {base.name} has errors, name another with --base; the first: {first}"


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


_FOLDER = re.compile(r"""[^\s"'`(]*/(?=[^\s"'`()/]+\.(?:ya?ml|json|ts)\b)""")
"""What stands before a file's name; the base's files lie elsewhere."""


def _said(finding: Finding) -> tuple[str, str]:
    return finding.rule, re.sub(r"\d+", "", _FOLDER.sub("", finding.message))


def _generated(
    understood: Understood | None, out: Path, base: Base | None
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The files of the output folder that are stale, and the lines in which the reference differs from the base's."""
    from codegen.pipeline import rendered  # noqa: PLC0415 - as above
    from codegen.write import MANIFEST, differing  # noqa: PLC0415

    if understood is None:
        return None, None
    files = rendered(understood, out=out)
    then = text_at(base, out / REFERENCE) if base is not None else None
    now = files.get(REFERENCE, "")
    stale = [name for name in differing(files, out) if name != MANIFEST]
    if then is None:
        return tuple(stale), None
    lines = unified_diff(then.splitlines(), now.splitlines(), "", "", n=1, lineterm="")
    return tuple(stale), tuple(line for line in lines if line[:3] not in ("---", "+++"))
