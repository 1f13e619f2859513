"""The right to feed, which one process has at a time, and not for longer than it can say so."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import cast

from redis.asyncio import Redis

from generated.runtime.publication import Publication, Sink

LEASE_KEY = "tapewire:feed:lease"

_MARGIN = 0.9
"""How much of its time the holder counts on: clocks do not run alike."""

_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
elseif holder then
  return holder
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return ARGV[1]
"""
"""Take what is free, keep what is one's own; the holder then. Keeping works though memory is out."""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Lease:
    """One node's claim. All methods raise redis.exceptions.RedisError or OSError where Redis does not answer."""

    def __init__(
        self, redis: Redis, node: str, *, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` is how long it is held after it was last taken; `clock` never goes back."""
        self.redis = redis
        """Asked for the lease, and free for other questions."""
        self._seconds = seconds
        self._clock = clock
        self.node = node
        """Who claims it."""
        self.until = float("-inf")
        """Up to when it is surely held, by the clock."""
        self.holder = ""
        """Who held it when that was last asked; empty where that is not known."""

    @property
    def held(self) -> bool:
        """Whether nobody else can have it, as far as this process's clock tells."""
        return self._clock() < self.until

    @property
    def left(self) -> float:
        """Seconds for which it is held yet; negative where it is not."""
        return self.until - self._clock()

    async def take(self) -> bool:
        """Take it, or go on having it; whether that is so."""
        # From before the question: the server counts from a later moment.
        asked = self._clock()
        answer = await self._eval(_TAKE, self.node, round(self._seconds * 1000))
        self.holder = cast("bytes", answer).decode()
        self.until = asked + self._seconds * _MARGIN if self.holder == self.node else float("-inf")
        return self.held

    def drop(self) -> None:
        """Count on it no more, whatever Redis says."""
        self.until = float("-inf")

    async def release(self) -> bool:
        """Leave it to others; whether it was still one's own."""
        self.drop()
        return await self._eval(_RELEASE, self.node) == 1

    async def _eval(self, script: str, *arguments: str | int) -> object:
        answer = self.redis.eval(script, 1, LEASE_KEY, *map(str, arguments))
        return await cast("Awaitable[object]", answer)


class Gate:
    """Lets publications through while a lease is held: not one more, however late the process notices the end."""

    def __init__(self, sink: Sink, lease: Lease) -> None:
        self._sink = sink
        self._lease = lease

    def publish(self, publication: Publication) -> None:
        """Hand it on, or drop it: whoever has the lease now tells the same."""
        if self._lease.held:
            self._sink.publish(publication)


def node_name() -> str:
    """A name that no other process has, nor the same one after it was started again; it gives nothing away."""
    return secrets.token_hex(6)
