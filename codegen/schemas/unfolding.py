"""What a schema, or its opposite, asks of a value of one type: plain demands, and choices between demands.

A demand is a tuple that begins with its kind. `("is", key, expected)` is a schema that must accept (or refuse); the
others are made of one keyword each, so that the opposite of a keyword is a demand too:

    number  low, high (bound, strict); multiple (of, expected)
    string  least, most; pattern (source, expected); format (name, expected)
    array   least, most; items and has (from, before, literal); unique (expected)
    object  least, most; every and some (names, literal); names and name (literal)
    scalars other (text of a value that it must not be)
    all     among (texts of values, one of which it must be)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from codegen.contract import Json
from codegen.schemas.apart import are_apart
from codegen.schemas.forms import Form, Key, World, text_of
from codegen.schemas.holding import exact, type_of

Literal: TypeAlias = tuple[Key, bool]
"""A schema, and whether it must accept or refuse."""
Demand: TypeAlias = tuple[Any, ...]
Names: TypeAlias = tuple[Any, ...]
"""Names of properties: `("name", text)`, `("pattern", source)`, `("besides", names, patterns)`, `("fits", literal)`."""
ANYTHING: Literal = ("{}", True)
IMPOSSIBLE: Literal = ("{}", False)
SCALARS = frozenset({"string", "number", "boolean", "null"})

_LEAST = {"minLength": "string", "minItems": "array", "minProperties": "object"}
_MOST = {"maxLength": "string", "maxItems": "array", "maxProperties": "object"}
_OWNERS = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), "string"),
    **dict.fromkeys(("minItems", "maxItems", "items", "additionalItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(
        (
            *("minProperties", "maxProperties", "properties", "patternProperties", "additionalProperties"),
            *("required", "propertyNames", "dependencies"),
        ),
        "object",
    ),
}
_BOUNDS = {
    "minimum": (("low", False), ("high", True)),
    "exclusiveMinimum": (("low", True), ("high", False)),
    "maximum": (("high", False), ("low", True)),
    "exclusiveMaximum": (("high", True), ("low", False)),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Demands one of whose lists must be met, and the literal that they come from."""

    source: Literal
    options: tuple[tuple[Demand, ...], ...]


class Unfolding:
    """Unfolds the forms of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._apart: dict[Key, bool] = {}
        self._known: dict[tuple[Literal, str], tuple[list[Demand], list[Choice]] | None] = {}

    def literal(self, form: Form, *, expected: bool = True) -> Literal:
        """A form as a literal."""
        return self._world.intern(form), expected

    def unfolded(self, literal: Literal, kind: str) -> tuple[list[Demand], list[Choice]] | None:
        """What a literal asks of a value of one type; None: no such value can meet it."""
        if (literal, kind) not in self._known:
            self._known[literal, kind] = self._unfolded(literal, kind)
        return self._known[literal, kind]

    def _unfolded(self, literal: Literal, kind: str) -> tuple[list[Demand], list[Choice]] | None:
        form = self._world.forms[literal[0]]
        if literal[1]:
            return self._accepting(form, kind)
        options = None if form == {} else self._refusals(form, kind)
        if options is None:
            return None
        if () in options:
            return [], []
        if len(options) == 1:
            return list(options[0]), []
        return [], [Choice(literal, options)]

    def _is(self, form: Form, *, expected: bool = True) -> Demand:
        return ("is", *self.literal(form, expected=expected))

    def _accepting(  # noqa: PLR0912 - a table
        self, form: Form, kind: str
    ) -> tuple[list[Demand], list[Choice]] | None:
        if form is False:
            return None
        demands: list[Demand] = []
        choices: list[Choice] = []
        for key, value in form.items():
            if _OWNERS.get(key, kind) != kind:
                continue
            match key:
                case "$ref":
                    demands.append(self._is(self._world.definitions[value]))
                case "type":
                    if kind not in value:
                        if kind != "number" or "integer" not in value:
                            return None
                        demands.append(("multiple", exact(1), True))
                case "enum":
                    demands.append(("among", tuple(text_of(each) for each in value if type_of(each) == kind)))
                case "allOf":
                    demands += [self._is(part) for part in value]
                case "not":
                    demands.append(self._is(value, expected=False))
                case "then" | "else":
                    pass
                case "anyOf" | "oneOf" | "if" | "dependencies":
                    choices += self._choices(key, form)
                case _:
                    demands += self._asked(key, form)
        return demands, choices

    def _choices(self, key: str, form: Form) -> Iterator[Choice]:
        value = form[key]
        if key == "dependencies":
            for name, part in value.items():
                absent = (("every", ("name", name), IMPOSSIBLE),)
                then = _required(part) if isinstance(part, list) else (self._is(part),)
                yield Choice(self.literal({key: {name: part}}), (absent, then))
            return
        options: list[tuple[Demand, ...]]
        if key == "anyOf" or (key == "oneOf" and self._are_apart(value)):
            options = [(self._is(part),) for part in value]
        elif key == "oneOf":
            options = [
                tuple(self._is(part, expected=index == chosen) for index, part in enumerate(value))
                for chosen in range(len(value))
            ]
        else:
            options = [
                (self._is(value), self._is(form.get("then", {}))),
                (self._is(value, expected=False), self._is(form.get("else", {}))),
            ]
        source = {
            each: form[each] for each in ((key, "then", "else") if key == "if" else (key,)) if each in form
        }
        yield Choice(self.literal(source), tuple(options))

    def _asked(self, key: str, form: Form) -> Iterator[Demand]:  # noqa: PLR0912 - a table
        value = form[key]
        match key:
            case _ if key in _BOUNDS:
                name, strict = _BOUNDS[key][0]
                yield name, exact(value), strict
            case "multipleOf":
                yield "multiple", exact(value), True
            case _ if key in _LEAST:
                yield "least", value
            case _ if key in _MOST:
                yield "most", value
            case "pattern" | "format":
                yield key, value, True
            case "items" if isinstance(value, list):
                yield from (("items", at, at + 1, self.literal(part)) for at, part in enumerate(value))
            case "items":
                yield "items", 0, None, self.literal(value)
            case "additionalItems":
                yield "items", len(form["items"]), None, self.literal(value)
            case "contains":
                yield "has", 0, None, self.literal(value)
            case "uniqueItems":
                yield "unique", True
            case "properties":
                yield from (("every", ("name", name), self.literal(part)) for name, part in value.items())
            case "patternProperties":
                yield from (("every", ("pattern", name), self.literal(part)) for name, part in value.items())
            case "additionalProperties":
                yield "every", _others(form), self.literal(value)
            case "required":
                yield from _required(value)
            case "propertyNames":
                yield "names", self.literal(value)

    def _refusals(self, form: Form, kind: str) -> tuple[tuple[Demand, ...], ...] | None:
        """The ways not to be what a form describes; None where there are none, `()` among them where any value is."""
        if form is False:
            return ((),)
        options: list[tuple[Demand, ...]] = []
        for key in form:
            if _OWNERS.get(key, kind) == kind:
                options += self._refusing(key, form, kind)
        return tuple(options) or None

    def _refusing(self, key: str, form: Form, kind: str) -> Iterator[tuple[Demand, ...]]:  # noqa: PLR0912
        value = form[key]
        match key:
            case "$ref":
                yield (self._is(self._world.definitions[value], expected=False),)
            case "type":
                if kind == "number" and "integer" in value:
                    yield (("multiple", exact(1), False),)
                elif kind not in value:
                    yield ()
            case "enum":
                yield self._unlike([each for each in value if type_of(each) == kind])
            case "allOf":
                yield from ((self._is(part, expected=False),) for part in value)
            case "anyOf":
                yield tuple(self._is(part, expected=False) for part in value)
            case "oneOf":
                yield tuple(self._is(part, expected=False) for part in value)
                for at, first in enumerate([] if self._are_apart(value) else value):
                    for second in value[at + 1 :]:
                        yield self._is(first), self._is(second)
            case "not":
                yield (self._is(value),)
            case "if":
                if "then" in form:
                    yield self._is(value), self._is(form["then"], expected=False)
                if "else" in form:
                    yield self._is(value, expected=False), self._is(form["else"], expected=False)
            case "then" | "else":
                pass
            case "required":
                yield from ((("every", ("name", name), IMPOSSIBLE),) for name in value)
            case "dependencies":
                for name, part in value.items():
                    if isinstance(part, list):
                        for other in part:
                            yield *_required([name]), ("every", ("name", other), IMPOSSIBLE)
                    else:
                        yield *_required([name]), self._is(part, expected=False)
            case _:
                yield from ((_opposite(key, demand),) for demand in self._asked(key, form))

    def _are_apart(self, arms: list[Form]) -> bool:
        key = text_of(arms)
        if key not in self._apart:
            self._apart[key] = are_apart(arms, self._world.definitions)
        return self._apart[key]

    def _unlike(self, values: list[Json]) -> tuple[Demand, ...]:
        return tuple(
            ("other", text_of(value))
            if type_of(value) in SCALARS
            else self._is(structure(value), expected=False)
            for value in values
        )


def structure(value: Json) -> Form:
    """The form of a list or a mapping that accepts it alone."""
    if isinstance(value, list):
        items = {"items": [{"enum": [item]} for item in value]} if value else {}
        return {"type": ["array"], "minItems": len(value), "maxItems": len(value), **items}
    assert isinstance(value, dict)
    return {
        "type": ["object"],
        "required": sorted(value),
        "properties": {name: {"enum": [member]} for name, member in value.items()},
        "additionalProperties": False,
    }


def value_of(text: str) -> Json:
    """The value that a text of `text_of` tells."""
    value: Json = json.loads(text)
    return value


def _required(names: list[str]) -> tuple[Demand, ...]:
    return tuple(("some", ("name", name), ANYTHING) for name in names)


def _others(form: Form) -> Names:
    return (
        "besides",
        tuple(sorted(form.get("properties", ()))),
        tuple(sorted(form.get("patternProperties", ()))),
    )


def _opposite(key: str, demand: Demand) -> Demand:  # noqa: PLR0911 - a table
    match demand:
        case "low" | "high", bound, _:
            name, strict = _BOUNDS[key][1]
            return name, bound, strict
        case "multiple" | "pattern" | "format" as kind, value, True:
            return kind, value, False
        case "least", count:
            return "most", count - 1
        case "most", count:
            return "least", count + 1
        case "items", start, end, (part, expected):
            return "has", start, end, (part, not expected)
        case "has", start, end, (part, expected):
            return "items", start, end, (part, not expected)
        case "unique", expected:
            return "unique", not expected
        case "every", names, (part, expected):
            return "some", names, (part, not expected)
        case "names", (part, expected):
            return "name", (part, not expected)
    raise AssertionError(demand)
