"""Where `nullable` comes or goes: no word of JSON Schema, and yet the generated types heed it."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.contract import Json
from codegen.diff.notes import Notes
from codegen.diff.words import code
from codegen.document import Location
from codegen.load import DATA, NAMED


def nullables(notes: Notes) -> None:
    """Note every schema of both documents that says otherwise than before whether null may stand there."""
    old, new = notes.old.document, notes.new.document
    for way, allowed in _walk(old.value(old.root), new.value(new.root), (), is_named=False):
        name = str(way[-1]) if way[-2:-1] == ("properties",) else "/" + "/".join(map(str, way))
        now = "may be null now" if allowed else "may not be null any more"
        notes.note(
            "dangerous",
            "nullable-changed",
            f"JSON Schema knows no `nullable`, but in what is generated {code(name)} {now}: code that uses it has to "
            "change, and what is generated judges messages accordingly",
            subject=f"{name}.nullable",
            old=not allowed,
            new=allowed,
            at=(Location(old.root.file, way), Location(new.root.file, way)),
            scope="code",
        )


def _walk(
    old: Json, new: Json, way: tuple[str | int, ...], *, is_named: bool
) -> Iterator[tuple[tuple[str | int, ...], bool]]:
    if isinstance(old, dict) and isinstance(new, dict):
        if not is_named and "$ref" not in old and "$ref" not in new:
            before, after = old.get("nullable") is True, new.get("nullable") is True
            # Whoever says it by the type instead says the same.
            if before is not after and not _takes_null(old) and not _takes_null(new):
                yield way, after
        for key in old:
            if key in new and (is_named or key not in DATA):
                yield from _walk(old[key], new[key], (*way, key), is_named=not is_named and key in NAMED)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _walk(one, other, (*way, index), is_named=False)


def _takes_null(schema: dict[str, Json]) -> bool:
    kinds = schema.get("type")
    return kinds == "null" or (isinstance(kinds, list) and "null" in kinds)
