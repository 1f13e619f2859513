"""A value for a schema, put together piece by piece; each piece is judged, and made anew where it does not fit."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.patterns import compiled
from codegen.plain import members
from codegen.values.clocks import ticks
from codegen.values.equality import same
from codegen.values.numbers import is_count, number
from codegen.values.texts import text
from codegen.values.wanted import Collector, DeadEnd, Wanted
from codegen.written import Judge

__all__ = ["DeadEnd", "Making"]

_STEPS = 6000
"""After so many pieces something else is tried."""
_DEEP = 3
"""Below this depth values end as soon as they may."""
_LIKELY = (0.8, 0.5, 0.25, 0.0, 1.0)
"""How likely a property is there that need not be, at one attempt after another."""


class Making:
    """One value being made."""

    def __init__(self, schema: SchemaDict, judge: Judge, random: Random) -> None:
        self._schema = schema
        self._judge = judge
        self._random = random
        self._collector = Collector(schema, random)
        self._judges: dict[int, tuple[Json, Judge]] = {}
        self._steps = 0

    def run(self, like: Json = None) -> Json:
        """A value that fits, near to another where that is given; DeadEnd where this way leads to none."""
        return self._value(dict(self._schema), 0, "", like)

    def _value(self, schema: Json, depth: int, name: str, like: Json = None) -> Json:
        accepts = self._judge_of(schema).accepts
        if like is not None and accepts(like):
            return copy.deepcopy(like)
        for attempt in range(self._attempts(schema)):
            self._steps += 1
            if self._steps > _STEPS:
                raise DeadEnd
            try:
                found = self._once(schema, depth, name, like, attempt)
            except DeadEnd:
                continue
            if accepts(found):
                return found
        raise DeadEnd

    def _attempts(self, schema: Json) -> int:
        arms = 0
        while isinstance(schema, Mapping) and isinstance(reference := schema.get("$ref"), str):
            schema = self._collector.resolve(reference)
            arms += 1
            if arms > 20:
                break
        if isinstance(schema, Mapping):
            arms = max(
                len(found) if isinstance(found := schema.get(key), list) else 0 for key in ("anyOf", "oneOf")
            )
        return min(40, max(10, 3 * arms))

    def _judge_of(self, schema: Json) -> Judge:
        known = self._judges.get(id(schema))
        if known is None:
            # The schema is kept with its judge: another one might come to have its id.
            plain: Any = schema
            known = self._judges[id(schema)] = (schema, self._judge.part(plain))
        return known[1]

    def _once(  # noqa: PLR0911 - a table
        self, schema: Json, depth: int, name: str, like: Json, attempt: int
    ) -> Json:
        wanted = self._collector.collect(schema, attempt=attempt, cheap=depth > _DEEP)
        if wanted.preferred and attempt < min(3, len(wanted.preferred)) and like is None:
            return copy.deepcopy(self._chosen(wanted.preferred))
        listed = wanted.listed()
        if listed is not None:
            return copy.deepcopy(self._chosen([v for v in listed if self._judge_of(schema).accepts(v)]))
        types = wanted.types()
        if not types:
            raise DeadEnd
        kind = types[0] if attempt == 0 or len(types) == 1 else types[attempt % len(types)]
        match kind:
            case "object":
                return self._object(wanted, depth, like if isinstance(like, dict) else {}, attempt)
            case "array":
                return self._array(wanted, depth, name, like if isinstance(like, list) else [], attempt)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
        made: float | str | None = None
        if kind == "string":
            made = text(wanted.parts, self._random, name, self._judge_of(schema).accepts)
        elif kind in ("number", "integer"):
            unit = max((ticks(name, part) for part in wanted.parts), default=0)
            whole = kind == "integer" or unit > 0 or (attempt == 0 and is_count(name))
            made = number(wanted.parts, self._random, whole=whole, clock=unit, attempt=attempt)
        if made is None:
            raise DeadEnd
        return made

    def _chosen(self, values: list[Json]) -> Json:
        if not values:
            raise DeadEnd
        return self._random.choice(values)

    # Objects.

    def _object(self, wanted: Wanted, depth: int, like: dict[str, Json], attempt: int) -> Json:
        names = self._names(wanted, depth, like, attempt)
        made: dict[str, Json] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name in made:
                continue
            try:
                made[name] = self._value(self._schema_of(wanted, name), depth + 1, name, like.get(name))
            except DeadEnd:
                if name in self._required(wanted):
                    raise
                continue
            waiting += self._entailed(wanted, name, depth, attempt)
        self._fill_up(wanted, made, depth)
        order = [name for part in wanted.parts for name in members(part.get("properties"))]
        return {
            name: made[name] for name in sorted(made, key=lambda n: order.index(n) if n in order else 10**6)
        }

    def _required(self, wanted: Wanted) -> list[str]:
        found: dict[str, None] = {}
        for part in wanted.parts:
            required = part.get("required")
            found.update(dict.fromkeys(map(str, required if isinstance(required, list) else [])))
        return list(found)

    def _names(self, wanted: Wanted, depth: int, like: dict[str, Json], attempt: int) -> list[str]:
        names = dict.fromkeys(self._required(wanted))
        most = wanted.bound("maxProperties", least=False)
        likely = 0.0 if depth > _DEEP else _LIKELY[attempt % len(_LIKELY)] * (1 if depth < 2 else 0.5)
        optional = [name for part in wanted.parts for name in members(part.get("properties"))]
        unwanted = {
            str(name)
            for schema in wanted.excluded
            if isinstance(schema, dict) and isinstance(required := schema.get("required"), list)
            for name in required
            if attempt % 2 == 0
        }
        for name in [*like, *dict.fromkeys(optional)]:
            if name in names or (most is not None and len(names) >= most):
                continue
            if (name in like and attempt < 3) or (name not in unwanted and self._random.random() < likely):
                names[name] = None
        return list(names)

    def _schema_of(self, wanted: Wanted, name: str) -> Json:
        """What stands under a name has to fit what each part says of it."""
        schemas: list[Json] = []
        for part in wanted.parts:
            own = members(part.get("properties"))
            said = [own[name]] if name in own else []
            for pattern, inner in members(part.get("patternProperties")).items():
                expression = compiled(pattern)
                if expression is not None and expression.search(name):
                    said.append(inner)
            if not said and "additionalProperties" in part:
                said = [part["additionalProperties"]]
            schemas += said
        return self._all_of(schemas)

    def _all_of(self, schemas: list[Json]) -> Json:
        said = [schema for schema in schemas if schema is not True and schema != {}]
        if any(schema is False for schema in said):
            raise DeadEnd
        if len(said) == 1:
            return said[0]
        return {"allOf": said} if said else {}

    def _entailed(self, wanted: Wanted, name: str, depth: int, attempt: int) -> list[str]:
        """The names that another one asks for by `dependencies`; what it asks for by a schema joins the parts."""
        names: list[str] = []
        for part in list(wanted.parts):
            depended = members(part.get("dependencies")).get(name)
            if isinstance(depended, list):
                names += map(str, depended)
            elif depended is not None:
                more = self._collector.collect(depended, attempt=attempt, cheap=depth > _DEEP)
                wanted.parts += more.parts
                wanted.excluded += more.excluded
                names += self._required(more)
        return names

    def _fill_up(self, wanted: Wanted, made: dict[str, Json], depth: int) -> None:
        """Make names up where there are too few, or where a map without names would be empty."""
        least = wanted.bound("minProperties", least=True) or 0
        most = wanted.bound("maxProperties", least=False)
        has_names = any(members(part.get("properties")) for part in wanted.parts)
        is_map = any(
            isinstance(part.get("additionalProperties"), Mapping) or part.get("patternProperties")
            for part in wanted.parts
        )
        if is_map and not has_names and not made and depth <= _DEEP:
            least = max(least, min(2, 2 if most is None else most))
        optional = [name for part in wanted.parts for name in members(part.get("properties"))]
        for attempt in range(20 + 2 * least):
            if len(made) >= least:
                return
            name = optional.pop(0) if optional else self._new_name(wanted, list(made), attempt)
            if name in made:
                continue
            try:
                made[name] = self._value(self._schema_of(wanted, name), depth + 1, name)
            except DeadEnd:
                continue

    def _new_name(self, wanted: Wanted, taken: list[str], attempt: int) -> str:
        rules = [part["propertyNames"] for part in wanted.parts if "propertyNames" in part]
        patterns = [key for part in wanted.parts for key in members(part.get("patternProperties"))]
        if patterns and attempt % 3 != 2:
            rules.append({"type": "string", "pattern": patterns[attempt % len(patterns)]})
        rules.append({"not": {"enum": list(taken)}})
        return str(self._value({"allOf": [{"type": "string"}, *rules]}, _DEEP, ""))

    # Arrays.

    def _array(self, wanted: Wanted, depth: int, name: str, like: list[Json], attempt: int) -> Json:
        least = wanted.bound("minItems", least=True) or 0
        most = wanted.bound("maxItems", least=False)
        tuples = [len(items) for part in wanted.parts if isinstance(items := part.get("items"), list)]
        contains = [part["contains"] for part in wanted.parts if "contains" in part]
        length = len(like) or (
            0 if depth > _DEEP or attempt % 5 == 4 else max([self._random.randint(1, 2), *tuples])
        )
        length = max(length, least, len(contains))
        if most is not None:
            length = min(length, most)
        unique = any(part.get("uniqueItems") is True for part in wanted.parts)
        made: list[Json] = []
        for index in range(length):
            schemas = [found for part in wanted.parts for found in _item(part, index)]
            # What an array has to contain stands at its end: tuples say what is at its beginning.
            if (place := index - (length - len(contains))) >= 0:
                schemas.append(contains[place])
            try:
                near = like[index] if index < len(like) else None
                made.append(self._another(self._all_of(schemas), depth, name, near, made, unique=unique))
            except DeadEnd:
                if len(made) < least or contains:
                    raise
                break
        return made

    def _another(
        self, schema: Json, depth: int, name: str, near: Json, made: list[Json], *, unique: bool
    ) -> Json:
        """An item; one that is not there yet, where all have to differ."""
        singular = name[:-1] if name.endswith("s") and not name.endswith("ss") else name
        for attempt in range(25):
            item = self._value(schema, depth + 1, singular, near if attempt == 0 else None)
            if not unique or not any(same(item, other) for other in made):
                return item
        if isinstance(schema, Mapping):
            without: Json = {"allOf": [dict(schema), {"not": {"enum": made}}]}
            return self._value(without, depth + 1, singular)
        raise DeadEnd


def _item(part: SchemaDict, index: int) -> list[Json]:
    items = part.get("items")
    if isinstance(items, list):
        if index < len(items):
            return [items[index]]
        return [part["additionalItems"]] if "additionalItems" in part else []
    return [] if items is None else [items]
