"""What the generator has to say about a document, and how it says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from codegen.contract import Source

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BACKTICK = "\\x60"


def on_one_line(text: str) -> str:
    """A text that is printed as one line, whatever names of the document it repeats."""
    return "".join(c if c.isprintable() else _ESCAPES.get(c, f"\\x{ord(c):02x}") for c in text)


def in_code(text: str) -> str:
    r"""A text of the document between backticks, on one line; a backtick in it is told as `\x60`."""
    return f"`{on_one_line(text).replace('`', _BACKTICK)}`"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: where, which rule, and what to do about it.

    Printed as `file:line:col: rule: message`. Errors stop the generator; warnings do not.
    """

    source: Source
    rule: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        kind = "" if self.severity == "error" else "warning: "
        return on_one_line(f"{self.source}: {kind}{self.rule}: {self.message}")


class DocumentError(Exception):
    """A document cannot be used; carries every finding, in order of file and line."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = sorted(
            diagnostics, key=lambda d: (d.source.file, d.source.line, d.source.column, d.rule, d.message)
        )
        super().__init__("\n".join(map(str, self.diagnostics)))


class BadTemplateError(Exception):
    """A template of the user's cannot be used; its text says why, `place` which: `mine/client.py.jinja`."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
