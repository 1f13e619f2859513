"""One schema out of several whose demands all hold: what `allOf` means, for everything but unions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from codegen.build.demands import conforming, of_kind
from codegen.build.names import pascal
from codegen.build.parts import Part, Parts, keywords, relevant
from codegen.contract import Json
from codegen.document import Location
from codegen.patterns import compiled
from codegen.written import Judge

if TYPE_CHECKING:
    from codegen.build.context import Context

_PYTHON: dict[str, type] = {
    "array": list,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "string": str,
}
_KEPT = (
    "format",
    "uniqueItems",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
)
_LARGEST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_SMALLEST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LIMITS = (
    *("minLength", "maxLength", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
"""What is demanded of texts and numbers, and can be tried on each of several choices."""


_ROUNDED: dict[str, Callable[[float], int]] = {
    "minimum": math.ceil,
    "maximum": math.floor,
    "exclusiveMinimum": math.floor,
    "exclusiveMaximum": math.ceil,
}


class Use(Protocol):
    """How a schema inside the merged one is told."""

    def use(self, parts: Parts, hint: str) -> dict[str, Json]:
        """The schema as it stands inside another."""
        ...


def merge_keywords(
    context: Context, schemas: Use, flat: Parts, kind: str | None, hint: str
) -> dict[str, Json]:
    """The one schema that says what all parts say; `kind` is the only type they leave, None for any."""
    merged: dict[str, Json] = {} if kind is None else {"type": kind}
    values = [keywords(context, part) for part in flat]
    _choices(values, kind, merged)
    if "not" in merged:
        return merged
    if "const" in merged or "enum" in merged:
        # Those that are beyond the limits are gone; a pattern that nobody can match is left, to be reported.
        flat = tuple(part.without(*_limits(value)) for part, value in zip(flat, values, strict=True))
        values = [keywords(context, part) for part in flat]
    for value in values:
        for key, item in value.items():
            if kind is not None and not relevant(key, kind):
                continue
            if key.startswith("x-") or key in _KEPT or key == "default":
                merged.setdefault(key, item)
            elif key == "pattern" and isinstance(item, str):
                merged.setdefault("pattern", item)
            elif key == "multipleOf":
                merged.setdefault(key, item)
            elif key in _LARGEST or key in _SMALLEST:
                _bound(merged, key, item, value)
    if kind == "integer":
        _whole_bounds(merged)
    if kind == "object":
        _object(context, schemas, flat, hint, merged)
    elif kind == "array":
        _array(context, schemas, flat, hint, merged)
    return merged if kind is None else conforming(merged, of_kind(context, flat, kind, merged))


def _whole_bounds(merged: dict[str, Json]) -> None:
    """Bounds of integers are integers."""
    for key, rounded in _ROUNDED.items():
        limit = merged.get(key)
        if isinstance(limit, float) and math.isfinite(limit):
            merged[key] = rounded(limit)


def _bound(merged: dict[str, Json], key: str, item: Json, beside: dict[str, Json]) -> None:
    if isinstance(item, bool):
        # Draft 4 wrote exclusiveMinimum: true beside minimum.
        limit = beside.get("minimum" if key == "exclusiveMinimum" else "maximum")
        if item and isinstance(limit, int | float):
            merged[key] = limit
        return
    if not isinstance(item, int | float):
        return
    before = merged.get(key)
    if isinstance(before, int | float) and not isinstance(before, bool):
        item = max(before, item) if key in _LARGEST else min(before, item)
    merged[key] = _plain(item)


def _choices(values: list[dict[str, Json]], kind: str | None, merged: dict[str, Json]) -> None:
    choices: list[Json] | None = None
    for value in values:
        enum = value.get("enum")
        listed = [value["const"]] if "const" in value else enum
        if not isinstance(listed, list):
            continue
        if "const" in value and isinstance(enum, list):
            listed = [item for item in listed if any(_equal(item, other) for other in enum)]
        fitting = [_plain(item) for item in listed if _is_a(item, kind)]
        same = (
            []
            if choices is None
            else [item for item in choices if any(_equal(item, other) for other in fitting)]
        )
        choices = fitting if choices is None else same
    if choices is None:
        return
    unique: list[Json] = []
    for item in choices:
        if not any(_equal(item, other) for other in unique):
            unique.append(item)
    limits = [limit for limit in map(_limits, values) if limit]
    if limits:
        unique = list(filter(Judge({"allOf": list[Json](limits)}).accepts, unique))
    if len(unique) == 1:
        merged["const"] = unique[0]
    elif unique:
        merged["enum"] = unique
    else:
        merged.clear()
        merged["not"] = {}
    if unique:
        merged.update(conforming({}, [_beyond_literals(unique, kind)]))


def _limits(value: dict[str, Json]) -> dict[str, Json]:
    """The limits of a schema that can be tried: no draft-4 flags, no patterns beyond Python."""
    return {
        key: item
        for key, item in value.items()
        if key in _LIMITS
        and not isinstance(item, bool)
        and not (key == "pattern" and (not isinstance(item, str) or compiled(item) is None))
    }


def _beyond_literals(choices: list[Json], kind: str | None) -> dict[str, Json]:
    """What `Literal[...]` does not say of these choices: it takes `true` for 1, and knows neither floats nor lists."""
    if any(isinstance(item, float | list | dict) for item in choices):
        return {"enum": choices}
    flags = {item for item in choices if isinstance(item, bool)}
    numbers = {item for item in choices if isinstance(item, int) and not isinstance(item, bool)}
    if {int(flag) for flag in flags} == numbers & {0, 1}:
        return {}
    if kind in ("integer", "number", "boolean"):
        return {"type": kind}
    return {"enum": choices}


def _plain(item: Json) -> Json:
    return int(item) if isinstance(item, float) and item.is_integer() else item


def _equal(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_a(item: Json, kind: str | None) -> bool:
    if kind is None:
        return True
    if kind == "integer":
        return isinstance(_plain(item), int) and not isinstance(item, bool)
    if kind == "number":
        return isinstance(item, int | float) and not isinstance(item, bool)
    return isinstance(item, _PYTHON[kind])


def _object(context: Context, schemas: Use, flat: Parts, hint: str, merged: dict[str, Json]) -> None:
    # What is built upon comes first, what is added to it beside `allOf` after.
    ordered = [part for part in flat if "allOf" not in part.omit]
    ordered += reversed([part for part in flat if "allOf" in part.omit])
    properties = _by_key(context, ordered, "properties")
    patterns = _by_key(context, ordered, "patternProperties")
    required: list[str] = []
    for part in flat:
        listed = keywords(context, part).get("required")
        if isinstance(listed, list):
            required += [name for name in listed if isinstance(name, str) and name not in required]
    for name in required:
        properties.setdefault(name, [])
    if properties:
        merged["properties"] = {
            name: schemas.use(_once(context, parts), hint + (pascal(name) or "Field")) if parts else {}
            for name, parts in properties.items()
        }
    if required:
        merged["required"] = [name for name in properties if name in required]
    if patterns:
        merged["patternProperties"] = {
            name: schemas.use(_once(context, parts), hint + "Value") for name, parts in patterns.items()
        }
    extras = [keywords(context, part).get("additionalProperties") for part in flat]
    described = [
        Part(part.at.child("additionalProperties"))
        for part, extra in zip(flat, extras, strict=True)
        if isinstance(extra, dict)
    ]
    if any(extra is False for extra in extras):
        merged["additionalProperties"] = False
    elif described:
        merged["additionalProperties"] = schemas.use(_once(context, described), hint + "Value")
    elif any(extra is True for extra in extras):
        merged["additionalProperties"] = True


def _by_key(context: Context, parts: list[Part], keyword: str) -> dict[str, list[Part]]:
    """What each key of a mapping of schemas is told, by all parts."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        for name, place in context.entries(part.at, keyword):
            found.setdefault(name, []).append(Part(place))
    return found


def _once(context: Context, parts: list[Part]) -> Parts:
    """The parts, each place once: the same `$ref` on both sides of an `allOf` is one demand."""
    found: dict[Location, Part] = {}
    for part in parts:
        found.setdefault(context.document.follow(part.at), part)
    return tuple(found.values())


def _array(context: Context, schemas: Use, flat: Parts, hint: str, merged: dict[str, Json]) -> None:
    single: list[Part] = []
    tuples = [part for part in flat if isinstance(keywords(context, part).get("items"), list)]
    for part in flat:
        value = keywords(context, part)
        items = value.get("items")
        if isinstance(items, list) and len(tuples) > 1:
            continue  # all that they demand of a list is checked, and no type said
        if isinstance(items, list):
            merged["prefixItems"] = [
                schemas.use((Part(part.at.child("items", index)),), f"{hint}Item{index + 1}")
                for index in range(len(items))
            ]
            rest = value.get("additionalItems")
            if rest is False:
                merged["items"] = False
            elif isinstance(rest, dict):
                merged["items"] = schemas.use((Part(part.at.child("additionalItems")),), hint + "Item")
        elif isinstance(items, dict | bool):
            single.append(Part(part.at.child("items")))
    if single and tuples:
        merged.pop("prefixItems", None)
    if single:
        merged["items"] = schemas.use(_once(context, single), hint + "Item")
