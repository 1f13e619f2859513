"""What clients need to be let in: alternatives, each of some credentials and what these allow."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codegen.contract import Json
from codegen.diagnostics import in_code
from codegen.diff.changes import Direction
from codegen.diff.documentation import without_words
from codegen.diff.notes import Notes, found, value_at
from codegen.document import Location


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a client has to have: a kind of credentials, and what they are to allow."""

    scheme: str
    """The security scheme as JSON, without words."""
    name: str
    scopes: frozenset[str]


class SecurityChanges:
    """Compares what is needed for the same thing in two contracts."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def needs(self, side: int, listed: Json) -> list[frozenset[Need]]:
        """The alternatives of which a client has to meet one; none where nothing is asked."""
        document = (self._notes.old, self._notes.new)[side].document
        found_needs: list[frozenset[Need]] = []
        for item in listed if isinstance(listed, list) else []:
            if not isinstance(item, dict):
                continue
            needs = []
            for name, scopes in item.items():
                scheme = value_at(document, found(document, "components", "securitySchemes", name))
                asked = frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()
                needs.append(Need(json.dumps(_scheme(scheme), sort_keys=True), name, asked))
            found_needs.append(frozenset(needs))
        return found_needs

    def compare(
        self,
        before: list[frozenset[Need]],
        after: list[frozenset[Need]],
        what: str,
        *,
        subject: str,
        at: tuple[Location | None, Location | None],
        direction: Direction,
        messages: tuple[str, ...] = (),
    ) -> None:
        """Note what changes for clients, of which each has to meet one of the alternatives."""
        # Who needs nothing has nothing.
        had = before or [frozenset()]
        asked = after or [frozenset()]
        refused = [one for one in had if not any(_meets(one, other) for other in asked)]
        wider = [one for one in asked if not any(_meets(one, other) for other in had)]
        said = ([_said(one) for one in before], [_said(one) for one in after])
        if refused:
            with_what = " or ".join(map(_said, refused))
            now = " or ".join(map(_said, asked))
            reason = (
                f"clients that {what} with {with_what} are refused: it takes {now} now"
                if before
                else f"clients that {what} without credentials are refused: it takes {now} now"
            )
            self._notes.note(
                "breaking",
                "security-changed" if before else "security-added",
                reason,
                subject=subject,
                direction=direction,
                old=list(said[0]),
                new=list(said[1]),
                at=at,
                messages=messages,
            )
        elif wider or bool(before) != bool(after):
            self._notes.note(
                "compatible",
                "security-removed" if not after else "security-widened",
                f"clients that {what} are let in as before, and others too: it takes "
                + (" or ".join(map(_said, after)) if after else "no credentials")
                + " now",
                subject=subject,
                direction=direction,
                old=list(said[0]),
                new=list(said[1]),
                at=at,
                messages=messages,
            )


def _meets(has: frozenset[Need], asked: frozenset[Need]) -> bool:
    """Whether who has the one is let in where the other is asked for."""
    return all(any(own.scheme == need.scheme and own.scopes >= need.scopes for own in has) for need in asked)


def _said(needs: frozenset[Need]) -> str:
    if not needs:
        return "no credentials"
    parts = []
    for need in sorted(needs, key=lambda need: need.name):
        scopes = f" ({', '.join(sorted(need.scopes))})" if need.scopes else ""
        parts.append(f"{in_code(need.name)}{scopes}")
    return " and ".join(parts)


def _scheme(value: Json) -> Json:
    """A security scheme without words, and without the scopes that there are."""
    cleaned = without_words(value)
    if not isinstance(cleaned, dict):
        return cleaned
    cleaned.pop("bearerFormat", None)
    flows = cleaned.get("flows")
    for flow in flows.values() if isinstance(flows, dict) else ():
        if isinstance(flow, dict):
            flow.pop("scopes", None)
    return cleaned
