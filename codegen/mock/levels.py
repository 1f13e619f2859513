"""About what level the numbers of a topic are: the same for topics that tell of the same thing.

Two channels tell of the same things where the document's examples show that: their levels are near to each other for
the same first parameter, or are told by properties of the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from statistics import fmean

from codegen.contract import Channel, Json
from codegen.mock.alive import scale_of
from codegen.mock.kits import Kits, at, schema_at
from codegen.mock.roles import at_place, learn, leaves

_NEAR = 0.2


@dataclass(slots=True)
class _Known:
    """What the examples of one channel say."""

    levels: dict[str, list[float]] = field(default_factory=dict)
    """By the first parameter's value."""
    names: set[str] = field(default_factory=set)
    """The properties that say where the level is."""
    family: int = 0

    @property
    def usual(self) -> float:
        return fmean(next(iter(self.levels.values()), [1.0]))


class Levels:
    """The levels of all topics of a contract."""

    def __init__(self, kits: Kits, seed: int) -> None:
        self._seed = seed
        self._known = {
            channel.name: _Known(family=number) for number, channel in enumerate(kits.contract.channels)
        }
        channels = [channel for channel in kits.contract.channels if channel.parameters]
        for _ in range(2):  # what one channel's properties are called helps to understand another
            for channel in channels:
                self._read(kits, channel)
        for one, other in combinations([self._known[channel.name] for channel in channels], 2):
            if one.family != other.family and _alike(one, other):
                joined = other.family
                for known in self._known.values():
                    known.family = one.family if known.family == joined else known.family

    @property
    def names(self) -> frozenset[str]:
        """The properties that say where a level is, on any channel."""
        return frozenset().union(*(known.names for known in self._known.values()))

    def of(self, channel: Channel, first: str) -> float | None:
        """The level of a channel's topics with this first parameter; None where the examples show none."""
        own = self._known[channel.name]
        if not own.levels:
            return None
        for known in [own, *self._known.values()]:
            if known.family == own.family and first in known.levels:
                return fmean(known.levels[first])
        factor = scale_of(Random(f"{self._seed}:{first}"))  # noqa: S311 - makes examples, keeps no secret
        family = [known for known in self._known.values() if known.family == own.family and known.levels]
        return family[0].usual * factor

    def _read(self, kits: Kits, channel: Channel) -> None:
        envelope, known = kits.contract.envelope, self._known[channel.name]
        if envelope is None or envelope.topic is None:
            return
        known.levels = {}
        shape = _pattern(channel)
        for update in channel.updates:
            kit = kits.of(update)
            schema = schema_at(kit.schema, (envelope.payload,))
            schema["definitions"] = kit.schema.get("definitions", {})
            told = [
                (str(at(one, (envelope.topic,))), payload)
                for one in kit.examples
                if (payload := at(one, (envelope.payload,))) is not None
            ]
            payloads = [payload for _, payload in told]
            for address, payload in told:
                found = shape.fullmatch(address)
                if found is None:
                    continue
                if channel.state is not None:
                    numbers = _keys(payload, channel.state.key)
                    known.names.add(channel.state.key)
                else:
                    roles = learn(schema, payloads, channel.delivery_key, self.names)
                    places = roles.of("level", "most", "least", "first")
                    known.names |= {str(place[-1]) for place in places}
                    numbers = [float(x) for p in places if isinstance(x := at_place(payload, p), int | float)]
                if numbers:
                    known.levels.setdefault(found[1], []).append(fmean(numbers))


def _alike(one: _Known, other: _Known) -> bool:
    if one.names & other.names:
        return True
    return any(
        abs(fmean(one.levels[value]) - fmean(other.levels[value])) <= _NEAR * abs(fmean(one.levels[value]))
        for value in one.levels.keys() & other.levels.keys()
    )


def _pattern(channel: Channel) -> re.Pattern[str]:
    """An address, with its first parameter as group."""
    first = channel.parameters[0].name
    parts = re.split(r"\{([^}]*)\}", channel.address)
    said = [
        re.escape(part) if index % 2 == 0 else "(.+?)" if part == first else ".+?"
        for index, part in enumerate(parts)
    ]
    return re.compile("".join(said))


def _keys(payload: Json, key: str) -> list[float]:
    return [
        float(value)
        for place, value in leaves(payload)
        if place[-1] == key and isinstance(value, int | float) and not isinstance(value, bool)
    ]
