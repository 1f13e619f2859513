"""Schemas in words: types, bounds, tables of fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from codegen.contract import Contract, Json, SchemaDict
from codegen.render.reference_markdown import code, value
from codegen.render.reference_pages import Field, Shape

_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("minProperties", "at least {} fields"),
    ("maxProperties", "at most {} fields"),
)
_ONE = {"characters": "character", "items": "item", "fields": "field"}
_SCALARS = ("string", "integer", "number", "boolean", "null")
_UNTOLD = ("not", "if", "contains", "propertyNames", "dependencies")
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "list"}
MOST_VALUES = 30
"""Of an enumeration, how many values a table names."""
_DEEPEST = 4


class Types:
    """Says what the schemas of a contract allow. `link` gives the anchor of a schema that has a section."""

    def __init__(self, contract: Contract, link: Callable[[str], str | None]) -> None:
        self._schemas = {one.name: one.schema for one in contract.schemas}
        self._link = link

    def shape(self, schema: str, inside: str | None = None) -> Shape:
        """What a schema allows; `inside` names the property whose own fields are listed after it."""
        whole = self._schemas[schema]
        fields = tuple(self._fields(whole, "", inside, set()))
        if fields:
            return Shape(fields=fields, rest=self._rest(whole))
        allowed = self.allowed(whole)
        default = f"Default: {value(whole['default'])}." if "default" in whole else ""
        parts = [self.type(whole, named=False), allowed]
        return Shape(what=" ".join(filter(None, [f"{', '.join(filter(None, parts))}.", default])))

    def type(self, schema: Json | SchemaDict, depth: int = 0, *, named: bool = True) -> str:
        """Which type, in a few words; what has a section is a link to it."""
        if not isinstance(schema, dict):
            return "nothing" if schema is False else "anything"
        target = referenced(schema)
        if target is not None:
            return self._named(target, depth) if named else self.type(self._schema(target), depth)
        if depth > _DEEPEST:
            return "…"
        for key, glue in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            arms = schema.get(key)
            if isinstance(arms, list) and arms:
                return glue.join(dict.fromkeys(self.type(arm, depth + 1) for arm in arms))
        kinds = schema.get("type")
        names = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
        return " or ".join(self._kind(kind, schema, depth) for kind in names) or _guessed(schema)

    def allowed(self, schema: Json | SchemaDict, depth: int = 0) -> str:
        """Bounds and values, in a few words; those of what a `$ref` names too."""
        return ", ".join(self._allowed(schema, depth))

    def default(self, schema: Json | SchemaDict) -> str:
        """The default as code; empty without one."""
        found = self._first(schema, "default")
        return "" if found is None else value(found[0])

    def description(self, schema: Json | SchemaDict) -> str:
        """What is said of a value: by its own schema, else by the one that it refers to."""
        found = self._first(schema, "description")
        return found[0].strip() if found is not None and isinstance(found[0], str) else ""

    # -- fields

    def _fields(
        self, schema: Json | SchemaDict, prefix: str, inside: str | None, seen: set[str]
    ) -> Iterator[Field]:
        if not isinstance(schema, dict):
            return
        target = referenced(schema)
        if target is not None and target not in seen:
            seen.add(target)
            yield from self._fields(self._schema(target), prefix, inside, seen)
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else []:
            yield from self._fields(part, prefix, inside, seen)
        properties, required = schema.get("properties"), schema.get("required")
        for name, property_ in properties.items() if isinstance(properties, dict) else []:
            needed = isinstance(required, list) and name in required
            yield Field(
                name=prefix + name,
                type=self.type(property_),
                required=needed,
                allowed=self.allowed(property_),
                default=self.default(property_),
                meaning=self.description(property_),
            )
            if name == inside:
                yield from self._fields(property_, f"{name}.", None, set())

    def _rest(self, schema: SchemaDict) -> str:
        more = schema.get("additionalProperties")
        said = []
        patterns = schema.get("patternProperties")
        for pattern, one in patterns.items() if isinstance(patterns, dict) else []:
            said.append(f"Fields whose name matches {code(pattern)}: {self.type(one)}.")
        if more is False:
            said.append("No other fields are allowed.")
        elif isinstance(more, dict) and more:
            said.append(f"Other fields: {self.type(more)}.")
        arms = [key for key in ("oneOf", "anyOf") if isinstance(schema.get(key), list)]
        for key in arms:
            listed = schema[key]
            names = [self.type(arm) for arm in listed] if isinstance(listed, list) else []
            said.append(
                f"Together with {'one' if key == 'oneOf' else 'at least one'} of: {'; '.join(names)}."
            )
        return " ".join(said)

    # -- types

    def _named(self, target: str, depth: int) -> str:
        found = self._link(target)
        if found is None:
            return self.type(self._schema(target), depth + 1)
        shown = f"[{target}](#{found})"
        meant = self._schema(target)
        arms = meant.get("oneOf", meant.get("anyOf"))
        kinds = [
            arm.get("type") for arm in (arms if isinstance(arms, list) else [meant]) if isinstance(arm, dict)
        ]
        plain = [kind for kind in kinds if isinstance(kind, str) and kind in _SCALARS]
        return f"{' or '.join(dict.fromkeys(plain))} ({shown})" if plain and plain == kinds else shown

    def _kind(self, kind: str, schema: SchemaDict, depth: int) -> str:
        if kind == "array":
            items = schema.get("items", True)
            if isinstance(items, list):
                return f"list of ({', '.join(self.type(item, depth + 1) for item in items)})"
            return "list" if items is True or items == {} else f"list of {self.type(items, depth + 1)}"
        if kind == "object":
            more = schema.get("additionalProperties")
            return f"object of {self.type(more, depth + 1)}" if isinstance(more, dict) and more else "object"
        return kind

    # -- bounds

    def _allowed(self, schema: Json | SchemaDict, depth: int) -> Iterator[str]:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return
        target = referenced(schema)
        if target is not None:
            meant = self._schema(target)
            if "properties" not in meant and (not _is_union(meant) or self._plain_arms(meant)):
                yield from self._allowed(meant, depth + 1)
            return
        if "const" in schema:
            yield value(schema["const"])
        for key in ("enum", "x-open-enum"):
            listed = schema.get(key)
            if isinstance(listed, list) and "const" not in schema:
                known = [value(one) for one in listed[:MOST_VALUES]]
                hidden = len(listed) - len(known)
                yield ", ".join([*known, *([f"{hidden} more"] if hidden else [])])
                if key == "x-open-enum":
                    yield "or another, for more may be added"
        yield from _bounds(schema)
        if isinstance(schema.get("items"), dict):
            each = ", ".join(self._allowed(schema["items"], depth + 1))
            if each:
                yield f"each: {each}"
        if any(key in schema for key in _UNTOLD):
            yield "more rules: see its schema"
        arms = schema.get("allOf")
        for arm in arms if isinstance(arms, list) else []:
            yield from self._allowed(arm, depth + 1)
        yield from self._by_arm(schema, depth)

    def _by_arm(self, schema: SchemaDict, depth: int) -> Iterator[str]:
        for arm in self._plain_arms(schema):
            bounds = ", ".join(self._allowed(arm, depth + 1))
            if bounds:
                yield f"{self.type(arm, named=False)}: {bounds}"

    def _plain_arms(self, schema: Json | SchemaDict) -> list[dict[str, Json]]:
        """The arms of a union of different scalars, each of which may have bounds of its own; none of any other."""
        listed = schema.get("oneOf", schema.get("anyOf")) if isinstance(schema, dict) else None
        arms = listed if isinstance(listed, list) else []
        meant = [self._schema(name) if (name := referenced(arm)) else arm for arm in arms]
        plain = [arm for arm in meant if isinstance(arm, dict) and arm.get("type") in _SCALARS]
        kinds = {str(arm["type"]) for arm in plain}
        return plain if len(kinds) == len(arms) else []

    def _first(self, schema: Json | SchemaDict, key: str) -> tuple[Json] | None:
        seen: set[str] = set()
        while isinstance(schema, dict):
            if key in schema:
                return (schema[key],)
            target = referenced(schema)
            if target is None or target in seen:
                return None
            seen.add(target)
            schema = dict(self._schema(target))
        return None

    def _schema(self, name: str) -> dict[str, Json]:
        return dict(self._schemas[name])


def referenced(schema: Json | SchemaDict) -> str | None:
    """The name of the schema that a `$ref` leads to; None where there is no `$ref`."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else None


def _bounds(schema: SchemaDict) -> Iterator[str]:
    for key, text in _BOUNDS:
        bound = schema.get(key)
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            continue
        if bound == 0 and key in ("minLength", "minItems", "minProperties"):
            continue
        said = text.format(json.dumps(int(bound) if bound == int(bound) else bound))
        for many, one in _ONE.items():
            said = said.replace(many, one) if bound == 1 else said
        yield said
    if schema.get("uniqueItems") is True:
        yield "no item twice"
    for key, words in (("pattern", "matches "), ("format", "format ")):
        found = schema.get(key)
        if isinstance(found, str):
            yield words + code(found)


def _guessed(schema: SchemaDict) -> str:
    listed = [schema["const"]] if "const" in schema else schema.get("enum", schema.get("x-open-enum"))
    kinds = dict.fromkeys(_kind_of(one) for one in listed) if isinstance(listed, list) else {}
    return " or ".join(kinds) or ("object" if "properties" in schema else "anything")


def _kind_of(data: Json) -> str:
    return "null" if data is None else _KINDS.get(type(data), "object")


def _is_union(schema: SchemaDict) -> bool:
    return any(isinstance(schema.get(key), list) for key in ("oneOf", "anyOf"))
