"""Changing an authored document as somebody with an editor would: what is not touched stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

Tree = dict[str, "Tree"] | list["Tree"] | str | int | bool
Change = Callable[[dict[str, Tree]], None]


def at(tree: Tree, *keys: str) -> dict[str, Tree]:
    """The mapping at a path of keys."""
    for key in keys:
        assert isinstance(tree, dict)
        tree = tree[key]
    assert isinstance(tree, dict)
    return tree


def listed(tree: Tree, *keys: str) -> list[Tree]:
    """The list at a path of keys."""
    found = at(tree, *keys[:-1])[keys[-1]]
    assert isinstance(found, list)
    return found


def schema(document: dict[str, Tree], name: str) -> dict[str, Tree]:
    """A shared schema of the document, to be changed."""
    return at(document, "components", "schemas", name)


def edit(path: Path, change: Change) -> None:
    """Read a document, let it be changed, write it back."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    document = yaml.load(path.read_text(encoding="utf-8"))
    change(document)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
