"""What was released, compared one after another: chapters of a changelog, and whether there may be another release."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from codegen.build import build_with_warnings
from codegen.contract import Chapter, ChapterEntry, Contract, Release
from codegen.diagnostics import DocumentError
from codegen.diff.changes import Comparison
from codegen.diff.compare import compare_contracts
from codegen.diff.reports import version_line
from codegen.load import from_data
from codegen.pipeline import Understood
from codegen.semver import parse

BESIDE = ("x-typescript", "x-releases")
"""What a document says of files beside it, which a release does not have."""


class ReleaseError(Exception):
    """The document cannot be released; the text says why, and what to do."""


def changelog(understood: Understood) -> tuple[Chapter, ...]:
    """A chapter for each release, made of the changes since the one before, the newest first.

    The document itself has one where it differs from the last release.
    """
    chapters: list[Chapter] = []
    before: Understood | None = None
    today = json.loads(frozen(understood.contract))
    for release in understood.contract.releases:
        is_today = release.document == today
        now = understood if is_today else released(release)
        chapters.append(_chapter(before, now, is_released=True))
        before = now
    if before is not None and before is not understood:
        comparison = compare_contracts(before, understood)
        if comparison.changes:
            chapters.append(_chapter(before, understood, is_released=False))
    return tuple(reversed(chapters))


def released(release: Release) -> Understood:
    """A release as it can be compared.

    It was valid when it was released and is not checked again: rules may have become stricter since.
    """
    document, findings = from_data(dict(release.document), release.file)
    if findings:
        raise DocumentError(findings)
    contract, warnings = build_with_warnings(document, release.file)
    return Understood(document, contract, tuple(warnings))


def frozen(contract: Contract) -> str:
    """The text of a release: the document in one piece, without what it says of files beside it."""
    kept = {key: value for key, value in contract.document.items() if key not in BESIDE}
    return json.dumps(kept, indent=2, ensure_ascii=False) + "\n"


def release(understood: Understood) -> tuple[Path, str, Comparison | None]:
    """Where the document's release belongs, its text, and how it differs from the last one.

    Build metadata (`1.2.0+5`) names no other version: it is left out of the file's name. A version that was released
    stays released while nothing changes that a version is asked for; its file is not to be written again.

    Raises:
        ReleaseError: the document names no folder, its version was given away already, or does not follow.

    """
    contract, root = understood.contract, understood.document.root
    data = understood.document.value(root)
    folder = data.get("x-releases") if isinstance(data, dict) else None
    ignored = next((w for w in understood.warnings if w.message.startswith('"x-releases" is ignored')), None)
    if ignored is not None:
        raise ReleaseError(f"{ignored.source}: {ignored.message}")
    if not isinstance(folder, str):
        raise ReleaseError(f"{root.file} does not say where its releases are; give it x-releases: releases")
    version = parse(contract.version)
    if version is None:
        raise ReleaseError(f"the version {contract.version!r} is no semantic one, like 1.2.0")
    path = Path(root.file).parent / folder / f"{version}.json"
    text = frozen(contract)
    last = contract.releases[-1] if contract.releases else None
    if last is None:
        return path, text, None
    comparison = compare_contracts(released(last), understood)
    known = next((one for one in contract.releases if parse(one.version) == version), None)
    if known is not None:
        if json.loads(text) != known.document and not (known is last and comparison.follows):
            raise ReleaseError(
                f"{contract.version} is released already, with another content; "
                f"after {last.version} the document asks for {comparison.suggested_version}"
            )
        return path, text, comparison
    if not comparison.follows:
        raise ReleaseError(version_line(comparison))
    return path, text, comparison


def with_changelog(understood: Understood) -> Contract:
    """The contract with its changelog, where its document has releases."""
    contract = understood.contract
    return replace(contract, changelog=changelog(understood)) if contract.releases else contract


def _chapter(before: Understood | None, now: Understood, *, is_released: bool) -> Chapter:
    if before is None:
        return Chapter(now.contract.version, is_released, "", ())
    changes = compare_contracts(before, now).changes
    return Chapter(
        now.contract.version,
        is_released,
        before.contract.version,
        tuple(
            ChapterEntry(change.verdict, change.direction, change.subject, change.reason)
            for change in changes
        ),
    )
