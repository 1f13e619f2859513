"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from codegen.contract import Json
from codegen.lint.findings import Severity
from codegen.location import Location

if TYPE_CHECKING:
    from codegen.lint.subject import Subject

Said: TypeAlias = tuple[Location, str]
"""Where, and what."""
Options: TypeAlias = Mapping[str, Json]
Check: TypeAlias = Callable[["Subject", Options], Iterator[Said]]
Origin: TypeAlias = Literal["lint", "load", "syntax", "validate", "build", "render"]

PAGES = Path(__file__).with_name("pages")


@dataclass(frozen=True, slots=True)
class Option:
    """What a rule can be told in the configuration."""

    default: Json
    """A value of the option's type: a text, a whole number, a flag, a list of texts."""
    description: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    id: str
    severity: Severity
    """Unless the configuration says otherwise."""
    check: Check | None = None
    """What finds it; None for what the stages of the generator report anyway."""
    options: Mapping[str, Option] = field(default_factory=dict)
    origin: Origin = "lint"
    refuses: bool = False
    """Whether every finding keeps the generator from going on: it can be neither lowered nor suppressed."""

    @property
    def page(self) -> str:
        """Markdown: why, a bad example, a good one."""
        return (PAGES / f"{self.id}.md").read_text(encoding="utf-8")

    @property
    def summary(self) -> str:
        """The page's first paragraph, in one line."""
        return " ".join(self.page.split("\n\n", 2)[1].split())
