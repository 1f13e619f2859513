"""Updates that follow one another as those of something that lives: near to the document's examples, never noise."""

from __future__ import annotations

import copy
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime
from math import exp, floor, log
from random import Random
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.mock.durations import span_of
from codegen.mock.roles import Place, at_place, learn

_STEP = 0.0002
"""How far the level goes at one update: the deviation of its logarithm."""
_HOME = 0.01
"""How strongly everything is drawn to where the example has it."""
_SMALL = 0.05
_BEFORE = 30


class Alive:
    """The payloads of one topic, one after another."""

    def __init__(
        self,
        schema: SchemaDict,
        examples: Sequence[Json],
        random: Random,
        *,
        key: str | None = None,
        fixed: Mapping[Place, Json] | None = None,
        level: float | None = None,
        digits: int | None = None,
        events: bool = False,
        names: Container[str] = (),
        span: float | None = None,
    ) -> None:
        """`level`: about where the numbers are that move together, with so many `digits` after the point.

        `events`: each payload is of something new, not of what the one before was of. `names`: see `learn`. `span`: in
        seconds.
        """
        self._examples = examples
        self._random = random
        self._fixed = fixed or {}
        self._key = key
        self._events = events
        self.roles = roles = learn(schema, examples, key, names)
        self._unit = roles.units.get((key,), 0) if key is not None else 0
        """Ticks in a second of the key, where that is a time."""
        keys = [float(found) for one in examples if isinstance(found := at_place(one, (key or "",)), int)]
        self.span = 1
        """How far apart the keys are, in the key's own unit."""
        if self._unit:
            self.span = round(span * self._unit) if span else span_of(keys, self._unit)
        self._base = {
            place: float(number)
            for place in roles.digits
            if isinstance(number := at_place(examples[0], place), int | float)
        }
        moved = roles.of("level", "most", "least", "first")
        roles.digits |= {place: digits for place in moved if digits is not None and roles.digits[place] > 0}
        if level and moved and (middle := self._middle()):
            self._base |= {place: self._base[place] * level / middle for place in moved}
            # What is small beside them, and may be less than nothing, is a difference of two of them.
            sign = random.choice([-1, 1])
            for place in roles.of("alone"):
                base = self._base[place]
                if (
                    roles.digits[place]
                    and roles.bounds[place][0] < -abs(base)
                    and abs(base) < _SMALL * middle
                ):
                    self._base[place] = sign * base * level / middle
        self._level = self._home = self._middle()
        self._state: dict[Place, float] = dict(self._base)
        self._begun = False
        self.value: Json = copy.deepcopy(examples[0])
        """The latest payload."""

    @property
    def has_spans(self) -> bool:
        """Whether updates are of spans of time that follow each other, and each supersedes those of its span."""
        return self._unit > 0

    @property
    def key(self) -> int:
        """The key of the latest payload, where there are spans."""
        found = at_place(self.value, (self._key or "",))
        return found if isinstance(found, int) else 0

    @property
    def unit(self) -> int:
        """How many of the key's units a second has."""
        return max(self._unit, 1)

    def key_at(self, now: float) -> int:
        """The key of what is at a moment, in Unix seconds."""
        return floor(now * self._unit / self.span) * self.span

    def advance(self, now: float) -> Json:
        """The next payload; `now` in Unix seconds."""
        self._level *= exp(self._random.gauss(0, _STEP))
        if self._home > 0 and self._level > 0:
            self._level *= (self._home / self._level) ** _HOME
        if self._unit and not self._begun:
            self._begun = True
            for _ in range(_BEFORE):  # whatever is shown first has been going on for a while
                self.advance(now)
        value = copy.deepcopy(self.value if len(self._examples) == 1 or self._unit else self._another())
        begins = self._unit > 0 and self.key_at(now) != at_place(self.value, (self._key or "",))
        for place in self.roles.digits:
            if self.roles.roles[place] != "clock":
                self._state[place] = self._next(place, begins=begins)
        self.value = self._written(value, now, self._state, self._random)
        return copy.deepcopy(self.value)

    def ended(self, key: int, opened: float, closed: float, random: Random) -> Json:
        """What was in a span that is over, in which the level went from one place to another."""
        state = {}
        for place, role in self.roles.roles.items():
            match role:
                case "first":
                    state[place] = opened
                case "level":
                    state[place] = closed
                case "most":
                    state[place] = max(opened, closed) * exp(abs(random.gauss(0, _STEP)))
                case "least":
                    state[place] = min(opened, closed) / exp(abs(random.gauss(0, _STEP)))
                case "counter":
                    state[place] = max(0.0, self._base[place] - (self.key - key) // self.span)
                case "growing" | "alone":
                    state[place] = self._base[place] * exp(random.gauss(0, 0.3))
        return self._written(copy.deepcopy(self._examples[0]), key / self.unit, state, random)

    def level_of(self, value: Json) -> float:
        """Where the level was when the span of a payload began."""
        for place in [*self.roles.of("first"), *self.roles.of("level")]:
            found = at_place(value, place)
            if isinstance(found, int | float):
                return float(found)
        return self._level

    @property
    def home(self) -> float:
        """Where the level is drawn to."""
        return self._home

    def _next(self, place: Place, *, begins: bool) -> float:  # noqa: PLR0911 - a table
        role, was, base = self.roles.roles[place], self._state[place], self._base[place]
        keyed = self._unit > 0
        if role == "counter":
            return was + self._random.randint(1, 3)
        if role == "growing":
            return (0.0 if begins else was) + abs(base) * self._random.uniform(0.002, 0.02)
        if role == "alone" and self._events:
            return base * exp(self._random.gauss(0, 0.6))
        if role == "alone":
            pulled = was * (base / was) ** (5 * _HOME) if was * base > 0 else base
            return pulled * exp(self._random.gauss(0, 0.03 if self.roles.digits[place] == 0 else 0.01))
        if not keyed:
            return base * self._level / self._home if self._home else base
        if begins or role == "level":
            return self._level
        if role == "most":
            return max(was, self._level)
        return min(was, self._level) if role == "least" else was

    def _written(self, value: Json, now: float, state: Mapping[Place, float], random: Random) -> Json:
        for place, number in state.items():
            low, high = self.roles.bounds[place]
            digits = self.roles.digits[place]
            kept = round(min(max(number, low), high), digits)
            _set(value, place, int(kept) if digits == 0 else kept)
        for place in self.roles.of("clock"):
            _set(value, place, self._clock(place, now))
        for place, listed in self.roles.choices.items():
            if place not in self._fixed and random.random() < 0.3:
                _set(value, place, random.choice(listed))
        for place, item in self._fixed.items():
            _set(value, place, item)
        return value

    def _clock(self, place: Place, now: float) -> Json:
        if place == (self._key,):
            return self.key_at(now)
        unit = self.roles.units[place]
        if unit == 0:
            moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
            return moment.removesuffix("+00:00") + "Z"
        return floor(now * unit) if self.roles.digits[place] == 0 else round(now * unit, 3)

    def _another(self) -> Json:
        """Any of the examples, with the numbers of those that come: for updates that are of many kinds of thing."""
        return self._random.choice(self._examples)

    def _middle(self) -> float:
        found = [self._base[place] for place in self.roles.of("level", "most", "least", "first")]
        return sum(found) / len(found) if found else 1.0


def _set(value: Json, place: Place, item: Json) -> None:
    inner: Any = value
    for part in place[:-1]:
        try:
            inner = inner[part]
        except (KeyError, IndexError, TypeError):
            return
    if place:
        try:
            inner[place[-1]]
        except (KeyError, IndexError, TypeError):
            return
        inner[place[-1]] = item


def scale_of(random: Random) -> float:
    """By how much the numbers of a topic that the document gives no example of differ from those that it gives."""
    return exp(random.uniform(log(0.6), log(1.6)))
