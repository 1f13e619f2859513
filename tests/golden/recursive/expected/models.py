# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Tree."""

from __future__ import annotations

from typing import Union

from pydantic import MISSING, BaseModel, StrictStr
from typing_extensions import TypeAliasType


class Node(BaseModel):
    """Node."""

    value: Value
    children: list[Node] | MISSING = MISSING


Value = TypeAliasType("Value", Union[StrictStr, "list[Value]"])


Node.model_rebuild()
