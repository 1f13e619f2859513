"""Traits: AsyncAPI 2.x merges them into a message or an operation, in order, as JSON Merge Patches."""

from __future__ import annotations

from codegen.build.context import Context
from codegen.document import Location


def merged_fields(context: Context, at: Location) -> dict[str, Location]:
    """Where each field of a message or operation stands, its traits applied.

    A trait is a patch: what it says replaces what the object said itself, and `null` takes a field away.
    """
    fields = dict(context.entries(at))
    fields.pop("$ref", None)
    for trait in context.items(at, "traits"):
        for name, place in context.entries(trait):
            if context.document.value(place) is None:
                fields.pop(name, None)
            else:
                fields[name] = place
    fields.pop("traits", None)
    return fields
