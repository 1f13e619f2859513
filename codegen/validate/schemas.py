"""The fields of a schema: JSON Schema draft 7, and what AsyncAPI adds to it."""

from __future__ import annotations

from dataclasses import replace

from codegen.contract import Json
from codegen.document import Location
from codegen.validate.formats import is_pattern
from codegen.validate.shapes import (
    Anything,
    EitherType,
    Fields,
    Flag,
    Later,
    ListOf,
    MapOf,
    Number,
    Shape,
    Text,
    Walk,
    follow,
)

SCHEMA = Later()
_COUNT = Number(whole=True, least=0)
_SCHEMAS = ListOf(SCHEMA, least=1)
_NAMES = ListOf(Text(), unique=True)
_TYPE = Text(("array", "boolean", "integer", "null", "number", "object", "string"))

EXTERNAL_DOCS = Fields(
    "external documentation",
    {"description": Text(), "url": Text(format="an absolute URL")},
    ("url",),
)

_ELSEWHERE = frozenset(
    {
        *("id", "$anchor", "$defs", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef"),
        *("contentSchema", "dependentRequired", "dependentSchemas", "maxContains", "minContains"),
        *("disallow", "divisibleBy", "extends", "prefixItems", "unevaluatedItems", "unevaluatedProperties"),
        *("example", "nullable", "xml", "note", "name", "tags", "value"),
    }
)
"""Keywords of other drafts and of OpenAPI, and what people note beside them."""
_SHAPES: dict[str, Shape] = {
    "$id": Text(format="a reference"),
    "$schema": Text(format="an absolute URL"),
    "$comment": Text(),
    "title": Text(),
    "description": Text(),
    "default": Anything(),
    "readOnly": Flag(),
    "writeOnly": Flag(),
    "examples": ListOf(Anything()),
    "multipleOf": Number(above=0),
    "maximum": Number(),
    "exclusiveMaximum": Number(),
    "minimum": Number(),
    "exclusiveMinimum": Number(),
    "maxLength": _COUNT,
    "minLength": _COUNT,
    "pattern": Text(format="a regular expression"),
    "additionalItems": SCHEMA,
    "items": EitherType(((list, _SCHEMAS), (object, SCHEMA)), "a schema or a list of schemas"),
    "maxItems": _COUNT,
    "minItems": _COUNT,
    "uniqueItems": Flag(),
    "contains": SCHEMA,
    "maxProperties": _COUNT,
    "minProperties": _COUNT,
    "required": _NAMES,
    "additionalProperties": SCHEMA,
    "definitions": MapOf(SCHEMA),
    "properties": MapOf(SCHEMA),
    "patternProperties": MapOf(SCHEMA, check_key=is_pattern, key_kind="a regular expression"),
    "dependencies": MapOf(
        EitherType(((list, _NAMES), (object, SCHEMA)), "a schema or a list of names"),
    ),
    "propertyNames": SCHEMA,
    "const": Anything(),
    "enum": ListOf(Anything(), unique=True, least=1),
    "type": EitherType(
        ((list, ListOf(_TYPE, unique=True, least=1)), (object, _TYPE)), "a type or a list of types"
    ),
    "format": Text(),
    "contentMediaType": Text(),
    "contentEncoding": Text(),
    "if": SCHEMA,
    "then": SCHEMA,
    "else": SCHEMA,
    "allOf": _SCHEMAS,
    "anyOf": _SCHEMAS,
    "oneOf": _SCHEMAS,
    "not": SCHEMA,
    "discriminator": Text(),
    "externalDocs": EXTERNAL_DOCS,
    "deprecated": Flag(),
}
_FIELDS = Fields(
    "a schema",
    _SHAPES,
    closed=False,
    # The short ones are words of their own, and so is what is one letter off.
    guessed=tuple(name for name in _SHAPES if len(name) > 3 and name not in ("then", "else")),
    foreign=_ELSEWHERE,
)
_BESIDE_REFERENCE = replace(_FIELDS, kind="what stands beside a $ref")


class _Schema(Shape):
    """A schema, a reference to one, or true or false."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        if isinstance(value, bool):
            return
        if not isinstance(value, dict):
            walk.must_be(at, value, "a schema: a mapping, true or false")
            return
        if isinstance(value.get("$ref"), str):
            if follow(walk, at, value, "a schema", "schemas"):
                walk.check_later(self, walk.document.follow(at))
            if len(value) > 1:
                _BESIDE_REFERENCE.check(walk, at, value)
            return
        _FIELDS.check(walk, at, value)


SCHEMA.shape = _Schema()
