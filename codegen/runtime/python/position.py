"""How far a client has followed a topic, and whether an update follows on that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .codec import encode_json
from .received import Head, natural, text


@dataclass(frozen=True, slots=True)
class Position:
    """The last update of a topic that a client has."""

    epoch: str
    seq: int

    def encode(self) -> bytes:
        """As `recover` has it."""
        return encode_json({"epoch": self.epoch, "seq": self.seq})


class Verdict(Enum):
    """What an update is to a client."""

    NEXT = "follows"
    OLD = "is known already"
    GAP = "leaves something out"
    LEAP = "replaces everything, and leaves something out"


class Track:
    """Numbers and epochs of one topic, as far as they are known: not every contract has them."""

    __slots__ = ("epoch", "seq")

    def __init__(self) -> None:
        self.seq: int | None = None
        self.epoch: str | None = None

    @property
    def position(self) -> Position | None:
        """Where the client is; None where a server could not tell from it what was missed."""
        return None if self.seq is None or self.epoch is None else Position(self.epoch, self.seq)

    def begin(self, seq: int | None, epoch: str | None) -> None:
        """The updates after this one follow."""
        self.seq, self.epoch = seq, epoch

    def judge(self, head: Head) -> Verdict:
        """What an update is; it is not counted yet."""
        seq, epoch = natural(head.seq), text(head.epoch)
        if seq is None or self.seq is None:
            return Verdict.NEXT
        since = natural(head.seq_from)
        since = seq if since is None or since > seq else since
        other = epoch is not None and self.epoch is not None and epoch != self.epoch
        skips = other or since > self.seq + 1
        if head.snapshot is True:
            if skips:
                return Verdict.LEAP
            return Verdict.NEXT if seq >= self.seq else Verdict.OLD
        if skips:
            return Verdict.GAP
        return Verdict.NEXT if seq > self.seq else Verdict.OLD

    def count(self, head: Head) -> None:
        """Follow to an update."""
        seq, epoch = natural(head.seq), text(head.epoch)
        if seq is not None:
            self.seq = seq
        if epoch is not None:
            self.epoch = epoch
