"""Frames as a client receives them: the envelope read, the body not yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import msgspec

from .codec import Json, decode_json
from .envelope import Envelope
from .errors import InvalidMessage

_FIELDS = ("type", "id", "topic", "seq", "seq_from", "epoch", "snapshot", "checksum", "recovered")


class Head(Protocol):
    """An envelope's fields, of whatever type the server made them; None where a field is absent."""

    type: Json
    id: Json
    topic: Json
    seq: Json
    seq_from: Json
    epoch: Json
    snapshot: Json
    checksum: Json
    recovered: Json
    payload: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Received:
    """A frame."""

    frame: str | bytes
    head: Head

    @property
    def payload(self) -> bytes:
        """The body as it came; `null` where there is none."""
        return bytes(self.head.payload)

    @property
    def body(self) -> Json:
        """The body as plain JSON; None where there is none."""
        return decode_json(bytes(self.head.payload))


def frame_reader(envelope: Envelope) -> Callable[[str | bytes], Received]:
    """What reads the frames of a contract; it raises InvalidMessage for what is no JSON object."""
    names = {field: getattr(envelope, field) for field in _FIELDS}
    rename = {field: name for field, name in names.items() if name is not None}
    absent = {field: None for field, name in names.items() if name is None}
    head = msgspec.defstruct(
        "Head",
        [*((field, object, None) for field in rename), ("payload", msgspec.Raw, msgspec.Raw(b"null"))],
        rename={**rename, "payload": envelope.payload},
        namespace=absent,
        frozen=True,
    )
    decode = msgspec.json.Decoder(head).decode

    def read(frame: str | bytes) -> Received:
        try:
            return Received(frame, cast("Head", decode(frame)))
        except (ValueError, RecursionError) as error:
            raise InvalidMessage(f"no message of this contract: {error}") from error

    return read


def natural(value: Json) -> int | None:
    """The value, where it is an integer that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text(value: Json) -> str | None:
    """The value, where it is a text."""
    return value if isinstance(value, str) else None
