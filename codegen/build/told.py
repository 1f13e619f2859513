"""What the plain form of a schema says of an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.build.forms import referenced
from codegen.build.schemas import Schemas
from codegen.contract import Json, SchemaDict


def plain(schemas: Schemas, schema: Json | SchemaDict) -> SchemaDict:
    """A schema, references followed; empty for what is none."""
    if not isinstance(schema, Mapping):
        return {}
    target = referenced(schema)
    return schema if target is None or target not in schemas else plain(schemas, schemas.get(target).schema)


def arms(schemas: Schemas, schema: Json | SchemaDict) -> Iterator[SchemaDict]:
    """What a value may be, references followed and one level of unions taken apart."""
    whole = plain(schemas, schema)
    listed: Json = whole.get("oneOf", whole.get("anyOf"))
    if isinstance(listed, list):
        yield from (plain(schemas, arm) for arm in listed)
    else:
        yield whole


def property_of(schema: SchemaDict, name: str) -> Json:
    """The schema of a property; None where the schema tells of none with this name."""
    properties = schema.get("properties")
    return properties.get(name) if isinstance(properties, dict) else None


def required_of(schema: SchemaDict) -> list[str]:
    """The properties that an object must have."""
    names = schema.get("required")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
