"""Answers to requests: the document's own where one belongs to the request, else made up; always valid."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from math import floor
from random import Random
from typing import Any

from codegen.contract import Channel, Contract, Json, Message, Path, SchemaDict
from codegen.mock.durations import span_of
from codegen.mock.kits import ImpossibleError, Kit, Kits, at, put, schema_at, without
from codegen.mock.roles import Place, at_place, leaves
from codegen.values.clocks import ticks


class Answers:
    """Answers of one contract."""

    def __init__(self, kits: Kits) -> None:
        self._kits = kits
        self._contract: Contract = kits.contract

    def answer(
        self, request: Message, value: Json, random: Random, echo: Mapping[str, Json] | None = None
    ) -> tuple[Json, bool]:
        """A whole message that answers a request, without id where the request has one that is to be repeated.

        And whether the document gives it for this very request.

        `echo` is what the request's topic says of its parameters, in the topic's own spelling.

        Raises:
            ImpossibleError: there is no valid answer.

        """
        if request.response is None:
            raise ImpossibleError(f"{request.key} has no answer")
        kit = self._kits.of(request.response)
        found, exact = self._told(self._kits.of(request), kit, value)
        if found is None:
            found, exact = kit.make(random, also=self._success()), False
        if not exact:
            found = self._echoed(request, kit, value, found, echo or {})
            moved = self._now(kit, found)
            found = moved if kit.accepts(moved) else found
        envelope = self._contract.envelope
        if envelope is not None and envelope.ts and at(found, (envelope.ts,)) is not None:
            stamped = put(found, (envelope.ts,), int(time.time() * 1000))
            found = stamped if kit.accepts(stamped) else found
        if not kit.message.correlation:
            return self._identified(kit, value, copy.deepcopy(found)), exact
        bare = without(found, kit.message.correlation)
        has_id = request.correlation is not None and at(value, request.correlation) is not None
        return (bare if has_id or kit.accepts(bare) else copy.deepcopy(found)), exact

    def _identified(self, kit: Kit, value: Json, found: Json) -> Json:
        """With the request's id in the envelope's field, where no message says by itself where ids stand."""
        envelope = self._contract.envelope
        if envelope is None or envelope.id is None or not isinstance(found, dict):
            return found
        path, identity = (envelope.id,), at(value, (envelope.id,))
        bare = without(found, path)
        named = bare if identity is None else put(found, path, identity)
        return next((one for one in (named, bare) if kit.accepts(one)), found)

    def refusals(self, kit: Kit) -> list[Json]:
        """The valid examples of an answer that refuse."""
        return [one for one in kit.examples if self.refuses(one)]

    def refuses(self, frame: Json) -> bool:
        """Whether an answer carries the envelope's problem."""
        envelope = self._contract.envelope
        if envelope is None:
            return False
        return at(frame, (envelope.payload, *envelope.problem_tag.path)) == envelope.problem_tag.value

    def _success(self) -> SchemaDict | None:
        """What tells an answer that carries a request out."""
        envelope = self._contract.envelope
        if envelope is None:
            return None
        problem: dict[str, Json] = {"const": envelope.problem_tag.value}
        for name in reversed(envelope.problem_tag.path):
            problem = {"type": "object", "required": [name], "properties": {name: problem}}
        return {"properties": {envelope.payload: {"not": problem}}}

    def _told(self, asked: Kit, kit: Kit, value: Json) -> tuple[Json, bool]:
        """The example that belongs to a request best, and whether it belongs to this very request."""
        good = [one for one in kit.examples if not self.refuses(one)]
        bare = self._bare(asked.message, value)
        for example in asked.message.examples:
            if self._bare(asked.message, example.payload) != bare:
                continue
            name = at(example.payload, asked.message.correlation or ("",))
            if name is None:
                continue
            for one in [*good, *self.refusals(kit)]:
                if kit.message.correlation and at(one, kit.message.correlation) == name:
                    return one, not self.refuses(one)
        for example in asked.message.examples:
            if self._bare(asked.message, example.payload) != bare or not example.name:
                continue
            for other in kit.message.examples:
                if other.name == example.name and other.payload in good:
                    return other.payload, True
        if not good:
            return None, False
        said = {_text(leaf) for _, leaf in leaves(value)}
        return max(good, key=lambda one: sum(_text(leaf) in said for _, leaf in leaves(one))), False

    def _bare(self, message: Message, value: Json) -> Json:
        return without(value, message.correlation) if message.correlation else value

    def _echoed(self, request: Message, kit: Kit, value: Json, found: Json, echo: Mapping[str, Json]) -> Json:
        """What the request names, the answer names: where both have the same property, and only where it fits."""
        body: Path = (self._contract.envelope.payload,) if self._contract.envelope else ()
        asked, told = at(value, body), at(found, body)
        if not isinstance(told, dict):
            return found
        names = {**(asked if isinstance(asked, dict) else {}), **echo}
        kept = {path[-1] for path in (request.correlation, kit.message.correlation) if path}
        if request.tag is not None:
            kept.add(request.tag.path[-1])
        for name, item in names.items():
            if name in told and name not in kept and type(told[name]) is type(item):
                changed = put(found, (*body, name), item)
                found = changed if kit.accepts(changed) else found
        return found

    def _now(self, kit: Kit, found: Json) -> Json:
        """The times of an example, moved so that the latest of them is not long ago."""
        clocks: dict[Place, int] = {}
        for place, leaf in leaves(found):
            if isinstance(leaf, int) and not isinstance(leaf, bool):
                name = next((part for part in reversed(place) if isinstance(part, str)), "")
                unit = ticks(str(name), schema_at(kit.schema, place), leaf)
                if unit:
                    clocks[place] = unit
        moved = copy.deepcopy(found)
        for unit in set(clocks.values()):
            places = [place for place, own in clocks.items() if own == unit]
            times = [time_ for place in places if isinstance(time_ := at_place(found, place), int)]
            span = span_of([float(time_) for time_ in times], unit)
            ahead = floor((time.time() * unit - max(times)) / span) * span
            for place in places:
                _shift(moved, place, ahead)
        return moved


def pages(kits: Kits, channel: Channel, request: Message) -> tuple[Kit, str] | None:
    """Where the answer to a request lists what a channel's updates are: the update, and the property of the list."""
    envelope = kits.contract.envelope
    if envelope is None or request.response is None:
        return None
    answer = kits.of(request.response)
    body = schema_at(answer.schema, (envelope.payload,))
    properties = body.get("properties")
    for update in channel.updates:
        kit = kits.of(update)
        wanted = _expanded(kit.schema, schema_at(kit.schema, (envelope.payload,)))
        for name in properties if isinstance(properties, dict) else ():
            items = schema_at(answer.schema, (envelope.payload, name, 0))
            if wanted and _expanded(answer.schema, items) == wanted:
                return kit, name
    return None


def _expanded(root: SchemaDict, schema: Mapping[str, Json]) -> Json:
    """A schema without words, for comparison."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return None
    required = schema.get("required")
    names: list[Json] = sorted(map(str, required)) if isinstance(required, list) else []  # type: ignore[assignment]
    return {
        "required": names,
        "properties": {name: schema_at(root, ()) and _plain(inner) for name, inner in properties.items()},
    }


def _plain(schema: Json) -> Json:
    if isinstance(schema, dict):
        return {
            key: _plain(item)
            for key, item in schema.items()
            if key not in ("description", "title", "examples")
        }
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema


def _shift(value: Json, place: Place, ahead: int) -> None:
    inner: Any = at_place(value, place[:-1])
    inner[place[-1]] += ahead


def _text(value: Json) -> str:
    return f"{type(value).__name__}:{value}"
