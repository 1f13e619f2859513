"""What a publisher hands on: a body encoded once, to be framed for each topic and never encoded again."""

from __future__ import annotations

from typing import Protocol

import msgspec

from .codec import TagValue, encode_json
from .envelope import Envelope
from .state import Changes

_MOST_HEADS = 16_384
"""Of how many topics the beginnings of frames are kept: some 4 MB."""


class Publication(msgspec.Struct, frozen=True):
    """One update of one topic, before anybody numbered it.

    A struct, since one is made for each update: a frozen dataclass takes ten times as long to make.
    """

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
    key: int | str | None = None
    """What it is the latest of, within its topic, where the channel says that by a property of the payload."""
    changes: Changes | None = None
    """What the payload says of keyed lists, where the channel has such; the same, ready to be applied."""


class Sink(Protocol):
    """Whatever takes publications to subscribers."""

    def publish(self, publication: Publication) -> None:
        """Take one publication; returns at once, whatever the state of the subscribers."""


def wrong_topic(topic: object, wanted: type) -> TypeError:
    """What refuses a topic of another channel: its subscribers could not tell what they were sent."""
    return TypeError(f"expected {wanted.__name__}, not {type(topic).__name__}")


class Framing:
    """Puts the envelope around publications; the bytes of the payload are not touched."""

    __slots__ = ("_checksum", "_epoch", "_heads", "_layout", "_seq_from", "_snapshot", "_topic", "_type")

    def __init__(self, envelope: Envelope) -> None:
        def key(name: str | None, before: bytes = b",") -> bytes:
            return b"" if name is None else before + encode_json(name) + b":"

        def number(name: str | None) -> bytes:
            # A field that the envelope lacks takes its argument and prints nothing of it.
            return b"%.0a" if name is None else key(name).replace(b"%", b"%%") + b"%d"

        payload = key(envelope.payload).replace(b"%", b"%%")
        self._layout = b"%b" + number(envelope.seq) + b"%b" + number(envelope.ts) + payload + b"%b}"
        self._type = key(envelope.type, b"{")
        self._topic = key(envelope.topic)
        self._seq_from = key(envelope.seq_from)
        self._epoch = key(envelope.epoch)
        self._snapshot = key(envelope.snapshot)
        self._checksum = key(envelope.checksum)
        self._heads: dict[tuple[TagValue, str], bytes] = {}

    def update(
        self,
        publication: Publication,
        *,
        seq: int,
        ts: int,
        epoch: str | None = None,
        seq_from: int | None = None,
        checksum: int | None = None,
    ) -> bytes:
        """The whole frame of an update: `seq` counts the topic's updates, `ts` is Unix milliseconds.

        With `seq_from` it stands for the updates from that one to `seq`; `checksum` is that of what a subscriber
        then holds. Fields that the envelope does not have are left out.
        """
        head = self._heads.get((publication.type, publication.topic)) or self._head(publication)
        rare = b""
        if seq_from is not None and self._seq_from:
            rare = b"%b%d" % (self._seq_from, seq_from)
        if epoch is not None and self._epoch:
            rare += self._epoch + encode_json(epoch)
        if publication.snapshot and self._snapshot:
            rare += self._snapshot + b"true"
        if checksum is not None and self._checksum:
            rare += b"%b%d" % (self._checksum, checksum)
        return self._layout % (head, seq, rare, ts, publication.payload)

    def _head(self, publication: Publication) -> bytes:
        """What the frames of a topic begin with; kept, since most topics are published to again."""
        head = self._type + encode_json(publication.type)
        if self._topic:
            head += self._topic + encode_json(publication.topic)
        if len(self._heads) == _MOST_HEADS:
            self._heads.clear()
        self._heads[publication.type, publication.topic] = head
        return head
