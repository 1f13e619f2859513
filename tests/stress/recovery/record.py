"""What a client was given, as it wrote it down: a JSON array a line, whatever the client's language.

    ["s", ms, n, topic]                                 its n-th subscription is granted
    ["u", ms, n, seq, seq_from, epoch, snapshot, body]  an update; the body as in `truth.FIELDS`, or null
    ["h", ms, n, place, reason, after, seq]             a hole was told, after so many updates
    ["e", ms, n, error]                                 the subscription ended; null after its own unsubscribe
    ["f", n, held]                                      what it held at the end: a book, a chart's bars, or a body
    ["x", ms, state, reason]                            the client's state changed
    ["w", ms, text]                                     a complaint

A book is `[[[price, size], …], [[price, size], …]]`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.stress.recovery.truth import Body, Row


@dataclass(frozen=True, slots=True)
class Seen:
    """An update, as a client had it."""

    ms: int
    """When, Unix milliseconds."""
    seq: int
    first: int
    """The first of those that it stands for."""
    epoch: str | None
    snapshot: bool
    body: Body | None
    """None where nobody looked."""

    def __str__(self) -> str:
        return f"{self.seq}" if self.first == self.seq else f"{self.first} to {self.seq}"


@dataclass(frozen=True, slots=True)
class Told:
    """A hole, as a client was told."""

    ms: int
    place: int
    """How many updates the client had been given before."""
    reason: str
    after: int | None
    seq: int | None

    def __str__(self) -> str:
        return f"{self.reason}, after {self.after} to {self.seq}"


@dataclass(slots=True)
class Following:
    """One subscription of a client."""

    topic: str
    ms: int
    """When it was granted, Unix milliseconds."""
    rows: tuple[int, float] = (0, math.inf)
    """From which row of the record it was there, and up to which."""
    updates: list[Seen] = field(default_factory=list)
    holes: list[Told] = field(default_factory=list)
    left: int | None = None
    """When it was given up."""
    error: str | None = None
    """Why it ended, where the client did not want that."""
    held: Any = None
    """What it had at the end: a book, bars, or the last body."""

    @property
    def channel(self) -> str:
        """What stands before the first colon."""
        return self.topic.partition(":")[0]

    @property
    def events(self) -> Iterator[Seen | Told]:
        """Updates and holes, in the order in which the client had them."""
        holes = deque(self.holes)
        for place, seen in enumerate(self.updates):
            while holes and holes[0].place <= place:
                yield holes.popleft()
            yield seen
        yield from holes


@dataclass(slots=True)
class Record:
    """Everything that one client was given."""

    name: str
    following: dict[int, Following] = field(default_factory=dict)
    states: list[tuple[int, str, str | None]] = field(default_factory=list)
    """When, what, why."""
    complaints: list[str] = field(default_factory=list)
    rows: int = 0
    """How many there were."""

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read what a client wrote."""
        record = cls(path.stem)
        decode = msgspec.json.Decoder(list[Any]).decode
        with path.open("rb") as lines:
            for line in lines:
                record.take(decode(line))
        return record

    def take(self, row: Row) -> None:
        """Take one line in."""
        self.rows += 1
        match row:
            case ["u", ms, number, seq, seq_from, epoch, snapshot, given]:
                first = seq if seq_from is None else seq_from
                self._of(number).updates.append(
                    Seen(ms, seq, first, epoch, bool(snapshot), None if given is None else body(given))
                )
            case ["h", ms, number, place, reason, after, seq]:
                self._of(number).holes.append(Told(ms, place, reason, after, seq))
            case ["s", ms, number, topic]:
                one = self._of(number)
                one.topic, one.ms, one.rows = topic, ms, (self.rows, math.inf)
            case ["e", ms, number, error]:
                one = self.following[number]
                one.left, one.error, one.rows = ms, error, (one.rows[0], self.rows)
            case ["f", number, held]:
                self.following[number].held = held
            case ["x", ms, state, reason]:
                self.states.append((ms, state, reason))
            case ["w", _, text]:
                self.complaints.append(text)
            case _:
                raise ValueError(f"no row of a client: {row}")

    def _of(self, number: int) -> Following:
        """A subscription, of which something may be told before it is granted."""
        return self.following.setdefault(number, Following("", 0))


def frozen(value: object) -> object:
    """Lists as tuples, all the way down."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def body(values: list[Any]) -> Body:
    """A body in a row, as it is compared."""
    return tuple(map(frozen, values))
