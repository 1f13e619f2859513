"""What is wrong with a document: its structure, its meaning, its examples."""

from __future__ import annotations

from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document


def validate(document: Document) -> list[Diagnostic]:
    """Every finding about a document, errors and warnings, in order of place."""
    from codegen.validate import examples, extensions, rules, structure  # noqa: PLC0415 - --help is fast

    try:
        walk = structure.walk(document)
    except DocumentError as error:
        return error.diagnostics
    rules.check(walk)
    extensions.check(walk)
    if not any(finding.severity == "error" for finding in walk.diagnostics):
        examples.check(walk)
    return DocumentError(set(walk.diagnostics)).diagnostics
