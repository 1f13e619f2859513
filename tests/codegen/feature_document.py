"""A document that uses every object and nearly every field of AsyncAPI 2.x, for tests that break it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LATEST = 6

_FILE = Path(__file__).with_name("features.yaml")

_NEW: tuple[tuple[int, tuple[str | int, ...]], ...] = (
    (1, ("components", "securitySchemes", "sasl")),
    (1, ("channels", "things/{id}", "publish", "message", "examples", 0, "name")),
    (1, ("channels", "things/{id}", "publish", "message", "examples", 0, "summary")),
    (2, ("channels", "things/{id}", "servers")),
    (3, ("components", "servers")),
    (3, ("components", "channels")),
    (4, ("components", "serverVariables")),
    (4, ("channels", "things/{id}", "publish", "security")),
    (4, ("channels", "things/{id}", "publish", "message", "messageId")),
    (5, ("servers", "main", "tags")),
)
"""What came with which 2.y."""


def feature_document(minor: int) -> dict[str, Any]:
    """All features that AsyncAPI 2.`minor` has."""
    document = YAML(typ="safe", pure=True).load(_FILE.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    document["asyncapi"] = f"2.{minor}.0"
    for since, pointer in _NEW:
        if since > minor:
            parent: Any = document
            for key in pointer[:-1]:
                parent = parent[key]
            del parent[pointer[-1]]
    return document
