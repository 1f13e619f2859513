"""Values that a schema accepts, drawn by hypothesis from a seed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.patterns import compiled, in_python
from codegen.written import Judge

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
        from hypothesis.errors import HypothesisException  # noqa: PLC0415

        from_schema = _from_schema()
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
                max_examples=2 * count,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            deciding: Any = given(strategy)
            run: Any = seeded(seed)(drawing(deciding(keep)))
            run()
    except (HypothesisException, ValueError, AssertionError, RecursionError):
        pass  # a schema that is beyond it: what was found so far is right all the same
    return list(found.values())


def simple(schema: SchemaDict, definitions: SchemaDict, seed: int = 0) -> Json | object:
    """One plain value that a part of a schema accepts, ABSENT where none is found."""
    whole: dict[str, Json] = {**schema, "definitions": dict(definitions)}
    judge = Judge(whole)
    for value in _plain(schema, definitions, 0):
        if judge.accepts(value):
            return value
    drawn = draw(whole, 1, seed)
    return drawn[0] if drawn else ABSENT


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


def _plain(schema: SchemaDict, definitions: SchemaDict, depth: int) -> list[Json]:
    schema = resolved(dict(schema), definitions)
    guesses: list[Json] = []
    for key in ("examples", "enum"):
        listed = schema.get(key)
        guesses += listed if isinstance(listed, list) else []
    guesses += [schema[key] for key in ("default", "const") if key in schema]
    for key in ("minimum", "maximum"):
        guesses += [schema[key]] if key in schema else []
    least = schema.get("minLength")
    guesses += ["a" * least] if isinstance(least, int) else []
    for key in ("oneOf", "anyOf", "allOf"):
        arms = schema.get(key)
        for arm in arms if isinstance(arms, list) else []:
            guesses += _plain(resolved(arm, definitions), definitions, depth + 1)[:4] if depth < 4 else []
    required, properties = schema.get("required"), schema.get("properties")
    if isinstance(required, list) and isinstance(properties, Mapping) and depth < 4:
        made: dict[str, Json] = {}
        for name in map(str, required):
            child = {**resolved(properties.get(name, {}), definitions), "definitions": dict(definitions)}
            judge = Judge(child)
            fitting = (value for value in _plain(child, definitions, depth + 1) if judge.accepts(value))
            made[name] = next(fitting, None)
        guesses.append(made)
    return [*guesses, "a", 1, True, {}, [], 0.5, "A1"]


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
    return said


def _from_schema() -> Any:  # noqa: ANN401 - hypothesis-jsonschema's own type says as little
    """hypothesis-jsonschema's strategy; its objects are drawn in a way that newer versions of hypothesis left."""
    from importlib import import_module  # noqa: PLC0415
    from types import SimpleNamespace  # noqa: PLC0415

    from hypothesis.internal.conjecture.utils import many  # noqa: PLC0415
    from hypothesis_jsonschema import from_schema  # noqa: PLC0415

    within: Any = import_module("hypothesis_jsonschema._from_schema")
    if not hasattr(many, "more") and not isinstance(within.cu, SimpleNamespace):

        class Many(many):
            def more(self) -> bool:
                if self._depth is None:
                    self.__enter__()
                    self._elements = iter(self)
                if next(self._elements, self) is not self:
                    return True
                self.__exit__(None)
                return False

        within.cu = SimpleNamespace(many=Many)
    return from_schema
