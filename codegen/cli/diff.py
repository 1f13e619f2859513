"""`python -m codegen diff`: what changes between two contracts, and who breaks."""

from __future__ import annotations

import argparse
import sys

from codegen.cli.saying import FAULTY, OK, UsageError, print_findings

HELP = "compare two documents: what breaks whom"
EXAMPLES = """\
examples:
  python -m codegen diff main:
      compare spec/asyncapi.yaml on the branch main with the file in the working folder
  python -m codegen diff v1.2.0:spec/asyncapi.yaml main:spec/asyncapi.yaml
      compare two revisions; what the documents refer to is taken from there too
  python -m codegen diff old.yaml new.yaml --format markdown
      compare two files, for a pull request

The example below a breaking change is a whole message that the one contract accepts and the other refuses.

Every change is judged by its direction. What clients send breaks them where less is accepted; what they receive,
where more may come. Verdicts: breaking (some client is certain to break), dangerous (some may, or mean another thing
than before), compatible. The new document's info.version has to be at least what the changes ask for.

exit codes: 0 nothing breaks; 1 something breaks, the version does not follow, or mistakes in a document;
2 wrong usage, no such file or revision; 3 a bug of ours
"""
DESCRIPTION = "Compares two AsyncAPI documents, and says of every change who breaks and how."


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    parser.add_argument(
        "old", metavar="OLD", help="a file, or REVISION:PATH; a bare revision means NEW's path there"
    )
    parser.add_argument(
        "new",
        metavar="NEW",
        nargs="?",
        help="likewise; without it OLD's path in the working folder, or spec/asyncapi.yaml if OLD is a file",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="how to say it (default: %(default)s)",
    )
    parser.add_argument(
        "--open-objects",
        choices=("ignored", "exact"),
        help="properties that an object allows without naming them: ignored, as if nobody sent any; exact, as if "
        "anybody might, so that naming one breaks clients (default: ignored with x-envelope, dangerous without)",
    )


def run(options: argparse.Namespace) -> int:
    """Compare; the exit code."""
    from codegen.diagnostics import DocumentError  # noqa: PLC0415
    from codegen.diff import (  # noqa: PLC0415 - --help should not wait for it
        UnknownReferenceError,
        compare_contracts,
        markdown,
        pair,
        read,
        text,
        to_json,
    )

    findings = []
    understood = []
    try:
        for reference in pair(options.old, options.new):
            try:
                understood.append(read(reference))
            except DocumentError as error:
                findings += error.diagnostics
    except UnknownReferenceError as error:
        raise UsageError(str(error)) from None
    if findings:
        print_findings(DocumentError(findings).diagnostics, "nothing was compared")
        return FAULTY
    comparison = compare_contracts(*understood, open_objects=options.open_objects)
    shown = {"text": text, "json": to_json, "markdown": markdown}[options.format](comparison)
    sys.stdout.write(shown)
    sys.stdout.flush()
    return FAULTY if comparison.breaking or not comparison.follows else OK
