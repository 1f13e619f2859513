"""Semantic versions: what a document's `info.version` means, and which of two is the later one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

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
    if match["pre"] and len(numbers) < 3:
        return None  # a month, say, as in 2026-01
    major, minor, patch = [*numbers, 0, 0][:3]
    return Version(major, minor, patch, match["pre"] or "")
