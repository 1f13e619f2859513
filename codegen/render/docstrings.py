"""Descriptions as docstrings: a summary line that ends like a sentence, the rest below, nothing escaped."""

from __future__ import annotations

import re
import textwrap

from codegen.render.text import WIDTH

_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)(?<!vs)[.!?](?=\s+[A-Z`\"'(\[0-9])")
_LAID_OUT = re.compile(r"^(\s{2,}|[-*+|#>]|\d+[.)]\s|```|~~~)")


def docstring(text: str, indent: int, *, summary: bool = True) -> str:
    """A docstring literal, indented but for its first line.

    Args:
        text: a description, in Markdown or anything else.
        indent: columns that the lines after the first stand in.
        summary: whether the first line has to be a sentence of its own, as in the docstring of a class.

    """
    lines = _lines(_clean(text), WIDTH - indent, summary)
    margin = " " * indent
    shown = "\n".join(margin + line if line and number else line for number, line in enumerate(lines))
    if len(lines) > 1:
        shown += "\n" + margin
    elif shown.endswith(('"', "\\")):
        shown += " "
    return ("r" if "\\" in shown else "") + f'"""{shown}"""'


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    # Inside a raw literal nothing can be escaped, so three double quotes become three single ones.
    text = re.sub(r"[^\S\n]", " ", text).replace('"""', "'''")
    text = "".join(character for character in text if character == "\n" or character.isprintable())
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _lines(text: str, width: int, summary: bool) -> list[str]:
    paragraphs = _paragraphs(text)
    lines: list[str] = []
    if summary and paragraphs:
        first, rest = _summary(paragraphs.pop(0))
        lines.append(first)
        if rest:
            paragraphs.insert(0, rest)
    for paragraph in paragraphs:
        if lines:
            lines.append("")
        lines += _wrapped(paragraph, width)
    return lines


def _paragraphs(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if line or fenced:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def _summary(paragraph: list[str]) -> tuple[str, list[str]]:
    """The first sentence of a paragraph as one line, and what is left."""
    prose: list[str] = []
    for line in paragraph:
        if _LAID_OUT.match(line) and prose:
            break
        prose.append(line.strip())
    left = paragraph[len(prose) :]
    joined = " ".join(prose)
    end = _SENTENCE_END.search(joined)
    if end is not None:
        left = [joined[end.end() :].strip(), *left]
        joined = joined[: end.end()]
    if joined.endswith(":") and not left:
        joined = joined[:-1]
    if not joined.endswith((".", "!", "?")):
        joined += "."
    return joined, left


def _wrapped(paragraph: list[str], width: int) -> list[str]:
    if all(len(line) <= width for line in paragraph) or any(
        line.lstrip().startswith(("```", "~~~")) for line in paragraph
    ):
        return paragraph
    lines: list[str] = []
    for line in paragraph:
        if len(line) <= width:
            lines.append(line)
        else:
            inner = " " * (len(line) - len(line.lstrip()) + (2 if _LAID_OUT.match(line) else 0))
            lines += textwrap.wrap(
                line, width, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False
            )
    return lines
