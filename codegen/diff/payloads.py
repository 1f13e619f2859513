"""What messages, parameters and handshakes may carry: schemas, compared by meaning and judged by direction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from codegen.contract import Json
from codegen.diff.changes import Direction, Verdict
from codegen.diff.matching import Pairs, Sent, tells_otherwise
from codegen.diff.notes import Notes
from codegen.diff.reasons import reason_for
from codegen.diff.shapes import shape
from codegen.diff.words import code, value_path
from codegen.document import Document, Location, SourceFile

if TYPE_CHECKING:
    from codegen.schemas import SchemaChange

OpenObjects: TypeAlias = Literal["exact", "ignored"]


@dataclass
class _Group:
    """One change of a schema, and all that it reaches in one direction."""

    change: SchemaChange
    direction: Direction
    subjects: list[str] = field(default_factory=list)
    """Messages as their readers know them; parameters and the like where it reaches no message."""
    messages: list[str] = field(default_factory=list)
    paths: list[tuple[str | int, ...]] = field(default_factory=list)
    """Where it stands in the values of the subjects."""
    is_handshake: bool = False
    """Whether it is of a request that anything may add fields to, and whose readers look for their own alone."""


class PayloadChanges:
    """Compares schemas, each change once for each direction."""

    def __init__(self, notes: Notes, open_objects: OpenObjects | None) -> None:
        self._notes = notes
        self._open_objects = open_objects
        self._groups: dict[str, _Group] = {}
        self._equal: dict[tuple[Location, Location], bool] = {}
        self._compared: dict[tuple[Location, Location, Direction], tuple[SchemaChange, ...]] = {}
        self._shown: dict[Direction, set[tuple[object, ...]]] = {}
        """What has been compared already, and what of it is told with its example, for each direction."""

    def messages(self, pairs: Pairs) -> None:
        """Compare the payloads of all messages that both contracts have."""
        for old, new in pairs.messages:
            hidden = self._told_elsewhere(old, new)
            self.schema(
                old.message.payload,
                new.message.payload,
                new.direction,
                code(new.called),
                message=new.message.key,
                hidden=hidden,
            )

    def schema(
        self,
        old: Location | None,
        new: Location | None,
        direction: Direction,
        subject: str,
        *,
        message: str | None = None,
        hidden: Iterable[tuple[str, ...]] = (),
        is_handshake: bool = False,
    ) -> None:
        """Compare two schemas, where none allows anything; `hidden` are ways in a value that others tell of.

        Of a handshake, `old` and `new` describe its query or its headers, where none asks for nothing.
        """
        if old is None and new is None:
            return
        hidden = set(hidden)
        found = self._differences(old, new, direction, _NO_FIELDS if is_handshake else _ANYTHING)
        # Who is refused for any property at all is not accepted as before without the one.
        emptied = {change.at for change in found if change.kind == "properties-narrowed" and change.new == 0}
        for change in found:
            if any(change.at[: len(way)] == way for way in hidden):
                continue
            if direction == "client_to_server" and change.kind in _REMOVED and change.at[:-1] in emptied:
                continue
            key = json.dumps(
                [
                    direction,
                    change.kind,
                    change.effect,
                    _place_key(change.old_place),
                    _place_key(change.new_place),
                    change.old,
                    change.new,
                    [] if change.old_place or change.new_place else [*change.at],
                ],
                sort_keys=True,
                default=str,
            )
            group = self._groups.setdefault(key, _Group(change, direction, is_handshake=is_handshake))
            if message is None and group.messages:
                continue  # a parameter, which is part of a message that has been told of
            if message is not None and message not in group.messages:
                group.messages.append(message)
            if subject not in group.subjects:
                group.subjects.append(subject)
            if change.at not in group.paths:
                group.paths.append(change.at)

    def finish(self) -> None:
        """Note what has been found."""
        for group in self._groups.values():
            change = group.change
            mode = self._open_mode()
            if group.is_handshake and mode == "unsure":
                mode = "ignored"
            verdict, scope = judged(change, group.direction, mode)
            if scope == "docs":
                continue  # summed up elsewhere
            where = value_path(change.at)
            self._notes.note(
                verdict,
                change.kind,
                reason_for(change, group.direction, verdict, group.subjects, group.paths),
                subject=" of ".join([where] * bool(where) + [_few(group.subjects)]),
                direction=group.direction,
                old=change.old,
                new=change.new,
                at=(change.old_place, change.new_place),
                messages=tuple(group.messages),
                witness=_witness(change, group.direction),
            )

    def _open_mode(self) -> Literal["exact", "ignored", "unsure"]:
        if self._open_objects is not None:
            return self._open_objects
        return "ignored" if self._notes.enveloped else "unsure"

    def _differences(
        self, old: Location | None, new: Location | None, direction: Direction, none: Document
    ) -> tuple[SchemaChange, ...]:
        before, old_at = (none, none.root) if old is None else (self._notes.old.document, old)
        after, new_at = (none, none.root) if new is None else (self._notes.new.document, new)
        key = (old_at, new_at, direction)
        if key not in self._compared:
            found: tuple[SchemaChange, ...] = ()
            if shape(before, old_at) != shape(after, new_at):
                from codegen.schemas import compare  # noqa: PLC0415 - takes long

                mode: OpenObjects = "exact" if self._open_mode() == "exact" else "ignored"
                shown = self._shown.setdefault(direction, set())
                changes = compare(
                    before,
                    old_at,
                    after,
                    new_at,
                    open_objects=mode,
                    is_shown=lambda change: _mark(change) in shown,
                )
                shown.update(map(_mark, changes))
                found = tuple(_tidied(changes, before, after))
            self._compared[key] = found
        return self._compared[key]

    def _told_elsewhere(self, old: Sent, new: Sent) -> list[tuple[str, ...]]:
        """The ways in a frame to what the tags and the envelope's own changes speak of already."""
        old_tag, new_tag = old.message.tag, new.message.tag
        hidden: list[tuple[str, ...]] = []
        if old_tag and new_tag and tells_otherwise(old, new):
            hidden += [old_tag.path, new_tag.path]
        one, other = self._notes.old.contract.envelope, self._notes.new.contract.envelope
        if one is not None and other is not None:
            for name in ENVELOPE_NAMES:
                before, after = getattr(one, name), getattr(other, name)
                if before != after and before is not None and after is not None:
                    hidden += [(before,), (after,)]
        return hidden


ENVELOPE_NAMES = (
    *("type", "payload", "id", "topic", "seq", "seq_from", "epoch", "snapshot", "checksum"),
    *("recover", "recovered", "ts"),
)


def judged(
    change: SchemaChange, direction: Direction, open_mode: Literal["exact", "ignored", "unsure"]
) -> tuple[Verdict, Literal["wire", "docs"]]:
    """What a change of a schema means for the clients of one direction."""
    sends = direction == "client_to_server"
    special = _special(change, sends, open_mode)
    if special is not None:
        return special, "wire"
    if change.effect == "same":
        return _REMARKS.get(change.kind, ("compatible", "docs"))
    harmless = "wider" if sends else "narrower"
    harmful = "narrower" if sends else "wider"
    verdicts: dict[str, Verdict] = {harmless: "compatible", harmful: "breaking", "other": "breaking"}
    return verdicts.get(change.effect, "dangerous"), "wire"


def _special(
    change: SchemaChange, sends: bool, open_mode: Literal["exact", "ignored", "unsure"]
) -> Verdict | None:
    """What a change means of which its effect alone does not tell; None where it does."""
    if change.kind == "property-added" and open_mode != "exact" and change.effect != "other":
        # The old schema left unsaid whether others than its own properties may be sent.
        return "dangerous" if sends and open_mode == "unsure" and change.effect == "wider" else "compatible"
    if change.kind in _OPEN_ENUM:
        return "dangerous" if change.kind == "open-enum-value-removed" and sends else "compatible"
    if change.kind in _REMOVED and change.effect == "wider" and sends:
        # Nobody is refused; and yet somebody says it in vain.
        return "dangerous"
    if change.kind == "property-removed" and not sends and change.effect == "narrower":
        # It is never there again, which it need not have been before either.
        return "dangerous"
    return None


_REMOVED = frozenset({"property-removed", "required-property-removed"})
_OPEN_ENUM = frozenset({"open-enum-value-added", "open-enum-value-removed"})
_REMARKS: dict[str, tuple[Verdict, Literal["wire", "docs"]]] = {
    **dict.fromkeys(
        ("default-changed", "default-added", "default-removed", "format-changed", "content-changed"),
        ("dangerous", "wire"),
    ),
    "deprecated-changed": ("compatible", "wire"),
}
"""What no judge of schemas looks at, though both sides act on it."""


def _tidied(changes: Iterable[SchemaChange], old: Document, new: Document) -> Iterator[SchemaChange]:
    """The changes of a schema where they are written, without what others of them say already."""
    changes = tuple(changes)
    gone = {change.at for change in changes if change.kind == "property-removed"}
    missed = {change.at for change in changes if change.kind == "property-optional"} & gone
    # What must be there and is not described any more may be anything: one change, not two.
    undescribed = {
        change.at for change in changes if change.kind == "schema-changed" and change.effect == "wider"
    }
    undescribed &= {at[:-1] for at in gone - missed}
    for change in changes:
        if change.at in missed and change.kind == "property-optional":
            continue
        if _recurs(change, changes, old, new):
            continue
        if change.kind == "schema-changed" and change.at in undescribed:
            continue
        if change.kind == "property-removed" and change.at not in missed and change.at[:-1] in undescribed:
            change = replace(change, kind="property-undescribed")  # noqa: PLW2901 - the same one
        if change.at in missed and change.kind == "property-removed":
            effect: Literal["wider", "other"] = "wider" if change.effect == "wider" else "other"
            change = replace(change, kind="required-property-removed", effect=effect)  # noqa: PLW2901 - the same one
        # What happens to a property happens where it is named, not in the schema that it refers to.
        name = change.at[-1:] if "property-" in change.kind else None
        yield replace(
            change,
            old_place=_written(old, change.old_place, name),
            new_place=_written(new, change.new_place, name),
        )


def _mark(change: SchemaChange) -> tuple[object, ...]:
    """What a change of a schema that several messages share has in common in all of them."""
    places = change.old_place, change.new_place
    return change.kind, change.effect, places, change.text, () if any(places) else change.at


def _recurs(change: SchemaChange, changes: Iterable[SchemaChange], old: Document, new: Document) -> bool:
    """Whether a schema differs only as one around it does, to which it refers back, and which is told of."""
    before, after = change.old_place, change.new_place
    if change.kind != "schema-changed" or before is None or after is None:
        return False
    if old is _ANYTHING or new is _ANYTHING or old.value(before) != new.value(after):
        return False
    around = [
        target
        for at, target in new.references.items()
        if at.file == after.file and at.pointer[: len(after.pointer)] == after.pointer
    ]
    if not around or not all(_is_within(after, target) for target in around):
        return False
    return any(
        one.effect in (change.effect, "other")
        and one.new_place is not None
        and any(_is_within(one.new_place, target) for target in around)
        and not _is_within(one.new_place, after)
        for one in changes
    )


def _is_within(at: Location, other: Location) -> bool:
    return at.file == other.file and at.pointer[: len(other.pointer)] == other.pointer


def _written(document: Document, at: Location | None, name: tuple[str | int, ...] | None) -> Location | None:
    if at is None or document is _ANYTHING or document is _NO_FIELDS:
        return None
    return at if at.pointer[-1:] == name else document.follow(at)


def _place_key(at: Location | None) -> Json:
    return None if at is None else [at.file, *at.pointer]


def _few(subjects: list[str]) -> str:
    first = subjects[0].replace("`", "")
    return first if len(subjects) == 1 else f"{first} and {len(subjects) - 1} more"


def _witness(change: SchemaChange, direction: Direction) -> dict[str, Json] | None:
    """What shows the change to those whom it meets: what is sent in vain, or what comes that could not before."""
    from codegen.schemas import ABSENT  # noqa: PLC0415 - as above

    received = direction == "server_to_client" and change.effect == "other"
    witness = change.gained if received else change.witness
    if witness is ABSENT:
        return None
    return {"value": cast("Json", witness)}


def _saying(name: str, schema: dict[str, Json]) -> Document:
    """A document that is one schema."""
    return Document(Location(name), {name: SourceFile(name, schema, {(): (1, 1), ("type",): (1, 1)})})


_ANYTHING = _saying("anything", {})
_NO_FIELDS = _saying("no fields", {"type": "object"})
"""What a schema says that is not there: of a value, and of a handshake's query or headers."""
