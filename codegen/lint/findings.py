"""What a review of a document finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codegen.contract import Source
from codegen.diagnostics import on_one_line

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at, and where it was written."""

    rule: str
    severity: Severity
    source: Source
    message: str
    suppressed: str | None = None
    """The reason for which the document's authors leave it as it is; None where it stands."""

    def __str__(self) -> str:
        """One line, whatever names and texts of the document the message repeats."""
        return on_one_line(f"{self.source}: {self.severity}: {self.rule}: {self.message}")


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about a document, in order of file and place, suppressed ones included."""

    spec: str
    """The document, as it was named."""
    findings: tuple[Finding, ...]

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that nobody suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many stand of each severity, and how many are suppressed."""
        found = Counter(finding.severity for finding in self.standing)
        counts: dict[str, int] = {severity: found[severity] for severity in SEVERITIES}
        return {**counts, "suppressed": len(self.findings) - len(self.standing)}

    def fails(self, level: Severity | None = "error", max_warnings: int | None = None) -> bool:
        """Whether something as bad as `level` or worse stands, or more warnings than allowed."""
        return bool(self.excess(level, max_warnings))

    def excess(self, level: Severity | None = "error", max_warnings: int | None = None) -> str:
        """What there is more of than allowed, see `fails`: `2 errors and 1 warning`; empty where there is not."""
        counts = self.counts
        failing = SEVERITIES[: SEVERITIES.index(level) + 1] if level is not None else ()
        found = [counted(counts[severity], severity) for severity in failing if counts[severity]]
        if "warning" not in failing and max_warnings is not None and counts["warning"] > max_warnings:
            found.append(f"{counted(counts['warning'], 'warning')}, where {max_warnings or 'none'} may be")
        return " and ".join(found)


def counted(number: int, severity: Severity) -> str:
    """`1 error`, `2 warnings`, `4 info`."""
    return f"{number} {severity}{'' if number == 1 or severity == 'info' else 's'}"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without doubles, by place."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda f: (f.source.file, f.source.line, f.source.column, f.rule, f.message),
        )
    )
