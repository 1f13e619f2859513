"""Which channel and which message of the old contract is which of the new one, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from codegen.contract import Channel, Contract, Message
from codegen.diff.changes import Direction
from codegen.diff.shapes import shape
from codegen.diff.words import called
from codegen.document import Document

T = TypeVar("T")

DIRECTIONS: tuple[Direction, ...] = ("client_to_server", "server_to_client")


@dataclass
class Matched:
    """Pairs of what is the same, what is gone, and what is new."""

    pairs: list[tuple[T, T]] = field(default_factory=list)  # type: ignore[valid-type]
    removed: list[T] = field(default_factory=list)  # type: ignore[valid-type]
    added: list[T] = field(default_factory=list)  # type: ignore[valid-type]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in one direction, with the channel it is sent for."""

    document: Document
    channel: Channel
    message: Message
    direction: Direction
    alone: bool = False
    """Whether it is all that goes this way on its socket, so that nobody has to tell it from others."""

    @property
    def called(self) -> str:
        """What readers know it by: its tag, where it has to be told from others by a text, else its key."""
        return self.message.key if self.alone else called(self.message)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What two contracts have in common, and what only one of them has."""

    channels: list[tuple[Channel, Channel]]
    removed_channels: list[Channel]
    added_channels: list[Channel]
    messages: list[tuple[Sent, Sent]]
    removed_messages: list[Sent]
    added_messages: list[Sent]


def match(old: tuple[Document, Contract], new: tuple[Document, Contract]) -> Pairs:
    """Pair channels by address, by what is fixed in it, then by name; messages by tag, by key, then by payload."""
    (old_document, before), (new_document, after) = old, new
    shared = before.envelope is not None and after.envelope is not None
    channels, gone, fresh = _paired(
        before.channels,
        after.channels,
        [
            lambda channel: channel.address,
            lambda channel: re.sub(r"\{[^{}]*\}", "{}", channel.address),
            lambda channel: channel.name,
            _messages_of,
        ],
    )
    pairs: list[tuple[Sent, Sent]] = []
    removed: list[Sent] = []
    added: list[Sent] = []
    groups: list[tuple[Iterable[Channel], Iterable[Channel]]]
    if shared:
        # One socket: a message is the same one whichever channel lists it.
        groups = [(before.channels, after.channels)]
    else:
        groups = [((one,), (other,)) for one, other in channels]
        groups += [((channel,), ()) for channel in gone] + [((), (channel,)) for channel in fresh]
    for direction in DIRECTIONS:
        for one, other in groups:
            both, lost, won = _paired(
                _sent(old_document, one, direction, shared=before.envelope is not None),
                _sent(new_document, other, direction, shared=after.envelope is not None),
                [_tag, lambda sent: sent.message.key, _shape],
            )
            pairs += both
            removed += lost
            added += won
    return Pairs(channels, gone, fresh, pairs, removed, added)


def tells_otherwise(old: Sent, new: Sent) -> bool:
    """Whether a message is told from others by something else now.

    The constant of a message that nothing had to be told from is a value as any other is.
    """
    before, after = old.message.tag, new.message.tag
    if before == after:
        return False
    return not new.alone if before is None else not old.alone


def _sent(
    document: Document, channels: Iterable[Channel], direction: Direction, *, shared: bool
) -> list[Sent]:
    """Messages of one direction; one that several channels of a socket list, for the first of them."""
    found: dict[str, Sent] = {}
    for channel in channels:
        for message in getattr(channel, direction):
            found.setdefault(message.key, Sent(document, channel, message, direction))
    alone = not shared and len(found) == 1
    return [replace(sent, alone=alone) for sent in found.values()]


def _tag(sent: Sent) -> Hashable:
    tag = sent.message.tag
    return None if tag is None else (type(tag.value).__name__, tag.value)


def _messages_of(channel: Channel) -> Hashable:
    keys = frozenset(message.key for message in (*channel.client_to_server, *channel.server_to_client))
    return keys or None


def _shape(sent: Sent) -> Hashable:
    place = sent.message.payload
    return None if place is None else shape(sent.document, place)


def _paired(
    old: Sequence[T], new: Sequence[T], keys: Sequence[Callable[[T], Hashable]]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Pairs by the first key that tells one of each, in the order of `new`; then what is left of both."""
    partner: dict[int, int] = {}
    left, right = list(range(len(old))), list(range(len(new)))
    for key in keys:
        names_old, names_new = [key(old[i]) for i in left], [key(new[j]) for j in right]
        for i, name in list(zip(left, names_old, strict=True)):
            if name is None or names_old.count(name) != 1 or names_new.count(name) != 1:
                continue
            partner[right[names_new.index(name)]] = i
        left = [i for i in left if i not in partner.values()]
        right = [j for j in right if j not in partner]
    return (
        [(old[partner[j]], new[j]) for j in range(len(new)) if j in partner],
        [old[i] for i in left],
        [new[j] for j in right],
    )
