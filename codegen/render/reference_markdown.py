"""Markdown that stays whole whatever words a document brings: code, cells, headings and where they are found."""

from __future__ import annotations

import json
import re
import unicodedata

from codegen.contract import Json

_LONGEST_LINE = 100
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")


class Anchors:
    """The anchors of a page's headings, made by the rules of those who show it, in the order of the headings."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def add(self, heading: str) -> str:
        """The anchor of the next heading, told by its text without markup."""
        base = anchor(heading)
        number = self._taken.get(base)
        found = base
        while found in self._taken:
            number = (number or 0) + 1
            found = f"{base}-{number}"
        if number is not None:
            self._taken[base] = number
        self._taken[found] = 0
        return found


def anchor(heading: str) -> str:
    """What a heading is called in a link: lower case, without punctuation, a hyphen for each space."""
    kept = (
        c
        for c in heading.lower()
        if c.isalnum() or c in "-_ " or unicodedata.category(c) in {"Mn", "Mc", "Pc"}
    )
    return "".join(kept).strip().replace(" ", "-")


def code(text: str) -> str:
    """A text as inline code, whatever backticks it has."""
    line = " ".join(text.split("\n"))
    if not line.strip():
        return f"`{line or ' '}`"
    fence = "`"
    while fence in re.findall(r"`+", line):
        fence += "`"
    padded = f" {line} " if line.startswith("`") or line.endswith("`") else line
    return f"{fence}{padded}{fence}"


def value(data: Json) -> str:
    """A JSON value as inline code."""
    return code(json.dumps(data, ensure_ascii=False))


def cell(text: str) -> str:
    """A text as a table's cell: on one line, its pipes escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def example(payload: Json) -> str:
    """An example on one line, or indented where one line is too long."""
    line = json.dumps(payload, ensure_ascii=False)
    return line if len(line) <= _LONGEST_LINE else json.dumps(payload, ensure_ascii=False, indent=2)


def settled(text: str) -> str:
    """Markdown of a document, fit to stand inside of a page: no headings of its own, every fence closed.

    A heading becomes a bold line, for it would get between the page's own and take their anchors.
    """
    lines: list[str] = []
    fence = ""
    for line in text.strip().split("\n"):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                fence = ""
            lines.append(line)
        elif found:
            fence = found[1]
            lines.append(line)
        elif heading := _HEADING.match(line):
            lines += [_bold(heading[1] or ""), ""]
        elif _UNDERLINE.match(line) and lines and lines[-1].strip() and not lines[-1].startswith("    "):
            lines[-1:] = [_bold(lines[-1].strip()), ""]
        else:
            lines.append(line.replace("<!--", "&lt;!--"))
    return "\n".join([*lines, *([fence] if fence else [])]).strip()


def one_blank_line(text: str) -> str:
    """Markdown without more than one empty line in a row, fenced code aside."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    plain = [
        re.sub(r"\n[ \t]*\n\s*\n+", "\n\n", part) if index % 2 == 0 else part
        for index, part in enumerate(parts)
    ]
    return "".join(plain).strip() + "\n"


def _bold(text: str) -> str:
    return f"**{text.replace('**', '')}**" if text else ""
