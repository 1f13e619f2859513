"""Expressions in the dialect of Pydantic's engine match what they match in Python's, or are left to Python."""

from __future__ import annotations

import pytest
from pydantic_core import SchemaValidator, ValidationError, core_schema

from codegen.patterns import compiled, native, usable

_TEXTS = [
    "", "a", "b", "ab", "a b", "A", "_", "1", "12", "१", "é", "É", "\n", "a\n", "\r", "\t", "\u00a0", "\ufeff",
    "\u200b", "\u2028", "🎈", "-", "a-b", "[", "]", "{", "a{,2}", "aa", "catécat", "cat s", "^", "$", "\\", "/",
]  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        "a", "^a$", "a|b", r"\d", r"^\D$", r"\w", r"^\W$", r"\s", r"^\S$", r"^[\d-]+$", r"^[^\w]$", r"^[\S]$", "^.$",
        "^.*$", r"\bcat\b", r"\Bcat", "^a{2}$", "^a{1,}$", "a{,2}", "^[^]$", r"^\/$", r"^\u0061$", r"^\u{61}$",
        r"^\cJ$",
        "(?<x>a)", r"^\$$", "[$]", r"[\]]", "[[]", "^[a-z&&b]$", "^[+--]$", "^(?:a|é)$", r"^[\s\S]$",
    ],
)  # fmt: skip
def test_both_engines_match_the_same(pattern: str) -> None:
    """Wherever the native engine is used, it judges every text as Python does."""
    text, python = native(pattern), compiled(pattern)
    assert python is not None
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
