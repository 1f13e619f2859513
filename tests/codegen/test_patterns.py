"""Expressions in the dialect of Pydantic's engine match what they match in Python's, or are left to Python."""

from __future__ import annotations

import re

import pytest
from pydantic_core import SchemaValidator, ValidationError, core_schema

from codegen.patterns import compiled, in_python, native, usable
from codegen.schemas.holding import matches

SLOW = ["^(a?){30}a{30}$", "^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", r"^(\w+\s?)*$", "(x+x+)+y"]
SLOW_AHEAD = ["^(?=(a+)+$)a*$", "^(?!(a|aa)+$)a*b?$"]
"""Patterns that match almost any text in very many ways."""
_TEXTS = [
    "", "a", "b", "ab", "a b", "A", "_", "1", "12", "१", "é", "É", "\n", "a\n", "\r", "\t", "\u00a0", "\ufeff",
    "\u200b", "\u2028", "🎈", "-", "a-b", "[", "]", "{", "a{,2}", "aa", "catécat", "cat s", "^", "$", "\\", "/",
]  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        "a", "^a$", "a|b", r"\d", r"^\D$", r"\w", r"^\W$", r"\s", r"^\S$", r"^[\d-]+$", r"^[^\w]$", r"^[\S]$", "^.$",
        "^.*$", r"\bcat\b", r"\Bcat", "^a{2}$", "^a{1,}$", "a{,2}", "^[^]$", r"^\/$", r"^\u0061$", r"^\u{61}$",
        r"^\cJ$", *SLOW, r"^\d{2,3}(\.\d+)?$", "^[a-z]+-?[a-z]*$", "a*b|c+$", "^é?[^a]*$",
        "(?<x>a)", r"^\$$", "[$]", r"[\]]", "[[]", "^[a-z&&b]$", "^[+--]$", "^(?:a|é)$", r"^[\s\S]$",
    ],
)  # fmt: skip
def test_both_engines_match_the_same(pattern: str) -> None:
    """Wherever the native engine is used, it judges every text as Python does."""
    text, python, own = native(pattern), re.compile(in_python(pattern)), compiled(pattern)
    assert own is not None
    for value in [*_TEXTS, "\ud800", "a\udfff"]:
        assert own.search(value) is (python.search(value) is not None), value
    if text is None:
        return
    validator = SchemaValidator(core_schema.str_schema(pattern=text))
    for value in _TEXTS:
        try:
            validator.validate_python(value)
            matched = True
        except ValidationError:
            matched = False
        assert matched is (python.search(value) is not None), value


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "^[+--]$"])
def test_what_the_native_engine_lacks_is_left_to_python(pattern: str) -> None:
    """Looking around, references back, and what means an operation on sets there."""
    assert native(pattern) is None
    assert usable(pattern)


def test_properties_of_characters_are_left_to_the_native_engine() -> None:
    """Python's expressions do not have them."""
    assert compiled(r"^\p{L}$") is None
    assert native(r"^\p{L}$") is not None


@pytest.mark.parametrize("pattern", SLOW + SLOW_AHEAD)
def test_no_pattern_takes_longer_than_anybody_waits(pattern: str) -> None:
    """Texts that almost match are refused at once, and those that match are not, however many ways there are to try."""
    for text, expected in {
        "a" * 31 + "!": False,
        "x" * 40: pattern == r"^(\w+\s?)*$",
        "a" * 30: not pattern.startswith(("(x", "^(?!")),
    }.items():
        assert matches(pattern, text) is expected
