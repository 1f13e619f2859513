"""From a document to the text of every generated file: load, validate, build, render."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.diagnostics import Diagnostic, DocumentError

if TYPE_CHECKING:
    from codegen.contract import Contract
    from codegen.document import Document


@dataclass(frozen=True, slots=True)
class Generated:
    """What comes out of a document."""

    files: dict[str, str]
    """Text by path relative to the output folder."""
    warnings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A document that has no errors: as it was written, and as the contract that it is."""

    document: Document
    contract: Contract
    warnings: tuple[Diagnostic, ...]
    """In order of place."""


def generate(spec: str | Path, templates: Path | None = None) -> dict[str, str]:
    """All generated files of a document, by path relative to the output folder; see `run`."""
    return run(spec, templates).files


def run(spec: str | Path, templates: Path | None = None, out: Path | None = None) -> Generated:
    """Take a document through every stage but the last; nothing is written.

    `templates` is a folder whose templates take the place of those of the same name; `out` the folder that the files
    are for, from beside which they call the document.

    Raises:
        DocumentError: something is wrong with the document; carries all findings of the stages that ran.

    """
    understood = understand(spec)
    return Generated(rendered(understood, templates, out), understood.warnings)


def rendered(
    understood: Understood, templates: Path | None = None, out: Path | None = None
) -> dict[str, str]:
    """All generated files of a document that is understood already; see `run`."""
    from codegen.render import render  # noqa: PLC0415 - each stage is imported when it is reached: --help is fast

    contract = understood.contract
    if contract.releases:
        from codegen.diff.releases import with_changelog  # noqa: PLC0415 - as above

        contract = with_changelog(understood)
    if out is not None:
        contract = replace(contract, source=_source(understood.document.root.file, out))
    return render(contract, templates)


def understand(spec: str | Path, *, alone: bool = False) -> Understood:
    """Load, validate and build a document: what generating, reviewing and serving it all start from.

    `alone` is for a document that may have been moved: what it says of files beside it, its `$ref`s aside, is left out.

    Raises:
        DocumentError: something is wrong with the document; carries all findings of the stages that ran.

    """
    from codegen.load import read  # noqa: PLC0415 - as above
    from codegen.validate import validate  # noqa: PLC0415

    document, findings = read(spec)
    if document is not None:
        root = document.value(document.root)
        if alone and isinstance(root, dict):
            root.pop("x-typescript", None)
            root.pop("x-releases", None)
        findings += validate(document)
    if document is None or any(finding.severity == "error" for finding in findings):
        raise DocumentError(findings)

    from codegen.build import build_with_warnings  # noqa: PLC0415 - as above

    try:
        contract, warnings = build_with_warnings(document, source=_source(document.root.file))
    except DocumentError as error:
        raise DocumentError([*findings, *error.diagnostics]) from None
    return Understood(document, contract, tuple(DocumentError([*findings, *warnings]).diagnostics))


def _source(name: str, out: Path | None = None) -> str:
    """How the generated files call the document: never by a path that differs between machines.

    Where it lies beside the folder that they are for, or below that, by its path from there, from whatever folder the
    generator is run.
    """
    if out is not None:
        beside, document = out.resolve().parent, Path(name).resolve()
        if document.is_relative_to(beside) and beside != beside.parent:
            return document.relative_to(beside).as_posix()
    return Path(name).name if Path(name).is_absolute() else name
