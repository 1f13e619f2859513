"""What is wrong with a document: its structure, its meaning, its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document

if TYPE_CHECKING:
    from codegen.validate.shapes import Walk


def validate(document: Document) -> list[Diagnostic]:
    """Every finding about a document, errors and warnings, in order of place."""
    return examine(document)[1]


def examine(document: Document) -> tuple[Walk | None, list[Diagnostic]]:
    """What was met in a document, and every finding; None where it is no AsyncAPI document at all."""
    from codegen.validate import examples, extensions, rules, structure  # noqa: PLC0415 - --help is fast

    try:
        walk = structure.walk(document)
    except DocumentError as error:
        return None, error.diagnostics
    rules.check(walk)
    extensions.check(walk)
    if not any(finding.severity == "error" for finding in walk.diagnostics):
        examples.check(walk)
    return walk, DocumentError(set(walk.diagnostics)).diagnostics
