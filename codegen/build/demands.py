"""What schemas demand beyond the shape that a type has: kept beside the shape, as `x-conforms`.

An `x-conforms` is a JSON Schema in the document's own words, whose `$ref`s lead to `Contract.definitions`. A value is
accepted where it has the shape and conforms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from codegen.build.context import Context
from codegen.build.parts import Part, Parts, keywords
from codegen.contract import Json
from codegen.load import DATA
from codegen.patterns import compiled, usable
from codegen.written import copied, define

CONFORMS = "x-conforms"

NAMED = ("properties", "patternProperties", "dependencies")
"""Keywords under which schemas stand by name."""
_PREFIX = "#/definitions/"
_OF_ANY = ("not", "if", "then", "else")
_OF_OBJECTS = ("minProperties", "maxProperties", "propertyNames", "dependencies")
_OF_ARRAYS = ("uniqueItems", "contains")
_EXTRAS = ("properties", "patternProperties", "additionalProperties")


def conforming(schema: dict[str, Json], demands: Iterable[dict[str, Json]]) -> dict[str, Json]:
    """The schema with these demands added to those it has."""
    before = schema.get(CONFORMS)
    several = [before] if isinstance(before, dict) else []
    several += [demand for demand in demands if demand and demand not in several]
    if not several:
        return schema
    keys = [key for demand in several for key in demand]
    if len(keys) == len(set(keys)) and not _meet(several):
        whole = {key: value for demand in several for key, value in demand.items()}
    else:
        whole = {"allOf": list[Json](several)}
    return {**schema, CONFORMS: whole}


def _meet(demands: list[dict[str, Json]]) -> bool:
    """Whether keywords of several schemas would mean something else in one."""
    return any(
        sum(any(key in demand for key in group) for demand in demands) > 1
        for group in (("items", "additionalItems"), _EXTRAS, ("if", "then", "else"))
    )


def demanded(context: Context, part: Part, names: Iterable[str]) -> dict[str, Json]:
    """These keywords of a part as they were written; nothing where Python cannot match what they hold."""
    copy = copied(context.document, part.at, context.definition_names, tuple(names))
    define(context.document, context.definition_names, context.definitions)
    if not isinstance(copy, dict):
        return {}
    if matchable([copy, *_referred(context, copy)]):
        return copy
    for name in copy:
        text = f"`{name}` is not enforced by the models: it holds a pattern that Python cannot match"
        context.unenforced[part.at.child(name)] = text
    return {}


def _referred(context: Context, schema: Json) -> list[Json]:
    """All definitions that a schema leads to."""
    found: dict[str, Json] = {}
    waiting = [schema]
    while waiting:
        for name in references(waiting.pop()):
            if name not in found:
                found[name] = context.definitions[name]
                waiting.append(found[name])
    return list(found.values())


def references(schema: Json, *, named: bool = False) -> Iterator[str]:
    """The names of the definitions that a schema refers to."""
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if not named and key == "$ref" and isinstance(value, str):
                yield value.removeprefix(_PREFIX)
            elif named or key not in DATA:
                yield from references(value, named=not named and key in NAMED)


def matchable(schema: Json, *, named: bool = False) -> bool:
    """Whether Python can match every pattern in a schema."""
    if isinstance(schema, list):
        return all(map(matchable, schema))
    if not isinstance(schema, dict):
        return True
    for key, value in schema.items():
        if not named and key in DATA:
            continue
        if not named and key == "pattern" and isinstance(value, str) and compiled(value) is None:
            return False
        if (
            not named
            and key == "patternProperties"
            and isinstance(value, dict)
            and None in map(compiled, value)
        ):
            return False
        if not matchable(value, named=not named and key in NAMED):
            return False
    return True


def take_general(context: Context, flat: Parts) -> tuple[Parts, list[dict[str, Json]]]:
    """The parts without what is demanded of values of every type, and those demands."""
    demands: list[dict[str, Json]] = []
    rest: list[Part] = []
    for part in flat:
        value = keywords(context, part)
        if "not" in value:
            demands.append(demanded(context, part, ("not",)))
        if "if" in value and ("then" in value or "else" in value):
            demands.append(demanded(context, part, ("if", "then", "else")))
        rest.append(part.without(*_OF_ANY) if any(key in value for key in _OF_ANY) else part)
    return tuple(rest), demands


def of_kind(context: Context, flat: Parts, kind: str, merged: Mapping[str, Json]) -> list[dict[str, Json]]:
    """What the parts demand of values of one type that the merged schema does not say."""
    match kind:
        case "object":
            return [*_plain(context, flat, _OF_OBJECTS), *_extras(context, flat, merged)]
        case "array":
            return [*_plain(context, flat, _OF_ARRAYS), *_tuples(context, flat, merged)]
        case "number" | "integer":
            return _multiples(context, flat, merged, kind)
        case "string":
            return _patterns(context, flat, merged)
    return []


def _plain(context: Context, flat: Parts, names: tuple[str, ...]) -> list[dict[str, Json]]:
    found = []
    for part in flat:
        value = keywords(context, part)
        for name in names:
            if name in value and not _says_nothing(name, value[name]):
                found.append(demanded(context, part, (name,)))
    return found


def _says_nothing(name: str, value: Json) -> bool:
    match name:
        case "minProperties":
            return value == 0
        case "uniqueItems":
            return value is not True
        case "propertyNames":
            return value is True or value == {}
        case "dependencies":
            return value == {}
    return False


def _extras(context: Context, flat: Parts, merged: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Where a part closes an object, or has patterns: the three keywords speak of that part's own properties."""
    properties = merged.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    found = []
    for part in flat:
        value = keywords(context, part)
        own, extra = value.get("properties"), value.get("additionalProperties")
        known = list(own) if isinstance(own, dict) else []
        closes = extra is False or (isinstance(extra, dict) and extra != {})
        patterns = value.get("patternProperties")
        if (isinstance(patterns, dict) and patterns and not one_pattern(context, flat, names)) or (
            closes and not patterns and (not names <= set(known) or merged.get("patternProperties"))
        ):
            demand = demanded(context, part, ("patternProperties", "additionalProperties"))
            if known:
                demand = {"properties": {name: {} for name in known}, **demand}
            found.append(demand)
    return found


def one_pattern(context: Context, flat: Parts, names: set[str]) -> bool:
    """Whether an object is a mapping whose keys all match one pattern: a type can say that."""
    values = [keywords(context, part) for part in flat]
    patterns = [value["patternProperties"] for value in values if value.get("patternProperties")]
    closed = [value for value in values if value.get("additionalProperties", True) not in (True, {})]
    return (
        not names
        and len(patterns) == 1
        and isinstance(patterns[0], dict)
        and len(patterns[0]) == 1
        and all(map(usable, patterns[0]))
        and len(closed) == 1
        and closed[0]["additionalProperties"] is False
        and closed[0].get("patternProperties") == patterns[0]
    )


def _tuples(context: Context, flat: Parts, merged: Mapping[str, Json]) -> list[dict[str, Json]]:
    if is_fixed(merged):
        return []
    return [
        demanded(context, part, ("items", "additionalItems"))
        for part in flat
        if isinstance(keywords(context, part).get("items"), list)
    ]


def is_fixed(schema: Mapping[str, Json]) -> bool:
    """Whether a list has always as many items as are told one by one."""
    prefix = schema.get("prefixItems")
    if not isinstance(prefix, list):
        return False
    most = schema.get("maxItems")
    if schema.get("items") is False and not (isinstance(most, int) and most < len(prefix)):
        most = len(prefix)
    return len(prefix) > 0 and schema.get("minItems") == most == len(prefix)


def _multiples(context: Context, flat: Parts, merged: Mapping[str, Json], kind: str) -> list[dict[str, Json]]:
    """Pydantic's own check is right for integers, and not quite for what has a fraction."""
    said = (
        merged.get("multipleOf") if kind == "integer" and isinstance(merged.get("multipleOf"), int) else None
    )
    return [
        demanded(context, part, ("multipleOf",))
        for part in flat
        if keywords(context, part).get("multipleOf", said) != said
    ]


def _patterns(context: Context, flat: Parts, merged: Mapping[str, Json]) -> list[dict[str, Json]]:
    """A type has one pattern; the others are demanded beside it."""
    said = merged.get("pattern")
    found: list[dict[str, Json]] = []
    if merged.get("format") == "decimal":
        found.append({"type": "string"})  # Pydantic takes numbers as well
    for part in flat:
        pattern = keywords(context, part).get("pattern", said)
        if pattern != said:
            found.append(demanded(context, part, ("pattern",)))
        elif isinstance(pattern, str) and "pattern" in keywords(context, part) and not usable(pattern):
            text = "`pattern` is not enforced by the models: Python cannot match it"
            context.unenforced[part.at.child("pattern")] = text
    return found
