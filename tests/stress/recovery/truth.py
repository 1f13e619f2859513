"""What the server did, as its recorder wrote it down: a JSON array a line.

    ["p", topic, epoch, seq, snapshot, payload]     an update, as the hub numbered it
    ["t", topic, payload]                           a trade of a topic that nobody has, and so without a number
    ["j", ms, client, topic, after, at, recovered, replayed]    a subscribe that was granted
    ["z", topic, epoch, seq, book]                  where a topic stood at the end; the book that it held, or null

Of a subscribe, `after` and `at` are [epoch, seq], `replayed` is how many updates were sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "bars": ("time", "open", "high", "low", "close", "volume"),
    "quotes": ("time", "bid", "ask", "bid_size", "ask_size", "last", "change"),
    "trades": ("id", "price", "size", "side", "time"),
}
"""What bodies consist of, in the order in which rows have it."""

Body: TypeAlias = tuple[Any, ...]
"""A payload's fields; of a book its two lists of (price, size)."""
Row: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in a topic."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Join:
    """A subscribe that was granted."""

    ms: int
    """Unix milliseconds."""
    after: Place | None
    """The position that the client named."""
    at: Place
    """The position that it was told."""
    recovered: bool | None
    replayed: int
    """How many updates were sent again."""


@dataclass(slots=True)
class TopicTruth:
    """Everything about one topic."""

    address: str
    epochs: dict[str, list[Body]] = field(default_factory=dict)
    """By epoch, in the order in which they began: each update's body, the first is number 1. Of books what changed."""
    snapshots: set[tuple[str, int]] = field(default_factory=set)
    """Which updates replace what there was."""
    books: dict[tuple[str, int], Body] = field(default_factory=dict)
    """Whole books, where somebody wants to know."""
    end: Place | None = None
    held: Body | None = None
    """The book that the server held at the end."""

    @property
    def channel(self) -> str:
        """What stands before the first colon."""
        return self.address.partition(":")[0]

    @property
    def symbol(self) -> str:
        """The second part."""
        return self.address.split(":")[1]

    def body(self, epoch: str, seq: int) -> Body | None:
        """What a client should be given with this update; None where there was none, or nobody knows."""
        if self.channel == "orderbook":
            return self.books.get((epoch, seq))
        bodies = self.epochs.get(epoch, [])
        return bodies[seq - 1] if 0 < seq <= len(bodies) else None

    def has(self, epoch: str, seq: int) -> bool:
        """Whether the epoch came as far as this."""
        return 0 <= seq <= len(self.epochs.get(epoch, ()))

    def distance(self, one: Place, other: Place) -> int:
        """How many updates lie after the one place, up to the other."""
        names = list(self.epochs)
        first, last = names.index(one.epoch), names.index(other.epoch)
        return sum(len(self.epochs[name]) for name in names[first:last]) - one.seq + other.seq

    def build_books(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Work out the whole book at these places, from what changed."""
        by_epoch: dict[str, set[int]] = defaultdict(set)
        for epoch, seq in wanted:
            by_epoch[epoch].add(seq)
        for epoch, seqs in by_epoch.items():
            sides: tuple[dict[float, float], dict[float, float]] = ({}, {})
            for seq, changes in enumerate(self.epochs.get(epoch, ()), 1):
                if (epoch, seq) in self.snapshots:
                    sides = ({}, {})
                for side, levels in zip(sides, changes, strict=True):
                    side.update(levels)
                if seq in seqs:
                    self.books[epoch, seq] = _whole(*sides)


@dataclass(slots=True)
class Truth:
    """Everything that the server did."""

    topics: dict[str, TopicTruth] = field(default_factory=dict)
    joins: dict[tuple[str, str], list[Join]] = field(default_factory=lambda: defaultdict(list))
    """By client and topic."""
    trades: dict[str, dict[int, Body]] = field(default_factory=lambda: defaultdict(dict))
    """By symbol and id: all that were published, whoever listened."""

    @classmethod
    def read(cls, path: Path) -> Truth:
        """Read what a recorder wrote."""
        truth = cls()
        decode = msgspec.json.Decoder(list[Any]).decode
        with path.open("rb") as lines:
            for line in lines:
                truth.take(decode(line))
        return truth

    def topic(self, address: str) -> TopicTruth:
        """What is known of a topic."""
        found = self.topics.get(address)
        if found is None:
            found = self.topics[address] = TopicTruth(address)
        return found

    def take(self, row: Row) -> None:
        """Take one line in."""
        match row:
            case ["p", address, epoch, seq, snapshot, payload]:
                topic = self.topic(address)
                bodies = topic.epochs.setdefault(epoch, [])
                assert seq == len(bodies) + 1, f"{address} has number {seq} after {len(bodies)}"
                body = body_of(topic.channel, payload)
                bodies.append(body)
                if snapshot:
                    topic.snapshots.add((epoch, seq))
                self._note_trade(topic, body)
            case ["t", address, payload]:
                topic = self.topic(address)
                self._note_trade(topic, body_of(topic.channel, payload))
            case ["j", ms, client, address, after, at, recovered, replayed]:
                where = None if after is None else Place(*after)
                self.joins[client, address].append(Join(ms, where, Place(*at), recovered, replayed))
                self.topic(address).epochs.setdefault(at[0], [])
            case ["z", address, epoch, seq, book]:
                topic = self.topic(address)
                topic.epochs.setdefault(epoch, [])
                topic.end = Place(epoch, seq)
                topic.held = None if book is None else body_of("orderbook", book)
            case _:
                raise ValueError(f"no row of a recorder: {row}")

    def _note_trade(self, topic: TopicTruth, body: Body) -> None:
        if topic.channel == "trades":
            self.trades[topic.symbol][body[0]] = body


def body_of(channel: str, payload: Mapping[str, Any]) -> Body:
    """A payload, as it is compared."""
    if channel == "orderbook":
        return tuple(
            tuple((level["price"], level["size"]) for level in payload[side]) for side in ("bids", "asks")
        )
    return tuple(payload[name] for name in FIELDS[channel])


def _whole(bids: Mapping[float, float], asks: Mapping[float, float]) -> Body:
    there = [[level for level in side.items() if level[1]] for side in (bids, asks)]
    return tuple(sorted(there[0], reverse=True)), tuple(sorted(there[1]))
