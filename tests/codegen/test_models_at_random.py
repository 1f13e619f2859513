"""Models and an independent validator judge alike, over schemas and values by chance."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from codegen.pipeline import understand
from codegen.render.unsaid import unsaid
from codegen.written import judge
from tests.codegen.built import imported
from tests.codegen.schemas.chance import schema, value

_SCHEMAS = 80
_VALUES = 80


def _settled(made: Any, names: list[str], chance: Random) -> Any:  # noqa: ANN401 - a schema at any depth
    """The schema without a choice told twice, and some schemas in it replaced by references to earlier ones."""
    if isinstance(made, list):
        return [_settled(item, names, chance) for item in made]
    if not isinstance(made, dict):
        return made
    if names and "type" in made and chance.random() < 0.15:
        return {"$ref": f"#/components/schemas/{chance.choice(names)}"}
    settled = {
        key: _settled(item, names, chance) for key, item in made.items() if key not in ("enum", "const")
    }
    if "enum" in made:
        told: list[Any] = []
        told += [item for index, item in enumerate(made["enum"]) if item not in made["enum"][:index]]
        settled["enum"] = told
    return {**settled, "const": made["const"]} if "const" in made else settled


@pytest.mark.parametrize("seed", range(3))
def test_models_of_any_schema_judge_as_it_does(seed: int, tmp_path: Path) -> None:
    """Nothing is refused, nothing reported, and no value is judged otherwise."""
    chance = Random(seed)
    schemas: dict[str, Any] = {}
    for number in range(_SCHEMAS):
        made = _settled(schema(chance), list(schemas)[-6:], chance)
        schemas[f"Schema{number}"] = made if isinstance(made, dict) else {"allOf": [made]}
    path = tmp_path / "asyncapi.json"
    head = {"asyncapi": "2.6.0", "info": {"title": "Chance", "version": "1"}, "channels": {}}
    path.write_text(json.dumps({**head, "components": {"schemas": schemas}}, indent=1), encoding="utf-8")
    understood = understand(path)
    models = imported(tmp_path, understood.contract)
    codec = importlib.import_module(f"{models.__package__}.runtime.codec").Codec
    assert unsaid(understood) == ()
    values = [value(chance) for _ in range(_VALUES)]
    fitting, wrong = 0, []
    for name, told in schemas.items():
        reader = codec(getattr(models, name))
        judged = judge(understood.document, understood.document.root.child("components", "schemas", name))
        for item in values:
            expected = judged.accepts(item)
            fitting += expected
            if reader.accepts(json.dumps(item)) is not expected:
                wrong.append((name, told, item, expected))
    assert wrong == []
    assert 0.1 < fitting / (_SCHEMAS * _VALUES) < 0.8
