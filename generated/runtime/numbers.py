"""JSON's integers in Python."""

from __future__ import annotations

from typing import Annotated

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class _Whole:
    """Accepts what JSON Schema calls an integer: `1` and `1.0`, neither `"1"` nor `true`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        fraction_free = core_schema.chain_schema(
            [
                core_schema.float_schema(strict=True, multiple_of=1, allow_inf_nan=False),
                core_schema.int_schema(),
            ]
        )
        return core_schema.union_schema(
            [core_schema.int_schema(strict=True), fraction_free],
            mode="left_to_right",
            custom_error_type="int_type",
        )


Integer = Annotated[int, _Whole()]
"""An `int` that is read as JSON Schema reads `type: integer`."""
