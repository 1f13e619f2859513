"""What publishers, Redis and nodes say to each other about topics; `redis_scripts` is Redis's part of it.

Nothing here talks to a server. Commands are tuples for `execute_command` of any client of Redis, a plain one, an
asynchronous one or a pipeline; the client must not decode answers.

What one topic takes in Redis is bounded: of history `history` messages, each the payload and some 100 bytes, keyed
lists twice, once as changes; one message for the last; some 60 bytes for each of at most `MOST_PUBLISHERS`
publishers; some 40 bytes for each entry of its keyed lists; and 500 bytes. Nothing of it stays for longer than the
time to live after the last update or reader.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

import msgspec

from .codec import TagValue
from .publication import Publication
from .redis_scripts import PUBLISH, READ, RENEW
from .state import Changes, Entry, StateRule, number_text

PREFIX: Final = "tapewire:"
"""What all keys and pub/sub channels begin with."""

TOPIC_PATTERN: Final = PREFIX + "{*"
"""What matches the pub/sub channels of all topics, and nothing else: for `PUBSUB CHANNELS`."""

TTL_SECONDS: Final = 86_400
"""How long a topic is kept that nobody updates or reads."""

Command: TypeAlias = tuple[bytes | str | int, ...]
"""A command with its arguments."""

Status: TypeAlias = Literal["OK", "DUPLICATE", "NEEDBASE"]
"""What became of a publication.

`DUPLICATE`: it had been carried out before; nothing happened. `NEEDBASE`: it changes keyed lists of which Redis has
no beginning, and was not carried out; a snapshot has to come first.
"""

Renewal: TypeAlias = Literal["", "missing", "lost", "owner"]
"""Why a publication began an epoch; empty where it did not.

`missing`: Redis did not know the topic; `lost`: publications before it never came; `owner`: another published the
topic before.
"""

_PUBLISHER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What the contract says of a channel that Redis has to know."""

    history: int = 0
    """How many last updates of a topic are kept."""
    state: StateRule | None = None
    """How updates change keyed lists; None where there are none."""
    last: bool = False
    """Whether the last update is kept, since a subscriber is sent what the topic holds."""
    whole: bool = False
    """Whether each update without key says all there is of the topic, so that those before it do not matter."""


class ChannelRules:
    """The rules of all channels of a contract, of the mappings in its constants."""

    def __init__(
        self,
        *,
        delivery: Mapping[str, str] = MappingProxyType({}),
        history: Mapping[str, int] = MappingProxyType({}),
        snapshot: Mapping[str, str] = MappingProxyType({}),
        state: Mapping[str, StateRule] = MappingProxyType({}),
    ) -> None:
        names = {*delivery, *history, *snapshot, *state}
        self._rules = {
            name: ChannelRule(
                history=history.get(name, 0),
                state=state.get(name),
                last=name in snapshot or name in state,
                whole=delivery.get(name) == "conflate" and name not in state,
            )
            for name in names
        }

    def of(self, channel: str) -> ChannelRule:
        """The rule of a channel by its name in code; of one that says nothing, one that keeps nothing."""
        return self._rules.get(channel) or ChannelRule()


class Message(msgspec.Struct, frozen=True):
    """An update as Redis sends and keeps it."""

    seq: int
    """0 where it says only that an epoch has begun."""
    epoch: str
    ts: int
    """When Redis took it, Unix milliseconds."""
    tag: str
    """Names the update, whatever its number: no other has the same."""
    publication: Publication | None
    """None where it says only that an epoch has begun."""


class Published(msgspec.Struct, frozen=True):
    """What became of a publication."""

    status: Status
    epoch: str
    seq: int
    """Of `DUPLICATE`: where the first try went, or, if that is long past, where the topic is now."""
    ts: int
    renewed: Renewal


class Reading(msgspec.Struct, frozen=True):
    """What there is of a topic, as it is between two updates."""

    epoch: str
    seq: int
    tag: str
    """Of the update `seq`; empty where the epoch has none."""
    ts: int
    """Now, by Redis, Unix milliseconds."""
    last: Message | None
    """The last update, where it is kept; of several keys, that of the last key. It may be of an earlier epoch."""
    history: tuple[Message, ...]
    """What is kept, oldest first; back to what the reader held where that is of this epoch."""
    state: Changes | None
    """The keyed lists as changes of a snapshot; None where there are none, or where they have no beginning."""

    def since(self, epoch: str, seq: int, tag: str) -> tuple[Message, ...] | None:
        """Every update after one that the reader holds; None where it cannot be proved that this is all.

        A position says too little: after a failover another update may have the same number. `tag` is that of the
        update `seq`, empty where `seq` is 0.
        """
        if epoch != self.epoch or seq > self.seq:
            return None
        if seq == self.seq:
            return () if tag == self.tag else None
        kept = self.history[-(self.seq - seq + (1 if seq else 0)) :]
        if not kept or kept[-1].seq != self.seq or kept[-1].tag != self.tag:
            return None
        if any(after.seq != before.seq + 1 for before, after in pairwise(kept)):
            return None
        if seq == 0:
            return kept if kept[0].seq == 1 else None
        return kept[1:] if (kept[0].seq, kept[0].tag) == (seq, tag) else None


class Renewed(msgspec.Struct, frozen=True):
    """What became of the wish to begin an epoch."""

    done: bool
    """False where the topic had gone on to another epoch already."""
    epoch: str
    seq: int


def topic_key(address: str) -> str:
    """The name of a topic's first key, and of its pub/sub channel."""
    return f"{PREFIX}{{{address}}}"


def topic_address(key: str) -> str | None:
    """The address of the topic with such a pub/sub channel; None for a channel of another kind."""
    begins = PREFIX + "{"
    return key[len(begins) : -1] if key.startswith(begins) and key.endswith("}") else None


@lru_cache(maxsize=16_384)
def topic_keys(address: str) -> tuple[str, str, str, str]:
    """All keys of a topic, in the order that the scripts take them; they share a hash tag, the address."""
    key = topic_key(address)
    return key, f"{key}:publishers", f"{key}:history", f"{key}:state"


def new_publisher() -> str:
    """A name for a publisher that no other has."""
    return secrets.token_urlsafe(9)


def publish_command(
    rule: ChannelRule,
    publication: Publication,
    *,
    publisher: str,
    n: int,
    exclusive: bool = False,
    ttl: int = TTL_SECONDS,
) -> Command:
    """Publish, as the publisher's `n`th of this topic, from 1 and without gaps; again the same to try again.

    `exclusive` says that nobody else publishes the topic: when another does so afterwards, an epoch begins.
    ValueError where the publisher's name is more than letters, digits, `_` and `-`.
    """
    if not _PUBLISHER.fullmatch(publisher):
        raise ValueError(f"{publisher!r} does not name a publisher: letters, digits, _ and -, at most 64")
    flags = (
        ("x" if exclusive else "")
        + ("w" if rule.whole and publication.key is None else "")
        + ("l" if rule.last else "")
        + ("s" if rule.state is not None else "")
        + ("r" if publication.snapshot else "")
    )
    put, gone = ([], []) if rule.state is None else _entries(publication)
    key = _key_text(publication.key)
    body = _encode(publication, key)
    arguments = (publisher, n, flags, ttl, rule.history, key, body, len(put) // 2)
    return ("EVALSHA", PUBLISH.sha, 4, *topic_keys(publication.topic), *arguments, *put, *gone)


def pack(command: Command) -> bytes:
    """A command as it goes over the wire; a third of what a client of Redis takes for it."""
    words = [b"*%d\r\n" % len(command)]
    for word in command:
        text = word if isinstance(word, bytes) else word.encode() if isinstance(word, str) else b"%d" % word
        words.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(words)


def read_command(address: str, *, epoch: str = "", seq: int = 0, ttl: int = TTL_SECONDS) -> Command:
    """Read a topic, with the history after a position that one holds already, and the update there."""
    return ("EVALSHA", READ.sha, 4, *topic_keys(address), _new_epoch(), ttl, epoch, seq)


def renew_command(address: str, epoch: str, *, ttl: int = TTL_SECONDS) -> Command:
    """Begin an epoch if the topic is still in this one."""
    return ("EVALSHA", RENEW.sha, 4, *topic_keys(address), epoch, _new_epoch(), ttl)


def parse_published(answer: object) -> Published:
    """What `publish_command` was answered."""
    status, epoch, seq, ts, renewed = cast("bytes", answer).decode().split("|")
    return Published(cast("Status", status), epoch, int(seq), int(ts), cast("Renewal", renewed))


def parse_renewed(answer: object) -> Renewed:
    """What `renew_command` was answered."""
    done, epoch, seq = cast("tuple[int, bytes, int]", answer)
    return Renewed(bool(done), epoch.decode(), seq)


def parse_reading(channel: str, address: str, answer: object) -> Reading:
    """What `read_command` was answered; `channel` is the topic's by its name in code."""
    epoch, seq, tag, ts, last, history, based, lists = cast(_ReadAnswer, answer)
    return Reading(
        epoch=epoch.decode(),
        seq=seq,
        tag=tag.decode(),
        ts=ts,
        last=decode_message(channel, address, last) if last else None,
        history=tuple(decode_message(channel, address, message) for message in reversed(history)),
        state=_lists(lists) if based else None,
    )


def decode_message(channel: str, address: str, message: bytes) -> Message:
    """A message from the topic's pub/sub channel; ValueError where it is none."""
    seq, epoch, ts, tag, body = message.split(b"|", 4)
    return Message(
        seq=int(seq),
        epoch=epoch.decode(),
        ts=int(ts),
        tag=tag.decode(),
        publication=_decode(channel, address, body) if body else None,
    )


class _Body(msgspec.Struct, frozen=True, array_like=True):
    """A publication without what its topic says already."""

    type: TagValue
    payload: bytes
    snapshot: bool
    key: str
    changes: dict[str, list[Entry]] | None


_ReadAnswer: TypeAlias = tuple[bytes, int, bytes, int, bytes, list[bytes], int, list[bytes]]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Body)


def _encode(publication: Publication, key: str) -> bytes:
    one = publication
    return _encoder.encode((one.type, one.payload, one.snapshot, key, one.changes))


def _decode(channel: str, address: str, body: bytes) -> Publication:
    one = _decoder.decode(body)
    return Publication(channel, address, one.type, one.payload, one.snapshot, _key(one.key), one.changes)


def _key_text(key: int | str | None) -> str:
    """A key as the script compares it, integers of any size."""
    if key is None:
        return ""
    return f"s{key}" if isinstance(key, str) else f"i{key:d}"


def _key(text: str) -> int | str | None:
    if not text:
        return None
    return int(text[1:]) if text[0] == "i" else text[1:]


def _entries(publication: Publication) -> tuple[list[str], list[str]]:
    """What is to be set, as field and value, and the fields that are to be deleted: of each key the last counts."""
    values: dict[str, str] = {}
    for name, entries in (publication.changes or {}).items():
        for key, value in entries:
            values[f"{name}:{number_text(key)}"] = number_text(value)
    put = [text for field, value in values.items() if value != "0" for text in (field, value)]
    gone = [] if publication.snapshot else [field for field, value in values.items() if value == "0"]
    return put, gone


def _lists(answer: Sequence[bytes]) -> dict[str, list[Entry]]:
    """The keyed lists of fields and values, in no order."""
    lists: dict[str, list[Entry]] = {}
    for field, value in zip(answer[::2], answer[1::2], strict=True):
        name, _, key = field.decode().rpartition(":")
        if field:
            lists.setdefault(name, []).append((float(key), float(value)))
    return lists


def _new_epoch() -> str:
    return secrets.token_hex(5)
