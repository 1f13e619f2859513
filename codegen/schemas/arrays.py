"""A list that meets demands: lengths, what items at which places must be, what it must hold, and sameness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.changes import _Absent
from codegen.schemas.forms import text_of
from codegen.schemas.unfolding import Demand, Literal

if TYPE_CHECKING:
    from codegen.schemas.search import Outcome, Search

MAX_ITEMS = 200
"""Items of a list that is written down; of a longer one it is only said that it exists."""
MAX_DIFFERENT = 40
Has = tuple[int, int | None, Literal]


def find(demands: set[Demand], search: Search) -> Outcome:
    """A list, or that there is none."""
    from codegen.schemas.search import NONE, UNKNOWN  # noqa: PLC0415 - it calls this one

    least = max([0, *(demand[1] for demand in demands if demand[0] == "least")])
    most = min((demand[1] for demand in demands if demand[0] == "most"), default=None)
    sameness = {demand[1] for demand in demands if demand[0] == "unique"}
    if (most is not None and least > most) or len(sameness) > 1:
        return NONE
    items = [demand[1:] for demand in demands if demand[0] == "items"]
    wanted: list[Has] = sorted((demand[1:] for demand in demands if demand[0] == "has"), key=str)
    prefix = max([0, *(end if end is not None else start for start, end, _ in [*items, *wanted])])
    spare = len(wanted) + (2 if False in sameness else 0)
    longest = max(least, prefix) + spare
    unknown = False
    for length in range(least, (longest if most is None else min(longest, most)) + 1):
        lists = _Lists(items, length, prefix + spare + 1, search)
        if not lists.possible:
            if lists.unknown:
                unknown = True
                continue
            break
        for goals in lists.placed(wanted, prefix):
            outcome = lists.filled(goals, sameness, prefix)
            if outcome.exists:
                return outcome
            unknown = unknown or outcome.exists is None
        unknown = unknown or lists.unknown
    return UNKNOWN if unknown else NONE


class _Lists:
    """Lists of one length; only so many items are told apart, and the others are like the last of them."""

    def __init__(self, items: Sequence[Has], length: int, shown: int, search: Search) -> None:
        self._search = search
        self.unknown = False
        self._more = length - min(length, max(shown, MAX_DIFFERENT))
        self.goals: list[frozenset[Literal]] = [
            frozenset(literal for start, end, literal in items if start <= at and (end is None or at < end))
            for at in range(min(length, max(shown, MAX_DIFFERENT)))
        ]
        self.possible = all(self._can_be(goal) for goal in dict.fromkeys(self.goals))

    def _can_be(self, goal: frozenset[Literal]) -> bool:
        outcome = self._search.find(goal)
        self.unknown = self.unknown or outcome.exists is None
        return bool(outcome.exists)

    def placed(self, wanted: Sequence[Has], prefix: int) -> Iterator[list[frozenset[Literal]]]:
        """The goals of all items with what the list must hold given to some of them, in every way that matters."""

        def place(
            rest: Sequence[Has], goals: list[frozenset[Literal]], used: int
        ) -> Iterator[list[frozenset[Literal]]]:
            if not rest:
                yield goals
                return
            start, end, literal = rest[0]
            stop = len(goals) if end is None else min(end, len(goals))
            for at in range(start, min(stop, max(prefix, used) + 1)):  # items after the prefix are alike
                goal = goals[at] | {literal}
                if self._can_be(goal):
                    yield from place(rest[1:], [*goals[:at], goal, *goals[at + 1 :]], max(used, at + 1))

        yield from place(wanted, self.goals, prefix)

    def filled(self, goals: list[frozenset[Literal]], sameness: set[bool], prefix: int) -> Outcome:
        """A list whose items meet their goals."""
        from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415

        if True in sameness:
            return self._different(goals)
        if False in sameness:
            relevant = min(
                len(goals),
                prefix + 2 + len(goals) - goals.count(self.goals[-1] if self.goals else frozenset()),
            )
            for first, second in combinations(range(relevant), 2):
                goal = goals[first] | goals[second]
                if self._can_be(goal):
                    return self._simple(
                        [goal if at in {first, second} else each for at, each in enumerate(goals)]
                    )
            return UNKNOWN if self.unknown else NONE
        outcome = self._simple(goals)
        return outcome if outcome.exists else Outcome(exists=None)

    def _simple(self, goals: list[frozenset[Literal]]) -> Outcome:
        from codegen.schemas.search import Outcome  # noqa: PLC0415

        values: list[Json] = []
        for goal in goals:
            outcome = self._search.find(goal)
            if isinstance(outcome.value, _Absent):
                return Outcome(exists=outcome.exists or None)
            values.append(outcome.value)
        if self._more > MAX_ITEMS:
            return Outcome(exists=True)
        return Outcome(exists=True, value=[*values, *values[-1:] * self._more])

    def _different(self, goals: list[frozenset[Literal]]) -> Outcome:
        """A list of different items: each item with as many values as there are items can wait for the others."""
        from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415

        if not any(goals) and self._more <= MAX_ITEMS:  # anything will do
            return Outcome(exists=True, value=list(range(len(goals) + self._more)))
        known: dict[frozenset[Literal], tuple[list[Json], bool]] = {}
        for goal in goals:
            if goal not in known:
                known[goal] = self._search.find_some(goal, len(goals))
        taken: dict[str, int] = {}
        values = {text_of(value): value for found, _ in known.values() for value in found}

        def seat(at: int, tried: set[str]) -> bool:
            for value in known[goals[at]][0]:
                text = text_of(value)
                if text not in tried:
                    tried.add(text)
                    if text not in taken or seat(taken[text], tried):
                        taken[text] = at
                        return True
            return False

        if all(seat(at, set()) for at in range(len(goals))):
            seats = {at: values[text] for text, at in taken.items()}
            if self._more:
                return UNKNOWN
            return Outcome(exists=True, value=[seats[at] for at in range(len(goals))])
        return UNKNOWN if any(more and len(found) < len(goals) for found, more in known.values()) else NONE
