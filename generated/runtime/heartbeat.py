"""The sign of life of a client that has nothing else to say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .backoff import Clock


async def keep_alive(
    interval: float, clock: Clock, last_sent: Callable[[], float], beat: Callable[[], Awaitable[None]]
) -> None:
    """Call `beat` whenever nothing was sent for a third of the interval (seconds); runs until cancelled.

    A third, so that two may be lost or late before the server gives the connection up. `last_sent` is in the
    clock's time.
    """
    patience = interval / 3
    while True:
        silent = clock.time() - last_sent()
        if silent < patience:
            await clock.sleep(patience - silent)
            continue
        await beat()
        await clock.sleep(patience)
