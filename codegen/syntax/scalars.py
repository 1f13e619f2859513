"""What a scalar means, by the core schema of YAML 1.2."""

from __future__ import annotations

import re
from math import isinf

from codegen.contract import Json
from codegen.syntax.nodes import Builder, Mark

_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_DIGITS = 400


def number(text: str, mark: Mark, builder: Builder) -> Json:
    """The number that a text of digits means; 0, and a finding, for one that no JSON number can hold."""
    value: int | float
    if len(text) > _MAX_DIGITS:
        builder.report(mark, "number-size", f"a number of {len(text)} digits is too large")
        return 0
    if _INTEGER.match(text):
        base = {"0x": 16, "0o": 8}.get(text[:2], 10)
        value = int(text, base)
        try:
            float(value)
        except OverflowError:
            builder.report(mark, "number-size", f"{text[:20]}… is too large for a number")
            return 0
        return value
    value = float(text)
    if isinf(value):
        builder.report(mark, "number-size", f"{text} is too large for a number")
        return 0
    return value


def string(text: str, mark: Mark, builder: Builder) -> str:
    """A text whose escaped UTF-16 pairs are joined; a half of one is no character."""
    if not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        builder.report(mark, "bad-character", "a \\u escape is half of a pair, which is no character")
        return _SURROGATE.sub("\ufffd", text)


def plain(text: str, mark: Mark, builder: Builder) -> Json:
    """The value of a scalar that was written without quotes or a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) or _FLOAT.match(text):
        return number(text, mark, builder)
    if _NO_NUMBER.match(text):
        builder.report(mark, "not-json", f"{text} is no JSON number; write it in quotes if a text is meant")
        return 0
    return text
