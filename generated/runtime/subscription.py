"""What somebody has who has subscribed to a topic."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar, cast

from .errors import WireError
from .hole import Hole
from .queue import BoundedQueue

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Update = TypeVar("Update")


class Subscriber(Protocol):
    """What the client needs of a subscription, whatever that yields."""

    topic: str

    @property
    def ended(self) -> bool:
        """Whether it takes no more."""
        ...

    @property
    def fresh(self) -> bool:
        """Whether it has not been told of anything yet."""
        ...

    def deliver(self, item: object, update: object) -> None:
        """Take an update, which is of the types that it yields."""

    def tell(self, hole: Hole) -> bool:
        """Tell of updates that were missed, where somebody listens for that."""
        ...

    def void(self) -> None:
        """What was delivered counts no more."""

    def end(self, error: WireError | None = None) -> None:
        """Take no more."""


class Subscription(Generic[Item, Update]):
    """The updates of one topic: iterate it, or iterate `updates()` for whole messages.

    With a callback, iterating yields nothing and waits for the end. A subscription goes on when the connection is
    lost and there is another; where updates were missed then, `on_hole` is told. It ends quietly after its
    `unsubscribe()` or the client's `close()`, and with an error where the client is closed for good
    (ConnectionLost), the server does not serve the topic any more, or not to this client (RequestError), or the reader
    is too slow (SubscriptionOverflow). One task reads a subscription; two subscriptions to a topic cost the server one.
    """

    def __init__(
        self,
        topic: str,
        capacity: int,
        on_update: Callable[[Item], None] | None,
        on_hole: Callable[[Hole], None] | None,
        leave: Callable[[Subscriber], Awaitable[None]],
    ) -> None:
        self.topic = topic
        """The topic's address."""
        self.latest: Item | None = None
        """The topic's last update, as iterating yields it; None before it, and after a reset. Not to be changed."""
        self._on_update = on_update
        self._on_hole = on_hole
        self._leave = leave
        self._queue: BoundedQueue[tuple[Item, Update]] = BoundedQueue(capacity)
        self._fresh = True

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
        """End it, and tell the server where nobody else here wants the topic; does nothing a second time.

        Raises nothing: where the server cannot be told, or will not hear of it, its updates are ignored.
        """
        self._queue.end()
        await self._leave(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.unsubscribe()

    @property
    def fresh(self) -> bool:
        """Whether it has not been told of anything yet."""
        return self._fresh

    def deliver(self, item: object, update: object) -> None:
        """Take an update; called by the client, with what the rule of its channel reads."""
        if self._queue.ended:
            return
        body = cast("Item", item)
        self._fresh = False
        self.latest = body
        if self._on_update is None:
            self._queue.put((body, cast("Update", update)))
            return
        try:
            self._on_update(body)
        except Exception:
            logger.exception("the callback for %s failed", self.topic)

    def tell(self, hole: Hole) -> bool:
        """Tell of updates that were missed, where somebody listens for that; called by the client."""
        if self._on_hole is None:
            return False
        try:
            self._on_hole(hole)
        except Exception:
            logger.exception("the callback for holes of %s failed", self.topic)
        return True

    def void(self) -> None:
        """What was delivered counts no more; called by the client."""
        self.latest = None

    def end(self, error: WireError | None = None) -> None:
        """Take no more; called by the client."""
        if error is not None and self._on_update is not None and not self._queue.ended:
            logger.warning("the subscription to %s is over: %s", self.topic, error)  # nobody may be iterating
        self._queue.end(error)
