"""In whose name feeds publish: each beginning is another's, and what was not sent in time never is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from generated.models import Trade
from generated.publisher import Publisher
from generated.runtime.publication import Publication
from generated.runtime.redis_protocol import Command
from generated.topics import TradesTopic
from service.broker.outgoing import Outgoing

TOPIC = TradesTopic("AAPL")


class Taking:
    """A server that takes everything, and knows in whose name and with which number it came."""

    def __init__(self) -> None:
        self.taken: list[tuple[object, object]] = []

    async def call(self, commands: Sequence[Command]) -> list[object]:
        """Take them."""
        self.taken += [(command[7], command[8]) for command in commands]
        return [b"OK|epoch|1|0|" for _ in commands]

    async def load(self) -> None:
        """Nothing to make known."""


class Feeding:
    """A feed's publisher."""

    def __init__(self) -> None:
        self.outgoing = Outgoing(
            most_bytes=10_000, ttl=60, on_base_wanted=lambda _: None, on_trouble=lambda _: None
        )
        self._publisher = Publisher(self)

    def publish(self, publication: Publication) -> None:
        """Exclusively."""
        self.outgoing.put(publication, exclusive=True)

    def trade(self) -> None:
        """One."""
        self._publisher.trades_update(TOPIC, Trade(id=1, price=1.0, size=1.0, side="buy", time=0))

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Taking]:
        """While this lasts, what waits is sent."""
        server = Taking()
        task = asyncio.create_task(self.outgoing.run(server))
        try:
            yield server
        finally:
            task.cancel()


async def test_each_beginning_has_a_name_and_numbers_of_its_own() -> None:
    """To Redis, a feed that begins again is another owner, which begins an epoch."""
    feed = Feeding()
    feed.outgoing.begin(TOPIC.address)
    feed.trade()
    feed.trade()
    feed.outgoing.end(TOPIC.address)
    feed.outgoing.begin(TOPIC.address)
    feed.trade()
    async with feed.sending() as server:
        await feed.outgoing.empty()
    (first, one), (second, two), (other, again) = server.taken
    assert first == second != other
    assert (one, two, again) == (1, 2, 1)


@pytest.mark.parametrize("begun", [True, False])
async def test_what_waits_at_the_end_is_numbered_on(begun: bool) -> None:
    """A number that was given once would be taken for a retry, and lost: those that wait go on from the last."""
    feed = Feeding()
    if begun:
        feed.outgoing.begin(TOPIC.address)
    async with feed.sending() as server:
        feed.trade()
        await feed.outgoing.empty()
        feed.trade()
        feed.outgoing.end(TOPIC.address)
        await feed.outgoing.empty()
    assert [number for _, number in server.taken] == [1, 2]


async def test_what_was_withdrawn_is_never_sent() -> None:
    """Another feeds now: what waited here is old, and takes no room any more."""
    feed = Feeding()
    feed.outgoing.begin(TOPIC.address)
    feed.trade()
    assert feed.outgoing.bytes > 0
    feed.outgoing.withdraw()
    assert feed.outgoing.bytes == 0
    await feed.outgoing.empty()
    async with feed.sending() as server:
        feed.outgoing.begin(TOPIC.address)
        feed.trade()
        await feed.outgoing.empty()
    assert [number for _, number in server.taken] == [1]
