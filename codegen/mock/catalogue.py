"""Answers that list what there are topics of: more than the example has, and only what was asked for.

Such a list has objects with a property of the name of a channel's first parameter. What the document's examples tell
of is in it, and some more that is made up, so that a screen has something to scroll and to search.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any

from codegen.contract import Json, Message, Parameter
from codegen.mock.kits import Kits, at, put
from codegen.mock.levels import Levels
from codegen.mock.roles import leaves
from codegen.values.texts import SENTENCE_NAMES, WORDS

_QUERIES = ("query", "search", "q", "filter", "text", "contains")
_COUNTS = ("limit", "count", "max", "size")
_USUAL = 12
"""How many there are."""


class Catalogue:
    """All lists of a contract."""

    def __init__(self, kits: Kits, levels: Levels, seed: int) -> None:
        self._kits = kits
        self._levels = levels
        self._seed = seed
        self._items: dict[tuple[str, str], list[Json]] = {}

    def of(self, message: Message, request: Json, answer: Json) -> Json:
        """The answer to a request, with the whole list in it; the answer as it is where it has no such list."""
        envelope = self._kits.contract.envelope
        body = at(answer, (envelope.payload,)) if envelope is not None else None
        if envelope is None or message.response is None or not isinstance(body, dict):
            return answer
        kit, asked = self._kits.of(message.response), at(request, (envelope.payload,))
        for name, listed in body.items():
            place = (envelope.payload, name)
            parameter = self._named(listed)
            if parameter is None or not isinstance(listed, list):
                continue
            key = (message.key, name)
            if key not in self._items:
                self._items[key] = [
                    item for item in self._made(listed, parameter) if kit.accepts(put(answer, place, [item]))
                ]
            found = put(answer, place, _chosen(self._items[key], asked))
            answer = found if kit.accepts(found) else answer
        return answer

    def _named(self, listed: Json) -> Parameter | None:
        """The parameter whose values the items have, where it is the first one of a channel's topics."""
        if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
            return None
        for channel in self._kits.contract.channels:
            for parameter in channel.parameters[:1]:
                if channel.updates and isinstance(listed[0].get(_property(parameter)), str):
                    return parameter
        return None

    def _made(self, listed: Sequence[Json], parameter: Parameter) -> list[Json]:
        name, random = _property(parameter), Random(f"{self._seed}:{parameter.name}:list")  # noqa: S311 - no secret
        items = {str(at(item, (name,))): copy.deepcopy(item) for item in listed}
        for value in [*self._levels.values(parameter.name), *self._more(parameter, list(items))]:
            if value not in items and len(items) < _USUAL:
                items[value] = self._another(random.choice(list(listed)), name, value)
        return [items[value] for value in sorted(items)]

    def _more(self, parameter: Parameter, known: Sequence[str]) -> list[str]:
        loud = all(value == value.upper() for value in known)
        words = [word.upper() if loud else word for word in WORDS]
        return list(parameter.enum) or Random(f"{self._seed}:{parameter.name}").sample(words, _USUAL)  # noqa: S311 - as above

    def _another(self, item: Json, name: str, value: str) -> Json:
        made: Any = copy.deepcopy(item)
        for place, leaf in list(leaves(made)):
            if len(place) == 1 and isinstance(leaf, str) and place[0] in SENTENCE_NAMES | {"name", "title"}:
                made[place[0]] = f"{value}, made up"
        made[name] = value
        return made  # type: ignore[no-any-return]


def _property(parameter: Parameter) -> str:
    return (parameter.location or (parameter.name,))[-1]


def _chosen(items: Sequence[Json], asked: Json) -> list[Json]:
    """Of all items those that a request wants."""
    said = asked if isinstance(asked, dict) else {}
    found = list(items)
    for name in _QUERIES:
        if isinstance(words := said.get(name), str):
            found = [item for item in found if _contains(item, words)]
    for name in _COUNTS:
        count = said.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
            found = found[:count]
    return found


def _contains(item: Json, words: str) -> bool:
    return any(isinstance(leaf, str) and words.casefold() in leaf.casefold() for _, leaf in leaves(item))
