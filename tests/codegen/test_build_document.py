"""Servers, channels, traits, files, the envelope: what documents say outside of schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.build import build
from codegen.contract import Json
from codegen.diagnostics import DocumentError
from codegen.load import load
from tests.codegen.built import DOCUMENTS, built


def test_paths_begin_with_the_servers_path() -> None:
    """Variables of the URL take their defaults; channels of servers that speak no WebSocket are left out."""
    contract = build(load(DOCUMENTS / "paths.yaml"), "paths.yaml")
    assert contract.servers[0].url == "wss://chat.example:443/live/v2"
    assert [endpoint.path for endpoint in contract.endpoints] == [
        "/live/v2",
        "/live/v2/rooms/{roomId}/{class}",
        "/live/v2/rooms/{roomId}",
        "/live/v2/rooms",
        "/live/v2/class",
        "/live/v2/empty",
    ]
    first = contract.endpoints[1].parameters
    assert [(item.name, item.python_name, item.typescript_name) for item in first] == [
        ("roomId", "room_id", "roomId"),
        ("class", "class_", "class_"),
    ]
    assert (first[0].pattern, first[1].enum, first[1].default) == ("^[a-z]+$", ("a", "b"), "a")


def test_traits_patch_messages_in_order() -> None:
    """AsyncAPI 2.x applies traits as merge patches: a later trait wins, and a trait wins over the message."""
    contract = build(load(DOCUMENTS / "traits.yaml"), "traits.yaml")
    (message,) = contract.messages
    assert message.key == "second"
    assert message.description == "Of its own.\n\nFrom the first trait."
    assert message.correlation == ("a",)
    assert message.examples[0].payload == {"a": "x"}


def test_other_files_become_one_document() -> None:
    """Schemas of other files are named by their keys or files, once; the bundle refers to nothing outside."""
    contract = build(load(DOCUMENTS / "multifile.yaml"), "multifile.yaml")
    names = [schema.name for schema in contract.schemas]
    assert {"Money", "User", "Place"} <= set(names)
    assert len(names) == len(set(names))
    assert all(target.startswith("#/") for target in references(dict(contract.document)))


def references(value: Json) -> list[str]:
    """Every `$ref` in a value."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return [str(target) for target in own] + [
            found for item in value.values() for found in references(item)
        ]
    return [found for item in value for found in references(item)] if isinstance(value, list) else []


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    """What cannot be expressed is refused by name and line, and all of it in one go."""
    with pytest.raises(DocumentError) as raised:
        built(
            tmp_path,
            """\
            channels:
              a:
                publish:
                  message:
                    name: binary
                    schemaFormat: application/vnd.apache.avro;version=1.9.0
                    payload: {type: record}
              b:
                x-delivery: {mode: sometimes}
                publish:
                  message: {name: asks, x-response: nobody, x-action: dance, payload: {type: object}}
            x-close-codes:
              - {code: 12, name: odd, client: stop}
            """,
        )
    assert [(finding.source.line, finding.rule) for finding in raised.value.diagnostics] == [
        (8, "schema-format"),
        (11, "x-delivery"),
        (13, "x-response"),
        (13, "x-action"),
        (15, "x-close-codes"),
    ]


def test_an_envelope_needs_a_problem(tmp_path: Path) -> None:
    """The error message of an envelope has a payload with a constant that tells it from an answer."""
    with pytest.raises(DocumentError) as raised:
        built(
            tmp_path,
            """\
            x-envelope: {error: {$ref: '#/components/messages/error'}}
            channels:
              a:
                subscribe: {message: {$ref: '#/components/messages/error'}}
            components:
              messages:
                error: {payload: {type: object, required: [type], properties: {type: {const: error}}}}
            """,
        )
    assert [finding.rule for finding in raised.value.diagnostics] == ["x-envelope"]


def test_a_circle_of_allof_is_refused(tmp_path: Path) -> None:
    """A schema that is part of itself has no shape; it is named with its line, and nothing hangs."""
    with pytest.raises(DocumentError) as raised:
        built(
            tmp_path,
            """\
            channels: {}
            components:
              schemas:
                A: {allOf: [{$ref: '#/components/schemas/B'}]}
                B: {allOf: [{$ref: '#/components/schemas/A'}]}
            """,
        )
    assert {finding.rule for finding in raised.value.diagnostics} == {"schema-cycle"}


def test_a_choice_of_itself_is_refused(tmp_path: Path) -> None:
    """A union that may be itself again says nothing; a list of itself is fine."""
    with pytest.raises(DocumentError) as raised:
        built(
            tmp_path,
            """\
            channels: {}
            components:
              schemas:
                A: {oneOf: [{type: string}, {$ref: '#/components/schemas/B'}]}
                B: {anyOf: [{type: integer}, {$ref: '#/components/schemas/A'}]}
                C: {oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/C'}}]}
            """,
        )
    assert [(finding.source.line, finding.rule) for finding in raised.value.diagnostics] == [
        (6, "schema-cycle"),
        (7, "schema-cycle"),
    ]
