"""How the process that feeds learns what is listened to anywhere, and all others that nobody feeds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.utils import str_if_bytes

from generated.runtime.redis_protocol import TOPIC_PATTERN, topic_address, topic_keys
from service.logs import event

log = logging.getLogger(__name__)

CHANNEL = "tapewire:feed:interest"
"""Of pub/sub."""
_END = """
if redis.call('PUBSUB', 'NUMSUB', KEYS[1])[2] == 0 then return redis.call('DEL', unpack(KEYS)) end
return 0
"""
"""Forget a topic that nobody has open; who opens one subscribes before reading it."""
_FREE = "free"
_OPEN = "open "
_WAIT = 5.0
"""Seconds between two looks whether to end, while nothing is heard."""
_AGAIN = 0.5
"""Seconds until a lost connection is tried again."""


class Interest:
    """Tells others, and hears from them. What is lost on the way is found by whoever asks `everywhere`."""

    def __init__(self, redis: Redis, *, on_open: Callable[[str], None], on_free: Callable[[], None]) -> None:
        """`on_open` is called with the address of a topic that was opened anywhere, `on_free` where nobody feeds."""
        self._redis = redis
        self._on_open = on_open
        self._on_free = on_free
        self._untold: list[str] = []
        self._telling: asyncio.Task[None] | None = None

    def opened(self, address: str) -> None:
        """Tell that a topic was opened here; returns at once."""
        self._untold.append(_OPEN + address)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell(), name="tell of topics")

    async def freed(self) -> None:
        """Tell that nobody feeds. Raises redis.exceptions.RedisError or OSError."""
        await self._redis.publish(CHANNEL, _FREE)

    async def everywhere(self) -> set[str]:
        """The topics that any process has open now. Raises redis.exceptions.RedisError or OSError."""
        channels = await self._redis.pubsub_channels(TOPIC_PATTERN)
        addresses = (topic_address(str_if_bytes(channel)) for channel in channels)
        return {address for address in addresses if address is not None}

    async def forget(self, addresses: Sequence[str]) -> None:
        """Have Redis keep nothing of topics that nobody has open. Raises redis.exceptions.RedisError or OSError.

        Nobody feeds them from now on, and so nobody may go on from where they were.
        """
        async with self._redis.pipeline(transaction=False) as pipeline:
            for address in addresses:
                keys = topic_keys(address)
                pipeline.eval(_END, len(keys), *keys)
            await pipeline.execute()

    async def hear(self) -> None:
        """Hear what others tell, until cancelled; a lost connection is made anew."""
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as error:
                log.debug(event("cannot hear of other processes' topics", reason=str(error)))
            await asyncio.sleep(_AGAIN)

    async def _hear(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as ear:
            await ear.subscribe(CHANNEL)
            while True:
                message = await ear.get_message(timeout=_WAIT)
                if message is None:
                    continue
                told = message["data"].decode("utf-8", "replace")
                if told == _FREE:
                    self._on_free()
                elif told.startswith(_OPEN):
                    self._on_open(told.removeprefix(_OPEN))

    async def _tell(self) -> None:
        """Tell of all at once that were opened in one turn of the loop."""
        while self._untold:
            told, self._untold = self._untold, []
            try:
                async with self._redis.pipeline(transaction=False) as pipeline:
                    for message in told:
                        pipeline.publish(CHANNEL, message)
                    await pipeline.execute()
            except (RedisError, OSError) as error:
                log.debug(event("cannot tell other processes of topics", reason=str(error)))
                self._untold.clear()
