"""The sign of life of a client that has nothing else to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def keep_alive(
    interval: float, last_sent: Callable[[], float], beat: Callable[[], Awaitable[None]]
) -> None:
    """Call `beat` whenever nothing was sent for a third of the interval (seconds); runs until cancelled.

    A third, so that two may be lost or late before the server gives the connection up. `last_sent` is in the
    loop's time.
    """
    loop = asyncio.get_running_loop()
    patience = interval / 3
    while True:
        silent = loop.time() - last_sent()
        if silent < patience:
            await asyncio.sleep(patience - silent)
            continue
        await beat()
        await asyncio.sleep(patience)
