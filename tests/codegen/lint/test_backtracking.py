"""Which expressions take forever: by their form, and, as a check, by the clock."""

from __future__ import annotations

import re
import time

import pytest

from codegen.lint.backtracking import explodes
from codegen.lint.expressions import anchored, longest

EXPLOSIVE = {
    r"^(a+)+$": "a",
    r"^(a*)*$": "a",
    r"^([a-z]+)*$": "a",
    r"^(a|aa)+$": "a",
    r"^(a|a)*$": "a",
    r"^(\w+\s?)+$": "a",
    r"^([a-z]+ ?)+$": "a",
    r"^(\d+|[0-9]x?)+$": "1",
    r"^((ab)+|(a|b)+)+$": "ab",
    r"^(.*,?)*$": ",",
    r"^(a?a?)*b?$": "a",
    r"^(([a-z])+.)+[A-Z]([a-z])+$": "a",
    r"^([0-9]+\.?){20,}$": "1",
}
"""With what their texts repeat before they end in something else."""
HARMLESS = (
    r"^[a-z]+$",
    r"^[a-z]+( [a-z]+)*$",
    r"^(a+b)+$",
    r"^([A-Z]{1,3}-)*[A-Z]{1,3}$",
    r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    r"^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$",
    r"^(\d{4})-(\d{2})-(\d{2})$",
    r"^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$",
    r"^(foo|bar|baz)*$",
    r"^\s*[^\s].*$",
    r"^([^,]*,)*[^,]*$",
    r"^(a|b)*c$",
    r"^(?=.*\d)(?=.*[a-z]).{8,20}$",
    r"^[^@]+@[^@]+$",
    r"^/([a-z]+/)*$",
    r"^$",
    r"^(a+)?$",
    r"^([a-z]+){1,2}$",
)


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_explosive_expressions_are_found_and_are_so(pattern: str) -> None:
    """For each there is a text of less than fifty characters that takes longer than any that is harmless does."""
    assert explodes(pattern)
    for size in range(2, 50):
        start = time.perf_counter()
        re.match(pattern, EXPLOSIVE[pattern] * size + "!\n!")
        if time.perf_counter() - start > 0.02:
            return
    pytest.fail("matched in no time")


@pytest.mark.parametrize("pattern", HARMLESS)
def test_harmless_expressions_are_left_alone(pattern: str) -> None:
    """Nothing is said of what is matched in no time."""
    assert not explodes(pattern)
    for sign in ("a", "1", " ", "ab", "a,", "/"):
        start = time.perf_counter()
        re.match(pattern, sign * 60 + "!\n!")
        assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", (True, True)),
        ("a", (False, False)),
        ("^a", (True, False)),
        ("a$", (False, True)),
        ("^(a|b)$", (True, True)),
        ("^a|b$", (False, False)),
        ("^a$|^b$", (True, True)),
        ("(^a$)", (True, True)),
        (r"^a\$", (True, False)),
        (r"[^a]$", (False, True)),
        ("(?=x)^a$", (True, True)),
    ],
)
def test_where_matches_begin_and_end(pattern: str, expected: tuple[bool, bool]) -> None:
    """Of alternatives, all must be held."""
    assert anchored(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[a-z]{1,20}$", 20),
        ("^[a-z]+$", None),
        ("^(ab|c){2}$", 4),
        ("[a-z]{3}", None),
        ("^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$", 32),
        ("^$", 0),
    ],
)
def test_the_longest_text(pattern: str, expected: int | None) -> None:
    """What has no end, or is not held, has none."""
    assert longest(pattern) == expected
