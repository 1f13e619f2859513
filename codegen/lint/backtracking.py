"""Whether matching an expression may take time that doubles with each character of a text.

Engines that go back and try again (JavaScript's, Python's, Java's) do so where a text can be matched in several ways
by what repeats. Two such places are looked for: a repetition of what may be nothing but a repetition itself, and,
in the automaton of the expression, two ways that read the same text from one state back to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from codegen.lint.expressions import parsed

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_MANY = 16
"""Repetitions of so many or more count as endless: two to that power is too much already."""
_COPIES = 2
"""Of a shorter repetition within another: how many are looked at."""
_MOST = 240
"""States of an automaton that are looked at."""
_TOP = 0x250
"""Characters are told apart up to here; all others are one."""

Chars = frozenset[int]
_ALL: Chars = frozenset(range(_TOP + 1))


@lru_cache(maxsize=1024)
def explodes(pattern: str) -> bool:
    """Whether there are texts for which matching takes time exponential in their length."""
    tree = parsed(_kept_apart(pattern)) or parsed(pattern)
    if tree is None:
        return False
    items = list(tree)
    return _nested(items) or _ambiguous(items)


def _kept_apart(pattern: str) -> str:
    """The expression with a mark in each alternative: else Python joins those that begin alike as it reads them."""
    return "".join(part if part != "|" else "|()" for part in _TOKEN.findall(pattern))


def _is_endless(least: int, most: Any) -> bool:  # noqa: ANN401 - Python's own constant
    return int(most) >= _MANY and int(most) > least


def _inner(item: Any) -> list[list[Any]]:  # noqa: ANN401 - see expressions.parsed
    """The sequences within an item."""
    kind, value = str(item[0]), item[1]
    if kind == "SUBPATTERN":
        return [list(value[-1])]
    if kind == "BRANCH":
        return [list(branch) for branch in value[1]]
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return [list(value[2])]
    if kind in ("ASSERT", "ASSERT_NOT"):
        return [list(value[1])]
    return []


def _nested(items: list[Any]) -> bool:
    """Whether some repetition repeats what may be nothing but a repetition."""
    for item in items:
        kind, value = str(item[0]), item[1]
        is_endless = kind in ("MAX_REPEAT", "MIN_REPEAT") and _is_endless(value[0], value[1])
        if is_endless and _may_be_repetition(list(value[2])):
            return True
        if any(_nested(inner) for inner in _inner(item)):
            return True
    return False


def _may_be_repetition(items: list[Any]) -> bool:
    """Whether a sequence may match by one endless repetition in it alone, the rest matching nothing."""
    for index, item in enumerate(items):
        rest = items[:index] + items[index + 1 :]
        if all(_nullable(other) for other in rest) and _is_repetition(item):
            return True
    return False


def _is_repetition(item: Any) -> bool:  # noqa: ANN401
    kind, value = str(item[0]), item[1]
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        if _is_endless(value[0], value[1]):
            return True
        return value[0] <= 1 and _may_be_repetition(list(value[2]))
    if kind in ("SUBPATTERN", "BRANCH"):
        return any(_may_be_repetition(inner) for inner in _inner(item))
    return False


def _nullable(item: Any) -> bool:  # noqa: ANN401
    kind, value = str(item[0]), item[1]
    if kind in ("AT", "ASSERT", "ASSERT_NOT"):
        return True
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return value[0] == 0 or all(_nullable(one) for one in value[2])
    if kind in ("SUBPATTERN", "BRANCH"):
        return any(all(_nullable(one) for one in inner) for inner in _inner(item))
    return False


# --- the automaton: a state for each place of the expression that reads a character ---


@dataclass(slots=True)
class _Automaton:
    reads: list[Chars] = field(default_factory=list)
    follows: list[set[int]] = field(default_factory=list)

    def state(self, chars: Chars) -> int:
        self.reads.append(chars)
        self.follows.append(set())
        if len(self.reads) > _MOST:
            raise OverflowError
        return len(self.reads) - 1

    def join(self, ends: Iterable[int], starts: Iterable[int]) -> None:
        for end in ends:
            self.follows[end] |= set(starts)


@dataclass(frozen=True, slots=True)
class _Part:
    first: frozenset[int]
    last: frozenset[int]
    empty: bool


_NOTHING = _Part(frozenset(), frozenset(), True)


def _ambiguous(items: list[Any]) -> bool:
    automaton = _Automaton()
    try:
        _sequence(automaton, items)
    except OverflowError:
        return False
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    return any(_returns(automaton, start, pairs) for start in range(len(automaton.reads)))


def _steps(
    automaton: _Automaton, pair: tuple[int, int], pairs: dict[tuple[int, int], list[tuple[int, int]]]
) -> list[tuple[int, int]]:
    if pair not in pairs:
        one, other = pair
        pairs[pair] = [
            (a, b)
            for a in automaton.follows[one]
            for b in automaton.follows[other]
            if automaton.reads[a] & automaton.reads[b]
        ]
    return pairs[pair]


def _returns(automaton: _Automaton, start: int, pairs: dict[tuple[int, int], list[tuple[int, int]]]) -> bool:
    """Whether two different ways lead from a state back to it over the same text."""
    if start not in _forward(automaton, start):
        return False
    waiting: list[tuple[int, int, bool]] = [(start, start, False)]
    seen: set[tuple[int, int, bool]] = set()
    while waiting:
        one, other, parted = waiting.pop()
        for a, b in _steps(automaton, (one, other), pairs):
            state = (a, b, parted or a != b)
            if state == (start, start, True):
                return True
            if state not in seen and len(seen) < 60_000:
                seen.add(state)
                waiting.append(state)
    return False


def _forward(automaton: _Automaton, start: int) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for after in automaton.follows[waiting.pop()]:
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def _sequence(automaton: _Automaton, items: list[Any]) -> _Part:
    whole = _NOTHING
    for item in items:
        whole = _then(automaton, whole, _item(automaton, item))
    return whole


def _then(automaton: _Automaton, one: _Part, other: _Part) -> _Part:
    automaton.join(one.last, other.first)
    return _Part(
        one.first | other.first if one.empty else one.first,
        one.last | other.last if other.empty else other.last,
        one.empty and other.empty,
    )


def _item(automaton: _Automaton, item: Any) -> _Part:  # noqa: ANN401
    kind, value = str(item[0]), item[1]
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeated(automaton, int(value[0]), int(value[1]), list(value[2]))
    if kind == "SUBPATTERN":
        return _sequence(automaton, list(value[-1]))
    if kind == "BRANCH":
        parts = [_sequence(automaton, list(branch)) for branch in value[1]]
        return _Part(
            frozenset().union(*(part.first for part in parts)),
            frozenset().union(*(part.last for part in parts)),
            any(part.empty for part in parts),
        )
    chars = _chars(kind, value)
    if chars is None:
        return _NOTHING
    state = automaton.state(chars)
    return _Part(frozenset({state}), frozenset({state}), False)


def _repeated(automaton: _Automaton, least: int, most: int, items: list[Any]) -> _Part:
    endless = _is_endless(least, most)
    copies = max(1, min(least, _COPIES)) if endless else min(most, max(least, _COPIES), 8)
    whole = _NOTHING
    part = _NOTHING
    for number in range(copies):
        part = _sequence(automaton, items)
        if endless and number == copies - 1:
            automaton.join(part.last, part.first)
        if number >= least:
            part = _Part(part.first, part.last, True)
        whole = _then(automaton, whole, part)
    return _Part(whole.first, whole.last, whole.empty or least == 0)


def _chars(kind: str, value: Any) -> Chars | None:  # noqa: ANN401
    """The characters that an item reads; None where it reads none."""
    match kind:
        case "LITERAL":
            return frozenset({min(int(value), _TOP)})
        case "NOT_LITERAL":
            return _ALL - {int(value)} if int(value) < _TOP else _ALL
        case "ANY":
            return _ALL - {10, 13}
        case "IN":
            return _class(list(value))
        case _:
            return None


def _class(members: list[Any]) -> Chars:
    found: set[int] = set()
    negated = False
    for kind, value in members:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.add(min(int(value), _TOP))
            case "RANGE":
                found |= set(range(min(value[0], _TOP), min(value[1], _TOP) + 1))
            case _:
                found |= set(_ALL)  # a category: \d, \w and \s are spelled out before
    return _ALL - found if negated else frozenset(found)
