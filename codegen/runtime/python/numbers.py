"""JSON's numbers in Python."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class _Whole:
    """Accepts what JSON Schema calls an integer: `1` and `1.0`, neither `"1"` nor `true`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        fraction_free = core_schema.no_info_after_validator_function(
            _whole, core_schema.float_schema(strict=True, allow_inf_nan=False)
        )
        return core_schema.union_schema(
            [core_schema.int_schema(strict=True), fraction_free],
            mode="left_to_right",
            custom_error_type="int_type",
        )


def _whole(value: float) -> int:
    if not value.is_integer():
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return int(value)


Integer = Annotated[int, _Whole()]
"""An `int` that is read as JSON Schema reads `type: integer`."""

Number = Annotated[float, Strict(), AllowInfNan(False)]
"""A `float` that JSON has: neither NaN nor infinite, which would be written as null."""
