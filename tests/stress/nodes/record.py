"""What was written down: by the publisher of each update, by clients of all that they were given."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = list[Any]
"""`["i", topic, mark, ms]` before an update is published, `["p", topic, mark, epoch, seq, ms]` when it is,
`["x", topic, mark, why, ms]` where it may be or not."""

LOSSLESS = ("trades", "account", "positions", "orders")
PRIVATE = ("account", "positions", "orders")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an update stands."""

    epoch: str
    seq: int


@dataclass(slots=True)
class Update:
    """An update of a channel that loses nothing, as a client was given it."""

    seq: int
    mark: int
    """Which of its topic's it is, by what it holds."""
    snapshot: bool = False
    epoch: str | None = None
    """Where the frame names it."""
    seq_from: int | None = None
    owner: str = ""
    """Whose it is, by what it holds: a symbol or an account."""
    ms: float = 0.0
    grants: frozenset[str] = frozenset()
    """The accounts that were granted when it came."""


@dataclass(slots=True)
class Missed:
    """A hole that was told."""

    reason: str
    after: int | None
    seq: int | None
    ms: float = 0.0


Event: TypeAlias = Update | Missed


@dataclass(slots=True)
class Followed:
    """One subscription of a client from its beginning to its end."""

    client: str
    topic: str
    events: list[Event] = field(default_factory=list)
    to_the_end: bool = False
    """Whether it should have everything up to the run's end."""

    @property
    def channel(self) -> str:
        """What stands before the first colon."""
        return self.topic.partition(":")[0]

    @property
    def owner(self) -> str:
        """What stands behind it."""
        return self.topic.split(":")[1]


@dataclass(slots=True)
class Truth:
    """What the publisher did, and what happened meanwhile."""

    begun: dict[tuple[str, int], float] = field(default_factory=dict)
    """When it was begun to publish an update, by topic and mark; ms."""
    ended: dict[tuple[str, int], float] = field(default_factory=dict)
    """When that had come to an end."""
    places: dict[tuple[str, int], Place] = field(default_factory=dict)
    """Where updates stand of which that is known."""
    last: dict[str, int] = field(default_factory=dict)
    """By topic the mark of the last one that is known to have been published."""
    forgot: list[tuple[float, float]] = field(default_factory=list)
    """When the broker forgot all, from and to; ms."""
    by_topic: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]], forgot: Iterable[tuple[float, float]] = ()) -> Truth:
        """What the rows of a record say."""
        truth = cls(forgot=list(forgot))
        for row in rows:
            topic, mark = row[1], row[2]
            match row[0]:
                case "i":
                    truth.begun[topic, mark] = row[3]
                    truth.by_topic[topic] += 1
                case "p":
                    truth.ended[topic, mark] = row[5]
                    truth.places[topic, mark] = Place(row[3], row[4])
                    truth.last[topic] = max(mark, truth.last.get(topic, 0))
                case "x":
                    truth.ended[topic, mark] = row[4]
        return truth

    def place(self, topic: str, mark: int) -> Place | None:
        """Where an update stands, as far as that is certain."""
        return None if self.may_be_twice(topic, mark) else self.places.get((topic, mark))

    def may_be_twice(self, topic: str, mark: int) -> bool:
        """Whether the broker may have carried it out, forgotten that, and been asked again."""
        begun, ended = self.begun[topic, mark], self.ended.get((topic, mark), float("inf"))
        return any(begun <= until and since <= ended for since, until in self.forgot)


def write_followed(path: Path, followed: Iterable[Followed]) -> None:
    """Write down what clients were given, an event a line, to be read beside what was published and failed."""
    with path.open("w") as out:
        for one in followed:
            for event in one.events:
                if isinstance(event, Missed):
                    row = [one.client, one.topic, "hole", event.reason, event.after, event.seq, event.ms]
                else:
                    row = [
                        *(one.client, one.topic, "snapshot" if event.snapshot else "update"),
                        *(event.mark, event.seq, event.epoch, event.ms),
                    ]
                out.write(json.dumps(row) + "\n")


def read_rows(path: Path) -> list[Row]:
    """What a publisher wrote; the last line may be half of one, where it was killed."""
    rows = []
    for line in path.read_text().splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def counted(rows: Iterable[Sequence[Any]]) -> Mapping[str, int]:
    """How many of each kind."""
    kinds: dict[str, int] = defaultdict(int)
    for row in rows:
        kinds[row[0]] += 1
    return kinds
