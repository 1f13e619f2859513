# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of 2 odd: names."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    MISSING,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
)
from typing_extensions import TypeAliasType

from .runtime.numbers import Integer

RecordSchema = TypeAliasType("RecordSchema", Literal["", "a b", "None"])


class Return(BaseModel):
    """Return."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    from_: Annotated[StrictStr, Field(alias="from")]
    field_2fa: Annotated[StrictBool, Field(alias="2fa")]
    foo_bar: Annotated[Integer, Field(alias="foo-bar")]
    id: Annotated[StrictStr | MISSING, Field(alias="$id")] = MISSING
    model_config_: Annotated[StrictStr | MISSING, Field(alias="model_config")] = MISSING
    it_s: Annotated[StrictStr | MISSING, Field(alias="it's")] = MISSING
    r"""An "apostrophe" */ and a backslash \."""


class PromiseSchema(BaseModel):
    """Promise schema."""

    then: RecordSchema | MISSING = MISSING
