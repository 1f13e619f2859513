"""What was received and nobody has read yet."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from .errors import SubscriptionOverflow, WireError

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """Items for one reader, up to a bound; ends with an error, or quietly."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is a number of messages, at least 1; not {capacity}")
        self._capacity = capacity
        self._items: deque[T] = deque()
        self.ended = False
        """Whether nothing more is accepted."""
        self._error: WireError | None = None
        self._waiter: asyncio.Future[None] | None = None

    def put(self, item: T) -> bool:
        """Add an item, unless the queue has ended; whether there was room, for otherwise it ends now."""
        if self.ended:
            return True
        if len(self._items) >= self._capacity:
            self.end(SubscriptionOverflow(f"more than {self._capacity} messages are waiting to be read"))
            return False
        self._items.append(item)
        self._wake()
        return True

    def end(self, error: WireError | None = None) -> None:
        """Accept no more; the reader gets what is there, then the error, or the end of the iteration."""
        if not self.ended:
            self.ended, self._error = True, error
            self._wake()

    async def get(self) -> T:
        """The next item; StopAsyncIteration at a quiet end, else the error that the queue ended with."""
        while not self._items:
            if self.ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            if self._waiter is not None and not self._waiter.done():
                raise RuntimeError("two tasks read one queue; give each a subscription of its own")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._items.popleft()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
