"""Values that a schema accepts, drawn by hypothesis from a seed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from random import Random
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.drawing import strategies
from codegen.patterns import compiled, in_python
from codegen.values import ImpossibleError, Maker, make
from codegen.written import Judge

_OPEN = frozenset(
    {"additionalProperties", "patternProperties", "propertyNames", "minProperties", "dependencies"}
    | {"allOf", "anyOf", "oneOf", "if", "not", "$ref"}
)
"""Where a schema has one of these, its properties alone do not say which there may be."""

ABSENT = object()
"""Where there is no value."""


class MissingToolsError(Exception):
    """What makes values up is not installed."""


def draw(schema: SchemaDict, count: int, seed: int) -> list[Json]:
    """Up to `count` different values that the schema accepts, the same for the same seed; fewer where there are fewer.

    Raises:
        MissingToolsError: hypothesis or hypothesis-jsonschema is not installed.

    """
    if count <= 0:
        return []
    try:
        from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415 - takes long
        from hypothesis import seed as seeded  # noqa: PLC0415

        from_schema = strategies()
    except ImportError as error:
        raise MissingToolsError(f"verify needs {error.name}: pip install 'tapewire[review]'") from error
    judge = Judge(schema)
    found: dict[str, Json] = {}

    def keep(value: Json) -> None:
        if len(found) < count and judge.accepts(value):
            found.setdefault(repr(value), value)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            strategy = from_schema(_pythonic(dict(schema)))
            drawing = settings(
                max_examples=count + 5,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            deciding: Any = given(strategy)
            run: Any = seeded(seed)(drawing(deciding(keep)))
            run()
    except Exception:  # noqa: BLE001, S110 - what a foreign schema can make another's library raise is beyond listing
        pass
    random = Random(seed)  # noqa: S311 - makes examples, keeps no secret
    for _ in range(count - len(found)):  # a schema that is beyond it
        try:
            keep(Maker(schema).make(random))
        except ImpossibleError:
            break
    return list(found.values())


def simple(schema: SchemaDict, definitions: SchemaDict) -> Json | object:
    """One plain value that a part of a schema accepts, ABSENT where none is found."""
    try:
        return make({**schema, "definitions": dict(definitions)}, Random(0))  # noqa: S311 - keeps no secret
    except ImpossibleError:
        return ABSENT


def resolved(schema: Json, definitions: SchemaDict) -> SchemaDict:
    """A part of a standalone schema, its `$ref` followed; `true` and `false` as mappings."""
    for _ in range(64):
        if isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
            schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        else:
            break
    if isinstance(schema, Mapping):
        return schema
    return {"not": {}} if schema is False else {}


def _pythonic(schema: Json) -> Any:  # noqa: ANN401 - as hypothesis-jsonschema takes it
    """The same schema with expressions that Python reads; those that it cannot are left out."""
    if isinstance(schema, list):
        return [_pythonic(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    said = {key: _pythonic(value) for key, value in schema.items() if not key.startswith("x-")}
    pattern = said.get("pattern")
    if isinstance(pattern, str):
        if compiled(pattern) is None:
            del said["pattern"]
        else:
            said["pattern"] = in_python(pattern)
    if isinstance(schema.get("properties"), Mapping) and not _OPEN & schema.keys():
        said["additionalProperties"] = (
            False  # any other would be drawn at length, and ignored by who reads it
        )
    return said
