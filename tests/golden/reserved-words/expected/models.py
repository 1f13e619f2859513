# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Reserved words."""

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

from .runtime.numbers import Integer


class ClassSubscribePayload(BaseModel):
    """Class subscribe payload."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    import_: Annotated[StrictStr, Field(alias="import")]


class ClassSubscribeResponsePayload(BaseModel):
    """Class subscribe response payload."""

    status: Literal["ok"]
    topic: StrictStr


class ClassReturnPayload(BaseModel):
    """Class return payload."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    def_: Annotated[Integer, Field(alias="def")]


class ErrorPayload(BaseModel):
    """Error payload."""

    status: Literal["error"]
    code: StrictStr
    message: StrictStr
    retryable: StrictBool


class ClassSubscribe(BaseModel):
    """Class subscribe."""

    type: Literal["class.subscribe"] = "class.subscribe"
    payload: ClassSubscribePayload


class ClassSubscribeResponse(BaseModel):
    """Class subscribe response."""

    type: Literal["class.subscribe.response"] = "class.subscribe.response"
    payload: ClassSubscribeResponsePayload


class ClassReturn(BaseModel):
    """Class return."""

    type: Literal["class.return"] = "class.return"
    topic: StrictStr | MISSING = MISSING
    payload: ClassReturnPayload


class Error(BaseModel):
    """Error."""

    type: Literal["error"] = "error"
    payload: ErrorPayload
