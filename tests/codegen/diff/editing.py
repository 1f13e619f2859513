"""Documents with something changed, compared with what they were."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from codegen.diff import Comparison, compare_contracts
from codegen.diff.payloads import OpenObjects
from codegen.pipeline import Understood, understand
from codegen.syntax import parse

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BASES: Final = {
    "topics": HERE / "topics.yaml",
    "paths": HERE / "paths.yaml",
    "own": ROOT / "spec" / "asyncapi.yaml",
}
GONE: Final = object()
"""As a new value: take away what is there."""

Edits = Mapping[str, Any]
"""New values by JSON pointer: a value, `GONE`, or a function of the old value."""


@cache
def base(name: str) -> Understood:
    """One of the documents that are edited."""
    return understand(BASES[name], alone=True)


@cache
def data(name: str) -> Any:  # noqa: ANN401 - JSON
    """The same as plain values."""
    return parse(BASES[name].read_text("utf-8"), name).data


def edited(folder: Path, name: str, edits: Edits) -> Understood:
    """A document after some edits, in document order where nothing else is said."""
    changed = copy.deepcopy(data(name))
    for pointer, new in edits.items():
        _edit(changed, pointer, new)
    path = folder / "asyncapi.json"
    path.write_text(json.dumps(changed), "utf-8")
    return understand(path, alone=True)


def compared(
    folder: Path, name: str, edits: Edits, *, open_objects: OpenObjects | None = None, backwards: bool = False
) -> Comparison:
    """A document compared with what edits make of it; or the other way round."""
    old, new = base(name), edited(folder, name, edits)
    if backwards:
        old, new = new, old
    return compare_contracts(old, new, open_objects=open_objects)


def _edit(document: Any, pointer: str, new: Any) -> None:  # noqa: ANN401
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    holder = document
    for part in way:
        holder = holder[int(part) if isinstance(holder, list) else part]
    key: Any = int(last) if isinstance(holder, list) and last != "-" else last
    if new is GONE:
        del holder[key]
    elif isinstance(holder, list) and key == "-":
        holder.append(copy.deepcopy(new))
    elif callable(new):
        holder[key] = new(holder[key])
    else:
        holder[key] = copy.deepcopy(new)


def renamed(old: str, new: str) -> Callable[[Any], Any]:
    """Give a key of a mapping another name, in its place."""

    def rename(mapping: dict[str, Any]) -> dict[str, Any]:
        return {new if key == old else key: value for key, value in mapping.items()}

    return rename


def without(*gone: str) -> Callable[[Any], Any]:
    """A list of references without those to these messages."""

    def strip(listed: list[dict[str, str]]) -> list[dict[str, str]]:
        return [item for item in listed if item["$ref"].rsplit("/", 1)[-1] not in gone]

    return strip


def replaced(old: str, new: str) -> Callable[[Any], Any]:
    """The same value with every text replaced that has another in it."""

    def swap(value: Any) -> Any:  # noqa: ANN401
        return json.loads(json.dumps(value).replace(old, new))

    return swap
