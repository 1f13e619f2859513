"""Versions: which one the changes of a contract ask for, and whether a document's own is as high."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from codegen.diff.changes import Change

_VERSION = re.compile(
    r"\s*v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,2})(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\s*"
)


@total_ordering
@dataclass(frozen=True, slots=True, eq=True)
class Version:
    """A semantic version: three numbers, and what stands before the release of that name."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @property
    def core(self) -> tuple[int, int, int]:
        """The three numbers."""
        return (self.major, self.minor, self.patch)

    def __lt__(self, other: Version) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[tuple[int, int, int], bool, list[tuple[bool, int, str]]]:
        parts = self.pre.split(".") if self.pre else []
        return (
            self.core,
            not self.pre,
            [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts],
        )

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")


def parse(text: str) -> Version | None:
    """The version that a text means: `1`, `v1.2` and `1.2.0-rc.1` are some; None for what is none."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    numbers = [int(number) for number in match["numbers"].split(".")]
    major, minor, patch = [*numbers, 0, 0][:3]
    return Version(major, minor, patch, match["pre"] or "")


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
    if before is None or after is None:
        # Nothing can be asked of names but that different contracts have different ones.
        return not changes or old.strip() != new.strip()
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
