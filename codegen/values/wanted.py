"""What a schema asks for once its choices are made: plain parts that all hold at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import unquote

from codegen.contract import Json, SchemaDict
from codegen.values.equality import same

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_KEYWORDS = {
    "object": (
        "properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties",
        "dependencies", "propertyNames",
    ),
    "array": ("items", "contains", "minItems", "maxItems", "uniqueItems", "additionalItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
_NEVER = 10**6


class DeadEnd(Exception):
    """The choices made so far lead to no value."""


@dataclass(slots=True)
class Wanted:
    """Parts without unions and references, all of which a value has to fit."""

    parts: list[SchemaDict] = field(default_factory=list)
    excluded: list[Json] = field(default_factory=list)
    """Schemas that the value must not fit."""
    preferred: list[Json] = field(default_factory=list)
    """What the document itself gives as examples."""

    def listed(self) -> list[Json] | None:
        """The only values allowed, by `enum` and `const`; None where any are."""
        found: list[Json] | None = None
        for part in self.parts:
            for keyword in ("enum", "const"):
                if keyword not in part:
                    continue
                values = part[keyword] if keyword == "enum" else [part[keyword]]
                if isinstance(values, list):
                    found = [v for v in values if found is None or any(same(v, other) for other in found)]
        return found

    def types(self) -> list[str]:
        """The types allowed; the likeliest alone where no part says."""
        allowed: set[str] | None = None
        for part in self.parts:
            said = part.get("type")
            if said is None:
                continue
            names = {str(name) for name in (said if isinstance(said, list) else [said])}
            if "number" in names:
                names.add("integer")
            allowed = names if allowed is None else allowed & names
        for schema in self.excluded:
            if isinstance(schema, dict) and set(schema) == {"type"}:
                said = schema["type"]
                unwanted = {str(name) for name in (said if isinstance(said, list) else [said])}
                allowed = (set(TYPES) if allowed is None else allowed) - unwanted
                if "number" in unwanted:
                    allowed -= {"integer"}
        if allowed is None:
            return [self._likeliest()]
        if "number" in allowed:
            allowed.discard("integer")
        ordered = [name for name in TYPES if name in allowed]
        likely = self._likeliest()
        return sorted(ordered, key=lambda name: name != likely) if len(ordered) == len(TYPES) else ordered

    def _likeliest(self) -> str:
        for name, keywords in _KEYWORDS.items():
            if any(keyword in part for part in self.parts for keyword in keywords):
                return name
        return "string"

    def bound(self, keyword: str, *, least: bool) -> int | None:
        """The strictest of a count's bounds."""
        values = [
            int(value)
            for part in self.parts
            if isinstance(value := part.get(keyword), int | float) and not isinstance(value, bool)
        ]
        return (max(values) if least else min(values)) if values else None


class Collector:
    """Makes the choices that a schema leaves: unions, conditions."""

    def __init__(self, root: SchemaDict, random: Random) -> None:
        self._root = root
        self._random = random
        self._costs: dict[str, int] | None = None

    def collect(self, schema: Json, *, attempt: int, cheap: bool) -> Wanted:
        """What a schema asks for; another choice at each attempt, the simplest where it has to be `cheap`."""
        wanted = Wanted()
        self._add(schema, wanted, attempt, frozenset(), cheap=cheap)
        return wanted

    def resolve(self, reference: str) -> Json:
        """What a reference leads to; DeadEnd where it leads nowhere."""
        value: Any = self._root
        for key in unquote(reference).lstrip("#").split("/")[1:]:
            name = key.replace("~1", "/").replace("~0", "~")
            try:
                value = value[int(name)] if isinstance(value, list) else value[name]
            except (KeyError, IndexError, TypeError, ValueError):
                raise DeadEnd(reference) from None
        found: Json = value
        return found

    def _add(
        self, schema: Json, wanted: Wanted, attempt: int, within: frozenset[str], *, cheap: bool
    ) -> None:
        if schema is False:
            raise DeadEnd
        if not isinstance(schema, Mapping):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference not in within:
                self._add(self.resolve(reference), wanted, attempt, within | {reference}, cheap=cheap)
            return
        wanted.parts.append(schema)
        wanted.preferred += _examples(schema)
        if "not" in schema:
            wanted.excluded.append(schema["not"])
            if schema["not"] is True or schema["not"] == {}:
                raise DeadEnd
        for inner in _schemas(schema.get("allOf")):
            self._add(inner, wanted, attempt, within, cheap=cheap)
        for keyword in ("anyOf", "oneOf"):
            arms = _schemas(schema.get(keyword))
            if arms:
                chosen = self._choose(arms, attempt, cheap=cheap)
                if keyword == "oneOf":
                    wanted.excluded += [arm for arm in arms if arm is not chosen]
                self._add(chosen, wanted, attempt, within, cheap=cheap)
        if "if" in schema:
            self._condition(schema, wanted, attempt, within, cheap=cheap)

    def _condition(
        self, schema: SchemaDict, wanted: Wanted, attempt: int, within: frozenset[str], *, cheap: bool
    ) -> None:
        if self._random.random() < 0.5:
            self._add(schema["if"], wanted, attempt, within, cheap=cheap)
            self._add(schema.get("then", True), wanted, attempt, within, cheap=cheap)
        else:
            wanted.excluded.append(schema["if"])
            self._add(schema.get("else", True), wanted, attempt, within, cheap=cheap)

    def _choose(self, arms: Sequence[Json], attempt: int, *, cheap: bool) -> Json:
        if cheap:
            ordered = sorted(arms, key=self.cost)
            return ordered[attempt % len(ordered)]
        return arms[(self._random.randrange(len(arms)) if attempt == 0 else attempt) % len(arms)]

    def cost(self, schema: Json) -> int:
        """How deep the flattest value of a schema is: where recursion has to end, the least one is taken."""
        if self._costs is None:
            definitions = self._root.get("definitions")
            named = definitions if isinstance(definitions, dict) else {}
            self._costs = {f"#/definitions/{name}": _NEVER for name in named}
            for _ in range(len(named) + 1):
                before = dict(self._costs)
                for name, inner in named.items():
                    self._costs[f"#/definitions/{name}"] = self._cost(inner)
                if before == self._costs:
                    break
        return self._cost(schema)

    def _cost(self, schema: Json) -> int:
        if not isinstance(schema, Mapping):
            return _NEVER if schema is False else 0
        if "const" in schema or "enum" in schema:
            return 0
        if isinstance(reference := schema.get("$ref"), str):
            return min(_NEVER, (self._costs or {}).get(reference, _NEVER))
        costs = [0, *(self._cost(inner) for inner in _schemas(schema.get("allOf")))]
        for keyword in ("anyOf", "oneOf"):
            if arms := _schemas(schema.get(keyword)):
                costs.append(min(map(self._cost, arms)))
        properties, required = schema.get("properties"), schema.get("required")
        if isinstance(properties, Mapping) and isinstance(required, list):
            costs += [1 + self._cost(properties[name]) for name in required if name in properties]
        least, items = schema.get("minItems"), schema.get("items")
        if isinstance(least, int | float) and least > 0:
            costs += [1 + self._cost(item) for item in (items if isinstance(items, list) else [items])]
        return min(_NEVER, max(costs))


def _schemas(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _examples(schema: SchemaDict) -> list[Json]:
    """What the schema itself offers as values, the plainest way of saying so first."""
    for keyword in ("examples", "x-examples"):
        said = schema.get(keyword)
        if isinstance(said, list) and said:
            return list(said)
    for keyword in ("example", "x-example", "default"):
        if keyword in schema:
            return [schema[keyword]]
    known = schema.get("x-open-enum")
    return list(known) if isinstance(known, list) else []
