"""What a publisher hands on: a body encoded once, to be framed for each topic and never encoded again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .codec import TagValue, encode_json
from .envelope import Envelope


@dataclass(frozen=True, slots=True)
class Publication:
    """One update of one topic, before anybody numbered it."""

    channel: str
    """The channel's name in code."""
    topic: str
    """The topic's address."""
    type: TagValue
    """What tells the message from others on the wire; the message's key where nothing does."""
    payload: bytes
    """The body as JSON; the whole message where the contract has no envelope."""
    snapshot: bool = False
    """Whether the payload replaces what subscribers hold."""


class Sink(Protocol):
    """Whatever takes publications to subscribers."""

    def publish(self, publication: Publication) -> None:
        """Take one publication; returns at once, whatever the state of the subscribers."""


class Framing:
    """Puts the envelope around publications; the bytes of the payload are not touched."""

    __slots__ = ("_epoch", "_payload", "_seq", "_snapshot", "_topic", "_ts", "_type")

    def __init__(self, envelope: Envelope) -> None:
        def key(name: str | None, before: bytes = b",") -> bytes:
            return b"" if name is None else before + encode_json(name) + b":"

        self._type = key(envelope.type, b"{")
        self._topic = key(envelope.topic)
        self._seq = key(envelope.seq)
        self._epoch = key(envelope.epoch)
        self._snapshot = key(envelope.snapshot)
        self._ts = key(envelope.ts)
        self._payload = key(envelope.payload)

    def update(self, publication: Publication, *, seq: int, ts: int, epoch: str | None = None) -> bytes:
        """The whole frame of an update: `seq` counts the topic's updates, `ts` is Unix milliseconds."""
        frame = self._type + encode_json(publication.type)
        if self._topic:
            frame += self._topic + encode_json(publication.topic)
        if self._seq:
            frame += b"%b%d" % (self._seq, seq)
        if self._epoch and epoch is not None:
            frame += self._epoch + encode_json(epoch)
        if self._snapshot and publication.snapshot:
            frame += self._snapshot + b"true"
        if self._ts:
            frame += b"%b%d" % (self._ts, ts)
        return b"%b%b%b}" % (frame, self._payload, publication.payload)
