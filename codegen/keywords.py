"""Keywords of JSON Schema draft 7 as `jsonschema` checks them, where its own would not do.

Expressions are ECMAScript's, and numbers decimal.
"""
# ruff: noqa: ANN401 - what jsonschema calls has no types

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jsonschema import Draft7Validator, ValidationError

from codegen.contract import Json
from codegen.patterns import compiled


def _pattern(validator: Any, expected: str, instance: Json, schema: Any) -> Iterator[Any]:
    found = compiled(expected)
    if isinstance(instance, str) and found is not None and not found.search(instance):
        yield ValidationError(f"{instance!r} does not match {expected!r}")


def _pattern_properties(validator: Any, expected: Any, instance: Json, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for source, part in expected.items():
        found = compiled(source)
        for name, member in instance.items():
            if found is not None and found.search(name):
                yield from validator.descend(member, part, path=name, schema_path=source)


def _additional_properties(validator: Any, expected: Any, instance: Json, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    sources = [found for each in schema.get("patternProperties", {}) if (found := compiled(each))]
    others = [
        name
        for name in instance
        if name not in schema.get("properties", {}) and not any(found.search(name) for found in sources)
    ]
    if isinstance(expected, bool):
        if not expected and others:
            listed, verb = ", ".join(map(repr, others)), "was" if len(others) == 1 else "were"
            yield ValidationError(f"Additional properties are not allowed ({listed} {verb} unexpected)")
        return
    for name in others:
        yield from validator.descend(instance[name], expected, path=name)


def _multiple_of(validator: Any, expected: float, instance: Json, schema: Any) -> Iterator[Any]:
    """In decimal, as both are written: in binary, 0.07 would be no multiple of 0.01."""
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    if not math.isfinite(instance) or Fraction(str(instance)) % Fraction(str(expected)):
        yield ValidationError(f"{instance!r} is not a multiple of {expected!r}")


def _additional_items(validator: Any, expected: Any, instance: Json, schema: Any) -> Iterator[Any]:
    if isinstance(schema.get("items"), list):  # beside anything else it says nothing
        yield from Draft7Validator.VALIDATORS["additionalItems"](validator, expected, instance, schema)


OWN = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "additionalItems": _additional_items,
    "multipleOf": _multiple_of,
}
"""What takes the place of jsonschema's own."""
