"""A client's subscriptions, and the topics that they share."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from .codec import Codec
from .errors import InvalidMessage, WireError
from .queue import BoundedQueue

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
Update = TypeVar("Update")
Update_co = TypeVar("Update_co", covariant=True)


class Subscriber(Protocol):
    """What a feed needs of a subscription, whatever its types."""

    @property
    def ended(self) -> bool:
        """Whether it takes no more."""
        ...

    def deliver(self, type_: object, frame: str | bytes) -> None:
        """Take a frame."""

    def end(self, error: WireError | None = None) -> None:
        """Take no more."""


@dataclass(frozen=True, slots=True)
class UpdateType(Generic[Item_co, Update_co]):
    """One kind of update."""

    type: object
    """What it is told by."""
    read: Callable[[str | bytes], tuple[Item_co, Update_co]]
    """Reads a frame: what subscribers iterate, and the whole message. Raises InvalidMessage."""


def update_type(
    type_: object, codec: Codec[Update], item: Callable[[Update], Item]
) -> UpdateType[Item, Update]:
    """Join an update's type to how its frames are read, and to which part of them is the item."""

    def read(frame: str | bytes) -> tuple[Item, Update]:
        update = codec.decode(frame)
        return item(update), update

    return UpdateType(type_, read)


class Subscription(Generic[Item, Update]):
    """The updates of one topic: iterate it, or iterate `updates()` for whole messages.

    With a callback, iterating yields nothing and waits for the end. A subscription ends quietly after its
    `unsubscribe()` or the client's `close()`, and with an error where the connection is lost
    (ConnectionLost), an update is not what the contract says (InvalidMessage), or the reader is too slow
    (SubscriptionOverflow). One task reads a subscription; two subscriptions to a topic cost the server one.
    """

    def __init__(
        self,
        topic: str,
        kinds: tuple[UpdateType[Item, Update], ...],
        capacity: int,
        on_update: Callable[[Item], None] | None,
        leave: Callable[[Subscriber], Awaitable[None]],
    ) -> None:
        self.topic = topic
        """The topic's address."""
        self._kinds = {kind.type: kind for kind in kinds}
        self._on_update = on_update
        self._leave = leave
        self._queue: BoundedQueue[tuple[Item, Update]] = BoundedQueue(capacity)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        item, _ = await self._queue.get()
        return item

    async def updates(self) -> AsyncIterator[Update]:
        """The same updates as whole messages, with their sequence numbers and times."""
        while True:
            try:
                _, update = await self._queue.get()
            except StopAsyncIteration:
                return
            yield update

    @property
    def ended(self) -> bool:
        """Whether no more updates will come, beside those that were received already."""
        return self._queue.ended

    async def unsubscribe(self) -> None:
        """End it, and tell the server where nobody else here wants the topic; does nothing a second time."""
        self._queue.end()
        await self._leave(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.unsubscribe()

    def deliver(self, type_: object, frame: str | bytes) -> None:
        """Take a frame of the topic; called by the client."""
        kind = self._kinds.get(type_)
        if kind is None:
            return  # an update of a later contract
        try:
            item, update = kind.read(frame)
        except InvalidMessage as error:
            self._queue.end(error)
            return
        if self._on_update is None:
            self._queue.put((item, update))
            return
        try:
            self._on_update(item)
        except Exception:
            logger.exception("the callback for %s failed", self.topic)

    def end(self, error: WireError | None = None) -> None:
        """Take no more; called by the client."""
        self._queue.end(error)
