"""One sentence on a changed schema: who breaks, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from codegen.contract import Json
from codegen.diff.changes import Direction, Verdict
from codegen.diff.words import code, joined, value_path, values

if TYPE_CHECKING:
    from codegen.schemas import SchemaChange

_REMOVED = ("property-removed", "required-property-removed")
_DEFAULTS = ("default-changed", "default-added", "default-removed")


def _each(kinds: Iterable[str], verdict: Verdict, template: str) -> dict[tuple[str, Verdict], str]:
    return {(kind, verdict): template for kind in kinds}


_SENT: Mapping[tuple[str, Verdict], str] = {
    ("property-required", "breaking"): "clients that send {holder} without {name} are refused: it {text}",
    ("enum-value-removed", "breaking"): "clients that send {gone} as {thing} are refused",
    **_each(_REMOVED, "breaking", "clients that send {thing} are refused: it {text}"),
    **_each(
        _REMOVED,
        "dangerous",
        "clients that send {thing} are accepted as before, but what they say there is ignored: it {text}",
    ),
    ("property-added", "dangerous"): (
        "clients that send {thing} already, as something else, are refused: the old contract allows more than it "
        "names there, and does not say whether anybody sends it"
    ),
    ("property-added-to-open", "breaking"): (
        "clients that send {thing} already, as something else, are refused: the old contract lets them"
    ),
    **_each(
        ("property-added", "property-added-to-closed"),
        "compatible",
        "clients may send {thing} now; nobody has to",
    ),
    ("deprecated-changed", "compatible"): "clients that send {thing} are accepted as before: it {text}",
    ("open-enum-value-removed", "dangerous"): (
        "clients that send {gone} as {thing} send what is no longer known: it {text}"
    ),
    **_each(
        _DEFAULTS, "dangerous", "clients that leave {thing} out mean another value than before: it {text}"
    ),
}
_SENT_ELSE: Mapping[Verdict, str] = {
    "breaking": "clients that send {thing} as the old contract allows may be refused: it {text}",
    "dangerous": (
        "clients that send {thing} as the old contract allows may be refused, which cannot be told for "
        "certain: it {text}"
    ),
    "compatible": "clients that send {thing} as before are accepted: it {text}",
}
_RECEIVED: Mapping[tuple[str, Verdict], str] = {
    **_each(
        ("enum-value-added", "enum-removed"),
        "breaking",
        "clients that switch over every value of {thing} meet {fresh}",
    ),
    ("open-enum-value-added", "compatible"): (
        "clients know that {thing} may grow, and treat {fresh} as any value they do not know"
    ),
    ("property-required", "compatible"): "clients can count on {thing} now: it {text}",
    ("property-optional", "breaking"): (
        "clients that read {thing} without looking whether it is there miss it: it {text}"
    ),
    ("property-added-to-closed", "breaking"): (
        "clients that refuse what they do not know, as the old contract has it, refuse {thing}: it {text}"
    ),
    ("required-property-removed", "breaking"): "clients that read {thing} miss it: it {text}",
    ("property-removed", "breaking"): (
        "clients that use {thing} miss it, and typed ones no longer compile: it {text}"
    ),
    ("property-removed", "dangerous"): (
        "clients that use {thing} get it no more, though the old contract let it be absent: it {text}"
    ),
    **_each(
        ("property-added", "property-added-to-open"),
        "compatible",
        "clients that do not know {thing} ignore it",
    ),
    ("deprecated-changed", "compatible"): "clients receive {thing} as before: it {text}",
    **_each(
        _DEFAULTS,
        "dangerous",
        "clients that fill in {thing} where it is absent fill in another value than is meant: it {text}",
    ),
}
_RECEIVED_ELSE: Mapping[Verdict, str] = {
    "breaking": "clients that take {thing} for what the old contract says may receive something else: it {text}",
    "dangerous": (
        "clients that take {thing} for what the old contract says may receive something else, which cannot be told "
        "for certain: it {text}"
    ),
    "compatible": "clients receive in {thing} only what they could receive before: it {text}",
}


def reason_for(
    change: SchemaChange,
    direction: Direction,
    verdict: Verdict,
    subjects: Sequence[str],
    paths: Sequence[tuple[str | int, ...]],
) -> str:
    """Who breaks by a change of a schema and how, or why nobody does."""
    told = joined(subjects, 3)
    where = joined([code(value_path(path)) for path in paths if path], 3)
    parents = dict.fromkeys(path[:-1] for path in paths)  # a payload stands for its message
    around = joined([code(value_path(path)) for path in parents if path not in ((), ("payload",))], 3)
    tables = (_SENT, _SENT_ELSE) if direction == "client_to_server" else (_RECEIVED, _RECEIVED_ELSE)
    template = tables[0].get((change.kind, verdict), tables[1][verdict])
    return template.format(
        told=told,
        thing=f"{where} of {told}" if where else told,
        holder=f"{around} of {told}" if around else told,
        name=code(str(change.at[-1])) if change.at else "it",
        text=change.text.rstrip("."),
        gone=_only(change.old, change.new),
        fresh=_only(change.new, change.old),
    )


def _only(one: Json, other: Json) -> str:
    """The values of a list that another one does not have; a single value counts as a list of one."""
    listed = one if isinstance(one, list) else [one]
    known = other if isinstance(other, list) else [other]
    fresh = [value for value in listed if value is not None and value not in known]
    return values(fresh) if fresh else code(one) if one is not None else "values that they do not know"
