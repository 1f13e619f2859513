"""Schemas that have another name and say the same: nothing of the wire, and yet names in code."""

from __future__ import annotations

from codegen.diff.notes import Notes, found
from codegen.diff.shapes import shape
from codegen.diff.words import code
from codegen.document import Document, Location


def schema_renames(notes: Notes) -> None:
    """Note components that are the same under another name."""
    old, new = notes.old.document, notes.new.document
    before, after = _components(old), _components(new)
    gone = {name: shape(old, at) for name, at in before.items() if name not in after}
    fresh = {name: shape(new, at) for name, at in after.items() if name not in before}
    for name, its in gone.items():
        others = [other for other, said in fresh.items() if said == its]
        if len(others) != 1 or list(gone.values()).count(its) != 1:
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
            at=(before[name], after[now]),
            scope="code",
        )


def _components(document: Document) -> dict[str, Location]:
    """Where each component stands, by name."""
    at = found(document, "components", "schemas")
    names = document.value(document.follow(at)) if at is not None else None
    places = (
        {name: found(document, "components", "schemas", name) for name in names}
        if isinstance(names, dict)
        else {}
    )
    return {name: place for name, place in places.items() if place is not None}
