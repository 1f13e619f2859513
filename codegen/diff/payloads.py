"""What messages, parameters and handshakes may carry: schemas, compared by meaning and judged by direction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from codegen.contract import Json
from codegen.diff.changes import Direction, Verdict
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes
from codegen.diff.reasons import reason_for
from codegen.diff.shapes import shape
from codegen.diff.words import called, code, value_path
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


class PayloadChanges:
    """Compares schemas, each change once for each direction."""

    def __init__(self, notes: Notes, open_objects: OpenObjects | None) -> None:
        self._notes = notes
        self._open_objects = open_objects
        self._groups: dict[str, _Group] = {}
        self._equal: dict[tuple[Location, Location], bool] = {}
        self._compared: dict[tuple[Location, Location], tuple[SchemaChange, ...]] = {}

    def messages(self, pairs: Pairs) -> None:
        """Compare the payloads of all messages that both contracts have."""
        for old, new in pairs.messages:
            hidden = self._told_elsewhere(old.message.tag, new.message.tag)
            self.schema(
                old.message.payload,
                new.message.payload,
                new.direction,
                code(called(new.message)),
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
    ) -> None:
        """Compare two schemas, where none allows anything; `hidden` are ways in a value that others tell of."""
        if old is None and new is None:
            return
        hidden = set(hidden)
        for change in self._differences(old, new):
            if any(change.at[: len(way)] == way for way in hidden):
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
            group = self._groups.setdefault(key, _Group(change, direction))
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
            verdict, scope = judged(change, group.direction, self._open_mode())
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

    def _differences(self, old: Location | None, new: Location | None) -> tuple[SchemaChange, ...]:
        before, old_at = _or_anything(self._notes.old.document, old)
        after, new_at = _or_anything(self._notes.new.document, new)
        key = (old_at, new_at)
        if key not in self._compared:
            found: tuple[SchemaChange, ...] = ()
            if shape(before, old_at) != shape(after, new_at):
                from codegen.schemas import compare  # noqa: PLC0415 - takes long

                mode: OpenObjects = "exact" if self._open_mode() == "exact" else "ignored"
                found = tuple(
                    _tidied(compare(before, old_at, after, new_at, open_objects=mode), before, after)
                )
            self._compared[key] = found
        return self._compared[key]

    def _told_elsewhere(self, old_tag: object, new_tag: object) -> list[tuple[str, ...]]:
        """The ways in a frame to what the tags and the envelope's own changes speak of already."""
        from codegen.contract import Tag  # noqa: PLC0415 - for its type alone

        hidden: list[tuple[str, ...]] = []
        if isinstance(old_tag, Tag) and isinstance(new_tag, Tag) and old_tag != new_tag:
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
        return "dangerous" if sends and open_mode == "unsure" else "compatible"
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


def _written(document: Document, at: Location | None, name: tuple[str | int, ...] | None) -> Location | None:
    if at is None or document is _ANYTHING:
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


_ANYTHING = Document(Location("anything"), {"anything": SourceFile("anything", {}, {(): (1, 1)})})


def _or_anything(document: Document, at: Location | None) -> tuple[Document, Location]:
    return (_ANYTHING, _ANYTHING.root) if at is None else (document, at)
