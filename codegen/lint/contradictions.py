"""Why nothing can match some schemas at once, where that can be told: nothing is said that is not certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from codegen.contract import Json
from codegen.document import Document
from codegen.lint.reach import Spot, flatten, leaves, types, values
from codegen.location import Location
from codegen.patterns import compiled
from codegen.plain import members
from codegen.validate.rules import mapping
from codegen.validate.words import canonical, told

_TYPES = ("string", "number", "boolean", "null", "array", "object")
_DEEPEST = 5


@dataclass(slots=True)
class Contradictions:
    """Asks whether values can be of several schemas at once."""

    document: Document
    by_constants: bool = False
    """Whether a property with different constants tells values apart even where it may be missing."""
    _known: dict[tuple[frozenset[Location], int], str | None] = field(default_factory=dict)

    def why(self, parts: Sequence[Location], depth: int = 0) -> str | None:
        """Why no value matches all of some schemas (`$ref`s followed); None where one may."""
        mark = (frozenset(parts), depth)
        if mark not in self._known:
            self._known[mark] = None  # within itself, a schema is given the benefit of the doubt
            reasons = [self._leaf(spot, depth) for spot in leaves(self.document, parts)]
            self._known[mark] = (
                None if any(reason is None for reason in reasons) else next(iter(reasons), None)
            )
        return self._known[mark]

    def _leaf(self, spot: Spot, depth: int) -> str | None:
        document = self.document
        if any(document.value(part) is False for part in spot.parts):
            return "the schema false refuses everything"
        if any(said is True or said == {} for said in values(document, spot, "not")):
            return "`not` refuses everything"
        kinds = types(document, spot)
        if kinds is not None and not kinds:
            said = " and ".join(_said(one) for one in values(document, spot, "type"))
            return f"no value has the types {said} at once"
        listed = self._listed(spot)
        if listed is not None:
            return self._constants(spot, listed, kinds)
        reasons = [self._of_type(spot, kind, kinds, depth) for kind in _TYPES if _may_be(kind, kinds)]
        return None if any(reason is None for reason in reasons) else next(iter(reasons), None)

    def _listed(self, spot: Spot) -> list[Json] | None:
        """The values that are told one by one, those in all lists; None without a list."""
        lists = [one for one in values(self.document, spot, "enum") if isinstance(one, list)]
        lists += [[one] for one in values(self.document, spot, "const")]
        if not lists:
            return None
        found = {canonical(value): value for value in lists[0]}
        for other in lists[1:]:
            keys = {canonical(value) for value in other}
            found = {key: value for key, value in found.items() if key in keys}
        return list(found.values())

    def _constants(self, spot: Spot, listed: list[Json], kinds: frozenset[str] | None) -> str | None:
        if not listed:
            return "no value is in all of its lists of values"
        reasons = [self.refusal(spot, value, kinds) for value in listed]
        return None if any(reason is None for reason in reasons) else reasons[0]

    def refusal(self, spot: Spot, value: Json, kinds: frozenset[str] | None) -> str | None:
        """Why a value is refused by type, bounds or expression; None where nothing is found."""
        if kinds is not None and not kind_of(value) & kinds:
            return f"{told(value)} is not of the type {' or '.join(sorted(kinds))}"
        for schema in (mapping(self.document, part) for part in spot.parts):
            for keyword, bound in schema.items():
                if _breaks(keyword, bound, value):
                    return f"{told(value)} is refused by `{keyword}: {_said(bound)}`"
        return None

    def _of_type(self, spot: Spot, kind: str, kinds: frozenset[str] | None, depth: int) -> str | None:
        match kind:
            case "string":
                return self._bounds(spot, "minLength", "maxLength")
            case "number":
                return self._range(spot, whole=kinds is not None and "number" not in kinds)
            case "array":
                return self._bounds(spot, "minItems", "maxItems")
            case "object":
                return self._bounds(spot, "minProperties", "maxProperties") or self._object(spot, depth)
        return None

    def _bounds(self, spot: Spot, low: str, high: str) -> str | None:
        least = [one for one in values(self.document, spot, low) if isinstance(one, int | float)]
        most = [one for one in values(self.document, spot, high) if isinstance(one, int | float)]
        if least and most and max(least) > min(most):
            return f"`{low}: {max(least)}` is more than `{high}: {min(most)}`"
        return None

    def _range(self, spot: Spot, *, whole: bool) -> str | None:
        least = [(one, False) for one in _numbers(values(self.document, spot, "minimum"))]
        least += [(one, True) for one in _numbers(values(self.document, spot, "exclusiveMinimum"))]
        most = [(one, False) for one in _numbers(values(self.document, spot, "maximum"))]
        most += [(one, True) for one in _numbers(values(self.document, spot, "exclusiveMaximum"))]
        if not least or not most:
            return None
        low, above = max(least)
        high, below = min(most, key=lambda bound: (bound[0], not bound[1]))
        if low > high or (low == high and (above or below)):
            least_told, most_told = (
                ("more than" if above else "at least"),
                ("less than" if below else "at most"),
            )
            return f"no number is {least_told} {low:g} and {most_told} {high:g}"
        if whole and above and below and high - low <= 1 and float(low).is_integer():
            return f"no integer lies between {low:g} and {high:g}"
        return None

    def _object(self, spot: Spot, depth: int) -> str | None:
        schemas = [(part, mapping(self.document, part)) for part in spot.parts]
        required = _names([schema.get("required") for _, schema in schemas])
        most = [one for one in values(self.document, spot, "maxProperties") if isinstance(one, int)]
        if most and len(required) > min(most):
            return f"{len(required)} properties are required, and `maxProperties: {min(most)}`"
        for name in required:
            for _, schema in schemas:
                if schema.get("additionalProperties") is False and not _declares(schema, name):
                    return f'"{name}" is required, and no property may be called so'
        if depth >= _DEEPEST:
            return None
        names = dict.fromkeys(name for _, schema in schemas for name in members(schema.get("properties")))
        for name in names:
            parts = tuple(
                inner
                for part, schema in schemas
                if name in members(schema.get("properties"))
                for inner in flatten(self.document, part.child("properties", name))
            )
            if name not in required and not (self.by_constants and self._is_constant(parts)):
                continue
            reason = self.why(parts, depth + 1)
            if reason is not None:
                return f'"{name}": {reason}'
        return None

    def _is_constant(self, parts: Sequence[Location]) -> bool:
        """Whether a property's values are told one by one wherever it is declared."""
        return all(self._listed(leaf) is not None for leaf in leaves(self.document, parts))


def kind_of(value: Json) -> frozenset[str]:  # noqa: PLR0911 - a table
    """The types that a value has."""
    match value:
        case None:
            return frozenset({"null"})
        case bool():
            return frozenset({"boolean"})
        case int():
            return frozenset({"integer", "number"})
        case float():
            return frozenset({"integer", "number"} if value.is_integer() else {"number"})
        case str():
            return frozenset({"string"})
        case list():
            return frozenset({"array"})
        case _:
            return frozenset({"object"})


def _may_be(kind: str, kinds: frozenset[str] | None) -> bool:
    return kinds is None or kind in kinds or (kind == "number" and "integer" in kinds)


def _breaks(keyword: str, bound: Json, value: Json) -> bool:  # noqa: PLR0911 - a table with conditions
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(bound, int | float) and not isinstance(bound, bool):
        match keyword:
            case "minimum":
                return is_number and value < bound  # type: ignore[operator]
            case "maximum":
                return is_number and value > bound  # type: ignore[operator]
            case "exclusiveMinimum":
                return is_number and value <= bound  # type: ignore[operator]
            case "exclusiveMaximum":
                return is_number and value >= bound  # type: ignore[operator]
            case "minLength":
                return isinstance(value, str) and len(value) < bound
            case "maxLength":
                return isinstance(value, str) and len(value) > bound
    if keyword == "const":
        return canonical(value) != canonical(bound)
    if keyword == "pattern" and isinstance(bound, str) and isinstance(value, str):
        expression = compiled(bound)
        return expression is not None and not expression.search(value)
    return False


def _declares(schema: dict[str, Json], name: str) -> bool:
    if name in members(schema.get("properties")):
        return True
    patterns = members(schema.get("patternProperties"))
    return any((found := compiled(pattern)) is None or found.search(name) for pattern in patterns)


def _names(lists: list[Json]) -> list[str]:
    names = [name for one in lists if isinstance(one, list) for name in one if isinstance(name, str)]
    return list(dict.fromkeys(names))


def _numbers(found: list[Json]) -> list[float]:
    return [one for one in found if isinstance(one, int | float) and not isinstance(one, bool)]


def _said(value: Json) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)
