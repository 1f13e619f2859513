"""Where changes are collected, and how their places in both documents are told."""

from __future__ import annotations

from dataclasses import dataclass, field

from codegen.contract import Json
from codegen.diff.changes import Change, Direction, Scope, Verdict
from codegen.diff.words import sentence
from codegen.document import Document, Location
from codegen.pipeline import Understood


@dataclass
class Notes:
    """Two contracts, and what has been found to differ so far."""

    old: Understood
    new: Understood
    changes: list[Change] = field(default_factory=list)

    @property
    def enveloped(self) -> bool:
        """Whether frames are envelopes in both."""
        return self.old.contract.envelope is not None and self.new.contract.envelope is not None

    def note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        subject: str,
        direction: Direction | None = None,
        old: Json = None,
        new: Json = None,
        at: tuple[Location | None, Location | None] = (None, None),
        messages: tuple[str, ...] = (),
        scope: Scope = "wire",
        witness: dict[str, Json] | None = None,
    ) -> None:
        """Collect a change; `at` is where it stands in the old and in the new document."""
        before, after = at
        self.changes.append(
            Change(
                verdict=verdict,
                path=self._path(before, after),
                direction=direction,
                kind=kind,
                reason=sentence(reason),
                old=old,
                new=new,
                messages=messages,
                place=self.new.document.source(after) if after is not None else None,
                old_place=self.old.document.source(before) if before is not None else None,
                subject=subject,
                scope=scope,
                witness=witness,
            )
        )

    def _path(self, before: Location | None, after: Location | None) -> str:
        if after is not None:
            return pointer(self.new.document, after)
        return "" if before is None else pointer(self.old.document, before)


def pointer(document: Document, at: Location) -> str:
    """A place as a JSON Pointer, behind its file's name unless that is the document's own."""
    text = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in at.pointer)
    return text if at.file == document.root.file else f"{at.file}#{text}"


def found(document: Document, *keys: str | int) -> Location | None:
    """A place from the document's root, `$ref`s followed on the way; None where there is nothing."""
    at = document.root
    for key in keys:
        at = document.follow(at).child(key)
        if not document.has(at):
            return None
    return at


def value_at(document: Document, at: Location | None) -> Json:
    """What stands at a place, its own `$ref` followed; None where there is none."""
    if at is None:
        return None
    at = document.follow(at)
    return document.value(at) if document.has(at) else None
