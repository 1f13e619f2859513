"""Models: they accept what the document's schemas accept, refuse what those refuse, and have our names."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import TypeAdapter, ValidationError

from codegen.build import build
from codegen.contract import Json
from codegen.load import load
from codegen.render.models import field_names, render_models
from tests.codegen.built import DOCUMENTS, imported, models_source, with_schemas
from tests.codegen.values import near

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted([*DOCUMENTS.glob("*.yaml"), *DOCUMENTS.glob("*.json"), ROOT / "spec" / "asyncapi.yaml"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_models_are_the_contracts_schemas(path: Path, tmp_path: Path) -> None:
    """Every schema is there under its name, nothing else is, and every example of a message is accepted."""
    contract = build(load(path), path.name)
    source = models_source(contract)
    module = imported(tmp_path, contract)
    defined = [
        statement.name if isinstance(statement, ast.ClassDef) else ast.unparse(statement.targets[0])
        for statement in ast.parse(source).body
        if isinstance(statement, ast.ClassDef | ast.Assign)
    ]
    assert sorted(defined) == sorted(schema.name for schema in contract.schemas)
    for message in contract.messages:
        adapter = TypeAdapter[object](getattr(module, message.schema))
        for example in message.examples:
            adapter.validate_json(json.dumps(example.payload))


def test_what_carries_a_secret_is_not_shown(tmp_path: Path) -> None:
    """What `x-authenticate` names as the token, and passwords, are left out of a model's `repr`; they are sent."""
    module = imported(tmp_path, build(load(ROOT / "spec" / "asyncapi.yaml"), "asyncapi.yaml"))
    credentials = module.Credentials(token="eyJ")
    assert "eyJ" not in repr(module.SessionAuthenticate(payload=credentials))
    assert json.loads(credentials.model_dump_json()) == {"token": "eyJ"}


@pytest.mark.parametrize("more", ["", ", minLength: 3", ", pattern: '^s.*$'"])
def test_a_password_is_not_shown(tmp_path: Path, more: str) -> None:
    """Whatever else is said of it, and whether or not it may be left out."""
    word = f"{{type: string, format: password{more}}}"
    schema = f"{{type: object, properties: {{name: {{type: string}}, word: {word}, in: {word}}}, required: [word]}}"
    it = imported(tmp_path, with_schemas(tmp_path, f"It: {schema}\n")).It
    shown = repr(it.model_validate({"name": "me", "word": "secret", "in": "secret"}))
    assert "me" in shown
    assert "secret" not in shown
    assert it.model_validate({"word": "secret"}).word == "secret"


def accepts(tmp_path: Path, schema: str) -> Callable[[Json], bool]:
    """Whether the model of one schema, called `It`, accepts a value."""
    module = imported(tmp_path, with_schemas(tmp_path, f"It: {schema}\n"))
    adapter = TypeAdapter[object](module.It)

    def accept(value: Json) -> bool:
        try:
            adapter.validate_json(json.dumps(value))
        except ValidationError:
            return False
        return True

    return accept


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("{type: integer}", [1, 1.0, 2**70], ["1", True, 1.5, None]),
        ("{type: integer, minimum: 2, multipleOf: 2}", [2, 4.0], [0, 3, -2]),
        ("{type: number}", [1, 1.5], ["1", True]),
        ("{type: string}", ["1"], [1, True, None]),
        ("{type: boolean}", [True], [1, "true"]),
        ("{type: string, pattern: '^(?!x)a'}", ["ab"], ["xa", "b"]),
        (r"{type: string, pattern: '^(a)\1$'}", ["aa"], ["a"]),
        ("{type: [string, 'null'], maxLength: 2}", ["ab", None], ["abc", 1]),
        ("{enum: [a, 1, true, null]}", ["a", 1, True, None], ["b", 2, False]),
        ("{const: a}", ["a"], ["b", None]),
        ("{type: string, format: date-time}", ["2026-01-02T03:04:05Z"], [1767323045]),
        ("{type: array, items: {type: string, minLength: 2}, minItems: 1}", [["ab"]], [[], ["a"], "ab"]),
        (
            "{type: array, items: [{type: string}, {type: number}], minItems: 2, maxItems: 2}",
            [["a", 1]],
            [["a"]],
        ),
        ("{type: object, additionalProperties: {type: integer}}", [{}, {"a": 1}], [{"a": "1"}, []]),
        ("{type: object, properties: {a: {type: string}}}", [{}, {"b": 1}], [{"a": None}]),
        ("{properties: {a: {}}, additionalProperties: false}", [{"a": 1}], [{"b": 1}]),
        (
            "{type: object, properties: {a: {}}, additionalProperties: {type: string, maxLength: 1}}",
            [{"a": 9, "b": "x"}],
            [{"b": "xx"}, {"b": 1}],
        ),
        (
            "{type: object, patternProperties: {'^a': {type: string}}, additionalProperties: false}",
            [{"ab": "x"}],
            [{"b": "x"}],
        ),
        ("{type: object, required: [a]}", [{"a": None}], [{}]),
        ("{type: object, properties: {n: {type: 'null'}}}", [{}, {"n": None}], [{"n": 1}]),
        (
            "{allOf: [{properties: {a: {type: number}}}, {properties: {a: {minimum: 2}}}], required: [a]}",
            [{"a": 2}],
            [{}, {"a": 1}],
        ),
        (
            "{properties: {a: {}, b: {}}, anyOf: [{required: [a]}, {required: [b]}], type: object}",
            [{"a": 1}, {"b": 1}],
            [{}],
        ),
        ("{type: string, minLength: 1, allOf: [{maxLength: 2}]}", ["ab"], ["", "abc"]),
        (
            "{oneOf: [{type: object, properties: {a: {type: string, nullable: true}}}, {required: [b]}], type: object}",
            [{"a": None}, {"a": "x"}],
            [{"a": None, "b": 1}, {"a": 1}],
        ),
    ],
)
def test_models_mean_what_schemas_mean(
    schema: str, good: list[Json], bad: list[Json], tmp_path: Path
) -> None:
    """JSON types are kept apart, and every demand that Pydantic can make is made."""
    accept = accepts(tmp_path, schema)
    assert [value for value in good if not accept(value)] == []
    assert [value for value in bad if accept(value)] == []


@pytest.mark.parametrize("seed", range(3))
def test_models_agree_with_json_schema(seed: int, tmp_path: Path) -> None:
    """Over random values near each schema, models and an independent validator come to the same judgement."""
    path = DOCUMENTS / "agreement.yaml"
    contract = build(load(path), path.name)
    module = imported(tmp_path, contract)
    schemas = {schema.name: dict(schema.schema) for schema in contract.schemas}
    chance = random.Random(seed)
    disagreements = []
    judged = {True: 0, False: 0}
    components: Any = contract.document["components"]
    for name in components["schemas"]:
        whole: dict[str, Json] = {"$ref": f"#/components/schemas/{name}"}
        validator = Draft7Validator({"allOf": [whole], "components": components})
        adapter = TypeAdapter[object](getattr(module, name))
        for _ in range(150):
            value = near(chance, {"$ref": f"#/components/schemas/{name}"}, schemas)
            expected = validator.is_valid(value)
            judged[expected] += 1
            try:
                adapter.validate_json(json.dumps(value))
                actual = True
            except ValidationError:
                actual = False
            if actual != expected:
                disagreements.append((name, value, expected))
    assert disagreements == []
    assert min(judged.values()) > 200


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ("{type: number}", "%s"),
        ("{type: number, minimum: 0}", "%s"),
        ("{type: integer}", "%s"),
        ("{type: [number, 'null']}", "%s"),
        ("{type: array, items: {type: number}}", "[1, %s]"),
        (
            "{anyOf: [{type: 'null'}, {type: number}, {type: array, items: {$ref: '#/components/schemas/It'}}]}",
            "[[%s]]",
        ),
        ("{type: object, properties: {n: {type: number}}, required: [n]}", '{"n": %s}'),
        ("{type: object, properties: {n: {type: number, default: 0.5}}}", '{"n": %s}'),
        ("{type: object, additionalProperties: {type: number}}", '{"n": %s}'),
    ],
)
def test_numbers_are_those_that_json_has(tmp_path: Path, schema: str, shape: str) -> None:
    """What is no number, and what is infinite, is refused where it is read and where a program makes it."""
    module = imported(tmp_path, with_schemas(tmp_path, f"It: {schema}\n"))
    adapter = TypeAdapter[object](module.It)
    adapter.validate_json(shape % "2")
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        with pytest.raises(ValidationError):
            adapter.validate_json(shape % number)
        with pytest.raises(ValidationError):
            adapter.validate_python(json.loads(shape % number))


@pytest.mark.parametrize("name", ["Integer", "Number"])
def test_schemas_may_be_called_as_numbers_are(tmp_path: Path, name: str) -> None:
    """A schema that has the name of a type of ours gets another, and its fields keep their types."""
    schema = "{type: object, properties: {n: {type: integer}, x: {type: number}}}"
    module = imported(tmp_path, with_schemas(tmp_path, f"{name}: {schema}\n"))
    it = getattr(module, f"{name}Schema")
    assert json.loads(it.model_validate({"n": 1, "x": 1.5}).model_dump_json()) == {"n": 1, "x": 1.5}


def test_a_constant_tells_the_arms_of_a_union_apart(tmp_path: Path) -> None:
    """What is wrong is told of the arm that the constant names, and of no other."""
    module = imported(
        tmp_path,
        with_schemas(
            tmp_path,
            """\
            It: {oneOf: [{$ref: '#/components/schemas/Yes'}, {$ref: '#/components/schemas/No'}]}
            Yes: {type: object, required: [status], properties: {status: {const: ok}, n: {type: integer}}}
            No: {type: object, required: [status], properties: {status: {const: error}, code: {type: string}}}
            """,
        ),
    )
    with pytest.raises(ValidationError) as raised:
        TypeAdapter[object](module.It).validate_python({"status": "ok", "n": "1"})
    assert [error["loc"] for error in raised.value.errors()] == [("ok", "n")]


def test_absent_and_null_are_two_things(tmp_path: Path) -> None:
    """An optional property is left out of what is written; one that is null is written as null."""
    module = imported(
        tmp_path,
        with_schemas(
            tmp_path, "It: {type: object, properties: {a: {type: [string, 'null']}, b: {type: string}}}\n"
        ),
    )
    assert module.It().model_dump_json() == "{}"
    assert module.It(a=None).model_dump_json() == '{"a":null}'


def test_defaults_of_what_is_referred_to_arrive(tmp_path: Path) -> None:
    """A default counts where it stands and where its schema is used; one of another type does not."""
    module = imported(
        tmp_path,
        with_schemas(
            tmp_path,
            """\
            It:
              type: object
              properties:
                a: {$ref: '#/components/schemas/Letter'}
                b: {type: array, items: {type: integer}, default: []}
                c: {type: integer, default: none}
            Letter: {type: string, default: x}
            """,
        ),
    )
    assert module.It().model_dump() == {"a": "x", "b": []}


def test_properties_are_reached_by_python_names(tmp_path: Path) -> None:
    """Names that Python cannot have are spelled alike, taken by that name, and written as on the wire."""
    contract = build(load(DOCUMENTS / "names.yaml"), "names.yaml")
    names = field_names(render_models(contract))
    assert [names["Everything", name] for name in ("class", "foo-bar", "foo_bar", "$id", "copy", "date")] == [
        "class_",
        "foo_bar_",
        "foo_bar",
        "id",
        "copy_",
        "date",
    ]
    made = imported(tmp_path, contract).Import(type="import", import_=3)
    assert json.loads(made.model_dump_json()) == {"type": "import", "import": 3}


def test_properties_may_be_called_as_what_models_use(tmp_path: Path) -> None:
    """A property that is called like something a model's own source or Pydantic needs is read all the same."""
    contract = with_schemas(
        tmp_path,
        """
        It:
          type: object
          properties:
            Config: {type: string}
            re: {type: string, pattern: "^(?=a)"}
            Conforms: {type: array, uniqueItems: true}
            Nothing: false
        """,
    )
    value = {"Config": "c", "re": "ab", "Conforms": [1]}
    made = imported(tmp_path, contract).It.model_validate(value, by_alias=True)
    assert json.loads(made.model_dump_json()) == value


def test_a_message_need_not_be_told_its_type_under_an_envelope(tmp_path: Path) -> None:
    """The tag has its constant as default, so that a message is made of what varies alone."""
    contract = build(load(ROOT / "spec" / "asyncapi.yaml"), "spec/asyncapi.yaml")
    module = imported(tmp_path, contract)
    made = module.BarsSubscribe(payload=module.BarsSelection(symbol="AAPL"))
    assert json.loads(made.model_dump_json()) == {
        "type": "bars.subscribe",
        "payload": {"symbol": "AAPL", "resolution": "1"},
    }


def test_descriptions_survive(tmp_path: Path) -> None:
    """Quotes, backslashes and code in descriptions become docstrings that say the same."""
    module = imported(tmp_path, build(load(DOCUMENTS / "descriptions.yaml"), "descriptions.yaml"))
    assert module.A.__doc__ == "A: this is it."
    assert module.B.__doc__ == 'B: "Quoted" at the start, and without a full stop.'
    assert module.C.__doc__ == "regex \\d and ''' both."
    assert module.D.__doc__.startswith("First sentence.\n")


def test_output_does_not_depend_on_hashing(tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes."""
    program = (
        "import sys; from codegen.load import load; from codegen.build import build; "
        "from codegen.render.models import render_models; "
        "sys.stdout.buffer.write(render_models(build(load(sys.argv[1]), 'x')).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(DOCUMENTS / "schemas.yaml")],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_models_pass_the_type_checker(tmp_path: Path) -> None:
    """The models of every document here are clean under `mypy --strict` with Pydantic's plugin."""
    package = tmp_path / "checked"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    for number, path in enumerate(CASES):
        contract = build(load(path), path.name)
        module = imported(package, contract)
        assert module.__file__ is not None
        folder = Path(module.__file__).parent
        folder.rename(package / f"case{number}")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "-p", "checked"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("Success"), done.stdout + done.stderr
