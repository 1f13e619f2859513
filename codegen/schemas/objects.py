"""A mapping that meets demands: how many properties, what those of which names must be, and what names there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.schemas.changes import _Absent
from codegen.schemas.holding import covers
from codegen.schemas.unfolding import ANYTHING, Demand, Literal, Names

if TYPE_CHECKING:
    from codegen.schemas.search import Outcome, Search

MAX_NAMES = 60
MAX_KINDS = 64
Some = tuple[Names, Literal]


def find(demands: set[Demand], search: Search) -> Outcome:
    """A mapping, or that there is none."""
    return _Objects(demands, search).found()


class _Objects:
    """Mappings that meet demands."""

    def __init__(self, demands: set[Demand], search: Search) -> None:
        self._search = search
        self._least = max([0, *(demand[1] for demand in demands if demand[0] == "least")])
        self._most = min((demand[1] for demand in demands if demand[0] == "most"), default=None)
        self._every: list[Some] = sorted(
            (demand[1:] for demand in demands if demand[0] == "every"), key=_order
        )
        self._of_names: dict[str, list[Literal]] = {}
        self._of_others: list[Some] = []
        for names, literal in self._every:
            if names[0] == "name":
                self._of_names.setdefault(names[1], []).append(literal)
            else:
                self._of_others.append((names, literal))
        self._some: list[Some] = [demand[1:] for demand in demands if demand[0] == "some"]
        self._some += [(("fits", demand[1]), ANYTHING) for demand in demands if demand[0] == "name"]
        self._some.sort(key=lambda some: (some[0][0] != "name", str(some)))
        self._names: frozenset[Literal] = frozenset(demand[1] for demand in demands if demand[0] == "names")
        self._unknown = False
        self._fresh: list[str] | None = None
        self._mentioned = sorted(
            {name for names, _ in [*self._every, *self._some] for name in _mentioned(names)}
        )

    def found(self) -> Outcome:
        """A mapping, or that there is none."""
        from codegen.schemas.search import NONE, UNKNOWN, Outcome  # noqa: PLC0415 - it calls this one

        if self._most is not None and self._least > self._most:
            return NONE
        for chosen in self._chosen(self._some, {}):
            filled = self._filled(chosen)
            if filled is not None:
                value: dict[str, Json] = {}
                for name, goal in filled.items():
                    outcome = self._search.find(goal)
                    if isinstance(outcome.value, _Absent):
                        return Outcome(exists=True)
                    value[name] = outcome.value
                return Outcome(exists=True, value=value)
        return UNKNOWN if self._unknown else NONE

    def _among(self, names: Names, name: str) -> bool:
        match names:
            case "name", only:
                return bool(only == name)
            case "pattern", pattern:
                return covers(pattern, name)
            case "besides", others, patterns:
                return name not in others and not any(covers(pattern, name) for pattern in patterns)
        return self._search.holds(names[1], name)

    def _goal(self, name: str) -> frozenset[Literal]:
        others = (literal for names, literal in self._of_others if self._among(names, name))
        return frozenset((*self._of_names.get(name, ()), *others))

    def _can_be(self, goal: frozenset[Literal]) -> bool:
        outcome = self._search.find(goal)
        self._unknown = self._unknown or outcome.exists is None
        return bool(outcome.exists)

    def _allowed(self, name: str) -> bool:
        return all(self._search.holds(literal, name) for literal in self._names)

    def _chosen(
        self, rest: Sequence[Some], chosen: dict[str, frozenset[Literal]]
    ) -> Iterator[dict[str, frozenset[Literal]]]:
        """Properties with what they must be, such that everything that must be there is, in every way that matters."""
        if self._most is not None and len(chosen) > self._most:
            return
        if not rest:
            yield chosen
            return
        names, literal = rest[0]
        for name in self._candidates(names, chosen):
            goal = (chosen[name] if name in chosen else self._goal(name)) | {literal}
            if self._can_be(goal):
                yield from self._chosen(rest[1:], {**chosen, name: goal})

    def _candidates(self, names: Names, chosen: dict[str, frozenset[Literal]]) -> Iterator[str]:
        if names[0] == "name":
            if names[1] in chosen or self._allowed(names[1]):
                yield names[1]
            return
        yield from (name for name in chosen if self._among(names, name))
        for name in (*self._mentioned, *self._fresh_names()):
            if name not in chosen and self._among(names, name) and self._allowed(name):
                yield name

    def _filled(self, chosen: dict[str, frozenset[Literal]]) -> dict[str, frozenset[Literal]] | None:
        """What was chosen, and more properties until there are enough; None: there are not enough."""
        filled = dict(chosen)
        for names in (self._mentioned, self._fresh_names() if len(filled) < self._least else ()):
            for name in names:
                if len(filled) >= self._least:
                    return filled
                if name not in filled and self._allowed(name) and self._can_be(self._goal(name)):
                    filled[name] = self._goal(name)
        return filled if len(filled) >= self._least else None

    def _fresh_names(self) -> list[str]:
        """Names that nobody mentions, as many as can be needed of each kind that the patterns tell apart."""
        if self._fresh is None:
            count = sum(names[0] != "name" for names, _ in self._some) + self._least
            literal = self._search.unfolding.literal
            tests = dict.fromkeys(
                test for names, _ in [*self._every, *self._some] for test in self._tests(names)
            )
            kinds: list[frozenset[Literal]] = [
                self._names
                | ({literal({"enum": list(self._mentioned)}, expected=False)} if self._mentioned else set())
            ]
            for key, _ in tests:
                split = [kind | {(key, expected)} for kind in kinds for expected in (True, False)]
                kinds = []
                for kind in split:
                    outcome = self._search.find(kind, "string")
                    self._unknown = self._unknown or outcome.exists is None
                    if outcome.exists:
                        kinds.append(kind)
                if len(kinds) > MAX_KINDS:
                    self._unknown = True
                    kinds = kinds[:MAX_KINDS]
            if (tests or self._names) and count > MAX_NAMES:
                count, self._unknown = MAX_NAMES, True
            self._fresh = []
            if not tests and not self._names:
                numbered = (f"p{number}" for number in range(len(self._mentioned) + count))
                kinds, self._fresh = [], [name for name in numbered if name not in self._mentioned][:count]
            for kind in kinds:
                names, more = self._search.find_some(kind, count, "string")
                self._unknown = self._unknown or (more and len(names) < count)
                self._fresh += [name for name in names if isinstance(name, str)]
        return self._fresh

    def _tests(self, names: Names) -> Iterator[Literal]:
        literal = self._search.unfolding.literal
        match names:
            case "pattern", pattern:
                yield literal({"pattern": pattern})
            case "besides", _, patterns:
                yield from (literal({"pattern": pattern}) for pattern in patterns)
            case "fits", (key, _):
                yield key, True


def _order(some: Some) -> tuple[str, str, bool]:
    names, (key, expected) = some
    return str(names), key, expected


def _mentioned(names: Names) -> tuple[str, ...]:
    match names:
        case "name", name:
            return (name,)
        case "besides", others, _:
            return tuple(others)
        case _:
            return ()
