"""The spans of time before the present one: remembered where they were seen, made up where they were not.

What is made up is made in blocks, each by itself, so that any moment of the past costs the same; the level goes from
where it is at the beginning of a block to where it is at that of the next, and in the end to where it was first seen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import exp, log, sqrt
from random import Random

from codegen.contract import Json
from codegen.mock.alive import Alive
from codegen.mock.roles import at_place, is_number

_BLOCK = 256
"""Spans in a block."""
_STEP = 0.0008
"""How far the level goes in a minute: the deviation of its logarithm. In n minutes it is as the root of n."""
_MOST_STEP = 0.02
_WIDE = 10
"""How much further it goes in a block."""
_MOST_BLOCKS = 64
_MOST_SEEN = 20_000
"""Of more spans the older half is forgotten, and made up where somebody asks."""
_MOST_UNSEEN = 500
"""After so many spans in which nobody looked, what was seen before counts as made up too."""


class Past:
    """What there was before, of one topic."""

    def __init__(self, alive: Alive, seed: str, fits: Callable[[Json], bool]) -> None:
        self._alive = alive
        self._seed = seed
        self._fits = fits
        self._step = min(_MOST_STEP, _STEP * sqrt(alive.span / alive.unit / 60))
        self._keys: list[int] = []
        self._values: list[Json] = []
        self._blocks: dict[int, list[tuple[int, Json]]] = {}

    def note(self, value: Json, key: int) -> None:
        """Remember the latest payload of the present span."""
        if self._keys and self._keys[-1] == key:
            self._values[-1] = value
        elif not self._keys or key > self._keys[-1]:
            self._keys.append(key)
            self._values.append(value)
            if len(self._keys) > _MOST_SEEN:
                del self._keys[: _MOST_SEEN // 2], self._values[: _MOST_SEEN // 2]
                self._blocks.clear()

    def before(self, moment: int | None, count: int, now: float) -> list[Json]:
        """The last payloads of spans that begin before a moment in the key's unit, the oldest first."""
        self._see(now)
        end = self._keys[-1] + 1 if moment is None else moment
        stop = bisect_left(self._keys, end)
        found = self._values[max(0, stop - count) : stop]
        span = self._alive.span
        last = min(end - 1, self._keys[0] - 1) // span
        while len(found) < count and last >= 0:
            number = last // _BLOCK
            earlier = [value for key, value in self._block(number) if key // span <= last]
            found = [*earlier[max(0, len(earlier) - (count - len(found))) :], *found]
            last = number * _BLOCK - 1
        return found

    def _see(self, now: float) -> None:
        """Bring what was seen up to the present span."""
        alive = self._alive
        present = alive.key_at(now)
        if self._keys and (present - self._keys[-1]) // alive.span > _MOST_UNSEEN:
            self._keys, self._values, self._blocks = [], [], {}
        if not self._keys:
            self.note(alive.advance(now), present)
        while self._keys[-1] < present:
            key = self._keys[-1] + alive.span
            self.note(alive.advance(min(key / alive.unit, now)), key)

    def _block(self, number: int) -> list[tuple[int, Json]]:
        if number not in self._blocks:
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            self._blocks[number] = self._made(number)
        return self._blocks[number]

    def _made(self, number: int) -> list[tuple[int, Json]]:
        alive, start = self._alive, self._keys[0] // self._alive.span
        random = Random(f"{self._seed}:{number}")  # noqa: S311 - makes examples, keeps no secret
        count = min(_BLOCK, start - number * _BLOCK)
        begins, ends = self._level(number), self._level(number + 1)
        if count < _BLOCK or (number + 1) * _BLOCK == start:
            ends = alive.level_of(self._values[0])
        walk = [0.0]
        for _ in range(count):
            walk.append(walk[-1] + random.gauss(0, self._step))
        levels = []
        for index, gone in enumerate(walk):
            share = index / count
            home = log(begins) * (1 - share) + log(ends) * share if begins > 0 and ends > 0 else 0.0
            levels.append(exp(home + gone - share * walk[-1]) if begins > 0 and ends > 0 else begins)
        made = []
        for index in range(count):
            key = (number * _BLOCK + index) * alive.span
            made.append((key, alive.ended(key, levels[index], levels[index + 1], random)))
        if all(map(self._fits, self._utmost([value for _, value in made]))):
            return made
        return [(key, value) for key, value in made if self._fits(value)]

    def _utmost(self, values: list[Json]) -> list[Json]:
        """Those with the least or the greatest of a number: if they fit, the others do, which have but other numbers.

        To judge each of thousands would take seconds, in which nobody else is served.
        """
        found: dict[int, Json] = {}
        for place in self._alive.roles.digits:
            numbers = [number if is_number(number := at_place(value, place)) else 0.0 for value in values]
            for index in (numbers.index(min(numbers)), numbers.index(max(numbers))):
                found[index] = values[index]
        return list(found.values()) or values[:1]

    def _level(self, number: int) -> float:
        """Where the level is at the beginning of a block."""
        return self._alive.home * exp(Random(f"{self._seed}:{number}:level").gauss(0, _WIDE * self._step))  # noqa: S311 - as above
