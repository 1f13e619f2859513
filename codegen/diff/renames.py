"""Schemas that have another name and say the same: nothing of the wire, and yet names in code."""

from __future__ import annotations

import json

from codegen.diff.documentation import without_words
from codegen.diff.notes import Notes, found
from codegen.diff.words import code
from codegen.document import Document
from codegen.written import standalone


def schema_renames(notes: Notes) -> None:
    """Note components that are the same under another name."""
    old, new = notes.old.document, notes.new.document
    before, after = _components(old), _components(new)
    gone = {name: shape for name, shape in before.items() if name not in after}
    fresh = {name: shape for name, shape in after.items() if name not in before}
    for name, shape in gone.items():
        others = [other for other, its in fresh.items() if its == shape]
        if len(others) != 1 or list(gone.values()).count(shape) != 1:
            continue
        now = others[0]
        notes.note(
            "dangerous",
            "schema-renamed",
            f"nothing changes on the wire, but code that uses the generated type {code(name)} has to change it to "
            f"{code(now)}",
            subject=f"schema {now}",
            old=name,
            new=now,
            at=(found(old, "components", "schemas", name), found(new, "components", "schemas", now)),
            scope="code",
        )


def _components(document: Document) -> dict[str, str]:
    """What each component says, by name, without words and without the names of what it refers to."""
    shapes: dict[str, str] = {}
    at = found(document, "components", "schemas")
    names = document.value(document.follow(at)) if at is not None else None
    for name in names if isinstance(names, dict) else ():
        place = found(document, "components", "schemas", name)
        if place is not None:
            shapes[name] = json.dumps(without_words(standalone(document, place)), sort_keys=True, default=str)
    return shapes
