"""A simulated market without a socket: what it publishes, in order, and a clock that need not be waited for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from generated.publisher import Publisher
from generated.runtime.publication import Publication
from generated.topics import Topic
from service.feeds.simulate import Simulation
from service.market.listing import LISTINGS
from service.market.skeleton import MINUTE_MS, Skeleton

LISTED = {listing.symbol: listing for listing in LISTINGS}

START_MS = 1_767_623_400_000
"""A Monday, 14:30 UTC; Unix milliseconds."""


def trades_of(symbol: str, after_ms: int, upto_ms: int, seed: int = 1) -> list[dict[str, Any]]:
    """The trades of a time, as they are told; the first moment is not included, the last one is."""
    listing = LISTED[symbol]
    skeleton = Skeleton(seed, listing)
    return [
        {
            "id": trade.id,
            "price": listing.price_of(trade.ticks),
            "size": listing.size_of(trade.lots),
            "side": "buy" if trade.buy else "sell",
            "time": trade.time,
        }
        for minute in range(after_ms // MINUTE_MS, upto_ms // MINUTE_MS + 1)
        for trade in skeleton.trades(minute)
        if after_ms < trade.time <= upto_ms
    ]


class Clock:
    """Time that passes as fast as the simulation asks for it: each look takes a little."""

    def __init__(self, at: float, step: float) -> None:
        self.at = at
        self.step = step
        self.ends = float("inf")

    def __call__(self) -> float:
        """Unix seconds."""
        self.at = min(self.at + self.step, self.ends)
        return self.at


class Told(NamedTuple):
    """One publication."""

    topic: str
    body: dict[str, Any]
    snapshot: bool


class Tape:
    """A sink that keeps everything, and can be waited for."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._more = asyncio.Event()

    def publish(self, publication: Publication) -> None:
        """Keep it."""
        self.told.append(Told(publication.topic, json.loads(publication.payload), publication.snapshot))
        self._more.set()

    def bodies(self, topic: Topic | str) -> list[dict[str, Any]]:
        """What was told on one topic."""
        return [told.body for told in self.told if told.topic == str(topic)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once it holds, looked at after whatever is published."""
        async with asyncio.timeout(90):
            while not holds():
                self._more.clear()
                await self._more.wait()


class Fed(NamedTuple):
    """A market, and what it tells."""

    feed: Simulation
    tape: Tape
    clock: Clock

    def open(self, *topics: Topic) -> None:
        """Listen."""
        for topic in topics:
            self.feed.topic_opened(topic)

    async def run_to(self, at_ms: int) -> None:
        """Return once the market has come to a moment, of which nothing is missing then."""
        async with asyncio.timeout(90):
            # Nobody is told when a step is done; at rest the market publishes nothing.
            while self.feed.reached_ms < at_ms:  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def pass_by(self, seconds: float) -> None:
        """Return once the market's clock has been looked at for so long, whatever the market made of it."""
        ends = self.clock.at + seconds
        async with asyncio.timeout(90):
            while self.clock.at < ends:  # noqa: ASYNC110, there is no event
                await asyncio.sleep(0)

    async def stop_at(self, at_ms: int) -> None:
        """Return once the market has come to just this moment, where its clock stops."""
        self.clock.ends = at_ms / 1000
        await self.run_to(at_ms)


@asynccontextmanager
async def fed(
    seed: int = 1, *, start_ms: int = START_MS, speed: float = 1.0, rate: float = 4.0, look: float = 0.3
) -> AsyncIterator[Fed]:
    """A market from a moment on; each look at its clock takes `look` seconds."""
    tape, clock = Tape(), Clock(start_ms / 1000, look)
    feed = Simulation(Publisher(tape), seed=seed, updates_per_second=rate, speed=speed, clock=clock)
    try:
        yield Fed(feed, tape, clock)
    finally:
        await feed.stop()
