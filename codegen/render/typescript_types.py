"""JSON Schema → TypeScript types: what stands on the right of a colon, and what an interface's fields are."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codegen.contract import Json, NamedSchema, SchemaDict
from codegen.plain import members

_REFERENCE = "#/components/schemas/"
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WIDTH = 110
_LONGEST_FIXED_ARRAY = 4
_SCALARS = {"string": "string", "boolean": "boolean", "null": "null", "integer": "number", "number": "number"}
_KEYWORDS_OF_KIND = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an interface."""

    name: str
    """As it is written in TypeScript: quoted where it is no identifier."""
    type: str
    optional: bool
    description: str
    """With what the type cannot say: its default, and whether it is deprecated."""

    @property
    def layout(self) -> str:
        """What follows the name within an interface."""
        mark = "?:" if self.optional else ":"
        return mark + broken(self.type, f"  {self.name}{mark}", 4)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One exported type: an interface with fields, or an alias."""

    name: str
    description: str
    is_interface: bool
    fields: tuple[Field, ...]
    index: str | None
    """The type of properties without a name of their own; None where the contract does not speak of any."""
    type: str
    """For an alias: what it stands for, broken over lines where it is long."""


def literal(value: Json) -> str:
    """A JSON value as a TypeScript expression on one line; for a scalar, also its literal type."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{property_name(key)}: {literal(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False)


def property_name(name: str) -> str:
    """A property's name, quoted where it has to be."""
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def property_of(owner: str, name: str) -> str:
    """An expression for a property of an object."""
    key = property_name(name)
    return f"{owner}.{key}" if key == name else f"{owner}[{key}]"


def doc(text: str, indent: int = 0) -> str:
    """A documentation comment, without the last line break; the text cannot end it early."""
    space = " " * indent
    width = _WIDTH - indent - 3
    lines: list[str] = []
    for line in text.replace("*/", "*\\/").strip().splitlines():
        lead = line[: len(line) - len(line.lstrip())]
        bullet = re.match(r"\s*(?:[-*+]|\d+\.)\s+", line)
        hanging = " " * len(bullet.group()) if bullet else lead
        lines += textwrap.wrap(
            line.strip(),
            width,
            initial_indent=lead,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    if len(lines) == 1 and len(lines[0]) <= width - 4:
        return f"{space}/** {lines[0]} */"
    body = "\n".join(f"{space} * {line}".rstrip() for line in lines)
    return f"{space}/**\n{body}\n{space} */"


def union(types: Sequence[str]) -> str:
    """The union of types, each once; `unknown` takes all in, `never` adds nothing."""
    unique = [kind for kind in dict.fromkeys(types) if kind != "never"]
    if "unknown" in unique:
        return "unknown"
    return " | ".join(unique) or "never"


class Types:
    """Tells the types of a contract's schemas; `prefix` stands before each name, such as `models.`."""

    def __init__(self, schemas: Sequence[NamedSchema], prefix: str = "") -> None:
        self._named = {schema.name: schema for schema in schemas}
        self._prefix = prefix
        self._circular = {name for name in self._named if self._leads_to(name, name, set())}

    def declaration(self, named: NamedSchema) -> Declaration:
        """The exported type of one named schema."""
        schema = named.schema
        description = described(schema, named.description)
        if named.is_object:
            return Declaration(named.name, description, True, self.fields(schema), self._index(schema), "")
        kind = "unknown" if named.name in self._circular else self.type(schema)
        return Declaration(
            named.name, description, False, (), None, broken(kind, f"export type {named.name} =")
        )

    def fields(self, schema: SchemaDict) -> tuple[Field, ...]:
        """The properties of an object schema, in its order."""
        properties = members(schema.get("properties"))
        required = _strings(schema.get("required"))
        fields = [
            Field(
                property_name(name),
                self.type(item),
                name not in required,
                described(members(item)),
            )
            for name, item in properties.items()
        ]
        fields += [
            Field(property_name(name), "unknown", False, "") for name in required if name not in properties
        ]
        return tuple(fields)

    def type(self, schema: Json | SchemaDict) -> str:  # noqa: PLR0911 - one answer for each shape of schema
        """The type of the values that a schema accepts."""
        if schema is False:
            return "never"
        if not isinstance(schema, Mapping):
            return "unknown"
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._prefix + reference.removeprefix(_REFERENCE)
        if schema.get("not") == {}:
            return "never"
        if "const" in schema:
            return _literal_type(schema["const"])
        for keyword in ("enum", "x-open-enum"):
            values = schema.get(keyword)
            if isinstance(values, list) and values:
                kinds = union([_literal_type(value) for value in values])
                return kinds if keyword == "enum" else f"{kinds} | ({self._basic(schema)} & {{}})"
        for keyword in ("oneOf", "anyOf"):
            arms = schema.get(keyword)
            if isinstance(arms, list) and arms:
                return union([self.type(arm) for arm in arms])
        arms = schema.get("allOf")
        if isinstance(arms, list) and arms:
            return self._intersection([*arms, {key: item for key, item in schema.items() if key != "allOf"}])
        return self._basic(schema)

    def _intersection(self, schemas: Sequence[Json]) -> str:
        kinds = dict.fromkeys(self.type(schema) for schema in schemas)
        kinds.pop("unknown", None)
        return " & ".join(f"({kind})" if " | " in kind else kind for kind in kinds) or "unknown"

    def _basic(self, schema: SchemaDict) -> str:
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return union([self._basic({**schema, "type": kind}) for kind in kinds])
        if kinds is None:
            for kind, keywords in _KEYWORDS_OF_KIND.items():
                if any(keyword in schema for keyword in keywords):
                    return self._basic({**schema, "type": kind})
        if kinds == "array":
            return self._array(schema)
        if kinds == "object":
            return self._object(schema)
        return _SCALARS.get(str(kinds), "unknown")

    def _array(self, schema: SchemaDict) -> str:
        items = schema.get("items")
        prefix = schema.get("prefixItems", items)
        if isinstance(prefix, list):
            rest = items if "prefixItems" in schema else schema.get("additionalItems")
            parts = [self.type(item) for item in prefix]
            if isinstance(rest, Mapping):
                parts.append(f"...{_element(self.type(rest))}[]")
            return f"[{', '.join(parts)}]"
        kind = self.type(items)
        least, most = schema.get("minItems"), schema.get("maxItems")
        if isinstance(least, int) and least == most and 0 < least <= _LONGEST_FIXED_ARRAY:
            return f"[{', '.join([kind] * least)}]"
        return f"{_element(kind)}[]"

    def _object(self, schema: SchemaDict) -> str:
        fields = self.fields(schema)
        index = self._index(schema)
        if not fields:
            return f"{{ [key: string]: {index or 'unknown'} }}"
        parts = [f"{field.name}{'?' if field.optional else ''}: {field.type}" for field in fields]
        parts += [f"[key: string]: {index}"] if index else []
        return f"{{ {'; '.join(parts)} }}"

    def _index(self, schema: SchemaDict) -> str | None:
        extra = schema.get("additionalProperties")
        patterns = members(schema.get("patternProperties"))
        kinds = [self.type(item) for item in patterns.values()]
        if extra is True or isinstance(extra, Mapping):
            kinds.append(self.type(extra))
        fields = self.fields(schema)
        if not kinds:
            return "never" if extra is False and not fields else None
        # TypeScript wants what is under any key to hold for the named ones too.
        kinds += [field.type for field in fields]
        kinds += ["undefined"] if any(field.optional for field in fields) else []
        return union(kinds)

    def _leads_to(self, name: str, goal: str, seen: set[str]) -> bool:
        """Whether an alias is, or unites, itself: nothing that TypeScript or anybody can make sense of."""
        named = self._named.get(name)
        if named is None or named.is_object or name in seen:
            return False
        seen.add(name)
        return any(target == goal or self._leads_to(target, goal, seen) for target in _direct(named.schema))


def _direct(schema: Json | SchemaDict) -> list[str]:
    """The names that a schema refers to without anything around them."""
    if not isinstance(schema, Mapping):
        return []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return [reference.removeprefix(_REFERENCE)]
    found: list[str] = []
    for keyword in ("oneOf", "anyOf", "allOf"):
        arms = schema.get(keyword)
        if isinstance(arms, list):
            found += [name for arm in arms for name in _direct(arm)]
    return found


def _literal_type(value: Json) -> str:
    if isinstance(value, Mapping):
        inside = "; ".join(f"{property_name(key)}: {_literal_type(item)}" for key, item in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal_type, value))}]"
    return literal(value)


def _element(kind: str) -> str:
    return f"({kind})" if " | " in kind or " & " in kind else kind


def broken(kind: str, before: str, indent: int = 2) -> str:
    """A type as it goes on after `before` on its line: a long union has each member on a line of its own."""
    if len(before) + len(kind) + 2 <= _WIDTH:
        return f" {kind}"
    arms = _split_union(kind)
    space = " " * indent
    return "".join(f"\n{space}| {member}" for member in arms) if len(arms) > 1 else f" {kind}"


def _split_union(kind: str) -> list[str]:
    arms, depth, quoted, start, position = [], 0, False, 0, 0
    while position < len(kind):
        char = kind[position]
        if char == "\\" and quoted:
            position += 1
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "([{":
            depth += 1
        elif not quoted and char in ")]}":
            depth -= 1
        elif not quoted and depth == 0 and kind.startswith(" | ", position):
            arms.append(kind[start:position])
            start = position + 3
        position += 1
    return [*arms, kind[start:]]


def described(schema: SchemaDict, description: str = "") -> str:
    """A description, the schema's own if there is no other, and below it what a type cannot say."""
    notes: list[str] = []
    if "default" in schema:
        notes.append(f"@defaultValue `{literal(schema['default'])}`")
    if schema.get("deprecated") is True:
        notes.append("@deprecated")
    parts = [(description or _text(schema, "description")).strip(), "\n".join(notes)]
    return "\n\n".join(part for part in parts if part)


def _strings(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _text(schema: SchemaDict, key: str) -> str:
    value = schema.get(key)
    return value if isinstance(value, str) else ""
