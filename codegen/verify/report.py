"""What came of trying a contract on a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from codegen.contract import Json, Source
from codegen.verify.rules import RULES

_CLOSING = ("closed", "broken-closed", "close-undeclared")
_SAME = 3
"""So many other messages that end as the first did make it a fault of the connection, not of a message."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that one connection showed to be against the contract."""

    rule: str
    """One of `RULES`."""
    message: str
    """Key of the message that is concerned; empty where it is the connection itself."""
    detail: str
    """What is wrong, in a sentence."""
    sent: str
    """The frame of ours that led to it, as it went over the wire; empty where there was none."""
    came: str
    """What came, or what became of the connection; empty where nothing came."""
    place: Source | None
    """Where the document says otherwise."""
    kind: str = ""
    """Tells findings of one rule and message apart that are not the same fault."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A fault of the server's, told once however often it was seen."""

    rule: str
    message: str
    detail: str
    sent: str
    """The smallest frame found that shows it."""
    came: str
    place: Source | None
    reproduced: bool | None
    """Whether it showed again on a connection of its own; None where that was not tried."""
    again: str
    """A command that shows it again."""
    times: int

    def json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "rule": self.rule,
            "message": self.message,
            "meaning": RULES[self.rule],
            "detail": self.detail,
            "sent": self.sent,
            "came": self.came,
            "file": self.place.file if self.place else None,
            "line": self.place.line if self.place else None,
            "reproduced": self.reproduced,
            "again": self.again,
            "times": self.times,
        }

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.rule}: {self.detail}"]
        if self.sent:
            lines.append(f"    sent   {shortened(self.sent)}")
        lines.append(f"    came   {shortened(self.came) if self.came else 'nothing'}")
        if self.times > 1 or self.reproduced is not None:
            seen = {True: "again on a connection of its own", False: "not a second time", None: ""}
            told = [f"seen {self.times} times"] if self.times > 1 else []
            told += [seen[self.reproduced]] if self.reproduced is not None else []
            lines.append(f"    seen   {', '.join(told).removeprefix('seen ')}")
        lines.append(f"    again  {self.again}")
        return "\n".join(lines)


@dataclass(slots=True)
class Tried:
    """How much of one message was tried."""

    message: str
    direction: Literal["sent", "received"]
    valid: int = 0
    """Frames sent that the contract allows."""
    broken: int = 0
    """Frames sent that it does not."""
    answers: int = 0
    """Frames sent that were answered with what was asked for."""
    refusals: int = 0
    """Frames sent that were refused."""
    received: int = 0
    """Frames of this message that came and were checked."""
    undone: dict[str, None] = field(default_factory=dict)
    """What could not be tried, and why."""

    def json(self) -> dict[str, Json]:
        """For programs."""
        counts = {
            name: getattr(self, name) for name in ("valid", "broken", "answers", "refusals", "received")
        }
        return {"message": self.message, "direction": self.direction, **counts, "undone": list(self.undone)}


@dataclass(frozen=True, slots=True)
class Report:
    """All that was seen."""

    violations: tuple[Violation, ...]
    tried: tuple[Tried, ...]
    undone: tuple[str, ...]
    """What could not be tried and belongs to no message, and why."""
    seed: int
    connections: int
    seconds: float

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that were broken, each once, in order of their finding."""
        return tuple(dict.fromkeys(violation.rule for violation in self.violations))

    def json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "violations": [violation.json() for violation in self.violations],
            "tried": [tried.json() for tried in self.tried],
            "undone": list(self.undone),
            "seed": self.seed,
            "connections": self.connections,
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        parts = [str(violation) for violation in self.violations]
        parts.append(_table(self.tried))
        by_reason: dict[str, list[str]] = {}
        for one in self.tried:
            for why in one.undone:
                by_reason.setdefault(why, []).append(one.message)
        undone = [*self.undone, *(f"{', '.join(names)}: {why}" for why, names in by_reason.items())]
        if undone:
            parts.append("not tried:\n" + "\n".join(f"  {line}" for line in undone))
        found = len(self.violations)
        total = "no violation" if not found else "1 violation" if found == 1 else f"{found} violations"
        sent = sum(one.valid + one.broken for one in self.tried)
        came = sum(one.received for one in self.tried)
        parts.append(
            f"{total}; {sent} frames sent and {came} checked on {self.connections} connections "
            f"in {self.seconds:.1f} s, seed {self.seed}"
        )
        return "\n\n".join(parts)


def told_once(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """A server that closes whatever it is sent does so once, not once for each message: the first stands for all."""
    found = list(violations)
    alike: dict[tuple[str, str], list[Violation]] = {}
    for one in found:
        if one.rule in _CLOSING:
            alike.setdefault((one.rule, one.came), []).append(one)
    for first, *others in alike.values():
        messages = {one.message for one in others} - {first.message}
        if len(messages) < _SAME:
            continue
        detail = f"{first.detail}; the same with {len(messages)} other messages"
        times = first.times + sum(one.times for one in others)
        found = [replace(first, detail=detail, times=times) if one is first else one for one in found]
        found = [one for one in found if all(one is not other for other in others)]
    return tuple(found)


def shortened(text: str, most: int = 400) -> str:
    """A text that fits a few lines of a terminal."""
    return text if len(text) <= most else f"{text[: most - 40]}… ({len(text)} characters)"


def _table(tried: Iterable[Tried]) -> str:
    heads = ("message", "valid", "broken", "answered", "refused", "received")
    rows = [
        (
            one.message,
            *(
                ("" if number == 0 else str(number))
                for number in (one.valid, one.broken, one.answers, one.refusals, one.received)
            ),
        )
        for one in tried
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]

    def line(row: tuple[str, ...]) -> str:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in [heads, *rows])
