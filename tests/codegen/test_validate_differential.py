"""Our tables against the official JSON Schemas, on a document bent in every place, one at a time.

The official files come from the npm package `@asyncapi/specs`; TAPEWIRE_ASYNCAPI_SPECS names its `schemas`
folder. It takes some minutes.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft7Validator

from codegen.diagnostics import Diagnostic, DocumentError
from codegen.load import from_data
from codegen.validate import structure
from tests.codegen.feature_document import LATEST, feature_document

SPECS = os.environ.get("TAPEWIRE_ASYNCAPI_SPECS")
pytestmark = pytest.mark.skipif(
    SPECS is None or not Path(SPECS).is_dir(),
    reason="TAPEWIRE_ASYNCAPI_SPECS does not name the schemas folder of the npm package @asyncapi/specs",
)

Pointer: TypeAlias = tuple[str | int, ...]
Tree: TypeAlias = Any
"""JSON that is being taken apart."""

VALUES: tuple[Any, ...] = (
    None,
    True,
    5,
    -1,
    0,
    1.5,
    "a text",
    "",
    [],
    {},
    ["x"],
    [5],
    [{}],
    {"x": 1},
    {"x": "y"},
)
FIELDS: dict[str, Any] = {
    "unknownField": 1,
    "x-known.by_us-2": 1,
    "x-not known": 1,
    "X-upper": 1,
    "tags": [{"name": "a"}],
    "security": [],
    "messageId": "m",
    "operationId": "o",
    "servers": [],
    "description": "d",
    "examples": [],
    "schemaFormat": "application/raml+yaml;version=1.0",
    "oneOf": [],
    "payload": 5,
    "headers": {"type": "string"},
    "bearerFormat": "f",
    "tokenUrl": "https://example.com",
    "authorizationUrl": "https://example.com",
    "type": "plain",
    "name": "n",
    "location": "$message.nothing#/a",
    "variables": {},
}

EXCUSED = {"ref-pointer", "ref-file", "ref-cycle", "ref-remote", "ref-kind", "bad-name"}
"""Rules that the official schemas do not have: they follow no reference, and check no format of a name."""


def places(value: Tree, at: Pointer = ()) -> Iterator[Pointer]:
    """Every place in a document."""
    yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*at, key))


def get(document: Tree, at: Pointer) -> Tree:
    """The value at a place."""
    for key in at:
        document = document[key]
    return document


def mutants(document: dict[str, Any], *, every_value: bool) -> Iterator[str]:
    """Bend the document in one place at a time, say how, and bend it back.

    Without `every_value`, only fields come and go: what differs from one version to the next.
    """
    for at in list(places(document)):
        if not at or at == ("asyncapi",):
            continue
        parent, key = get(document, at[:-1]), at[-1]
        value = parent[key]
        if isinstance(parent, dict):
            before = list(parent.items())
            del parent[key]
            yield f"without {at}"
            parent.clear()
            parent.update(before)
        for other in VALUES if every_value else ():
            if not (
                key == "$ref" and other == ""
            ):  # a reference to the whole document, which they do not follow
                parent[key] = copy.deepcopy(other)
                yield f"{at} = {other!r}"
        parent[key] = value
        if isinstance(value, list) and value:
            value.append(copy.deepcopy(value[0]))
            yield f"{at} with its first item twice"
            value.pop()
        if isinstance(value, dict):
            before = list(value.items())
            for name, member in FIELDS.items():
                value[name] = copy.deepcopy(member)
                yield f"{at} with {name}"
                value.clear()
                value.update(before)


def ours(document: dict[str, Any]) -> list[Diagnostic]:
    """What our loader and tables have against a document, warnings left out."""
    loaded, findings = from_data(document)
    try:
        findings = [*findings, *structure.walk(loaded).diagnostics]
    except DocumentError as error:
        findings = [*findings, *error.diagnostics]
    return [finding for finding in findings if finding.severity == "error"]


def is_stricter_on_purpose(findings: list[Diagnostic]) -> bool:
    """Whether we refuse only what we mean to refuse although the official schemas do not."""
    if all(finding.rule in EXCUSED for finding in findings):
        return True
    formats = ("absolute URL", "e-mail", "is not a reference", "regular expression")
    if all(any(word in finding.message for word in formats) for finding in findings):
        return True  # formats are annotations to a validator
    # A parameter that is no mapping at all.
    return all("a mapping: a parameter" in finding.message for finding in findings)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("minor", range(LATEST + 1))
def test_the_tables_refuse_what_the_official_schema_refuses(minor: int) -> None:
    """Each mutant of the feature document is accepted by both or refused by both, but for what is meant."""
    assert SPECS is not None
    official = Draft7Validator(
        json.loads(Path(SPECS, f"2.{minor}.0-without-$id.json").read_text(encoding="utf-8"))
    )
    document = feature_document(minor)
    assert official.is_valid(document)
    assert ours(document) == []
    differences = []
    for how in mutants(document, every_value=minor in (0, LATEST)):
        findings = ours(document)
        if official.is_valid(document):
            if findings and not is_stricter_on_purpose(findings):
                differences.append(f"only we refuse: {how}: {findings[0].rule}: {findings[0].message}")
        elif not findings:
            differences.append(f"only they refuse: {how}")
    assert differences == []
