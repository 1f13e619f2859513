"""Text to plain values with positions: YAML and JSON as the JavaScript tools of AsyncAPI read them.

That is YAML 1.2's core schema: dates and `yes`/`no` are strings, keys are strings as they were written, merge
keys work. What cannot be JSON (NaN, several documents, tags of one's own) is refused. Reading goes on after a
mistake where it can, so that one run names them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from codegen.contract import Json, Source
from codegen.diagnostics import Diagnostic
from codegen.syntax.json_text import read_json
from codegen.syntax.nodes import Builder, Positions, StopError, positions_of
from codegen.syntax.yaml_text import read_yaml


@dataclass(slots=True)
class Parsed:
    """One file's values, where each was written, and what is wrong with the text."""

    data: Json = None
    positions: Positions = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def parse(text: str, name: str) -> Parsed:
    """The values of a YAML or JSON text; mistakes are in the result's diagnostics, never raised.

    `name` is the file as shown to the user; one that ends in `.json` is read strictly as JSON.
    """
    if not text.strip():
        return Parsed(diagnostics=[Diagnostic(Source(name, 1, 1), "empty", "there is nothing in this file")])
    if name.lower().endswith(".json"):
        return _run(read_json, text, name)
    if text.lstrip()[:1] in ("{", "["):
        # JSON that is indented with tabs is no YAML for most parsers, whatever the file is called.
        parsed = _run(read_json, text, name)
        if not any(d.rule == "json-syntax" for d in parsed.diagnostics):
            return parsed
    return _run(read_yaml, text, name)


_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
"""What git writes around the two sides of what it could not merge."""


def _conflicts(text: str, found: list[Diagnostic]) -> list[Diagnostic]:
    """What is wrong with a text, said of the conflict that somebody forgot where that is why."""
    mark = _CONFLICT.search(text)
    if mark is None or not found or not found[-1].rule.endswith("-syntax"):
        return found
    last = found[-1]
    place = Source(last.source.file, text.count("\n", 0, mark.start()) + 1, 1)
    message = f"a conflict of a merge has not been resolved: {mark[0].strip()}"
    return [*found[:-1], replace(last, source=place, message=message)]


def _run(read: Callable[[str, Builder], None], text: str, name: str) -> Parsed:
    builder = Builder(name)
    try:
        read(text, builder)
    except StopError:
        return Parsed(diagnostics=_conflicts(text, builder.diagnostics))
    root = builder.root
    if root is None or (root.data is None and not builder.diagnostics):
        builder.report((1, 1), "empty", "there is no value in this file")
        return Parsed(diagnostics=builder.diagnostics)
    return Parsed(root.data, positions_of(root), builder.diagnostics)
