"""Looks for a value that meets a goal: schemas that must accept it, and schemas that must refuse it.

A tableau: a goal is unfolded for each JSON type into demands and choices. The demands alone give a value (or show that
there is none); where it happens to meet the choices too, it is found, and else the search branches on one that it
does not meet. A goal within the same goal is given up: where a value exists, a smallest one exists, and that does not
hold another of the kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from codegen.contract import Json
from codegen.schemas.changes import ABSENT, _Absent
from codegen.schemas.forms import TYPES, World
from codegen.schemas.holding import holds
from codegen.schemas.unfolding import (
    ANYTHING,
    IMPOSSIBLE,
    Choice,
    Demand,
    Literal,
    Names,
    Unfolding,
    value_of,
)

Goal: TypeAlias = frozenset[Literal]
MAX_STEPS = 5_000
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a search."""

    exists: bool | None
    """Whether there is a value; None: not found out."""
    value: Json | _Absent = ABSENT


NONE = Outcome(exists=False)
UNKNOWN = Outcome(exists=None)


class TooLongError(Exception):
    """The search took more steps than it may."""


class Search:
    """Searches in one world; what was found out is remembered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.unfolding = Unfolding(world)
        self.steps = 0
        self._known: dict[tuple[Goal, str | None], Outcome] = {}
        self._path: list[Goal] = []
        self._lowest = MAX_DEPTH + 1

    def reset(self) -> None:
        """Begin anew after a search that was given up."""
        self._path.clear()
        self._lowest = MAX_DEPTH + 1

    def holds(self, literal: Literal, value: Json) -> bool:
        """Whether a value is on the right side of a literal."""
        return holds(self.world.forms[literal[0]], value, self.world.definitions) is literal[1]

    def find(self, literals: Iterable[Literal], kind: str | None = None) -> Outcome:
        """A value that meets all literals, of one JSON type or of any.

        Raises:
            TooLongError: too many steps.

        """
        goal = frozenset(literals) - {ANYTHING}
        known = self._known.get((goal, kind))
        if known is not None:
            return known
        if IMPOSSIBLE in goal or any((key, not expected) in goal for key, expected in goal):
            return NONE
        if goal in self._path:
            self._lowest = min(self._lowest, self._path.index(goal))
            return NONE
        if len(self._path) > MAX_DEPTH:
            return UNKNOWN
        outer, self._lowest = self._lowest, MAX_DEPTH + 1
        self._path.append(goal)
        try:
            outcome = self._of_types(goal, (kind,) if kind else TYPES)
        finally:
            depth = len(self._path) - 1
            self._path.pop()
            lowest, self._lowest = self._lowest, min(outer, self._lowest if self._lowest < depth else outer)
        if outcome.exists or lowest >= depth:  # else it depends on what was given up further out
            self._known[goal, kind] = outcome
        return outcome

    def find_some(
        self, literals: Iterable[Literal], count: int, kind: str | None = None
    ) -> tuple[list[Json], bool]:
        """Up to so many different values that meet all literals, and whether there may be more."""
        goal = set(literals)
        found: list[Json] = []
        while len(found) < count:
            outcome = self.find(goal, kind)
            if outcome.exists is False:
                return found, False
            if isinstance(outcome.value, _Absent):
                break
            found.append(outcome.value)
            goal.add(self.unfolding.literal({"enum": [outcome.value]}, expected=False))
        return found, True

    def _possible(self, goal: Goal, kinds: Iterable[str]) -> Iterable[str]:
        """The types that are left by what the schemas that must accept say at once."""
        for key, expected in goal:
            form = self.world.forms[key]
            if expected and form is not False and "type" in form:
                named = form["type"]
                kinds = [kind for kind in kinds if kind in named or (kind == "number" and "integer" in named)]
        return kinds

    def _of_types(self, goal: Goal, kinds: Iterable[str]) -> Outcome:
        unknown = False
        for kind in self._possible(goal, kinds):
            branch = _Branch(self, goal, kind)
            outcome = branch.searched() if branch.take(("is", *literal) for literal in sorted(goal)) else NONE
            if outcome.exists:
                return outcome
            unknown = unknown or outcome.exists is None
        return UNKNOWN if unknown else NONE


class _Branch:
    """Demands and open choices for a value of one type."""

    def __init__(self, search: Search, goal: Goal, kind: str) -> None:
        self._search = search
        self._goal = goal
        self._kind = kind
        self._demands: set[Demand] = set()
        self._choices: list[Choice] = []
        self._seen: set[Literal] = set()

    def take(self, demands: Iterable[Demand]) -> bool:
        """Add demands; False where they contradict each other right away."""
        waiting = list(demands)
        while waiting:
            demand = waiting.pop()
            if demand[0] != "is":
                if demand[0] == "some" and self._denied(*demand[1:]):
                    return False
                self._demands.add(demand)
                continue
            literal: Literal = demand[1:]
            if literal in self._seen or literal == ANYTHING:
                continue
            if (literal[0], not literal[1]) in self._seen:
                return False
            self._seen.add(literal)
            unfolded = self._search.unfolding.unfolded(literal, self._kind)
            if unfolded is None:
                return False
            waiting += unfolded[0]
            self._choices += unfolded[1]
        return True

    def _denied(self, names: Names, literal: Literal) -> bool:
        """Whether a property must be what all of its names must not be: the common case, told without a search."""
        return ("every", names, (literal[0], not literal[1])) in self._demands

    def searched(self) -> Outcome:
        """A value that meets the demands and every choice."""
        search = self._search
        search.steps += 1
        if search.steps > MAX_STEPS:
            raise TooLongError
        outcome = self._from_demands()
        if outcome.exists is False:
            return NONE
        if isinstance(outcome.value, _Absent):
            broken = self._choices
        else:
            value = outcome.value
            if all(search.holds(literal, value) for literal in self._goal):
                return outcome
            broken = [choice for choice in self._choices if not search.holds(choice.source, value)]
        if not broken:
            return outcome
        chosen = min(broken, key=lambda choice: len(choice.options))
        unknown = False
        for option in chosen.options:
            branch = _Branch(search, self._goal, self._kind)
            branch._demands = set(self._demands)
            branch._choices = [choice for choice in self._choices if choice is not chosen]
            branch._seen = set(self._seen)
            if not branch.take(option):
                continue
            outcome = branch.searched()
            if outcome.exists:
                return outcome
            unknown = unknown or outcome.exists is None
        return UNKNOWN if unknown else NONE

    def _from_demands(self) -> Outcome:  # noqa: PLR0911, PLR0912 - a table
        from codegen.schemas import arrays, numbers, objects, strings  # noqa: PLC0415 - they search too

        allowed: set[str] | None = None
        for demand in self._demands:
            if demand[0] == "among":
                allowed = set(demand[1]) if allowed is None else allowed & set(demand[1])
        if allowed is not None:
            for text in sorted(allowed):
                value = value_of(text)
                if all(self._search.holds(literal, value) for literal in self._goal):
                    return Outcome(exists=True, value=value)
            return NONE
        match self._kind:
            case "null":
                return NONE if ("other", "null") in self._demands else Outcome(exists=True, value=None)
            case "boolean":
                for value in (True, False):
                    if ("other", str(value).lower()) not in self._demands:
                        return Outcome(exists=True, value=value)
                return NONE
            case "number":
                return numbers.find(self._demands)
            case "string":
                return strings.find(self._demands)
            case "array":
                return arrays.find(self._demands, self._search)
            case _:
                return objects.find(self._demands, self._search)
