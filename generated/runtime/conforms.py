"""What a schema demands of a value beyond its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Never, cast

from pydantic import BaseModel, GetCoreSchemaHandler, ValidationInfo, model_validator
from pydantic_core import (
    CoreSchema,
    PydanticCustomError,
    PydanticSerializationError,
    core_schema,
    to_jsonable_python,
)

from .codec import Json
from .json_schema import Check, Schema, reader

_NONE: Mapping[str, object] = {}


class Conforms:
    """Stands in `Annotated[...]`: the value has to conform to a schema as well."""

    __slots__ = ("_check", "_definitions", "_schema")

    def __init__(self, schema: Schema, definitions: Mapping[str, object] = _NONE) -> None:
        self._schema = schema
        self._definitions = definitions
        self._check: Check | None = None

    def fault(self, value: Json) -> str | None:
        """What is wrong with a JSON value; None where nothing is."""
        if self._check is None:
            self._check = reader(self._schema, self._definitions)
        return self._check(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self._before, handler(source))

    def _before(self, value: object, info: ValidationInfo) -> object:
        refuse(self, value if info.mode == "json" else _plain(value))
        return value


class Conforming(BaseModel):
    """A model that, as a whole, conforms to a schema as well."""

    __conforms_to__: ClassVar[Conforms]

    @model_validator(mode="before")
    @classmethod
    def _before(cls, value: object, info: ValidationInfo) -> object:
        if info.mode == "json":
            refuse(cls.__conforms_to__, value)
        elif isinstance(value, Mapping):
            named = {(cls._wire_name(name)): item for name, item in value.items()}
            refuse(cls.__conforms_to__, _plain(named))
        return value

    @classmethod
    def _wire_name(cls, name: object) -> object:
        field = cls.model_fields.get(name) if isinstance(name, str) else None
        return name if field is None or field.alias is None else field.alias


class _Nothing:
    """Accepts no value."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_no_value)


Nothing = Annotated[Never, _Nothing()]
"""What a schema that is `false` accepts."""


def refuse(demand: Conforms, value: object) -> None:
    """Raise what pydantic makes a validation error of, where a JSON value does not conform."""
    try:
        fault = demand.fault(cast("Json", value))
    except RecursionError:
        fault = "should not be nested that deep"
    if fault is not None:
        raise PydanticCustomError("json_schema", "Input {fault}", {"fault": fault})


def _no_value(value: object) -> Never:
    raise PydanticCustomError("json_schema", "Input should not be there")


def _plain(value: object) -> object:
    """A value made of models as the JSON that it will be; as it is, where it will be none."""
    try:
        return to_jsonable_python(value, by_alias=True)
    except PydanticSerializationError:
        return value
