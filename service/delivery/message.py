"""What clients are sent: answers for one, updates for many, updates that stand for several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from generated.constants import DELIVERY, STATE
from generated.publisher import encode_update
from generated.runtime.codec import encode
from generated.runtime.state import MergedChanges, payload_of
from service.wire import Deflater, text_frame, text_of

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from service.delivery.lanes import Audience

_ENTRY = 40
"""About how many bytes one entry of a keyed list takes on the wire."""


class Compression:
    """Which messages are worth compressing; each is compressed once, whoever gets it."""

    __slots__ = ("_deflater", "_least")

    def __init__(self, least: int) -> None:
        """`least` is in bytes: a shorter message goes as it is."""
        self._least = least
        self._deflater = Deflater()

    def frame(self, text: bytes, plain: bytes) -> bytes:
        """The shorter of the two frames that say a text."""
        if len(text) < self._least:
            return plain
        return self._deflater.frame(text) or plain


class Message:
    """One text, as the frames that say it; the plain one is kept, the text is a part of it."""

    __slots__ = ("_deflated", "frame")

    def __init__(self, text: bytes) -> None:
        self.frame = text_frame(text)
        self._deflated: bytes | None = None

    @property
    def text(self) -> bytes:
        """UTF-8, as it is on the wire."""
        return text_of(self.frame)

    @property
    def size(self) -> int:
        """What it counts for, in bytes."""
        return len(self.frame)

    def deflated(self, compression: Compression) -> bytes:
        """The frame for clients that read compressed ones."""
        if self._deflated is None:
            self._deflated = compression.frame(self.text, self.frame)
        return self._deflated


class Boundary(Message):
    """An answer that may say where a topic stands: no update is folded across it."""

    __slots__ = ()


class Notice(Boundary):
    """What all subscribers of a topic are told beside its updates: it keeps its place among them."""

    __slots__ = ("audience",)

    conflates = False

    def __init__(self, audience: Audience, text: bytes) -> None:
        super().__init__(text)
        self.audience = audience


class Update(Message):
    """One update of one topic, numbered; all subscribers share it."""

    __slots__ = ("audience", "checksum", "epoch", "held", "publication", "seq", "ts")

    def __init__(
        self,
        audience: Audience,
        publication: Publication,
        seq: int,
        ts: int,
        epoch: str | None,
        *,
        checksum: int | None = None,
    ) -> None:
        super().__init__(encode_update(publication, seq=seq, ts=ts, epoch=epoch, checksum=checksum))
        self.audience = audience
        self.held = audience.held
        """What subscribers hold, in this life of the topic."""
        self.publication = publication
        self.seq = seq
        self.ts = ts
        self.epoch = epoch
        self.checksum = checksum

    @property
    def conflates(self) -> bool:
        """Whether the latest of its topic, or all of them merged, makes up for those before it."""
        return DELIVERY.get(self.publication.channel) == "conflate"


class Folded:
    """A place in a queue that several updates of a topic share, as the fewest that stand for them all.

    Of whole states that is the latest, or the latest of each key where the contract names one; changes to keyed
    lists are merged, so that none is skipped.
    """

    __slots__ = ("_first", "_latest", "_merged", "audience", "epoch", "size", "snapshot")

    def __init__(self, update: Update) -> None:
        self.audience = update.audience
        """Whose updates they are."""
        self._first = update.seq
        self.epoch = update.epoch
        """That of the first update of an epoch, if it is among them: whoever follows must still be told."""
        self.snapshot = update.publication.snapshot
        """Whether one among them replaces what the client holds."""
        self._latest: dict[int | str | None, Update] = {update.publication.key: update}
        """By key, in the order of their numbers."""
        self._merged: MergedChanges | None = None
        self.size = update.size
        """What it counts for, in bytes; of merged changes about so much."""

    def after(self, later: Update, *, narrow: bool) -> None:
        """Stand for a later one too; with `narrow`, whatever the key."""
        publication = later.publication
        before = len(self._latest)
        if publication.changes is not None:
            if self._merged is None:
                self._merged = MergedChanges(STATE[publication.channel])
                self._merge(self._last.publication)
            self._merge(publication)
        if narrow:
            self._latest.clear()
        else:
            # Taken out first, so that it goes to the end.
            self._latest.pop(publication.key, None)
        self._latest[publication.key] = later
        self.epoch = self.epoch or later.epoch
        self.snapshot = self.snapshot or publication.snapshot
        self.audience.counters.conflated += before + 1 - len(self._latest)
        self._weigh()

    def __len__(self) -> int:
        """How many messages it comes to."""
        return len(self._latest)

    def narrow(self) -> None:
        """Keep but the latest of all."""
        last = self._last
        self.audience.counters.conflated += len(self._latest) - 1
        self._latest = {last.publication.key: last}
        self._weigh()

    def messages(self) -> Iterator[Message]:
        """What is sent in the end. Together they stand for all the updates, without a gap."""
        first, epoch, snapshot = self._first, self.epoch, self.snapshot
        for update in self._latest.values():
            if first == update.seq and epoch == update.epoch:
                yield update
            else:
                yield Message(
                    encode_update(
                        self._publication(update, snapshot=snapshot),
                        seq=update.seq,
                        ts=update.ts,
                        epoch=epoch,
                        seq_from=first,
                        checksum=update.checksum,
                    )
                )
            first, epoch, snapshot = update.seq + 1, None, False

    @property
    def _last(self) -> Update:
        return next(reversed(self._latest.values()))

    def _weigh(self) -> None:
        self.size = sum(update.size for update in self._latest.values())
        if self._merged is not None:
            self.size += _ENTRY * len(self._merged)

    def _merge(self, publication: Publication) -> None:
        if self._merged is not None and publication.changes is not None:
            self._merged.add(publication.changes, snapshot=publication.snapshot)

    def _publication(self, update: Update, *, snapshot: bool) -> Publication:
        publication, merged = update.publication, self._merged
        if merged is None:
            return msgspec.structs.replace(publication, snapshot=snapshot or publication.snapshot)
        held, audience = update.held, self.audience
        whole, changes = merged.snapshot, merged.changes()
        now = held is not None and held is audience.held and audience.seq == update.seq
        if now and held is not None and len(held) < len(merged):
            # All that there is says the same in fewer words.
            whole, changes = True, held.changes()
        payload = encode(payload_of(merged.rule, changes))
        return msgspec.structs.replace(publication, payload=payload, changes=changes, snapshot=whole)
