"""The contract's schemas as datamodel-code-generator shall see them, said so that it mistakes nothing."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from codegen.build.demands import CONFORMS, is_fixed
from codegen.build.names import word_set
from codegen.contract import Contract, Json, SchemaDict
from codegen.patterns import usable

_PREFIX = "#/components/schemas/"
_SPOKEN_FORMATS = frozenset({"date-time", "date", "decimal", "uuid"})
"""Formats that are a type in Python; the others say nothing that JSON Schema would check."""
_CONSTRAINTS = ("pattern", "minLength", "maxLength")
_DROPPED = word_set(
    """
    contentEncoding contentMediaType deprecated description maxProperties minProperties readOnly writeOnly
    """
)
_IMPORTED = word_set(
    """
    Annotated Any AwareDatetime BaseModel ConfigDict Conforms Decimal Field Integer Literal MISSING Nothing
    Number StrictBool StrictFloat StrictInt StrictStr TypeAliasType UUID re
    """
)
_WRITTEN: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
"""What a default of each JSON type is in Python."""
_TAKEN = (
    frozenset(keyword.kwlist)
    | frozenset(dir(BaseModel))
    | {"Config", "model_config", "model_fields", "self", "field"}
)


@dataclass
class Inline:
    """Schemas that stand inside others and that datamodel-code-generator has no words for, by a name of ours.

    It is shown a reference to that name; what it makes of the schema is put back in the reference's place, with
    what the schema demands beside its type.
    """

    taken: frozenset[str]
    found: dict[str, SchemaDict] = field(default_factory=dict)
    fed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, schema: SchemaDict, fed: dict[str, Any]) -> dict[str, Any]:
        """A reference to the schema; it is described no more, so that only the reference is."""
        number = len(self.found) + 1
        while (name := f"Inline{number}Schema") in self.taken:
            number += 1000
        self.found[name] = schema
        self.fed[name] = fed
        return {"$ref": _PREFIX + name}


def feed(contract: Contract) -> tuple[dict[str, Any], Mapping[str, SchemaDict]]:
    """An OpenAPI document that has the contract's schemas and nothing else; what it holds by a name of ours."""
    inline = Inline(frozenset(item.name for item in contract.schemas))
    schemas = {item.name: _fed(item.schema, inline) for item in contract.schemas}
    schemas |= inline.fed
    _keep_recursion(schemas)
    _inherit_defaults(schemas)
    _default_tags(contract, schemas)
    document = {
        "openapi": "3.1.0",
        "info": {"title": contract.title, "version": contract.version or "0"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    return document, inline.found


def _inside(schema: SchemaDict, inline: Inline) -> dict[str, Any]:
    """A schema as it stands within another."""
    fed = _fed(schema, inline)
    return inline.add(schema, fed) if CONFORMS in schema or is_nothing(schema) else fed


def _arm(schema: SchemaDict, inline: Inline) -> dict[str, Any]:
    """One of several schemas; where it says more than a type, it would get a name that may be another's."""
    fed = _fed(schema, inline)
    is_plain = "$ref" in fed or fed.keys() <= {"type"}
    if CONFORMS in schema or is_nothing(schema) or not is_plain:
        return inline.add(schema, fed)
    return fed


def is_nothing(schema: SchemaDict) -> bool:
    """Whether no value is accepted."""
    return schema.get("not") == {}


def _fed(schema: SchemaDict, inline: Inline) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _DROPPED or key.startswith("x-") or (key == "not"):
            continue
        if key == "properties" and isinstance(value, dict):
            result[key] = {
                name: _inside(item, inline) for name, item in value.items() if isinstance(item, dict)
            }
        elif key == "patternProperties" and isinstance(value, dict):
            # As values of a mapping by pattern, ranges and lengths would be lost.
            result[key] = {name: _arm(item, inline) for name, item in value.items() if isinstance(item, dict)}
        elif key in ("oneOf", "anyOf", "prefixItems") and isinstance(value, list):
            result[key] = [_arm(item, inline) for item in value if isinstance(item, dict)]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            result[key] = _inside(value, inline)
        else:
            result[key] = value
    _settle_choice(result)
    _settle_string(result)
    _settle_number(result)
    _settle_array(result)
    _settle_object(result, schema)
    return result


def _settle_choice(schema: dict[str, Any]) -> None:
    """Floats, lists and mappings are no literals in Python: such a choice is told by its type alone."""
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(choices, list) and any(isinstance(item, float | list | dict) for item in choices):
        schema.pop("const", None)
        schema.pop("enum", None)


def spoken_format(schema: SchemaDict) -> str | None:
    """The format of a text that is a type in Python and no more than that; None for other formats."""
    named = schema.get("format")
    if any(key in schema for key in (*_CONSTRAINTS, "enum", "const")):
        return None
    return named if isinstance(named, str) and named in _SPOKEN_FORMATS else None


def _settle_string(schema: dict[str, Any]) -> None:
    if spoken_format(schema) is None or schema.get("type") != "string":
        schema.pop("format", None)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not usable(pattern):
        del schema["pattern"]


def _settle_number(schema: dict[str, Any]) -> None:
    """Whether a number with a fraction is a multiple is checked beside the type: see `codegen.build.demands`."""
    if schema.get("type") != "integer" or not isinstance(schema.get("multipleOf"), int):
        schema.pop("multipleOf", None)


def _settle_array(schema: dict[str, Any]) -> None:
    """A tuple has always as many items; other lists whose first items are told hold any of what is told."""
    schema.pop("uniqueItems", None)
    prefix = schema.get("prefixItems")
    if prefix is None:
        return
    rest = schema.get("items")
    if is_fixed(schema):
        schema["maxItems"] = len(prefix)
        schema.pop("items", None)
        return
    del schema["prefixItems"]
    arms = [*prefix, *([rest] if isinstance(rest, dict) else [])]
    schema["items"] = {"anyOf": arms} if arms and rest is not None and {} not in arms else {}


def _settle_object(schema: dict[str, Any], told: SchemaDict) -> None:
    if schema.get("type") != "object":
        return
    if schema.get("properties"):
        if schema.pop("patternProperties", None):
            schema["additionalProperties"] = True
        return
    schema.pop("properties", None)
    patterns = schema.get("patternProperties")
    if isinstance(patterns, dict):
        # To Pydantic a mapping has one type of key and one of value.
        rest = schema.get("additionalProperties", True)
        if (
            len(patterns) == 1
            and rest is False
            and all(map(usable, patterns))
            and not _demands_patterns(told)
        ):
            del schema["additionalProperties"]
            return
        del schema["patternProperties"]
        arms = [*patterns.values(), *([rest] if isinstance(rest, dict) else [])]
        schema["additionalProperties"] = {"anyOf": arms} if rest is not True and {} not in arms else {}
    elif schema.get("additionalProperties", True) is True:
        schema["additionalProperties"] = {}


def _demands_patterns(schema: SchemaDict) -> bool:
    """Whether its patterns are checked beside its type."""
    whole = schema.get(CONFORMS)
    several = whole.get("allOf", [whole]) if isinstance(whole, dict) else []
    return isinstance(several, list) and any(
        isinstance(demand, dict) and "patternProperties" in demand for demand in (whole, *several)
    )


def _keep_recursion(schemas: dict[str, dict[str, Any]]) -> None:
    """Lists that hold themselves are told as a union, the only form that keeps what they hold.

    Its other arm is taken away afterwards, see `codegen.render.models_source`.
    """
    for name, schema in schemas.items():
        if schema.get("type") == "array" and _PREFIX + name in set(_references(schema)):
            whole = dict(schema)
            schema.clear()
            schema["anyOf"] = [whole, {"type": "array", "items": {"$ref": _PREFIX + name}}]


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            yield target
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _inherit_defaults(schemas: dict[str, dict[str, Any]]) -> None:
    """An optional property has the default of what it refers to; a default of another type is none."""
    for schema in schemas.values():
        required = schema.get("required", ())
        for name, item in schema.get("properties", {}).items():
            target = _target(schemas, item)
            if name not in required and "default" not in item and "default" in target:
                item["default"] = target["default"]
            if "default" in item and (name in required or not _fits(schemas, item, item["default"])):
                del item["default"]
    for schema in schemas.values():
        schema.pop("default", None)


def _target(schemas: dict[str, dict[str, Any]], schema: dict[str, Any]) -> dict[str, Any]:
    seen: list[str] = []
    while "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_PREFIX)
        if name in seen:
            break
        seen.append(name)
        schema = schemas[name]
    return schema


def _fits(schemas: dict[str, dict[str, Any]], schema: dict[str, Any], value: Json) -> bool:
    """Whether a default can be written as it is: a plain value, or an empty list or mapping."""
    schema = _target(schemas, schema)
    arms = schema.get("anyOf", schema.get("oneOf"))
    if isinstance(arms, list):
        return any(_fits(schemas, arm, value) for arm in arms)
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if choices is not None:
        return any(value == choice and type(value) is type(choice) for choice in choices)
    kind = schema.get("type")
    if "format" in schema or (kind == "array" and schema.get("minItems")) or schema.get("properties"):
        return False
    if kind is None:
        return isinstance(value, str | int | float)
    return (not value or not isinstance(value, list | dict)) and type(value) in _WRITTEN[kind]


def _default_tags(contract: Contract, schemas: dict[str, dict[str, Any]]) -> None:
    """A message need not be told what it is when it is made: under an envelope, and where the tag is optional."""
    for message in contract.messages:
        schema = schemas[message.schema]
        if message.tag is None or len(message.tag.path) != 1:
            continue
        (name,) = message.tag.path
        item = schema.get("properties", {}).get(name)
        required = schema.get("required", ())
        if item is None or (contract.envelope is None and (name in required or "$ref" in item)):
            continue
        schema["required"] = [other for other in required if other != name]
        item["default"] = message.tag.value


def field_aliases(contract: Contract) -> dict[str, str]:
    """Names in Python for the properties that cannot have their own: `{"Order.in": "in_"}`."""
    found: dict[str, str] = {}
    types = {item.name for item in contract.schemas}
    for item in contract.schemas:
        properties = item.schema.get("properties")
        if not isinstance(properties, dict):
            continue
        kept = [name for name in properties if _keeps(name, types)]
        taken = set(kept)
        for name in properties:
            if name in taken and name in kept:
                continue
            attribute = _attribute(name, types)
            while attribute in taken or attribute in properties:
                attribute += "_"
            taken.add(attribute)
            found[f"{item.name}.{name}"] = attribute
    return found


def _keeps(name: str, types: set[str]) -> bool:
    return (
        name.isidentifier()
        and unicodedata.normalize("NFKC", name) == name
        and not name.startswith("_")
        and not _reserved(name, types)
    )


def _reserved(name: str, types: set[str]) -> bool:
    return (
        name in _TAKEN
        or name in _IMPORTED
        or name in types
        or name in ("list", "dict", "tuple", "int", "float", "str", "bool", "bytes")
        or name.startswith(("model_validate", "model_dump"))
        or (hasattr(builtins, name) and name[0].isupper())
    )


def _attribute(name: str, types: set[str]) -> str:
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)).strip("_")
    if plain.startswith(("model_validate", "model_dump")):
        plain = "field_" + plain
    if not plain.isidentifier():
        plain = f"field_{plain}".rstrip("_")
    return plain + "_" if _reserved(plain, types) else plain
