"""Values by searching, for schemas that values cannot be put together for piece by piece."""

from __future__ import annotations

from random import Random
from typing import Any

from codegen.contract import Json, SchemaDict
from codegen.load import DATA
from codegen.patterns import in_python
from codegen.written import Judge

_EXAMPLES = 400


def searched(schema: SchemaDict, judge: Judge, random: Random) -> list[Json]:
    """The simplest value found that the judge accepts; an empty list where none was. The same for the same seed."""
    try:
        from hypothesis import HealthCheck, Phase, find, settings  # noqa: PLC0415 - takes long, and is rarely needed
        from hypothesis.errors import HypothesisException  # noqa: PLC0415

        from codegen.drawing import strategies  # noqa: PLC0415

        from_schema = strategies()
    except ImportError:
        return []
    limits = settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        strategy = from_schema(_in_python(dict(schema)))
        seeded = Random(random.getrandbits(32))  # noqa: S311 - makes examples, keeps no secret
        return [find(strategy, judge.accepts, settings=limits, random=seeded)]
    except HypothesisException:
        return []
    except Exception:  # noqa: BLE001 - what a foreign schema can make another's library raise is beyond listing
        return []


def _in_python(schema: Any, *, is_schema: bool = True) -> Any:  # noqa: ANN401 - a schema at any depth
    """The schema with its patterns in Python's dialect."""
    if isinstance(schema, list):
        return [_in_python(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {}
    for key, value in schema.items():
        if is_schema and key in DATA:
            copied[key] = value
        elif is_schema and key == "pattern" and isinstance(value, str):
            copied[key] = in_python(value)
        elif is_schema and key == "patternProperties" and isinstance(value, dict):
            copied[key] = {in_python(name): _in_python(inner) for name, inner in value.items()}
        else:
            copied[key] = _in_python(
                value, is_schema=not (is_schema and key in ("properties", "definitions", "dependencies"))
            )
    return copied
