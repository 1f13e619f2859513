"""What is demanded beside a type: of frames, of values made in Python, and how a refusal reads."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import TypeAdapter, ValidationError

from codegen.pipeline import generate
from tests.codegen.built import imported, models_source, with_schemas

_SCHEMAS = """\
    Order:
      type: object
      required: [import]
      properties:
        import: {type: string}
        export: {type: string}
        at: {type: string, format: date-time}
        lines: {type: array, uniqueItems: true, items: {$ref: '#/components/schemas/Line'}}
        none: false
      maxProperties: 3
      dependencies: {export: [at]}
    Line: {type: object, properties: {n: {type: integer}}, not: {required: [m]}}
    Loop: {type: array, items: {$ref: '#/components/schemas/Loop'}, uniqueItems: true}
"""


@pytest.fixture
def models(tmp_path: Path) -> ModuleType:
    """Models that demand something as a whole, and in a field."""
    return imported(tmp_path, with_schemas(tmp_path, _SCHEMAS))


def test_what_is_made_in_python_conforms_too(models: ModuleType) -> None:
    """Fields are told by their names in Python, and counted as what they are on the wire; models are in models."""
    line = models.Line
    made = models.Order(import_="a", lines=[line(n=1), line(n=2)])
    assert json.loads(made.model_dump_json()) == {"import": "a", "lines": [{"n": 1}, {"n": 2}]}
    with pytest.raises(ValidationError, match="should have no item twice"):
        models.Order(import_="a", lines=[line(n=1), line(n=1)])
    with pytest.raises(ValidationError, match="has 'export' and so should have 'at'"):
        models.Order(import_="a", export="b")
    with pytest.raises(ValidationError, match="should have at most 3 properties"):
        models.Order(import_="a", export="b", at="2026-01-02T03:04:05Z", lines=[])


def test_a_refusal_says_where_and_why(models: ModuleType) -> None:
    """The place is the field's, as for what Pydantic demands itself."""
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(models.Order).validate_json('{"import": "a", "lines": [{"n": 1}, {"n": 1.0}], "none": 1}')
    told = {error["loc"]: error["msg"] for error in raised.value.errors()}
    assert told == {
        ("lines",): "Input should have no item twice",
        ("none",): "Input should not be there",
    }


def test_a_refusal_reaches_the_client_as_a_pointer(models: ModuleType) -> None:
    """What the dispatcher tells of a frame is the place in the frame."""
    codec = importlib.import_module(f"{models.__package__}.runtime.codec")
    errors = importlib.import_module(f"{models.__package__}.runtime.errors")
    with pytest.raises(errors.InvalidMessage) as raised:
        codec.Codec(models.Order).decode('{"import": "a", "lines": [{"n": 1, "m": 2}]}')
    ((pointer, text),) = [(item.path, item.message) for item in raised.value.errors]
    assert pointer == "/lines/0"
    assert "rules out" in text


def test_frames_nested_without_end_are_refused(models: ModuleType) -> None:
    """Depth is a mistake of the frame's, not an accident of ours."""
    adapter = TypeAdapter[object](models.Loop)
    assert adapter.validate_json("[[], [[]]]") == [[], [[]]]
    with pytest.raises(ValidationError):
        adapter.validate_json("[" * 150 + "]" * 150 + "x")
    with pytest.raises(ValidationError):
        adapter.validate_json("[" * 5000 + "]" * 5000)


def test_names_of_python_are_none_of_the_wire(models: ModuleType) -> None:
    """A frame with the attribute's name in the property's place lacks the property."""
    codec = importlib.import_module(f"{models.__package__}.runtime.codec").Codec(models.Order)
    assert codec.accepts('{"import": "a"}')
    assert not codec.accepts('{"import_": "a"}')


def test_documents_that_need_none_of_it_do_not_have_it(tmp_path: Path) -> None:
    """The modules that check come with models that demand."""
    path = tmp_path / "asyncapi.yaml"
    head = "asyncapi: 2.4.0\ninfo: {title: Test, version: '1'}\nchannels: {}\ncomponents:\n  schemas:\n"
    path.write_text(f"{head}    A: {{type: array, maxItems: 2}}\n", encoding="utf-8")
    plain = generate(path)
    path.write_text(f"{head}    A: {{type: array, uniqueItems: true}}\n", encoding="utf-8")
    demanding = generate(path)
    assert demanding.keys() - plain.keys() == {"runtime/conforms.py", "runtime/json_schema.py"}


def test_unions_that_exclude_each_other_are_not_checked_again(tmp_path: Path) -> None:
    """A constant, a type or a closed object that tells the arms of a `oneOf` apart is enough."""
    source = models_source(
        with_schemas(
            tmp_path,
            """\
            A: {type: object, required: [t], properties: {t: {const: a}}}
            B: {type: object, required: [t], properties: {t: {enum: [b, c]}}}
            C: {type: object, required: [u], properties: {u: {}}, additionalProperties: false}
            One: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}, {type: string}]}
            Two: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/C'}]}
            Three: {oneOf: [{type: integer}, {type: number}]}
            """,
        )
    )
    assert source.count("Conforms(") == 1
    assert 'Conforms({"oneOf": [{"type": "integer"}, {"type": "number"}]})' in source
