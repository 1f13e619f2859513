"""What a comparison of two contracts consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codegen.contract import Json, Source

Verdict: TypeAlias = Literal["breaking", "dangerous", "compatible"]
"""Some client is certain to break; some may, or silently mean another thing than before; none does."""
Direction: TypeAlias = Literal["client_to_server", "server_to_client"]
Scope: TypeAlias = Literal["wire", "code", "docs"]
"""What goes over the wire; names in the generated code alone; words for people alone."""

VERDICTS: tuple[Verdict, ...] = ("breaking", "dangerous", "compatible")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts, and whom it concerns."""

    verdict: Verdict
    path: str
    """JSON Pointer into the new document, or into the old one where the new has nothing; with the file's name before
    a `#` where it is not the root file."""
    direction: Direction | None
    """Whose messages it concerns; None where both, or none."""
    kind: str
    """kebab-case: `channel-removed`, `property-required`, `limit-lowered`."""
    reason: str
    """One sentence that says who breaks and how, or why nobody does."""
    old: Json = None
    new: Json = None
    messages: tuple[str, ...] = ()
    """Keys of the messages that it concerns, in document order."""
    place: Source | None = None
    """In the new document; None where it has nothing to show."""
    old_place: Source | None = None
    subject: str = ""
    """What changed, in a few words: `payload.limit of wind.ask`."""
    scope: Scope = "wire"
    witness: Mapping[str, Json] | None = None
    """`{"value": …}`: a whole message that one side accepts and the other refuses, where one was found."""

    @property
    def shown_place(self) -> Source | None:
        """Where a reader is sent: the new document, else the old one."""
        return self.place or self.old_place


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two contracts, and what that means for the version."""

    changes: tuple[Change, ...]
    """The worst first, then in order of the documents."""
    old_version: str
    new_version: str
    suggested_version: str
    """The lowest version that the changes allow, going on from the old one; empty where the old one has no numbers."""
    follows: bool
    """Whether the new version is at least the suggested one."""
    old_source: str = ""
    """What the documents were called: `main:spec/asyncapi.yaml`."""
    new_source: str = ""
    title: str = ""

    @property
    def breaking(self) -> bool:
        """Whether some client is certain to break."""
        return any(change.verdict == "breaking" for change in self.changes)

    def of(self, verdict: Verdict) -> tuple[Change, ...]:
        """The changes with one verdict."""
        return tuple(change for change in self.changes if change.verdict == verdict)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many changes there are of each verdict."""
        return {verdict: len(self.of(verdict)) for verdict in VERDICTS}
