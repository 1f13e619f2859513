"""Whether a value is what a plain form describes: exact on decimals, and with the formats that are known."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import Any

from codegen.contract import Json
from codegen.patterns import compiled
from codegen.schemas.expressions import texts_of
from codegen.schemas.formats import fits
from codegen.schemas.forms import Form, Values, plain, text_of
from codegen.schemas.languages import contains

_SHORT = 2000
"""Characters; of more the sets of what may follow are too many."""

Definitions = dict[str, Form]


def type_of(value: Json) -> str:
    """The JSON type of a value; integers are numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def exact(number: float) -> Fraction:
    """A number as it is written; what YAML has beside JSON's numbers (`.inf`, `.nan`) as one beyond them."""
    if not isinstance(number, float):
        return Fraction(number)
    if not isfinite(number):
        return Fraction(-(10**400) if number < 0 else 10**400)
    return Fraction(repr(number))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern finds a match; one that cannot be tried matches."""
    return _finds(pattern, text) is not False


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern for names of properties takes a name; one that cannot be tried takes none."""
    return _finds(pattern, name) is True


def _finds(pattern: str, text: str) -> bool | None:
    """Whether there is a match; None where that cannot be tried.

    What an engine may take too long for is held against the set of its texts, as long as the text is short.
    """
    found = compiled(pattern)
    if found is None:
        return None
    texts = None if found.is_patient or len(text) > _SHORT else texts_of(pattern)
    if texts is not None:
        try:
            return contains(texts, text)
        except RecursionError:
            pass  # too deep for that; the engine may do
    return found.search(text)


def holds(form: Form, value: Json, definitions: Definitions) -> bool:
    """Whether a form accepts a value."""
    if form is False:
        return False
    return all(_keyword(key, form, value, definitions) for key in form)


def _keyword(key: str, form: Form, value: Json, definitions: Definitions) -> bool:  # noqa: PLR0911, PLR0912
    expected: Any = form[key]

    def accepts(part: Form) -> bool:
        return holds(part, value, definitions)

    match key:
        case "$ref":
            return holds(definitions[expected], value, definitions)
        case "type":
            kind = type_of(value)
            return kind in expected or (
                kind == "number" and "integer" in expected and exact(value).denominator == 1  # type: ignore[arg-type]
            )
        case "enum":
            known = expected.texts if isinstance(expected, Values) else map(text_of, expected)
            return text_of(plain(value)) in known
        case "allOf":
            return all(map(accepts, expected))
        case "anyOf":
            return any(map(accepts, expected))
        case "oneOf":
            return sum(map(accepts, expected)) == 1
        case "not":
            return not accepts(expected)
        case "if":
            return accepts(form.get("then" if accepts(expected) else "else", {}))
    match value:
        case bool() | None:
            return True
        case int() | float():
            return _number(key, expected, exact(value))
        case str():
            return _text(key, expected, value)
        case list():
            return _array(key, form, value, definitions)
        case _:
            return _object(key, form, value, definitions)


def _number(key: str, expected: Any, value: Fraction) -> bool:  # noqa: ANN401
    match key:
        case "minimum":
            return value >= exact(expected)
        case "maximum":
            return value <= exact(expected)
        case "exclusiveMinimum":
            return value > exact(expected)
        case "exclusiveMaximum":
            return value < exact(expected)
        case "multipleOf":
            return (value / exact(expected)).denominator == 1
        case _:
            return True


def _text(key: str, expected: Any, value: str) -> bool:  # noqa: ANN401
    match key:
        case "minLength":
            return bool(len(value) >= expected)
        case "maxLength":
            return bool(len(value) <= expected)
        case "pattern":
            return matches(expected, value)
        case "format":
            return fits(expected, value) is not False
        case _:
            return True


def _array(key: str, form: Form, value: list[Json], definitions: Definitions) -> bool:  # noqa: PLR0911 - a table
    expected = form[key]
    match key:
        case "minItems":
            return bool(len(value) >= expected)
        case "maxItems":
            return bool(len(value) <= expected)
        case "uniqueItems":
            return len({text_of(plain(item)) for item in value}) == len(value)
        case "contains":
            return any(holds(expected, item, definitions) for item in value)
        case "items" if isinstance(expected, list):
            return all(holds(part, item, definitions) for part, item in zip(expected, value, strict=False))
        case "items":
            return all(holds(expected, item, definitions) for item in value)
        case "additionalItems" if isinstance(form.get("items"), list):
            return all(holds(expected, item, definitions) for item in value[len(form["items"]) :])
        case _:
            return True


def _object(  # noqa: PLR0911 - a table
    key: str, form: Form, value: dict[str, Json], definitions: Definitions
) -> bool:
    expected = form[key]
    match key:
        case "minProperties":
            return bool(len(value) >= expected)
        case "maxProperties":
            return bool(len(value) <= expected)
        case "required":
            return all(name in value for name in expected)
        case "properties":
            return all(
                holds(part, value[name], definitions) for name, part in expected.items() if name in value
            )
        case "patternProperties":
            return all(
                holds(part, member, definitions)
                for pattern, part in expected.items()
                for name, member in value.items()
                if covers(pattern, name)
            )
        case "additionalProperties":
            return all(
                holds(expected, value[name], definitions) for name in value if is_additional(form, name)
            )
        case "propertyNames":
            return all(holds(expected, name, definitions) for name in value)
        case "dependencies":
            return all(
                all(other in value for other in part)
                if isinstance(part, list)
                else holds(part, value, definitions)
                for name, part in expected.items()
                if name in value
            )
        case _:
            return True


def is_additional(form: Form, name: str) -> bool:
    """Whether a property is neither named nor matched by the form."""
    return name not in form.get("properties", {}) and not any(
        covers(pattern, name) for pattern in form.get("patternProperties", {})
    )
