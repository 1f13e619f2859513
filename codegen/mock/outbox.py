"""What one client is owed, in order and bounded: who reads too slowly is owed less, or nothing any more.

Beyond the bound the updates of channels that conflate are folded as their contract says: the latest of each topic, or
of each key where `x-delivery` names one; changes to keyed lists (`x-state`) are merged. What cannot be folded and is
still too much is for the owner to end.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from codegen.contract import Json
from codegen.runtime.python.publication import Publication
from codegen.runtime.python.state import HeldState, MergedChanges, payload_of

_ENTRY = 40
"""About how many bytes one entry of a keyed list takes on the wire."""


class Source(Protocol):
    """A topic, as far as its updates are concerned."""

    seq: int

    @property
    def conflates(self) -> bool:
        """Whether the latest of its updates makes up for those before."""

    @property
    def held(self) -> HeldState | None:
        """What a subscriber holds after the latest update, where updates are changes to keyed lists."""

    def update(
        self,
        publication: Publication,
        seq: int,
        *,
        ts: int,
        epoch: str | None,
        checksum: int | None,
        seq_from: int | None = None,
    ) -> Update | None:
        """A publication with its numbers; None where that is not what the document says."""


@dataclass(frozen=True, slots=True)
class Update:
    """One numbered update; all subscribers share it."""

    source: Source
    publication: Publication
    seq: int
    ts: int
    epoch: str | None
    checksum: int | None
    frame: bytes

    @property
    def size(self) -> int:
        """What it counts for, in bytes."""
        return len(self.frame)

    def frames(self) -> Iterator[bytes]:
        """What is sent."""
        yield self.frame


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame for one client."""

    frame: bytes
    boundary: bool = False
    """Whether it may say where a topic stands: no update is folded across it."""

    @property
    def size(self) -> int:
        """What it counts for, in bytes."""
        return len(self.frame)

    def frames(self) -> Iterator[bytes]:
        """What is sent."""
        yield self.frame


class Folded:
    """A place in a queue that several updates of a topic share."""

    def __init__(self, update: Update) -> None:
        self.source = update.source
        self._first = update.seq
        self._epoch = update.epoch
        self._snapshot = update.publication.snapshot
        self._latest: dict[int | str | None, Update] = {update.publication.key: update}
        """By key, in the order of their numbers."""
        self._merged: MergedChanges | None = None
        self.size = update.size
        """What it counts for, in bytes."""

    def after(self, later: Update, *, narrow: bool) -> None:
        """Stand for a later update too; with `narrow`, whatever the key."""
        self._merge(later)
        if narrow:
            self._latest.clear()
        self._latest.pop(later.publication.key, None)
        self._latest[later.publication.key] = later
        self._epoch = self._epoch or later.epoch
        self._snapshot = self._snapshot or later.publication.snapshot
        self._weigh()

    def narrow(self) -> None:
        """Keep but the latest of all."""
        last = next(reversed(self._latest.values()))
        self._latest = {last.publication.key: last}
        self._weigh()

    def frames(self) -> Iterator[bytes]:
        """What is sent: frames that together stand for all the updates, without a gap. ValueError: there are none."""
        first, epoch, snapshot = self._first, self._epoch, self._snapshot
        for update in self._latest.values():
            if first == update.seq and epoch == update.epoch:
                yield update.frame
            else:
                folded = self.source.update(
                    self._publication(update, snapshot=snapshot),
                    update.seq,
                    ts=update.ts,
                    epoch=epoch,
                    checksum=update.checksum,
                    seq_from=first,
                )
                if folded is None:
                    raise ValueError(f"{update.publication.topic}: what was folded is not valid")
                yield folded.frame
            first, epoch, snapshot = update.seq + 1, None, False

    def _merge(self, later: Update) -> None:
        held, changes = self.source.held, later.publication.changes
        if held is None or changes is None:
            return
        if self._merged is None:
            self._merged = MergedChanges(held.rule)
            first = next(iter(self._latest.values())).publication
            self._merged.add(first.changes or {}, snapshot=first.snapshot)
        self._merged.add(changes, snapshot=later.publication.snapshot)

    def _weigh(self) -> None:
        self.size = sum(update.size for update in self._latest.values())
        if self._merged is not None:
            self.size += _ENTRY * len(self._merged)

    def _publication(self, update: Update, *, snapshot: bool) -> Publication:
        publication, merged, held = update.publication, self._merged, self.source.held
        if merged is None or held is None:
            return msgspec.structs.replace(publication, snapshot=snapshot or publication.snapshot)
        whole, changes = merged.snapshot, merged.changes()
        if self.source.seq == update.seq and len(held) < len(merged):
            whole, changes = True, held.changes()  # all that there is says the same in fewer words
        payload = json.dumps(plain(payload_of(held.rule, changes))).encode()
        return msgspec.structs.replace(publication, payload=payload, changes=changes, snapshot=whole)


class Outbox:
    """A queue of what waits for one client."""

    def __init__(self) -> None:
        self._queue: deque[tuple[float, Answer | Update | Folded]] = deque()
        self._latest: dict[Source, Folded] | None = None
        """While folding: where each topic's latest update stands in the queue."""
        self._narrow = False
        self.bytes = 0
        """How much waits."""

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def folds(self) -> bool:
        """Whether more waited than may, and has not all been sent since."""
        return self._latest is not None

    def put(self, owed: Answer | Update, due: float) -> None:
        """Owe something more, which is sent at `due` (seconds of the monotonic clock) or later."""
        if isinstance(owed, Update) and self._latest is not None and owed.source.conflates:
            place = self._latest.get(owed.source)
            if place is not None:
                self.bytes -= place.size
                place.after(owed, narrow=self._narrow)
                self.bytes += place.size
                return
            place = self._latest[owed.source] = Folded(owed)
            self._append(place, due)
            return
        if isinstance(owed, Answer) and owed.boundary and self._latest is not None:
            self._latest = {}
        self._append(owed, due)

    def keep_to(self, most: int) -> bool:
        """Fold what can be folded where more than `most` bytes wait; whether that is enough."""
        if self.bytes > most and self._latest is None:
            queue, self._queue, self.bytes, self._latest = self._queue, deque(), 0, {}
            for due, owed in queue:
                if isinstance(owed, Folded):
                    self._append(owed, due)
                else:
                    self.put(owed, due)
        if self.bytes > most and not self._narrow:
            self._narrow = True
            for _, owed in self._queue:
                if isinstance(owed, Folded):
                    self.bytes -= owed.size
                    owed.narrow()
                    self.bytes += owed.size
        return self.bytes <= most

    def due(self) -> float:
        """When the first of what waits is to be sent. IndexError: nothing waits."""
        return self._queue[0][0]

    def take(self) -> Iterator[bytes]:
        """The frames of the first of what waits, which is owed no more. ValueError: they are not valid."""
        _, owed = self._queue.popleft()
        self.bytes -= owed.size
        if isinstance(owed, Folded) and self._latest is not None and self._latest.get(owed.source) is owed:
            del self._latest[owed.source]
        if not self._queue:
            self._latest, self._narrow = None, False
        return owed.frames()

    def clear(self) -> None:
        """Owe nothing any more."""
        self._queue.clear()
        self._latest, self._narrow, self.bytes = None, False, 0

    def _append(self, owed: Answer | Update | Folded, due: float) -> None:
        self._queue.append((due, owed))
        self.bytes += owed.size


def plain(payload: dict[str, list[dict[str, float]]]) -> Json:
    """Keyed lists with whole numbers without a decimal point, as they are in lists whose schema says integer."""
    return {
        name: [
            {part: int(number) if number == int(number) else number for part, number in item.items()}
            for item in items
        ]
        for name, items in payload.items()
    }
