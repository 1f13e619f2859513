"""How long a client waits before it tries something again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

_MOST_DOUBLINGS = 60


class Clock:
    """The time and the chance that a client goes by; tests bring their own."""

    def time(self) -> float:
        """Seconds since some moment; never less than before."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """A number from 0 to 1, all equally likely."""
        return random.random()


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between nothing and a bound that doubles with each attempt: many clients do not come back at once.

    ValueError for a bound below 0.
    """

    base: float = 0.5
    """The longest first wait, in seconds."""
    cap: float = 20.0
    """The longest wait of all, in seconds."""

    def __post_init__(self) -> None:
        for name, value in (("base", self.base), ("cap", self.cap)):
            if not value >= 0:  # nor what is no number
                raise ValueError(f"{name}: expected a number of seconds from 0, not {value!r}")

    def longest(self, attempts: int) -> float:
        """The longest wait after so many attempts in vain, in seconds."""
        return min(self.cap, self.base * 2.0 ** min(attempts, _MOST_DOUBLINGS))


class Retry:
    """Counts the attempts at one thing."""

    __slots__ = ("_backoff", "_clock", "attempts")

    def __init__(self, backoff: Backoff, clock: Clock) -> None:
        self._backoff = backoff
        self._clock = clock
        self.attempts = 0
        """How many were in vain since the last one that was not."""

    def wait(self, at_least: float = 0.0) -> float:
        """An attempt was in vain: how many seconds to wait before the next."""
        longest = self._backoff.longest(self.attempts)
        self.attempts += 1
        return max(at_least, self._clock.random() * longest)

    def succeed(self) -> None:
        """Begin anew."""
        self.attempts = 0
