"""Keyed lists that change a little at each update (`x-state`), and never cross."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log10, trunc
from random import Random

from codegen.contract import Json, State
from codegen.mock.outbox import plain
from codegen.mock.roles import decimals
from codegen.runtime.python.state import Entry, HeldState, StateRule, payload_of

_USUAL = 20
_ROOM = 12
"""How many places an entry may have between it and the next, at most."""


class Lists:
    """What one topic holds, and how it goes on."""

    def __init__(
        self,
        state: State,
        examples: Sequence[Json],
        random: Random,
        *,
        most: int | None,
        level: float | None,
        digits: int | None,
    ) -> None:
        """`level`: about where the keys are, with so many `digits` after the point."""
        self.rule = StateRule(state.key, state.value, dict(state.lists), state.checksum)
        self.held = HeldState(self.rule)
        self._random = random
        self._most = max(1, min(_USUAL if most is None else most, 50))
        found = [entry for example in examples for entry in self._entries(example)]
        keys = sorted({key for key, _ in found}) or [100.0, 101.0]
        values = [value for _, value in found if value] or [1.0, 2.5]
        self._value = sum(values) / len(values)
        self._value_digits = max(map(decimals, values))
        self._digits = max(map(decimals, keys))
        gaps = [later - earlier for earlier, later in pairwise(keys)]
        self._tick = round(min(gaps, default=1.0), 8) or 1.0
        usual = sum(keys) / len(keys)
        if level and usual > 0 and level > 0 and not 0.2 < level / usual < 5:
            # Elsewhere, entries are as much nearer to each other as their keys are smaller.
            if digits is not None:
                self._digits = digits
            self._tick = round(self._tick * 10.0 ** trunc(log10(level / usual)), self._digits)
            self._tick = max(self._tick, round(10.0**-self._digits, self._digits))
        self._middle = round((level or keys[len(keys) // 2]) / self._tick)
        self._begin()

    def payload(self) -> Json:
        """Everything that the topic holds."""
        return plain(payload_of(self.rule, self.held.changes()))

    def advance(self) -> tuple[Json, dict[str, list[Entry]]]:
        """The next changes, applied already: as a payload, and as changes."""
        changes: dict[str, list[Entry]] = {name: [] for name in self.rule.lists}
        name = self._random.choice(list(self.rule.lists))
        if self._random.random() < 0.15 and len(self.held.entries(name)) > 2:
            self._give_way(name, changes)
        else:
            for _ in range(self._random.randint(1, 3)):
                self._touch(self._random.choice(list(self.rule.lists)), changes)
        for listed, order in self.rule.lists.items():
            changes[listed].sort(reverse=order == "descending")
        self.held.apply(changes)
        return plain(payload_of(self.rule, changes)), changes

    def _begin(self) -> None:
        changes: dict[str, list[Entry]] = {}
        for name, order in self.rule.lists.items():
            sign = -1 if order == "descending" else 1
            place, entries = self._middle + (0 if sign < 0 else 1), []
            for _ in range(self._most):
                entries.append((self._key(place), self._new_value()))
                place += sign * self._random.choice([1, 1, 1, 2, 3])
            changes[name] = entries
        self.held.apply(changes, snapshot=True)

    def _touch(self, name: str, changes: dict[str, list[Entry]]) -> None:
        """Change, add or take away one entry; near the beginning of its list more often than at its end."""
        entries = self.held.entries(name)
        done = {key for key, _ in changes[name]}
        index = min(int(self._random.expovariate(0.3)), len(entries) - 1)
        if index < 0:
            changes[name].append((self._key(self._middle), self._new_value()))
            return
        key = entries[index][0]
        if key in done:
            return
        chance = self._random.random()
        here = len(entries) + sum(1 for _, value in changes[name] if value == 0) * -1
        if chance < 0.2 and here > self._most * 0.7 and index > 0:
            changes[name].append((key, 0.0))
        elif chance < 0.4 and len(entries) + len(changes[name]) < self._most:
            sign = -1 if self.rule.lists[name] == "descending" else 1
            beside = self._key(round(key / self._tick) + sign * self._random.randint(1, _ROOM))
            if beside > 0 and beside not in done and beside not in {known for known, _ in entries}:
                changes[name].append((beside, self._new_value()))
        if not any(changes.values()):
            value = self._new_value()
            changes[name].append((key, value if value != entries[index][1] else self._other(value)))

    def _give_way(self, name: str, changes: dict[str, list[Entry]]) -> None:
        """One list loses its first entry, and another one gets one near to where that was."""
        first = self.held.entries(name)[0][0]
        changes[name].append((first, 0.0))
        for other, order in self.rule.lists.items():
            if order == self.rule.lists[name]:
                continue
            entries = self.held.entries(other)
            if not any(key == first for key, _ in entries):
                changes[other].append((first, self._new_value()))
                if len(entries) >= self._most:
                    changes[other].append((entries[-1][0], 0.0))
        # A list that only loses would be empty before long.
        last = self.held.entries(name)[-1][0]
        sign = -1 if self.rule.lists[name] == "descending" else 1
        further = self._key(round(last / self._tick) + sign * self._random.randint(1, 3))
        if further > 0 and further != last:
            changes[name].append((further, self._new_value()))

    def _key(self, place: int) -> float:
        return round(place * self._tick, self._digits)

    def _new_value(self) -> float:
        value = round(self._value * self._random.lognormvariate(0, 0.6), self._value_digits)
        return value if value > 0 else self._other(value)

    def _other(self, value: float) -> float:
        return round(value + 10.0**-self._value_digits, self._value_digits)

    def _entries(self, example: Json) -> list[Entry]:
        found: list[Entry] = []
        for name in self.rule.lists:
            listed = example.get(name) if isinstance(example, dict) else None
            for item in listed if isinstance(listed, list) else []:
                if isinstance(item, dict):
                    key, value = item.get(self.rule.key), item.get(self.rule.value)
                    if isinstance(key, int | float) and isinstance(value, int | float):
                        found.append((float(key), float(value)))
        return found
