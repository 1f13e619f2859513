"""Models accept what schemas accept and refuse what they refuse, keyword by keyword."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codegen.contract import Json
from codegen.pipeline import Understood, understand
from codegen.render.unsaid import unsaid
from codegen.syntax import parse
from codegen.written import judge
from tests.codegen.built import imported

_SHARED: dict[str, Json] = {
    "Short": {"type": "string", "maxLength": 3},
    "Nest": {
        "type": "array",
        "minItems": 1,
        "maxItems": 2,
        "items": {"anyOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Nest"}]},
    },
    "Never": {"type": "null", "allOf": [{"oneOf": [{"const": None}, {"enum": [None, 1]}]}]},
    "Tree": {
        "type": "object",
        "properties": {
            "left": {"$ref": "#/components/schemas/Tree"},
            "right": {"$ref": "#/components/schemas/Tree"},
        },
        "additionalProperties": False,
    },
}
_TABLE = Path(__file__).parent / "vectors.yaml"
_CASES: Any = parse(_TABLE.read_text("utf-8"), _TABLE.name).data


@dataclass(frozen=True, slots=True)
class Made:
    """All schemas of the table in one document, and its models."""

    understood: Understood
    models: ModuleType

    def accepts(self, name: str, value: Json) -> bool:
        """Whether a model accepts a value."""
        codec = importlib.import_module(f"{self.models.__package__}.runtime.codec")
        accepted: bool = codec.Codec(getattr(self.models, name)).accepts(json.dumps(value))
        return accepted


def _name(case: str) -> str:
    return "".join(word.capitalize() for word in case.split("-"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One generation for the whole table: each schema is a component, and stands in full as a property of another."""
    schemas = dict(_SHARED)
    for case, told in _CASES.items():
        schemas[_name(case) + "It"] = told["schema"]
        schemas[_name(case) + "Holder"] = {
            "type": "object",
            "required": ["it"],
            "properties": {"it": told["schema"]},
        }
    folder = tmp_path_factory.mktemp("vectors")
    path = folder / "asyncapi.json"
    head = {"asyncapi": "2.4.0", "info": {"title": "Vectors", "version": "1"}, "channels": {}}
    path.write_text(json.dumps({**head, "components": {"schemas": schemas}}, indent=1), encoding="utf-8")
    understood = understand(path)
    return Made(understood, imported(folder, understood.contract))


def _values(case: str) -> Iterator[tuple[Json, bool]]:
    yield from ((value, True) for value in _CASES[case]["good"])
    yield from ((value, False) for value in _CASES[case]["bad"])


@pytest.mark.parametrize("case", _CASES)
def test_a_model_judges_as_its_schema_does(case: str, made: Made) -> None:
    """Alone and as a property, with what stands in the table; the table itself is right about JSON Schema."""
    root = made.understood.document.root
    judged = judge(made.understood.document, root.child("components", "schemas", _name(case) + "It"))
    for value, fits in _values(case):
        assert judged.accepts(value) is fits, f"the table is wrong about {value!r}"
        assert made.accepts(_name(case) + "It", value) is fits, value
        assert made.accepts(_name(case) + "Holder", {"it": value}) is fits, value
        assert not made.accepts(_name(case) + "Holder", {})


def test_nothing_of_it_is_left_unsaid(made: Made) -> None:
    """Every demand in the table is made, so no warning speaks of any."""
    assert unsaid(made.understood) == ()
