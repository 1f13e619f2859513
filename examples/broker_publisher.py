"""Publish from a process of one's own, over the Redis or Valkey that the nodes share; it imports no service.

    python -m service serve --broker redis://localhost:6379 --feed none     one node, or several
    python examples/broker_publisher.py redis://localhost:6379
    python examples/client.py TICK 1S

It may be started before the nodes or after them, and goes on by itself when Redis was away.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import sys
import time

from generated.broker import DEFAULT_BROKER, Publisher
from generated.models import Bar, Book, Level
from generated.runtime.redis_errors import BrokerError, BrokerUnavailable, SnapshotNeeded
from generated.topics import BarsTopic, OrderbookTopic

BARS = BarsTopic("TICK", "1S")
BOOK = OrderbookTopic("TICK", "10")


def price_at(seconds: float) -> float:
    """A wave."""
    return round(100 + 5 * math.sin(seconds / 30), 2)


async def tell_bar(publisher: Publisher) -> None:
    """The bar of this second, which may be sent again as it grows: it is told from others by its time."""
    now = int(time.time())
    opened, closed = price_at(now), price_at(now + 1)
    epoch, seq = await publisher.bars_update(
        BARS,
        Bar(
            time=now * 1000,
            open=opened,
            high=max(opened, closed),
            low=min(opened, closed),
            close=closed,
            volume=1,
        ),
    )
    print(f"{BARS.address} {seq} of {epoch}", flush=True)


async def tell_book(publisher: Publisher, round_: int) -> None:
    """One level of the book that changes; the whole of it where Redis has no beginning."""
    change = Book(bids=[Level(price=99, size=round_ % 9 + 1)], asks=[])
    try:
        await publisher.orderbook_update(BOOK, change)
    except SnapshotNeeded:  # the first, or Redis was restarted or flushed
        whole = Book(bids=[*change.bids, Level(price=98, size=5)], asks=[Level(price=101, size=5)])
        await publisher.orderbook_update(BOOK, whole, snapshot=True)


async def publish(url: str) -> None:
    """Tell both once a second, until Ctrl-C; they leave in one round trip."""
    async with Publisher(url) as publisher:
        for round_ in itertools.count():
            try:
                await asyncio.gather(tell_bar(publisher), tell_book(publisher, round_))
            except BrokerUnavailable as error:  # readers will be told of the hole; the next round tries again
                print(error, file=sys.stderr)
            await asyncio.sleep(1)


def main() -> int:
    """Publish to the broker that is named, or the usual one."""
    try:
        asyncio.run(publish(*sys.argv[1:2] or [DEFAULT_BROKER]))
    except (BrokerError, ValueError) as error:  # ValueError: no broker's URL; it repeats nothing
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
