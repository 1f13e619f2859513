"""Requests with their answers, and what the contract says of a channel whose topics are subscribed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from .codec import Codec, TagValue
from .state import StateRule

A = TypeVar("A")
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
Update = TypeVar("Update")
Update_co = TypeVar("Update_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """The types of a request and its answer; None where there is no answer."""

    request: TagValue
    response: TagValue | None


@dataclass(frozen=True, slots=True)
class Exchange(Pair, Generic[A]):
    """A request and its answer, which has a type of its own."""

    answer: Codec[A]
    whole: bool = False
    """Whether the answer is the whole message, rather than its payload."""


@dataclass(frozen=True, slots=True)
class Authentication(Pair):
    """The request that says who the client is."""

    token: str
    """The property of its payload that carries the token."""
    expires: str | None = None
    """The property of its answer's payload that says in how many milliseconds the token runs out."""


@dataclass(frozen=True, slots=True)
class KeyedList:
    """Where the models of an update have what the contract calls a list, a key and a value."""

    attribute: str
    """The body's attribute that is the list."""
    key: str
    """The attribute of its items that is the key."""
    value: str
    """The attribute of its items that is the value."""


@dataclass(frozen=True, slots=True)
class UpdateType(Generic[Item_co, Update_co]):
    """One kind of update."""

    type: TagValue
    """What it is told by."""
    read: Callable[[str | bytes], tuple[Item_co, Update_co]]
    """Reads a frame: what subscribers iterate, and the whole message. Raises InvalidMessage."""
    lists: Mapping[str, KeyedList]
    """The lists that it changes, by name in the contract; empty where it stands for itself."""


@dataclass(frozen=True, slots=True)
class ChannelRule(Generic[Item_co, Update_co]):
    """How the topics of a channel are subscribed to, and what of them is kept."""

    subscribe: Pair
    unsubscribe: Pair | None
    updates: tuple[UpdateType[Item_co, Update_co], ...]
    current: bool = False
    """Whether the last update says how things are: who comes late is given it."""
    snapshot: Literal["subscribe", "recover"] | None = None
    """When the server sends what the topic holds: after every yes, or after one that recovers nothing."""
    state: StateRule | None = None
    """How updates change what a subscriber holds; None where each stands for itself."""


def update_type(
    type_: TagValue,
    codec: Codec[Update],
    item: Callable[[Update], Item],
    lists: Mapping[str, KeyedList] | None = None,
) -> UpdateType[Item, Update]:
    """Join an update's type to how its frames are read, and to which part of them is the item."""

    def read(frame: str | bytes) -> tuple[Item, Update]:
        update = codec.decode(frame)
        return item(update), update

    return UpdateType(type_, read, lists or {})
