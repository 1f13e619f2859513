"""The simulated market: any symbol at any resolution, live at once, the same for the same seed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic, Topic
from service.bars.fold import Fold, Forming, Tick
from service.bars.resolution import Resolution
from service.feeds.base import Feed, FeedState, FeedStatus, run_feed
from service.feeds.market import Market

log = logging.getLogger(__name__)

_MOST_BACKFILL = 1_200
"""Ticks looked at to begin a bar that began earlier: five minutes whole at 4 a second; beyond, they are sampled."""
_SAMPLED = 150
"""Ticks looked at where they are sampled: what a subscriber to a long bar may cost everybody else is a millisecond."""
_MOST_CATCH_UP = 400
"""Ticks made up for after the process was held up; beyond, they are left out."""
_TURN = 200
"""Publications after which others get their turn on the event loop."""


@dataclass(slots=True)
class _Series:
    """One topic that somebody listens to."""

    topic: BarsTopic
    fold: Fold
    untold: bool = False
    """Whether the forming bar has changed since it was published."""


@dataclass(slots=True)
class _Symbol:
    """One symbol that somebody listens to; all its series are fed by the same ticks."""

    market: Market
    tick: int
    """The last tick that is in the folds."""
    series: dict[str, _Series] = field(default_factory=dict)


class Simulation(Feed):
    """Feeds every bars topic that is opened."""

    def __init__(
        self,
        publisher: Publisher,
        *,
        seed: int,
        updates_per_second: float,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`speed` is how many times real time the market's clock runs; `clock` gives Unix seconds."""
        self._publisher = publisher
        self._seed = seed
        self._speed = speed
        self._clock = clock
        self._began = clock()
        self._step_ms = max(1, round(1000 * speed / updates_per_second))
        self._symbols: dict[str, _Symbol] = {}
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    def status(self) -> FeedStatus:
        """Running while anybody listens."""
        state: FeedState = "failed" if self._failed else "running" if self._symbols else "waiting"
        return FeedStatus("simulate", state, {"seed": self._seed, "symbols": len(self._symbols)})

    async def stop(self) -> None:
        """Stop the market."""
        self._symbols.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def topic_opened(self, topic: Topic) -> None:
        """Begin a series, its forming bar as if the market had been watched all along."""
        if not isinstance(topic, BarsTopic):
            return
        symbol = self._symbols.get(topic.symbol)
        if symbol is None:
            market = Market(self._seed, topic.symbol)
            symbol = self._symbols[topic.symbol] = _Symbol(market, self._now_ms() // self._step_ms)
        fold = Fold(Resolution.parse(topic.resolution))
        self._backfill(fold, symbol)
        symbol.series[topic.address] = _Series(topic, fold)
        if self._task is None or self._task.done():
            self._failed = False
            self._task = run_feed(self._run(), "simulation")

    def topic_closed(self, topic: Topic) -> None:
        """End a series; a symbol without any is forgotten."""
        if not isinstance(topic, BarsTopic) or (symbol := self._symbols.get(topic.symbol)) is None:
            return
        symbol.series.pop(topic.address, None)
        if not symbol.series:
            del self._symbols[topic.symbol]

    async def _run(self) -> None:
        try:
            while self._symbols:
                now = self._now_ms()
                due = (now // self._step_ms + 1) * self._step_ms
                await asyncio.sleep((due - now) / 1000 / self._speed)
                await self._advance(self._now_ms() // self._step_ms)
        except Exception:
            self._failed = True
            log.exception("the simulation failed")

    async def _advance(self, tick: int) -> None:
        """Take every symbol to this tick and publish each series once."""
        published = 0
        for symbol in list(self._symbols.values()):
            first = max(symbol.tick + 1, tick - _MOST_CATCH_UP)
            for passed in range(first, tick + 1):
                at = passed * self._step_ms
                price, size = symbol.market.price(at), symbol.market.size(at)
                for series in symbol.series.values():
                    self._take(series, at, price, size)
            if first > tick:
                continue
            symbol.tick = tick
            for series in list(symbol.series.values()):
                self._publish(series, series.fold.bar)
                published += 1
                if published % _TURN == 0:
                    await asyncio.sleep(0)

    def _take(self, series: _Series, at_ms: int, price: float, size: int) -> None:
        """Fold one tick; a bar that it closes is published as it ended, unless it has been."""
        before, untold = series.fold.bar, series.untold
        if series.fold.add(Tick(at_ms, price, size, at_ms)) is not before and untold:
            self._publish(series, before)
        series.untold = True

    def _publish(self, series: _Series, now: Forming | None) -> None:
        series.untold = False
        if now is None:
            return
        bar = Bar(
            time=now.time, open=now.open, high=now.high, low=now.low, close=now.close, volume=now.volume
        )
        self._publisher.bars_update(series.topic, bar)

    def _backfill(self, fold: Fold, symbol: _Symbol) -> None:
        """Fold what has passed of the bar that is forming now."""
        last = symbol.tick
        start = fold.resolution.floor(last * self._step_ms)
        first = -(-start // self._step_ms)
        passed = last - first + 1
        stride = 1 if passed <= _MOST_BACKFILL else -(-passed // _SAMPLED)
        # The last tick is always among them, so that the bar closes at the current price.
        for tick in range(last - (last - first) // stride * stride, last + 1, stride):
            at = tick * self._step_ms
            fold.add(Tick(at, symbol.market.price(at), symbol.market.size(at) * stride, tick))

    def _now_ms(self) -> int:
        """The market's clock, Unix milliseconds."""
        return int((self._began + (self._clock() - self._began) * self._speed) * 1000)
