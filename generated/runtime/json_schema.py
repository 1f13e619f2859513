"""JSON Schema, draft 7: whether a JSON value is what a schema describes, formats left aside.

Patterns are Python's: whoever writes a schema for here translates them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, cast

from .codec import Json

Schema: TypeAlias = Mapping[str, object]
"""A JSON Schema, in which a `$ref` is `#/definitions/` and a name."""

Check: TypeAlias = Callable[[Json], str | None]
"""Says what is wrong with a value; None where nothing is."""

_PREFIX = "#/definitions/"


def reader(schema: Schema, definitions: Mapping[str, object]) -> Check:
    """The check that a schema demands."""
    return _Reader(definitions).check(schema)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes checks of schemas; what a `$ref` leads to is read when a value needs it, for it may lead back."""

    definitions: Mapping[str, object]

    def check(self, schema: object) -> Check:
        """The check that a schema demands."""
        if isinstance(schema, bool):
            return _accept if schema else _reject
        if not isinstance(schema, Mapping):
            raise TypeError(f"{schema!r} is no schema")
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._reference(reference.removeprefix(_PREFIX))
        checks = [
            made
            for keyword, demanded in schema.items()
            if (maker := _KEYWORDS.get(keyword)) is not None
            and (made := maker(self, demanded, schema)) is not None
        ]
        return checks[0] if len(checks) == 1 else _all(checks)

    def checks(self, schemas: object) -> list[Check]:
        """The checks of a list of schemas."""
        return [self.check(schema) for schema in cast("Sequence[object]", schemas)]

    def named(self, schemas: object) -> dict[str, Check]:
        """The checks of schemas by name."""
        return {name: self.check(schema) for name, schema in cast("Mapping[str, object]", schemas).items()}

    def _reference(self, name: str) -> Check:
        made: list[Check] = []

        def check(value: Json) -> str | None:
            if not made:
                made.append(self.check(self.definitions[name]))
            return made[0](value)

        return check


def _accept(value: Json) -> str | None:
    return None


def _reject(value: Json) -> str | None:
    return "should not be there"


def _all(checks: Sequence[Check]) -> Check:
    def check(value: Json) -> str | None:
        for one in checks:
            fault = one(value)
            if fault is not None:
                return fault
        return None

    return check


# -- keywords


def _type(reader: _Reader, demanded: object, schema: Schema) -> Check:
    kinds = [demanded] if isinstance(demanded, str) else list(cast("Sequence[str]", demanded))
    expected = " or ".join(map(str, kinds))

    def check(value: Json) -> str | None:
        kind = _kind(value)
        if kind in kinds or (kind == "integer" and "number" in kinds):
            return None
        return f"should be of type {expected}"

    return check


def _kind(value: Json) -> str:
    """The JSON type of a value; of a whole number `integer`, however it is written."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _key(value: Json) -> object:
    """What is equal for equal JSON values, and for no others: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *map(_key, value))
    if isinstance(value, dict):
        return ("object", frozenset((name, _key(item)) for name, item in value.items()))
    return value


def _const(reader: _Reader, demanded: object, schema: Schema) -> Check:
    return _enum(reader, [demanded], schema)


def _enum(reader: _Reader, demanded: object, schema: Schema) -> Check:
    allowed = {_key(item) for item in cast("Sequence[Json]", demanded)}

    def check(value: Json) -> str | None:
        return None if _key(value) in allowed else "should be one of the values that are listed"

    return check


def _number(fits: Callable[[float, float], bool], text: str) -> _Maker:
    def make(reader: _Reader, demanded: object, schema: Schema) -> Check:
        limit = cast("float", demanded)

        def check(value: Json) -> str | None:
            if isinstance(value, int | float) and not isinstance(value, bool) and not fits(value, limit):
                return f"should be {text} {limit}"
            return None

        return check

    return make


def _is_multiple(value: float, of: float) -> bool:
    """Whether it is one in decimal, as both are written, not in what is left of them in binary."""
    try:
        return Fraction(str(value)) % Fraction(str(of)) == 0
    except ValueError:  # infinite
        return False


def _size(kind: type, fits: Callable[[int, int], bool], text: str) -> _Maker:
    def make(reader: _Reader, demanded: object, schema: Schema) -> Check:
        limit = int(cast("float", demanded))

        def check(value: Json) -> str | None:
            if isinstance(value, kind) and not fits(len(cast("str", value)), limit):
                return f"should have {text.format(limit)}"
            return None

        return check

    return make


def _pattern(reader: _Reader, demanded: object, schema: Schema) -> Check:
    search = re.compile(str(demanded)).search

    def check(value: Json) -> str | None:
        return f"should match {demanded!r}" if isinstance(value, str) and not search(value) else None

    return check


def _items(reader: _Reader, demanded: object, schema: Schema) -> Check:
    listed = isinstance(demanded, list)
    first = reader.checks(demanded) if listed else []
    rest = reader.check(schema.get("additionalItems", True) if listed else demanded)

    def check(value: Json) -> str | None:
        if isinstance(value, list):
            for index, item in enumerate(value):
                fault = (first[index] if index < len(first) else rest)(item)
                if fault is not None:
                    return f"at {index} {fault}"
        return None

    return check


def _contains(reader: _Reader, demanded: object, schema: Schema) -> Check:
    fault = reader.check(demanded)

    def check(value: Json) -> str | None:
        if isinstance(value, list) and all(fault(item) is not None for item in value):
            return "should contain an item of the kind that its schema describes"
        return None

    return check


def _unique(reader: _Reader, demanded: object, schema: Schema) -> Check | None:
    def check(value: Json) -> str | None:
        if isinstance(value, list) and len(set(map(_key, value))) < len(value):
            return "should have no item twice"
        return None

    return check if demanded is True else None


def _required(reader: _Reader, demanded: object, schema: Schema) -> Check:
    names = [str(name) for name in cast("Sequence[object]", demanded)]

    def check(value: Json) -> str | None:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    return f"should have {name!r}"
        return None

    return check


def _properties(reader: _Reader, demanded: object, schema: Schema) -> Check:
    """`properties`, `patternProperties` and `additionalProperties`, which belong together."""
    named = reader.named(schema.get("properties", {}))
    patterns = [
        (re.compile(pattern).search, check)
        for pattern, check in reader.named(schema.get("patternProperties", {})).items()
    ]
    rest = reader.check(schema.get("additionalProperties", True))

    def check(value: Json) -> str | None:
        if not isinstance(value, dict):
            return None
        for name, item in value.items():
            checks = [named[name]] if name in named else []
            checks += [one for search, one in patterns if search(name)]
            for one in checks or (rest,):
                fault = one(item)
                if fault is not None:
                    return f"at {name!r} {fault}"
        return None

    return check


def _unless_before(keyword: str, *others: str) -> _Maker:
    """The same check under each of the keywords that belong together, made once."""

    def make(reader: _Reader, demanded: object, schema: Schema) -> Check | None:
        first = next(other for other in schema if other in (keyword, *others))
        return _properties(reader, demanded, schema) if first == keyword else None

    return make


def _property_names(reader: _Reader, demanded: object, schema: Schema) -> Check:
    inner = reader.check(demanded)

    def check(value: Json) -> str | None:
        if isinstance(value, dict):
            for name in value:
                fault = inner(name)
                if fault is not None:
                    return f"has the property {name!r}, which {fault}"
        return None

    return check


def _dependencies(reader: _Reader, demanded: object, schema: Schema) -> Check:
    checks = {
        name: _required(reader, needed, schema) if isinstance(needed, list) else reader.check(needed)
        for name, needed in cast("Mapping[str, object]", demanded).items()
    }

    def check(value: Json) -> str | None:
        if isinstance(value, dict):
            for name, one in checks.items():
                fault = one(value) if name in value else None
                if fault is not None:
                    return f"has {name!r} and so {fault}"
        return None

    return check


def _all_of(reader: _Reader, demanded: object, schema: Schema) -> Check:
    return _all(reader.checks(demanded))


def _any_of(reader: _Reader, demanded: object, schema: Schema) -> Check:
    arms = reader.checks(demanded)

    def check(value: Json) -> str | None:
        return None if any(arm(value) is None for arm in arms) else "should fit one of several schemas"

    return check


def _one_of(reader: _Reader, demanded: object, schema: Schema) -> Check:
    arms = reader.checks(demanded)

    def check(value: Json) -> str | None:
        fitting = sum(arm(value) is None for arm in arms)
        if fitting == 1:
            return None
        return f"should fit exactly one of {len(arms)} schemas, and fits {fitting or 'none'}"

    return check


def _not(reader: _Reader, demanded: object, schema: Schema) -> Check:
    inner = reader.check(demanded)

    def check(value: Json) -> str | None:
        return "should not be of the kind that its schema rules out" if inner(value) is None else None

    return check


def _if(reader: _Reader, demanded: object, schema: Schema) -> Check:
    condition = reader.check(demanded)
    then, otherwise = reader.check(schema.get("then", True)), reader.check(schema.get("else", True))

    def check(value: Json) -> str | None:
        return then(value) if condition(value) is None else otherwise(value)

    return check


_Maker: TypeAlias = Callable[[_Reader, object, Schema], Check | None]

_KEYWORDS: Mapping[str, _Maker] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "minimum": _number(lambda value, limit: value >= limit, "at least"),
    "maximum": _number(lambda value, limit: value <= limit, "at most"),
    "exclusiveMinimum": _number(lambda value, limit: value > limit, "above"),
    "exclusiveMaximum": _number(lambda value, limit: value < limit, "below"),
    "multipleOf": _number(_is_multiple, "a multiple of"),
    "minLength": _size(str, lambda size, limit: size >= limit, "at least {} characters"),
    "maxLength": _size(str, lambda size, limit: size <= limit, "at most {} characters"),
    "pattern": _pattern,
    "items": _items,
    "minItems": _size(list, lambda size, limit: size >= limit, "at least {} items"),
    "maxItems": _size(list, lambda size, limit: size <= limit, "at most {} items"),
    "uniqueItems": _unique,
    "contains": _contains,
    "required": _required,
    "properties": _unless_before("properties", "patternProperties", "additionalProperties"),
    "patternProperties": _unless_before("patternProperties", "properties", "additionalProperties"),
    "additionalProperties": _unless_before("additionalProperties", "properties", "patternProperties"),
    "minProperties": _size(dict, lambda size, limit: size >= limit, "at least {} properties"),
    "maxProperties": _size(dict, lambda size, limit: size <= limit, "at most {} properties"),
    "propertyNames": _property_names,
    "dependencies": _dependencies,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
