"""Whether Redis takes what is written: who only follows would not notice otherwise that it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from redis.exceptions import ReadOnlyError, ResponseError

from generated.runtime.redis_protocol import PREFIX
from generated.runtime.redis_refusals import is_memory, may_pass
from service.broker.link import Link, LinkLost

OUT_OF_MEMORY = "it is out of memory, and takes nothing"
REPLICA = "it is a replica, and takes nothing"

_PERIOD = 2.0
"""Seconds between two tries."""

_KEPT = 60
"""Seconds for which Redis keeps what was tried with."""


def passes(refusal: ResponseError) -> str | None:
    """Why Redis does not take anything for now; None for what it will never take."""
    if is_memory(refusal):
        return OUT_OF_MEMORY
    return f"it takes nothing: {refusal}" if may_pass(refusal) else None


async def try_to_write(link: Link, node: str) -> str | None:
    """Write something once; why it was refused, or None. Raises LinkLost, also for a replica.

    What is written is as much as any topic writes, so that no further right is needed, and nothing grows by it.
    """
    key = f"{PREFIX}node:{node}"
    written, _ = await link.call([("HSET", key, "alive", "1"), ("EXPIRE", key, _KEPT)])
    if isinstance(written, ReadOnlyError):
        raise LinkLost(REPLICA)
    return passes(written) if isinstance(written, ResponseError) else None


async def watch(link: Link, node: str, on_found: Callable[[str | None], None]) -> None:
    """Go on trying to write now and then, and tell what comes of it. Raises LinkLost, also for a replica."""
    while True:
        await asyncio.sleep(_PERIOD)
        on_found(await try_to_write(link, node))
