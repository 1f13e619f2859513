"""What clients are sent: answers for one, updates for many, updates that stand for several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generated.constants import DELIVERY
from generated.publisher import encode_update
from service.wire import Deflater, text_frame

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from service.delivery.lanes import Audience


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
    """One text, and its frames."""

    __slots__ = ("_deflated", "frame", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        """UTF-8, as it is on the wire."""
        self.frame = text_frame(text)
        self._deflated: bytes | None = None

    @property
    def size(self) -> int:
        """What it counts for, in bytes."""
        return len(self.text)

    def deflated(self, compression: Compression) -> bytes:
        """The frame for clients that read compressed ones."""
        if self._deflated is None:
            self._deflated = compression.frame(self.text, self.frame)
        return self._deflated


class Boundary(Message):
    """An answer that may say where a topic stands: no update is folded across it."""

    __slots__ = ()


class Update(Message):
    """One update of one topic, numbered; all subscribers share it."""

    __slots__ = ("audience", "epoch", "publication", "seq", "ts")

    def __init__(
        self, audience: Audience, publication: Publication, seq: int, ts: int, epoch: str | None
    ) -> None:
        super().__init__(encode_update(publication, seq=seq, ts=ts, epoch=epoch))
        self.audience = audience
        self.publication = publication
        self.seq = seq
        self.ts = ts
        self.epoch = epoch

    @property
    def conflates(self) -> bool:
        """Whether the latest of its topic makes up for those before it."""
        return DELIVERY.get(self.publication.channel) == "conflate"


class Folded:
    """A place in a queue that the latest update of a topic takes, and that says which ones it stands for."""

    __slots__ = ("epoch", "seq_from", "update")

    def __init__(self, update: Update) -> None:
        self.update = update
        self.seq_from = update.seq
        self.epoch = update.epoch
        """That of the first update of an epoch, if it is among them: whoever follows must still be told."""

    @property
    def audience(self) -> Audience:
        """Whose latest update it is."""
        return self.update.audience

    @property
    def size(self) -> int:
        """What it counts for, in bytes."""
        return self.update.size

    def before(self, earlier: Update | Folded) -> None:
        """Stand for an earlier one too."""
        self.seq_from = earlier.seq_from if isinstance(earlier, Folded) else earlier.seq
        self.epoch = earlier.epoch or self.epoch

    def after(self, later: Update) -> None:
        """Become a later one, and go on standing for those before it."""
        self.update = later
        self.epoch = self.epoch or later.epoch

    def message(self) -> Message:
        """What is sent in the end."""
        update = self.update
        if self.seq_from == update.seq:
            return update
        return Message(
            encode_update(
                update.publication, seq=update.seq, ts=update.ts, epoch=self.epoch, seq_from=self.seq_from
            )
        )
