"""How words of a document become parts of Python source: docstrings, literals, imports."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

WIDTH = 110

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\s])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


def string(value: str) -> str:
    """A Python string literal, double-quoted where that costs no escapes."""
    literal = repr(value)
    if literal.startswith("'") and '"' not in literal:
        return f'"{literal[1:-1]}"'
    return literal


def literal(value: str | int | bool | None) -> str:
    """A Python literal for a scalar."""
    return string(value) if isinstance(value, str) else repr(value)


def docstring(text: str, fallback: str, indent: int = 4) -> str:
    """A whole docstring, quotes included, to be put at a column.

    The first sentence becomes the summary when it fits on a line, else the fallback does. Paragraphs are
    wrapped; indented and listed lines are left as they are.
    """
    lines = _body(_clean(text), fallback, WIDTH - indent)
    raw = "\\" in "".join(lines)
    body = "\n".join(lines)
    if raw and ('"""' in body or body.endswith("\\")):
        body, raw = body.replace("\\", "\\\\"), False
    if not raw:
        body = body.replace('"""', '\\"\\"\\"')
    open_quotes = 'r"""' if raw else '"""'
    if len(lines) == 1:
        if body.endswith('"'):
            body += " "
        return f'{open_quotes}{body}"""'
    pad = " " * indent
    rest = [pad + line if line else "" for line in body.split("\n")[1:]]
    return "\n".join([open_quotes + body.split("\n")[0], *rest, pad + '"""'])


def from_import(module: str, names: Iterable[str]) -> str:
    """One `from … import …` statement, sorted; empty where there is nothing to import."""
    wanted = sorted(set(names), key=_import_order)
    if not wanted:
        return ""
    line = f"from {module} import {', '.join(wanted)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in wanted), ")"])


def union(names: Iterable[str], indent: int = 0) -> str:
    """A union of type names, each once; `Never` where there are none."""
    return " | ".join(dict.fromkeys(names)) or "Never"


def oneline(text: str) -> str:
    """A text on one line, fit for a cell of a Markdown table."""
    return " ".join(_clean(text).split()).replace("|", "\\|")


def words(text: str) -> str:
    """A text on one line of Markdown: outside of backticks nothing that would become markup."""
    parts = " ".join(_clean(text).split()).split("`")
    plain = [
        re.sub(r"([*_<\[])", r"\\\1", part) if index % 2 == 0 else part for index, part in enumerate(parts)
    ]
    return "`".join(plain)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(
        "\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", "    ")
    ).strip()


def _body(text: str, fallback: str, width: int) -> list[str]:
    paragraphs = re.split(r"\n\s*\n", text) if text else []
    head = paragraphs[0] if paragraphs else ""
    plain = not _is_layout(head)
    first = " ".join(head.split())
    if not paragraphs:
        summary, rest = fallback, ""
    else:
        sentences = _SENTENCE.split(first, maxsplit=1)
        summary = (
            sentences[0] if sentences[0].endswith((".", "!", "?")) else sentences[0].rstrip(":;, ") + "."
        )
        rest = sentences[1] if len(sentences) > 1 else ""
    if not plain or len(summary) > width - 7:
        summary, rest = fallback, first if plain else head
    lines = [summary]
    for paragraph in ([rest] if rest else []) + paragraphs[1:]:
        lines.append("")
        if _is_layout(paragraph):
            lines.extend(line.rstrip() for line in paragraph.split("\n"))
        else:
            lines.extend(
                textwrap.wrap(
                    " ".join(paragraph.split()), width, break_long_words=False, break_on_hyphens=False
                )
            )
    return lines


def _is_layout(paragraph: str) -> bool:
    """Whether lines mean something: lists, code, tables, headings."""
    return any(re.match(r"\s*([-*+#|>`]|\d+\.|    )", line) for line in paragraph.split("\n"))


def _import_order(name: str) -> tuple[int, str, str]:
    bare = name.split(" ", 1)[0]
    kind = 0 if bare.isupper() and len(bare) > 1 else 1 if bare[:1].isupper() else 2
    return kind, bare.casefold(), bare
