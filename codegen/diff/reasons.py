"""One sentence on a changed schema: who breaks, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.diff.changes import Direction, Verdict
from codegen.diff.words import code, joined, value_path, values

if TYPE_CHECKING:
    from codegen.schemas import SchemaChange


def reason_for(
    change: SchemaChange,
    direction: Direction,
    verdict: Verdict,
    subjects: Sequence[str],
    paths: Sequence[tuple[str | int, ...]],
) -> str:
    """Who breaks by a change of a schema and how, or why nobody does."""
    told = joined([code(subject) for subject in subjects], 3)
    where = joined([code(value_path(path)) for path in paths if path], 3)
    thing = f"{where} of {told}" if where else told
    text = change.text.rstrip(".")
    if direction == "client_to_server":
        return _sent(change, verdict, thing, told, where, text)
    return _received(change, verdict, thing, told, where, text)


def _sent(change: SchemaChange, verdict: Verdict, thing: str, told: str, where: str, text: str) -> str:
    name = _last(change)
    match change.kind, verdict:
        case "property-required", "breaking":
            return f"clients that send {told} without {name} are refused: it {text}"
        case "property-required-added" | "required-property-added", "breaking":
            return f"clients that send {told} without {name}, which they do not know, are refused: it {text}"
        case "enum-value-removed", "breaking":
            return f"clients that send {_removed(change)} as {thing} are refused: it {text}"
        case "property-removed", "dangerous":
            return f"clients that send {thing} are still accepted, but what they say is ignored: it {text}"
        case "property-removed", "breaking":
            return f"clients that send {thing} are refused: it {text}"
        case "property-added", "dangerous":
            return (
                f"clients that send {thing} already, as something else, are refused: the old contract allows "
                f"other properties there and does not say whether anybody sends them"
            )
        case "property-added", "compatible":
            return f"clients may send {thing} now; nobody has to"
        case (("default-changed" | "default-added" | "default-removed"), _):
            return f"clients that leave {thing} out mean another value than before: it {text}"
        case "open-enum-value-removed", _:
            return f"clients that send {_removed(change)} as {thing} send what is no longer listed: it {text}"
    match verdict:
        case "breaking":
            return f"clients that send {thing} as the old contract allows may be refused: it {text}"
        case "dangerous":
            return f"clients that send {thing} as the old contract allows may be refused; it cannot be told: it {text}"
        case _:
            return f"clients that send {thing} as before are accepted: it {text}"


def _received(change: SchemaChange, verdict: Verdict, thing: str, told: str, where: str, text: str) -> str:
    match change.kind, verdict:
        case "enum-value-added", "breaking":
            return f"clients that switch over every value of {thing} meet {_added(change)}: it {text}"
        case "open-enum-value-added", _:
            return f"clients know that {thing} may grow and treat {_added(change)} as any unknown value: it {text}"
        case "property-required", "compatible":
            return f"clients can count on {thing} now: it {text}"
        case (("property-optional" | "property-no-longer-required"), "breaking"):
            return f"clients that read {thing} without looking whether it is there miss it: it {text}"
        case "property-removed", "breaking":
            return f"clients that read {thing} miss it: it {text}"
        case "property-removed", "dangerous":
            return f"clients that show or use {thing} get it no more, though they have to do without it anyway: it {text}"
        case (("property-added" | "property-added-to-open"), "compatible"):
            return f"clients that do not know {thing} ignore it: it {text}"
        case (("default-changed" | "default-added" | "default-removed"), _):
            return f"clients that fill in {thing} where it is absent fill in another value than is meant: it {text}"
    match verdict:
        case "breaking":
            return f"clients that take {thing} for what the old contract says may receive something else: it {text}"
        case "dangerous":
            return (
                f"clients that take {thing} for what the old contract says may receive something else; it cannot "
                f"be told: it {text}"
            )
        case _:
            return f"clients receive in {thing} only what they could receive before: it {text}"


def _last(change: SchemaChange) -> str:
    return code(str(change.at[-1])) if change.at else "it"


def _removed(change: SchemaChange) -> str:
    gone = _without(change.old, change.new)
    return values(gone) if gone else code(change.old)


def _added(change: SchemaChange) -> str:
    fresh = _without(change.new, change.old)
    return values(fresh) if fresh else code(change.new)


def _without(one: Json, other: Json) -> list[Json]:
    """The values of a list that another one does not have; a single value counts as a list of one."""
    listed = one if isinstance(one, list) else [one]
    known = other if isinstance(other, list) else [other]
    return [value for value in listed if value is not None and value not in known]
