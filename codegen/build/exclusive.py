"""Whether schemas exclude each other, as far as that can be seen: then any one of them is exactly one."""

from __future__ import annotations

from itertools import combinations

from codegen.build.context import Context
from codegen.build.parts import Part, Parts, flatten, keywords, types
from codegen.contract import Json
from codegen.document import Location

_DEEPEST = 4


def exclusive(context: Context, arms: list[Parts]) -> bool:
    """Whether no value can fit two of the arms."""
    flat = [flatten(context, arm) for arm in arms]
    return _told_apart(context, flat) or all(
        disjoint(context, one, other) for one, other in combinations(flat, 2)
    )


def _told_apart(context: Context, arms: list[Parts]) -> bool:
    """Whether all are objects with a property whose values differ: the common case, and there may be many arms."""
    if any(_kinds(context, arm) != {"object"} for arm in arms):
        return False
    for name in _required(context, arms[0]):
        told: set[tuple[str, str]] = set()
        for arm in arms:
            own = _properties(context, arm).get(name)
            choices = None if own is None else _choices(context, flatten(context, own))
            if choices is None or choices & told or name not in _required(context, arm):
                break
            told |= choices
        else:
            return True
    return False


def disjoint(context: Context, one: Parts, other: Parts, depth: int = 0) -> bool:
    """Whether it is plain that no value fits both."""
    one, other = flatten(context, one), flatten(context, other)
    if depth > _DEEPEST:
        return False
    for several, rest in ((one, other), (other, one)):
        for arms in _unions(context, several):
            if all(disjoint(context, arm, rest, depth + 1) for arm in arms):
                return True
    choices = (_choices(context, one), _choices(context, other))
    if choices[0] is not None and choices[1] is not None and not choices[0] & choices[1]:
        return True
    kinds = _kinds(context, one), _kinds(context, other)
    common = kinds[0] & kinds[1]
    if kinds[0] and kinds[1] and not common:
        return True
    return bool(common) and common == {"object"} and _objects(context, one, other, depth)


def _kinds(context: Context, parts: Parts) -> set[str]:
    """The types that are allowed, `integer` told as `number`; empty where any may be."""
    found = set(types(context, parts))
    if not found:
        choices = _choices(context, parts)
        return {kind for kind, _ in choices} if choices is not None else set()
    return {"number" if kind == "integer" else kind for kind in found}


def _choices(context: Context, parts: Parts) -> set[tuple[str, str]] | None:
    """The scalars that are allowed, by type and text; None where they are not told one by one."""
    for part in parts:
        value = keywords(context, part)
        listed = [value["const"]] if "const" in value else value.get("enum")
        if isinstance(listed, list):
            return {_choice(item) for item in listed}
    return None


def _choice(item: Json) -> tuple[str, str]:
    match item:
        case bool():
            return "boolean", str(item)
        case int() | float():
            return "number", str(float(item)) if abs(item) < 2**53 else "large"
        case str():
            return "string", item
        case None:
            return "null", ""
        case list():
            return "array", ""
        case dict():
            return "object", ""


def _unions(context: Context, parts: Parts) -> list[list[Parts]]:
    found: list[list[Parts]] = []
    for part in parts:
        for keyword in ("oneOf", "anyOf"):
            arms = keywords(context, part).get(keyword)
            if isinstance(arms, list) and arms:
                found.append([(Part(part.at.child(keyword, index)),) for index in range(len(arms))])
    return found


def _objects(context: Context, one: Parts, other: Parts, depth: int) -> bool:
    """Whether a property that both must have cannot be the same, or one must have what the other cannot."""
    required = _required(context, one), _required(context, other)
    own = _properties(context, one), _properties(context, other)
    for name in required[0] & required[1]:
        if name in own[0] and name in own[1] and disjoint(context, own[0][name], own[1][name], depth + 1):
            return True
    return any(
        _is_closed(context, closed, name)
        for names, closed in ((required[0], other), (required[1], one))
        for name in names
    )


def _required(context: Context, parts: Parts) -> set[str]:
    return {
        name
        for part in parts
        if isinstance(listed := keywords(context, part).get("required"), list)
        for name in listed
        if isinstance(name, str)
    }


def _properties(context: Context, parts: Parts) -> dict[str, Parts]:
    found: dict[str, list[Location]] = {}
    for part in parts:
        for name, place in context.entries(part.at, "properties"):
            found.setdefault(name, []).append(place)
    return {name: tuple(map(Part, places)) for name, places in found.items()}


def _is_closed(context: Context, parts: Parts, name: str) -> bool:
    """Whether objects cannot have a property of this name."""
    for part in parts:
        value = keywords(context, part)
        own = value.get("properties")
        if (
            value.get("additionalProperties") is False
            and not value.get("patternProperties")
            and not (isinstance(own, dict) and name in own)
        ):
            return True
    return False
