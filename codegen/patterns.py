"""Regular expressions of documents, which are ECMAScript's (JSON Schema draft 7, section 4.3), in Python's dialect."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_ESCAPE = r"\\u\{[0-9A-Fa-f]+\}|\\[pP]\{[^}]*\}|\\c[A-Za-z]|\\k<\w+>|\\."
_OUTSIDE = re.compile(_ESCAPE + r"|\{\d+(?:,\d*)?\}|\(\?<(?![=!])|\[\^\]|\[\]|\[|\$|.", re.DOTALL)
_INSIDE = re.compile(_ESCAPE + r"|&&|~~|\|\||.", re.DOTALL)
_REPEATS = re.compile(r"[*+?{]")
_HALVES = re.compile("[\\ud800-\\udfff]")
_CLASSES = {
    r"\d": "0-9",
    r"\w": "A-Za-z0-9_",
    r"\s": r" \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
}
_OTHERS = {
    r"\D": r"\x00-/:-\U0010ffff",
    r"\W": r"\x00-/:-@\[-\^`{-\U0010ffff",
    r"\S": r"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
    r"\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff",
}
"""The same classes' complements, as they stand inside brackets: Python's own know more digits, letters and spaces."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that can be tried."""

    search: Callable[[str], bool]
    """Whether it matches a text, or a part of it."""
    is_patient: bool
    """Whether it takes longer than anybody waits on no text."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Expression | None:
    """What matches the texts that an ECMAScript expression matches; None where Python cannot say it.

    Python's engine tries one way to match after another, and of several repeats there may be more ways than anybody
    waits for. These are for Pydantic's engine, which takes all ways at once, as far as it knows what they say.
    """
    try:
        found = re.compile(in_python(pattern))
    except (re.error, OverflowError, RecursionError):
        return None

    def search(text: str) -> bool:
        return found.search(text) is not None

    if len(_REPEATS.findall(pattern)) < 2:
        return Expression(search, is_patient=True)
    text = native(pattern)
    if text is None:
        return Expression(search, is_patient=False)
    from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415 - only where there is such a pattern

    fits = SchemaValidator(core_schema.str_schema(pattern=text)).isinstance_python
    # Half a pair of surrogates is no text for that engine.
    return Expression(lambda text: search(text) if _HALVES.search(text) else fits(text), is_patient=True)


def in_python(pattern: str) -> str:
    """An ECMAScript expression in Python's dialect, as far as the two differ in what they match."""
    written: list[str] = []
    inside = False
    place = 0
    while found := (_INSIDE if inside else _OUTSIDE).match(pattern, place):
        part, place = found[0], found.end()
        written.append(_translated(part, inside=inside))
        inside = part != "]" if inside else part == "["
    return "".join(written)


@lru_cache(maxsize=4096)
def native(pattern: str) -> str | None:
    """The expression for Pydantic's own engine; None where that, without look-around, cannot match it."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # noqa: PLC0415 - only where models are made

    text = in_rust(pattern)
    if text is None:
        return None
    try:
        SchemaValidator(core_schema.str_schema(pattern=text))
    except SchemaError:
        return None
    return text


def usable(pattern: str) -> bool:
    """Whether Pydantic can match this: by its own engine, or else by Python's."""
    return compiled(pattern) is not None or native(pattern) is not None


def in_rust(pattern: str) -> str | None:
    """The same expression for Rust's engine, which Pydantic uses; None where that may understand it otherwise.

    Where it knows no such thing (looking ahead, references back), that engine refuses the expression itself.
    """
    text = in_python(pattern)
    inside = False
    written: list[str] = []
    for part in re.findall(r"\\.|\(\?a:\\[bB]\)|--|.", text, re.DOTALL):
        if inside and part == "--":
            return None
        inside = part != "]" if inside else part == "["
        written.append({r"\Z": "$"}.get(part, part.replace("(?a:", "(?-u:")))
    return "".join(written)


def _translated(part: str, *, inside: bool) -> str:  # noqa: PLR0911, PLR0912 - a table with conditions
    if part.lower() in _CLASSES and len(part) == 2:
        ranges = _CLASSES[part.lower()]
        if part.islower():
            return ranges if inside else f"[{ranges}]"
        return _OTHERS[part] if inside else f"[^{ranges}]"
    if part.startswith("\\u{"):
        return re.escape(chr(int(part[3:-1], 16)))
    if part.startswith("\\c"):
        return re.escape(chr(ord(part[2]) % 32))
    if part.startswith("\\k<"):
        return f"(?P={part[3:-1]})"
    if part == r"\/":
        return "/"
    if inside:
        # Twice the same sign is, or may come to be, an operation on sets in other dialects.
        return re.sub(r"[\[&~|]", r"\\\g<0>", part) if part in ("[", "&&", "~~", "||") else part
    match part:
        case "(?<":
            return "(?P<"
        case "$":
            return r"\Z"
        case "{":
            return r"\{"
        case r"\b" | r"\B":
            return f"(?a:{part})"
        case ".":
            return r"[^\n\r\u2028\u2029]"
        case "[^]":
            return r"[\x00-\U0010ffff]"
        case "[]":
            return "(?!)"
        case _:
            return part
