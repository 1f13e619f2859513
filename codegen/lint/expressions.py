"""Regular expressions under review: how long what they match may be, whether they hold, what they may cost."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from codegen.patterns import in_python


@lru_cache(maxsize=4096)
def parsed(pattern: str) -> Any:  # noqa: ANN401 - Python's own tree of an expression has no types
    """Python's tree of an ECMAScript expression; None where Python cannot read it."""
    from re import _parser  # noqa: PLC0415

    try:
        return _parser.parse(in_python(pattern))
    except (re.error, OverflowError, RecursionError):
        return None


@lru_cache(maxsize=4096)
def longest(pattern: str) -> int | None:
    """The length of the longest text that matches; None where there is none, or it cannot be told."""
    tree = parsed(pattern)
    if tree is None or not all(anchored(pattern)):
        return None
    _, most = tree.getwidth()
    return int(most) if most < 1_000_000 else None


@lru_cache(maxsize=4096)
def anchored(pattern: str) -> tuple[bool, bool]:
    """Whether a match must begin where the text begins, and end where it ends; of alternatives, all of them."""
    tree = parsed(pattern)
    if tree is None:
        return True, True  # nothing can be told
    return _holds(list(tree), first=True), _holds(list(tree), first=False)


def _holds(items: list[Any], *, first: bool) -> bool:
    """Whether a sequence is held at its beginning, or its end."""
    for kind, value in items if first else reversed(items):
        name = str(kind)
        if name == "AT":
            wanted = ("AT_BEGINNING", "AT_BEGINNING_STRING") if first else ("AT_END", "AT_END_STRING")
            return str(value) in wanted
        if name in ("ASSERT", "ASSERT_NOT"):
            continue  # says nothing of where it stands
        if name == "SUBPATTERN":
            return _holds(list(value[-1]), first=first)
        if name == "BRANCH":
            return all(_holds(list(branch), first=first) for branch in value[1])
        if name in ("MAX_REPEAT", "MIN_REPEAT") and value[0] >= 1:
            return _holds(list(value[2]), first=first)
        return False
    return False
