"""The simulated market: the same for the same seed, plausible, and in agreement with itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from generated.publisher import Publisher
from service.bars.fold import Fold, Tick
from service.bars.resolution import Resolution
from service.feeds.market import Market
from service.feeds.simulate import Simulation
from tests.service.running import Client, service

START = 1_767_623_400.0
"""A Monday, 14:30 UTC; Unix seconds."""


def test_same_seed_and_symbol_same_prices() -> None:
    """Two markets of one seed and symbol agree at every moment, in whatever order they are asked."""
    moments = [int(START * 1000) + n * 250 for n in range(500)]
    forward, backward = Market(7, "AAPL"), Market(7, "AAPL")
    there = [forward.price(at) for at in moments]
    back = [backward.price(at) for at in reversed(moments)]
    assert there == back[::-1]
    assert [forward.size(at) for at in moments] == [backward.size(at) for at in moments]


def test_prices_are_the_same_on_every_machine() -> None:
    """Nothing of the path depends on the process: known prices of a known seed."""
    market = Market(1, "AAPL")
    assert [market.price(int(START * 1000) + n * 60_000) for n in range(3)] == KNOWN


KNOWN = [188.33, 188.55, 188.46]


def test_other_seeds_and_symbols_are_other_markets() -> None:
    """A seed or a symbol more makes another path."""
    moments = [int(START * 1000) + n * 60_000 for n in range(50)]
    paths = {
        tuple(Market(seed, symbol).price(at) for at in moments)
        for seed, symbol in [(1, "AAPL"), (2, "AAPL"), (1, "AAPL2"), (1, "GOOGL")]
    }
    assert len(paths) == 4


@pytest.mark.parametrize("symbol", ["AAPL", "EUR/USD", "BTC-USD", "whatever", "9"])
def test_prices_are_plausible(symbol: str) -> None:
    """Prices stay above zero and near their level, move within minutes, and do not jump between ticks."""
    market = Market(3, symbol)
    path = [market.price(int(START * 1000) + n * 250) for n in range(4 * 600)]
    assert all(price > 0 for price in path)
    assert len(set(path)) > 10
    assert max(abs(b / a - 1) for a, b in pairwise(path)) < 0.005
    year = [market.price(int(START * 1000) + n * 86_400_000) for n in range(365)]
    assert min(year) / market.base > 0.2
    assert max(year) / market.base < 5


class Clock:
    """Time that passes as fast as the simulation asks for it: each look takes a little."""

    def __init__(self, at: float, step: float) -> None:
        self.at = at
        self.step = step

    def __call__(self) -> float:
        """Unix seconds."""
        self.at += self.step
        return self.at


def simulation(
    seed: int = 1, *, speed: float = 1.0, rate: float = 4.0, start: float = START
) -> Callable[[Publisher], Simulation]:
    """A feed whose clock runs far ahead of the loop's."""
    return lambda publisher: Simulation(
        publisher, seed=seed, updates_per_second=rate, speed=speed, clock=Clock(start, 0.2)
    )


async def bars(client: Client, count: int) -> list[dict[str, Any]]:
    """The next bodies."""
    return [(await client.receive())["payload"] for _ in range(count)]


async def test_a_forming_bar_is_sent_again_and_again_and_is_always_a_bar() -> None:
    """Updates keep a bar's time and open until its boundary; low and high always bound the others."""
    async with service(feed=simulation(speed=20, rate=50)) as running, running.client() as client:
        await client.subscribe(symbol="AAPL")
        got = await bars(client, 40)
    assert len({bar["time"] for bar in got}) > 1
    for bar in got:
        assert bar["time"] % 60_000 == 0
        assert bar["low"] <= min(bar["open"], bar["close"]) <= max(bar["open"], bar["close"]) <= bar["high"]
        assert bar["volume"] >= 0
    for before, after in pairwise(got):
        assert after["time"] >= before["time"]
        if after["time"] == before["time"]:
            assert after["open"] == before["open"]
            assert after["high"] >= before["high"]
            assert after["low"] <= before["low"]
            assert after["volume"] >= before["volume"]


async def test_two_services_of_one_seed_send_the_same_bars() -> None:
    """What is sent depends on seed, symbol and clock alone."""
    got = []
    for _ in range(2):
        async with service(feed=simulation(7, rate=50)) as running, running.client() as client:
            await client.subscribe(symbol="GOOGL")
            got.append({(bar["time"], bar["close"], bar["volume"]) for bar in await bars(client, 12)})
    assert len(got[0] & got[1]) >= 6


async def test_resolutions_of_a_symbol_agree() -> None:
    """Five one-minute bars fold into the five-minute bar that was sent at the same moment."""
    # Two minutes into a five-minute bar, of which the past is told as well as what follows.
    async with (
        service(feed=simulation(speed=20, rate=50, start=START + 120)) as running,
        running.client() as client,
    ):
        await client.subscribe(symbol="AAPL", resolution="5")
        await client.subscribe(symbol="AAPL", resolution="1")
        five: dict[int, dict[str, Any]] = {}
        one: dict[int, dict[str, Any]] = {}
        async with asyncio.timeout(20):
            while len(five) < 3:
                message = await client.receive()
                bar = message["payload"]
                (five if message["topic"].endswith(":5") else one)[bar["time"]] = bar
    time = sorted(five)[1]
    parts = [one[time + minute * 60_000] for minute in range(5)]
    assert five[time]["open"] == parts[0]["open"]
    assert five[time]["close"] == parts[-1]["close"]
    assert five[time]["high"] == max(part["high"] for part in parts)
    assert five[time]["low"] == min(part["low"] for part in parts)
    assert five[time]["volume"] == sum(part["volume"] for part in parts)


async def test_a_bar_that_began_before_anybody_listened_is_whole() -> None:
    """The first bar sent covers its time from its start, not from the first subscriber's coming."""
    async with service(feed=simulation(start=START + 200)) as running, running.client() as client:
        await client.subscribe(symbol="AAPL", resolution="5")
        (bar, *_) = await bars(client, 1)
    market, fold = Market(1, "AAPL"), Fold(Resolution.parse("5"))
    seen = []
    for at in range(int(START) * 1000, int(START + 230) * 1000, 250):
        state = fold.add(Tick(at, market.price(at), market.size(at), at))
        assert state is not None
        seen.append((state.time, state.open, state.high, state.low, state.close, state.volume))
    assert tuple(bar[name] for name in ("time", "open", "high", "low", "close", "volume")) in seen


async def test_the_simulation_rests_when_nobody_listens() -> None:
    """When the last topic closes, the market's task ends; the next subscriber starts it anew."""
    async with service(feed=simulation(), topic_grace=0.0) as running, running.client() as client:
        feed = running.app.state.feed
        assert feed.status().state == "waiting"
        for _ in range(2):
            await client.subscribe(symbol="AAPL")
            await client.receive()
            assert feed.status().state == "running"
            await client.send({"type": "bars.unsubscribe", "payload": {"symbol": "AAPL"}})
            while (await client.receive())["type"] != "bars.unsubscribe.response":
                pass
            assert feed.status().state == "waiting"


def test_the_clock_may_run_faster() -> None:
    """At speed 60 a minute of the market passes in a second."""
    moment = [START]
    feed = Simulation(
        Publisher(_Nowhere()), seed=1, updates_per_second=4.0, speed=60.0, clock=lambda: moment[0]
    )
    before = feed._now_ms()
    moment[0] += 1.0
    assert feed._now_ms() - before == 60_000


class _Nowhere:
    def publish(self, publication: object) -> None:
        """Lose it."""
