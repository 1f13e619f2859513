"""What may break a keyword of a schema: for each keyword several values, of which some break nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor
from typing import cast

from codegen.contract import Json, SchemaDict
from codegen.patterns import compiled
from codegen.verify.filling import free_name, several
from codegen.verify.strategies import ABSENT, resolved, simple
from codegen.written import Judge

OF_EACH_TYPE: tuple[Json, ...] = (None, True, 1.5, 7, "text", {}, [])
_LONGEST_TEXT = 1_000_000
_LONGEST_LIST = 100_000
_MOST_NAMES = 1000
_MOST_DIFFERENT = 50
"""Items that differ from each other in a list that is too long."""
_ODD = ("!", "A", "z", "0", "é", "-", " ", "\n")


@dataclass(frozen=True, slots=True)
class Damage:
    """A value to put in another's place."""

    keyword: str
    value: Json
    how: str
    """With `{}` for what the place is called, and `{in}` for where it is."""


def candidates(plain: SchemaDict, value: Json, definitions: SchemaDict, judge: Judge) -> Iterator[Damage]:
    """Values that may break a keyword of one part of a schema, made of one that does not; to be judged."""
    yield from _of_choices(plain, value, definitions)
    match value:
        case str():
            yield from _of_texts(plain, value)
        case bool() | None:
            pass
        case int() | float():
            yield from _of_numbers(plain, value)
        case dict():
            yield from _of_objects(plain, value, definitions, judge)
        case list():
            yield from _of_arrays(plain, value, definitions, judge)


def _of_choices(plain: SchemaDict, value: Json, definitions: SchemaDict) -> Iterator[Damage]:
    for keyword in ("enum", "const"):
        if keyword in plain:
            for other in _others(value):
                yield Damage(keyword, other, "{} is " + json.dumps(other))
    forbidden = plain.get("not")
    if forbidden is not None:
        for schema in ({"allOf": [forbidden, _less(plain, "not", "definitions")]}, {"allOf": [forbidden]}):
            made = simple(cast("SchemaDict", schema), definitions)
            if made is not ABSENT:
                yield Damage("not", cast("Json", made), "{} is " + _brief(made) + ", which is ruled out")
    arms = plain.get("oneOf")
    for index, arm in enumerate(arms if isinstance(arms, list) else []):
        for other in islice(cast("list[Json]", arms), index + 1, None):
            made = simple({"allOf": [arm, other, _less(plain, "oneOf", "definitions")]}, definitions)
            if made is not ABSENT:
                yield Damage("oneOf", cast("Json", made), "{} is " + _brief(made) + ", of two kinds at once")


def _others(value: Json) -> list[Json]:
    """Values of the same type that are probably no member of an enumeration."""
    match value:
        case bool():
            return [not value]
        case str():
            return [value + "x", value.swapcase(), ""]
        case int() | float():
            return [value + 1, -value - 1, 10**9]
        case list():
            return [[*value, *value, None], value[:-1], []]
        case dict():
            return [{**value, "surprise": None}, {}]
        case _:
            return [None, "other"]


def _of_texts(plain: SchemaDict, value: str) -> Iterator[Damage]:
    least, most, pattern = plain.get("minLength"), plain.get("maxLength"), plain.get("pattern")
    if isinstance(least, int) and least > 0:
        yield Damage("minLength", value[: least - 1], f"{{}} is shorter than {least}")
    if isinstance(most, int) and most < _LONGEST_TEXT:
        for longer in (value + value[-1:] * (most + 1), (value or "a") * (most + 1)):
            yield Damage("maxLength", longer[: most + 1], f"{{}} is longer than {most}")
    if isinstance(pattern, str) and (expression := compiled(pattern)) is not None:
        texts = ["", " ", value + " ", value + "\n", "é", "!", "\x00", "a" * 300]
        texts += [odd + value[1:] for odd in _ODD] + [value[:-1] + odd for odd in _ODD]
        wrong = [text for text in dict.fromkeys(texts) if not expression.search(text)]
        for text in wrong[:12]:
            yield Damage("pattern", text, "{} is " + json.dumps(text[:20]) + f", not as {pattern}")


def _of_numbers(plain: SchemaDict, value: float) -> Iterator[Damage]:
    multiple = plain.get("multipleOf")
    step: float = multiple if _is_number(multiple) else 1  # type: ignore[assignment]
    for keyword, sign in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", -1), ("exclusiveMaximum", 1)):
        bound = plain.get(keyword)
        if not _is_number(bound):
            continue
        limit = cast("float", bound)
        near = (floor if sign < 0 else ceil)(limit / step) * step
        tried = {} if keyword in {"minimum", "maximum"} else {limit: None, near: None}
        for beyond in {**tried, limit + sign: None, near: None, near + sign * step: None}:
            yield Damage(keyword, beyond, f"{{}} is {beyond:g}, beyond {keyword} {limit:g}")
    if _is_number(multiple):
        for other in (step * 1.5, value + step / 2, value + 1, value - 1):
            yield Damage("multipleOf", other, f"{{}} is {other:g}, no multiple of {step:g}")


def _of_objects(
    plain: SchemaDict, value: dict[str, Json], definitions: SchemaDict, judge: Judge
) -> Iterator[Damage]:
    names = plain.get("required")
    required = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    spare = [name for name in value if name not in required]
    extra = free_name(plain, value, judge)
    for name in required:
        yield Damage("required", _less(value, name), f"`{name}` left out{{in}}")
        if extra is not None:  # where there must be so many
            yield Damage("required", {**_less(value, name), extra: 1}, f"`{name}` left out for another{{in}}")
    dependencies = plain.get("dependencies")
    for name, needs in dependencies.items() if isinstance(dependencies, Mapping) else ():
        for need in needs if isinstance(needs, list) and name in value else []:
            told = f"`{need}` left out{{in}}, which `{name}` needs"
            yield Damage("dependencies", _less(value, str(need)), told)
    yield from _of_names(plain, value, spare, extra, judge)
    least = plain.get("minProperties")
    if isinstance(least, int) and least > 0:
        few = {name: value[name] for name in [*required, *spare][: least - 1] if name in value}
        yield Damage("minProperties", few, f"fewer than {least} properties{{in}}")
        yield Damage("minProperties", {}, "no property{in}")
    most = plain.get("maxProperties")
    for one in _extras(plain, definitions) if isinstance(most, int) and most < _MOST_NAMES else []:
        many = dict(value)
        for number in range(cast("int", most) + 1):
            if len(many) <= cast("int", most):
                many[free_name(plain, many, judge) or f"k{number}"] = one
        yield Damage("maxProperties", many, f"more than {most} properties{{in}}")


def _of_names(
    plain: SchemaDict, value: dict[str, Json], spare: list[str], extra: str | None, judge: Judge
) -> Iterator[Damage]:
    """Properties that there may not be, beside the others or in place of one that need not be there."""
    more: list[tuple[str, str, Json]] = []
    if ("additionalProperties" in plain or "patternProperties" in plain) and extra is not None:
        surprises: tuple[Json, ...] = (None, [], {"surprise": 1})
        more += [("additionalProperties", extra, one) for one in surprises]
    odd = free_name(plain, value, judge, fitting=False) if "propertyNames" in plain else None
    if odd is not None:
        more += [
            ("propertyNames", odd, one)
            for one in _extras(plain, cast("SchemaDict", judge.schema.get("definitions", {})))
        ]
    for keyword, name, one in more:
        for whole in (value, _less(value, *spare[:1])):
            told = f"`{name[:20]}` added{{in}}"
            yield Damage(keyword, {**whole, name: one}, told)


def _extras(plain: SchemaDict, definitions: SchemaDict) -> list[Json]:
    """What a property may be of which the schema says nothing by name."""
    others = plain.get("additionalProperties", True)
    return [1, *(several(others, definitions, 1) if others is not False else [])]


def _of_arrays(
    plain: SchemaDict, value: list[Json], definitions: SchemaDict, judge: Judge
) -> Iterator[Damage]:
    yield from _of_lengths(plain, value, definitions)
    items = plain.get("items")
    if plain.get("uniqueItems") is True and value:
        for twice in ([*value, value[0]], [*value[:-1], value[0]], [value[0], value[0]]):
            yield Damage("uniqueItems", twice, "{} has an item twice")
    if "contains" in plain:
        wanted = judge.part(resolved(plain["contains"], definitions))
        made = several(items, definitions, 4) if isinstance(items, Mapping) else []
        without = [one for one in (*value, *made, *OF_EACH_TYPE) if not wanted.accepts(one)]
        for few in ([], without[: max(1, len(value))], without[:1]):
            yield Damage("contains", few, "{} has nothing that it must contain")
    if isinstance(items, Mapping):
        for other in OF_EACH_TYPE:
            for longer in ([*value, other], [*value[:-1], other]):
                yield Damage("items", longer, "{} ends with " + json.dumps(other))
    elif isinstance(items, list) and "additionalItems" in plain:
        for other in OF_EACH_TYPE:
            yield Damage("additionalItems", [*value, other], "{} goes on with " + json.dumps(other))


def _of_lengths(plain: SchemaDict, value: list[Json], definitions: SchemaDict) -> Iterator[Damage]:
    least, most, items = plain.get("minItems"), plain.get("maxItems"), plain.get("items")
    if isinstance(least, int) and least > 0:
        yield Damage("minItems", value[: least - 1], f"{{}} has fewer than {least} items")
    if not isinstance(most, int) or most >= _LONGEST_LIST:
        return
    longer: list[list[Json]] = [(value or [cast("Json", 1)]) * (most + 1)]
    if most < _MOST_DIFFERENT and plain.get("uniqueItems") is True:
        made = several(items, definitions, most + 2) if isinstance(items, Mapping) else []
        longer.append([*value, *(one for one in made if one not in value)])
        longer.append([*value, *(f"{number}" for number in range(most + 1))])
    for many in longer:
        yield Damage("maxItems", many[: most + 1], f"{{}} has more than {most} items")


def _less(value: Mapping[str, Json], *names: str) -> dict[str, Json]:
    return {key: member for key, member in value.items() if key not in names}


def _brief(value: object) -> str:
    return json.dumps(value)[:40]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
