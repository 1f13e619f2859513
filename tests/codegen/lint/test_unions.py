"""When the arms of a union say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.lint.documents import payload


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("{type: string, title: A}", "{type: string, description: B}", True),
        ("{properties: {a: {title: A}}}", "{properties: {a: {title: B}}}", True),
        ("{properties: {title: {type: string}}}", "{properties: {title: {type: integer}}}", False),
        ("{properties: {default: {type: string}}}", "{properties: {}}", False),
        ("{const: {title: A}}", "{const: {title: B}}", False),
        ("{enum: [{x-a: 1}]}", "{enum: [{x-a: 2}]}", False),
    ],
)
def test_only_what_tells_readers_something_is_left_aside(
    tmp_path: Path, first: str, second: str, same: bool
) -> None:
    """Properties may be called like keywords that demand nothing, and listed values may have members so called."""
    assert bool(payload(tmp_path, f"anyOf: [{first}, {second}]", "duplicate-arm")) is same
