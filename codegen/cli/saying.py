"""What every command shares: its exit codes, and how it says things."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from codegen.diagnostics import Diagnostic

OK, FAULTY, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: all is well; something is wrong with what was given; wrong usage; a bug of ours; Ctrl-C."""


class UsageError(Exception):
    """The command line asks for something that there is not."""


def say(line: str) -> None:
    """Tell the user something that is no result: on stderr."""
    print(line, file=sys.stderr)


def count(number: int, what: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def print_findings(findings: Sequence[Diagnostic], kept: str = "nothing was written") -> None:
    """Say what keeps a command from doing anything, how much of it there is, and what was not done."""
    for finding in findings:
        say(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    counts = [count(errors, "error")]
    if len(findings) > errors:
        counts.append(count(len(findings) - errors, "warning"))
    say(f"{' and '.join(counts)}; {kept}")


def print_warnings(warnings: Iterable[Diagnostic]) -> None:
    """Say what is odd and stops nothing."""
    warnings = list(warnings)
    for warning in warnings:
        say(str(warning))
    if warnings:
        say(count(len(warnings), "warning"))


def one_line(error: Exception) -> str:
    """An exception's text without line breaks; its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def shown(name: str) -> str:
    """A file's name, relative to the working folder where it lies in it."""
    path = Path(name)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()
