"""The official test suite of JSON Schema, draft 7, over the generated models.

The suite is in the source distribution of `jsonschema`; `nox -s suite` fetches that and says where it is by
TAPEWIRE_JSON_SCHEMA_SUITE, the folder with the suite's files for draft 7.
"""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codegen.diagnostics import DocumentError
from codegen.pipeline import Understood, understand
from codegen.render.unsaid import unsaid
from tests.codegen.built import imported

SUITE = os.environ.get("TAPEWIRE_JSON_SCHEMA_SUITE")
_REFUSED = {
    "definitions": 1,  # groups whose $ref leads to a schema elsewhere on the web, or that one $id names
    "ref": 17,
    "refRemote": 11,
}

pytestmark = pytest.mark.skipif(
    SUITE is None, reason="JSON Schema's test suite is not at hand; `nox -s suite` fetches it"
)


@dataclass(frozen=True, slots=True)
class Group:
    """One schema of the suite, and what is said of it."""

    name: str
    schema: Any
    tests: list[Any]


def _groups() -> Iterator[Group]:
    assert SUITE is not None
    files = sorted(Path(SUITE).glob("*.json"))
    assert files, f"there is no suite in {SUITE}"
    for path in [*files, Path(SUITE) / "optional" / "ecmascript-regex.json"]:
        stem = re.sub(r"\W", "", path.stem)
        for index, group in enumerate(json.loads(path.read_text("utf-8"))):
            yield Group(f"{stem}{index}", group["schema"], group["tests"])


def _moved(schema: Any, base: str) -> Any:  # noqa: ANN401 - whatever the suite has
    """A schema that stands deeper in its file; what is data stays as it is."""
    if isinstance(schema, list):
        return [_moved(item, base) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: base + value[1:]
        if key == "$ref" and isinstance(value, str) and value.startswith("#")
        else value
        if key in ("const", "enum") and isinstance(value, list | str)
        else _moved(value, base)
        for key, value in schema.items()
    }


def _document(folder: Path, groups: list[Group]) -> tuple[Understood, set[str]]:
    """One document with two messages for each group, its schema as payload and as a property; which were refused."""
    for group in groups:
        held = _moved(group.schema, "#/properties/it")
        holder = {"type": "object", "required": ["it"], "properties": {"it": held}}
        (folder / f"{group.name}.json").write_text(json.dumps(group.schema), encoding="utf-8")
        (folder / f"{group.name}Holder.json").write_text(json.dumps(holder), encoding="utf-8")
    names = [name for group in groups for name in (group.name, f"{group.name}Holder")]
    refused: set[str] = set()
    while True:
        channels = {
            f"/{name}": {"publish": {"message": {"name": f"{name}M", "payload": {"$ref": f"./{name}.json"}}}}
            for name in names
            if name not in refused
        }
        head = {"asyncapi": "2.6.0", "info": {"title": "Suite", "version": "1"}}
        path = folder / "asyncapi.json"
        path.write_text(json.dumps({**head, "channels": channels}), encoding="utf-8")
        try:
            return understand(path), refused
        except DocumentError as error:
            wrong = {Path(item.source.file).stem for item in error.diagnostics if item.severity == "error"}
            if not wrong - refused:
                raise
            refused |= wrong


def test_models_judge_as_the_suite_says(tmp_path: Path) -> None:
    """Every value that the suite has is judged rightly, wherever the generator takes the schema at all.

    A schema is refused only for a reference that leads out of the document. One that models take otherwise is
    reported.
    """
    groups = list(_groups())
    understood, refused = _document(tmp_path, groups)
    models = imported(tmp_path, understood.contract)
    codec = importlib.import_module(f"{models.__package__}.runtime.codec").Codec
    schemas = {message.key: message.schema for message in understood.contract.messages}
    reported = {Path(item.source.file).stem for item in unsaid(understood)}
    judged, wrong = 0, []
    for group in groups:
        for name, held in ((group.name, False), (f"{group.name}Holder", True)):
            if name in refused:
                continue
            reader = codec(getattr(models, schemas[f"{name}M"]))
            for test in group.tests:
                judged += 1
                value = {"it": test["data"]} if held else test["data"]
                if reader.accepts(json.dumps(value)) is not test["valid"] and name not in reported:
                    wrong.append((name, test["description"]))
    assert wrong == []
    assert judged > 1700
    by_file: dict[str, set[str]] = {}
    for name in refused:
        by_file.setdefault(re.sub(r"\d+(Holder)?$", "", name), set()).add(name.removesuffix("Holder"))
    assert {file: len(names) for file, names in by_file.items() if len(names) > _REFUSED.get(file, 0)} == {}
