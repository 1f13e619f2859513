"""Two contracts, and all that differs between them."""

from __future__ import annotations

from codegen.diff.access import AccessChanges
from codegen.diff.changes import VERDICTS, Change, Comparison
from codegen.diff.channels import ChannelChanges
from codegen.diff.documentation import differences
from codegen.diff.matching import match
from codegen.diff.messages import MessageChanges
from codegen.diff.notes import Notes
from codegen.diff.nullables import nullables
from codegen.diff.payloads import OpenObjects, PayloadChanges
from codegen.diff.renames import schema_renames
from codegen.diff.session import SessionChanges
from codegen.diff.versions import follows, suggest
from codegen.diff.words import joined
from codegen.pipeline import Understood


def compare_contracts(
    old: Understood, new: Understood, *, open_objects: OpenObjects | None = None
) -> Comparison:
    """All that differs between two contracts, each change with its verdict, and the version that they ask for.

    `open_objects` says how properties count that an object allows without naming them: `ignored`, as if they were
    never sent, `exact`, as if they might be; by default they are ignored where the document has an `x-envelope`, whose
    readers ignore what they do not know, and are dangerous where it has none.
    """
    notes = Notes(old, new)
    pairs = match((old.document, old.contract), (new.document, new.contract))
    payloads = PayloadChanges(notes, open_objects)
    payloads.messages(pairs)
    SessionChanges(notes, pairs).compare()
    AccessChanges(notes, pairs, payloads).compare()
    ChannelChanges(notes, pairs, payloads).compare()
    MessageChanges(notes, pairs).compare()
    payloads.finish()
    schema_renames(notes)
    nullables(notes)
    _words(notes)
    changes = tuple(sorted(notes.changes, key=_order))
    before, after = old.contract.version, new.contract.version
    return Comparison(
        changes=changes,
        old_version=before,
        new_version=after,
        suggested_version=suggest(before, changes),
        follows=follows(before, after, changes),
        old_source=_name(old),
        new_source=_name(new),
        title=new.contract.title,
    )


def _order(change: Change) -> tuple[int, bool, bool, str, int]:
    place = change.shown_place
    return (
        VERDICTS.index(change.verdict),
        change.scope == "docs",
        change.place is None,
        place.file if place is not None else "",
        place.line if place is not None else 0,
    )


def _name(understood: Understood) -> str:
    return understood.document.root.file


def _words(notes: Notes) -> None:
    """One change for all words that are for people."""
    counted = differences(notes.old.contract.document, notes.new.contract.document)
    if any(change.kind == "client-name-changed" and change.path == "/info/title" for change in notes.changes):
        # This one names a class, and was told of as that.
        counted["title"] -= 1
    counted = {word: number for word, number in counted.items() if number}
    if not counted:
        return
    told = joined([f"{number} {word}{'s' if number > 1 else ''}" for word, number in counted.items()], 8)
    notes.note(
        "compatible",
        "documentation-changed",
        f"{told} {'differ' if sum(counted.values()) > 1 else 'differs'}, which no program reads",
        subject="documentation",
        old=None,
        new=None,
        at=(notes.old.document.root, notes.new.document.root),
        scope="docs",
    )
