"""About what level the numbers of a topic are: the same for topics that tell of the same thing.

Two channels tell of the same things where the document shows that: the examples' levels are near to each other for
the same first parameter, or are told by properties of the same name; or, where no example says otherwise, the first
parameters are of one name and the properties are described by the same word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from statistics import fmean

from codegen.contract import Channel, SchemaDict
from codegen.mock.alive import scale_of
from codegen.mock.kits import Kits, at, schema_at
from codegen.mock.roles import at_place, decimals, is_number, learn, leaves

_NEAR = 0.2
_COMMON = frozenset(
    {
        "current",
        "each",
        "first",
        "from",
        "have",
        "highest",
        "last",
        "latest",
        "lowest",
        "many",
        "much",
        "number",
    }
    | {"that", "there", "this", "time", "until", "value", "what", "when", "where", "which", "with"}
)
"""Words that say nothing of what a number measures."""


@dataclass(slots=True)
class _Known:
    """What the examples of one channel say."""

    levels: dict[str, list[float]] = field(default_factory=dict)
    """By the first parameter's value."""
    names: set[str] = field(default_factory=set)
    """The properties that say where the level is."""
    digits: dict[str, int] = field(default_factory=dict)
    """How many decimals the numbers have, by the first parameter's value."""
    first: str = ""
    """The name of the first parameter."""
    words: set[str] = field(default_factory=set)
    """By which all of the properties are described."""
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
        return self._family(own)[0].usual * factor

    def digits(self, channel: Channel, first: str) -> int | None:
        """How many decimals numbers of that level have; None where the examples show none."""
        family = self._family(self._known[channel.name])
        found = [known.digits[first] for known in family if first in known.digits]
        usual = [next(iter(known.digits.values())) for known in family if known.digits][:1]
        return max(found) if found else next(iter(usual), None)

    def values(self, name: str) -> list[str]:
        """The first parameters of a name that the examples tell of."""
        known = [one for one in self._known.values() if one.first == name]
        return list(dict.fromkeys(value for one in known for value in one.levels))

    def _family(self, own: _Known) -> list[_Known]:
        return [known for known in self._known.values() if known.family == own.family and known.levels]

    def _read(self, kits: Kits, channel: Channel) -> None:
        envelope, known = kits.contract.envelope, self._known[channel.name]
        if envelope is None or envelope.topic is None:
            return
        known.levels, known.digits, known.first = {}, {}, channel.parameters[0].name
        words: list[set[str]] = []
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
                    places = [place for place, _ in leaves(payload) if place[-1] == channel.state.key]
                else:
                    roles = learn(schema, payloads, channel.delivery_key, self.names)
                    places = roles.of("level", "most", "least", "first")
                known.names |= {str(place[-1]) for place in places}
                words += [_words(str(place[-1]), schema_at(schema, place)) for place in places]
                numbers = [float(x) for p in places if is_number(x := at_place(payload, p))]
                if numbers:
                    known.levels.setdefault(found[1], []).append(fmean(numbers))
                    known.digits[found[1]] = max([known.digits.get(found[1], 0), *map(decimals, numbers)])
        known.words = set.intersection(*words) if words else set()


def _alike(one: _Known, other: _Known) -> bool:
    if one.names & other.names:
        return True
    both = one.levels.keys() & other.levels.keys()
    if not both:
        told = bool(one.levels and other.levels)
        return told and one.first == other.first and bool(one.words & other.words)
    return any(
        abs(fmean(one.levels[value]) - fmean(other.levels[value])) <= _NEAR * abs(fmean(one.levels[value]))
        for value in both
    )


def _words(name: str, schema: SchemaDict) -> set[str]:
    """What a property is described by."""
    said = re.findall(
        r"[a-z]{4,}", f"{name} {schema.get('title', '')} {schema.get('description', '')}".lower()
    )
    return set(said) - _COMMON


def _pattern(channel: Channel) -> re.Pattern[str]:
    """An address, with its first parameter as group."""
    first = channel.parameters[0].name
    parts = re.split(r"\{([^}]*)\}", channel.address)
    said = [
        re.escape(part) if index % 2 == 0 else "(.+?)" if part == first else ".+?"
        for index, part in enumerate(parts)
    ]
    return re.compile("".join(said))
