"""What is wrong with a document: its structure, its meaning, its examples."""

from __future__ import annotations

from codegen.diagnostics import Diagnostic
from codegen.document import Document


def validate(document: Document) -> list[Diagnostic]:
    """Every finding about a document, errors and warnings, in order of place."""
    return []
