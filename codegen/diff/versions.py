"""Versions: which one the changes of a contract ask for, and whether a document's own is as high."""

from __future__ import annotations

from collections.abc import Iterable

from codegen.diff.changes import Change
from codegen.semver import Version, parse


def suggest(old: str, changes: Iterable[Change]) -> str:
    """The lowest version that follows from the old one by these changes; empty where that is no version.

    Breaking changes ask for a major version, before 1.0.0 for a minor one; other changes of the wire or of the
    generated code for a minor one; words alone for a patch; nothing for nothing.
    """
    version = parse(old)
    if version is None:
        return ""
    step = _step(changes)
    if step == "":
        return old.strip()
    if version.pre:
        # Until its release a version may still change.
        return str(Version(*version.core))
    major, minor, patch = version.core
    if step == "breaking" and major > 0:
        return str(Version(major + 1, 0, 0))
    if step in ("breaking", "other"):
        return str(Version(major, minor + 1, 0))
    return str(Version(major, minor, patch + 1))


def follows(old: str, new: str, changes: Iterable[Change]) -> bool:
    """Whether the new document's version is at least what the changes ask for."""
    changes = tuple(changes)
    before, after = parse(old), parse(new)
    if before is None:
        # Nothing can be asked of names but that different contracts have different ones.
        return not changes or old.strip() != new.strip()
    if after is None:
        # What counts goes on counting.
        return False
    if not _step(changes):
        return after >= before
    if before.pre:
        return after > before
    wanted = parse(suggest(old, changes))
    return wanted is None or after.core >= wanted.core


def _step(changes: Iterable[Change]) -> str:
    step = ""
    for change in changes:
        if change.verdict == "breaking":
            return "breaking"
        if change.scope != "docs":
            step = "other"
        elif not step:
            step = "words"
    return step
