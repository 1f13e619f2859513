"""From an ECMAScript regular expression to the set of the texts in which it finds a match."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from codegen.patterns import in_python
from codegen.schemas.languages import (
    ALL,
    ANY,
    EMPTY,
    NOTHING,
    Texts,
    both,
    either,
    negation,
    none_of,
    one_of,
    then,
    times,
)

MAX_REPEAT = 5000
_PARSER = import_module("re._parser")
"""What Python itself reads expressions with."""


class _UnsayableError(Exception):
    """No regular set, or none that is worth the trouble: look-behind, back-references, word boundaries."""


@lru_cache(maxsize=1024)
def texts_of(pattern: str) -> Texts | None:
    """The texts that a pattern accepts; None where that cannot be said."""
    try:
        parsed: Any = _PARSER.parse(in_python(pattern))
        if parsed.state.flags & ~re.UNICODE:
            return None
        items = list(parsed)
        at_start = _followed(items, ALL, start=True)
        later = _followed(items, ALL, start=False)
    except (re.error, OverflowError, RecursionError, _UnsayableError):
        return None
    return either(at_start, then(ANY, then(ALL, later)))


def _followed(items: list[Any], rest: Texts, *, start: bool | None) -> Texts:  # noqa: PLR0911 - a table
    """What the items match, followed by the rest; `start`: whether this is the text's start, None if unknown."""
    if not items:
        return rest
    (kind, argument), *others = items
    name = str(kind)
    if name == "AT":
        return _anchored(str(argument), others, rest, start=start)
    following = _followed(
        others, rest, start=start if _is_empty(name, argument) else _moved(name, argument, start)
    )
    if name in {"ASSERT", "ASSERT_NOT"}:
        direction, inner = argument
        if direction < 0:
            raise _UnsayableError
        ahead = _followed(list(inner), ALL, start=start)
        return both(ahead if name == "ASSERT" else negation(ahead), following)
    if name == "SUBPATTERN":
        if argument[1] or argument[2]:
            raise _UnsayableError
        return _followed([*argument[3], *others], rest, start=start)
    if name == "BRANCH":
        return either(*(_followed([*branch, *others], rest, start=start) for branch in argument[1]))
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        return _repeated(argument, following, start=start)
    return then(_one(name, argument), following)


def _anchored(anchor: str, others: list[Any], rest: Texts, *, start: bool | None) -> Texts:
    if anchor in {"AT_BEGINNING", "AT_BEGINNING_STRING"}:
        if start is None:
            raise _UnsayableError
        return _followed(others, rest, start=True) if start else NOTHING
    if anchor in {"AT_END", "AT_END_STRING"}:
        return both(_followed(others, rest, start=start), EMPTY)
    raise _UnsayableError


def _is_empty(name: str, argument: Any) -> bool:  # noqa: ANN401 - the parser has no types
    return name in {"ASSERT", "ASSERT_NOT"} or (
        name == "SUBPATTERN"
        and all(_is_empty(str(kind), value) or str(kind) == "AT" for kind, value in argument[3])
    )


def _moved(name: str, argument: Any, start: bool | None) -> bool | None:  # noqa: ANN401
    """Whether what comes after an item can be at the start."""
    if not start:
        return start
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        least, _, inner = argument
        return False if least and _least(list(inner)) else None
    return False if _least([(name, argument)]) else None


def _least(items: list[Any]) -> int:
    """Characters that a match has at least, roughly: 0 or more than 0."""
    total = 0
    for kind, argument in items:
        match str(kind):
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY":
                total += 1
            case "SUBPATTERN":
                total += _least(list(argument[3]))
            case "BRANCH":
                total += min(_least(list(branch)) for branch in argument[1])
            case "MAX_REPEAT" | "MIN_REPEAT":
                total += argument[0] * _least(list(argument[2]))
    return total


def _repeated(argument: Any, following: Texts, *, start: bool | None) -> Texts:  # noqa: ANN401
    least, most, inner = argument
    items = list(inner)
    bound = None if str(most) == "MAXREPEAT" else int(most)
    if least > MAX_REPEAT or (bound or 0) > MAX_REPEAT:
        raise _UnsayableError
    if (least, bound) == (0, 1) and _has_anchor(items):
        return either(_followed(items, following, start=start), following)
    if _has_anchor(items):
        raise _UnsayableError
    return then(times(_followed(items, EMPTY, start=None), int(least), bound), following)


def _has_anchor(items: list[Any]) -> bool:
    for kind, argument in items:
        match str(kind):
            case "AT" | "ASSERT" | "ASSERT_NOT":
                return True
            case "SUBPATTERN":
                if _has_anchor(list(argument[3])):
                    return True
            case "BRANCH":
                if any(_has_anchor(list(branch)) for branch in argument[1]):
                    return True
            case "MAX_REPEAT" | "MIN_REPEAT":
                if _has_anchor(list(argument[2])):
                    return True
    return False


def _one(name: str, argument: Any) -> Texts:  # noqa: ANN401
    match name:
        case "LITERAL":
            return one_of([(argument, argument)])
        case "NOT_LITERAL":
            return none_of([(argument, argument)])
        case "ANY":
            return none_of([(0x0A, 0x0A)])
        case "IN":
            members = list(argument)
            negated = bool(members) and str(members[0][0]) == "NEGATE"
            ranges = [span for member in members[negated:] for span in _ranges(str(member[0]), member[1])]
            return none_of(ranges) if negated else one_of(ranges)
    raise _UnsayableError


def _ranges(name: str, argument: Any) -> list[tuple[int, int]]:  # noqa: ANN401
    match name:
        case "LITERAL":
            return [(argument, argument)]
        case "RANGE":
            return [tuple(argument)]
    raise _UnsayableError
