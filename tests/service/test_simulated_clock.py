"""The simulated market's clock: held up, too fast, set back, and beyond all trades."""

from __future__ import annotations

import asyncio
import logging

import pytest

from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, TradesTopic
from service.bars.resolution import Resolution
from service.feeds import simulate
from service.feeds.simulate import Simulation
from service.market.skeleton import BEGINS_MS, DAY_MS, ENDS_MS, MINUTE_MS
from tests.service.fed import START_MS, Clock, Tape, fed, trades_of


async def test_a_process_that_was_held_up_makes_up_for_it() -> None:
    """After ten minutes without a turn every trade of the meantime is told, and others get theirs in between."""
    topic = TradesTopic("BTCUSD")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with fed(look=0.1) as market:
        market.open(topic, OrderbookTopic("BTCUSD", "10"))
        began = market.feed.reached_ms
        await market.run_to(began + 1_000)
        market.clock.at += 600.0
        late = market.feed.status().detail["late_ms"]
        assert isinstance(late, int)
        assert late >= 600_000
        counting = asyncio.create_task(count())
        await market.run_to(began + 10 * MINUTE_MS)
        counting.cancel()
        assert market.tape.bodies(topic) == trades_of("BTCUSD", began, market.feed.reached_ms)
        await market.run_to(began + 20 * MINUTE_MS)
        assert market.feed.status().detail["late_ms"] == 0
        assert market.feed.status().detail["slowed_ms"] == 0
    assert turns > 100


async def test_a_market_that_cannot_keep_up_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its clock is set back, which status and log tell, the log once; no trade is left out."""
    monkeypatch.setattr(simulate, "_PATIENCE_S", 0.01)
    topic = TradesTopic("BTCUSD")
    with caplog.at_level(logging.WARNING):
        async with fed(speed=100_000.0, rate=100.0, look=0.2) as market:
            market.open(topic, QuotesTopic("BTCUSD"))
            began = market.feed.reached_ms
            await market.tape.until(lambda: len(market.tape.told) > 30_000)
            told = market.tape.bodies(topic)
            # As often as its rate says, and not as often as the market's clock would have it.
            assert len(market.tape.bodies(QuotesTopic("BTCUSD"))) > 20
            slowed = market.feed.status().detail["slowed_ms"]
    assert isinstance(slowed, int)
    assert slowed > 0
    assert told == trades_of("BTCUSD", began, told[-1]["time"])[: len(told)]
    assert sum("cannot keep up" in record.message for record in caplog.records) == 1


async def test_a_clock_that_is_set_back_does_not_stop_the_market() -> None:
    """Whoever sets the computer's clock back by an hour finds the market going on from where it was."""
    topic = TradesTopic("BTCUSD")
    async with fed() as market:
        market.open(topic)
        began = market.feed.reached_ms
        await market.run_to(began + 5_000)
        market.clock.at -= 3_600.0
        await market.run_to(began + 20_000)
        assert market.tape.bodies(topic) == trades_of("BTCUSD", began, market.feed.reached_ms)


@pytest.mark.parametrize("start_ms", [0, BEGINS_MS, ENDS_MS - 10_000, ENDS_MS + DAY_MS])
async def test_a_clock_beyond_all_trades_stands_still(start_ms: int) -> None:
    """Before the first trade of all, and after the last, there is a market all the same, and it rests."""
    topics = TradesTopic("AAPL"), BarsTopic("AAPL", "1M"), QuotesTopic("AAPL"), OrderbookTopic("AAPL")
    async with fed(start_ms=start_ms, rate=50.0) as market:
        market.open(*topics)
        assert [told.snapshot for told in market.tape.told] == [True, True]
        await market.pass_by(15.0)
        assert market.feed.status().state == "running"
        assert market.feed.reached_ms == min(max(market.feed.reached_ms, BEGINS_MS), ENDS_MS - 1)
        page = await market.feed.bars("AAPL", Resolution.parse("1"), None, 10)
        assert len(page.bars) == (10 if start_ms > BEGINS_MS else start_ms // BEGINS_MS)


def test_the_clock_may_run_faster() -> None:
    """At speed 60 a minute of the market passes in a second."""
    clock = Clock(START_MS / 1000, 0.0)
    feed = Simulation(Publisher(Tape()), seed=1, updates_per_second=4.0, speed=60.0, clock=clock)
    before = feed._now_ms()
    clock.at += 1.0
    assert feed._now_ms() - before == 60_000
