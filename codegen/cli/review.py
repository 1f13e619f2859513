"""`python -m codegen review`: lint, diff, freshness and the reference's changes, in one report."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from codegen.cli.arguments import add_document
from codegen.cli.saying import FAULTY, OK, UsageError, say

HELP = "all that a reviewer of a contract needs, in one report"
EXAMPLES = """\
examples:
  python -m codegen review
      compare spec/asyncapi.yaml with where this branch left main; lint it; is generated/ fresh?
  python -m codegen review --base v1.2.0
      compare with another revision, with REVISION:path, or with a file
  python -m codegen review theirs.yaml --out their_client --report ''
      of another document, without a file of Markdown

The report is printed, and written as Markdown to build/review.md; where GITHUB_STEP_SUMMARY names a file, as under
GitHub's actions, it is added there too. Without --base, TAPEWIRE_REVIEW_BASE names the base, else it is origin/main,
main, what origin/HEAD names, or master; on that one itself, what is not committed is compared with what is, else the
last release or the commit before.

A document that has moved is compared with what it was at its old place.

exit codes: 0 ready, or nothing came before to compare with; 1 the version does not follow what breaks or is new, lint
finds errors, the document is faulty, the generated files are stale, or nothing could be compared; 2 wrong usage, no
such base; 3 a bug of ours
"""
DESCRIPTION = (
    "Looks at a changed document in every way: what breaks whom, lint, freshness, and the reference."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    add_document(parser, "the document under review")
    parser.add_argument(
        "--base",
        metavar="REVISION",
        help="what to compare with: a branch, a commit, REVISION:path, or a file",
    )
    parser.add_argument(
        "--out",
        default="generated",
        metavar="DIR",
        help="where what is generated from the document lies (default: %(default)s)",
    )
    parser.add_argument(
        "--report",
        default="build/review.md",
        metavar="FILE",
        help="where the report goes as Markdown; '' for nowhere (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Review; the exit code."""
    from codegen.lint import ConfigError  # noqa: PLC0415 - --help should not wait for it
    from codegen.review import NoBaseError, review  # noqa: PLC0415
    from codegen.review.base import VARIABLE  # noqa: PLC0415
    from codegen.review.reports import markdown, text  # noqa: PLC0415
    from codegen.write import OutputError  # noqa: PLC0415

    if not Path(options.document).is_file():
        raise UsageError(f"there is no file {options.document}")
    try:
        found = review(options.document, options.out, options.base or os.environ.get(VARIABLE))
    except NoBaseError as error:
        raise UsageError(str(error)) from None
    except ConfigError as error:
        raise UsageError(str(error)) from None
    except OutputError as error:
        say(f"error: {error}")
        return FAULTY
    sys.stdout.write(text(found))
    sys.stdout.flush()
    report = markdown(found)
    if options.report:
        _write(Path(options.report), report)
        say(f"The report is in {options.report}.")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(report)
        except OSError as error:
            raise UsageError(f"GITHUB_STEP_SUMMARY: cannot write {summary}: {error.strerror}") from None
    return OK if found.passes else FAULTY


def _write(path: Path, report: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--report: cannot write {path.as_posix()}: {error.strerror}") from None
