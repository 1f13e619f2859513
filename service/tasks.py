"""Ending tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN = 0.1
"""Seconds until a task that goes on is cancelled once more."""


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks, and return when all have ended; what they raise is nobody's.

    Once is not enough: up to Python 3.11 `asyncio.wait_for`, which drivers use for each command, forgets a
    cancellation that comes in the moment in which what it waits for is done.
    """
    going = set(tasks)
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=_AGAIN)
