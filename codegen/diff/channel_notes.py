"""How a change of a channel, or of a field of it, is noted with its places."""

from __future__ import annotations

from codegen.contract import Channel, Json
from codegen.diff.changes import Direction, Scope, Verdict
from codegen.diff.notes import Notes, found
from codegen.document import Location


class ChannelNotes:
    """What those share who compare channels."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def _note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        old: Channel | None,
        new: Channel | None,
        before: Json,
        after: Json,
        field: str | None = None,
        parameter: tuple[str, str, str] | None = None,
        direction: Direction | None = None,
        messages: tuple[str, ...] = (),
        scope: Scope = "wire",
    ) -> None:
        channel = new or old
        assert channel is not None
        subject = channel.name if parameter is None else f"parameter {parameter[1]} of {channel.name}"
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=subject,
            direction=direction,
            old=before,
            new=after,
            at=(
                self._place(0, old, field, parameter[0] if parameter else None, parameter),
                self._place(1, new, field, parameter[1] if parameter else None, parameter),
            ),
            messages=messages,
            scope=scope,
        )

    def _place(
        self,
        side: int,
        channel: Channel | None,
        field: str | None,
        name: str | None,
        parameter: tuple[str, str, str] | None,
    ) -> Location | None:
        """Where a channel, or a field of it, is written; the channel itself where the field is not there."""
        if channel is None:
            return None
        document = (self._notes.old, self._notes.new)[side].document
        at = found(document, "channels", channel.address)
        if at is None:
            return channel.place
        inside = document.follow(at)
        ways: list[tuple[str, ...]] = []
        if name is not None and parameter is not None:
            ways += [("parameters", name, parameter[2]), ("parameters", name)]
        if field is not None:
            ways.append((field,))
        for way in ways:
            place = inside.child(*way)
            if document.has(place):
                return place
        return at
