"""The simulated market, fed to whoever listens: bars, trades, quotes and order books of the known symbols."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, Topic, TradesTopic
from service.bars.fold import Forming
from service.bars.resolution import OFFERED, Resolution
from service.feeds.base import Feed, FeedState, FeedStatus, Instrument, Page, run_feed
from service.hub import TopicUnavailable
from service.logs import event
from service.market.history import LONGEST, bars_before
from service.market.listing import LISTINGS
from service.market.live import LiveSymbol
from service.market.skeleton import BEGINS_MS, ENDS_MS, Skeleton

log = logging.getLogger(__name__)

_SLICE_S = 0.004
"""How long the market may work before others get their turn on the event loop."""
_STRIDE = 4
"""Steps of the market's clock that are made up for at once, at most."""
_FIRST_MS = 1_000
"""How far the market goes at first; then as far as it gets in the time between two updates, so that these go on."""
_PATIENCE_S = 5.0
"""How long the market may be late without making up for it, before its clock is set back."""


class Simulation(Feed):
    """Feeds every topic of a known symbol.

    One clock for all: `speed` times as fast as real time, in steps of which each publishes what changed. A
    process that was held up makes up for it, trade by trade, and goes on telling what changed as often; where
    it cannot, the clock is set back, which the status tells as `slowed_ms` and the log once. No trade is ever
    left out.
    """

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
        self._period_s = 1 / updates_per_second
        self._step_ms = max(1, round(1000 * speed / updates_per_second))
        self._pace_ms = 0
        """How far the market goes before it tells what has changed."""
        self._skeletons = {listing.symbol: Skeleton(seed, listing) for listing in LISTINGS}
        self._live: dict[str, LiveSymbol] = {}
        self.reached_ms = 0
        """How far the market has come, while anybody listens; Unix milliseconds."""
        self._shift_ms = 0
        """By how much the clock has been set back since the beginning."""
        self._slowed_ms = 0
        """By how much of that because the market could not keep up."""
        self._late_since: tuple[float, int] | None = None
        """Since when it is late, and by how much it was then."""
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    def status(self) -> FeedStatus:
        """Running while anybody listens; `late_ms` and `slowed_ms` are milliseconds of the market's time."""
        state: FeedState = "failed" if self._failed else "running" if self._live else "waiting"
        now_ms = self._now_ms()
        late_ms = now_ms - self.reached_ms if self._live else 0
        detail: dict[str, str | int | float] = {
            "seed": self._seed,
            "symbols": len(self._live),
            "late_ms": late_ms if late_ms > 2 * self._step_ms else 0,
            "slowed_ms": self._slowed_ms,
        }
        return FeedStatus("simulate", state, detail)

    async def stop(self) -> None:
        """Stop the market."""
        self._live.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def instruments(self) -> Sequence[Instrument]:
        """The symbols that are traded."""
        return _INSTRUMENTS

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """The last bars that begin before a moment, of all that subscribers have been told so far."""
        skeleton = self._known(symbol)
        _check(resolution)
        live = self._live.get(symbol)
        upto_ms = self.moment_ms() if live is None else live.reached_ms
        found: list[Forming] = []
        until = time.perf_counter() + _SLICE_S
        for bar in bars_before(skeleton, resolution, upto_ms + 1 if to_ms is None else to_ms, upto_ms):
            if bar is not None:
                found.append(bar)
                if len(found) > limit:
                    break
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE_S
        return Page(
            found[limit - 1 :: -1] if len(found) > limit else found[::-1], complete=len(found) <= limit
        )

    def accepts(self, topic: Topic) -> None:
        """Those of known symbols."""
        if isinstance(topic, BarsTopic | QuotesTopic | TradesTopic | OrderbookTopic):
            self._known(topic.symbol)
        if isinstance(topic, BarsTopic):
            _check(Resolution.parse(topic.resolution))

    def topic_opened(self, topic: Topic) -> None:
        """Begin to feed a topic, as if the market had been watched all along."""
        if not isinstance(topic, BarsTopic | QuotesTopic | TradesTopic | OrderbookTopic):
            return
        self.accepts(topic)
        skeleton = self._known(topic.symbol)
        live = self._live.get(topic.symbol)
        if live is None:
            self.reached_ms = self.moment_ms()
            live = LiveSymbol(self._publisher, self._seed, skeleton, self.reached_ms)
        live.open(topic)
        self._live[topic.symbol] = live
        if self._task is None or self._task.done():
            self._failed = False
            self._late_since = None
            self._pace_ms = min(_FIRST_MS, self._step_ms)
            self._task = run_feed(self._run(), "simulation")

    def topic_closed(self, topic: Topic) -> None:
        """Feed a topic no more; a symbol without any is forgotten."""
        if not isinstance(topic, BarsTopic | QuotesTopic | TradesTopic | OrderbookTopic):
            return
        if (live := self._live.get(topic.symbol)) is None:
            return
        live.close(topic)
        if live.idle:
            del self._live[topic.symbol]

    def topic_base_wanted(self, topic: Topic) -> None:
        """Publish a whole order book; all else is told whole anyway."""
        if isinstance(topic, OrderbookTopic) and (live := self._live.get(topic.symbol)) is not None:
            live.tell_whole(topic)

    def _known(self, symbol: str) -> Skeleton:
        skeleton = self._skeletons.get(symbol)
        if skeleton is None:
            known = ", ".join(self._skeletons)
            raise TopicUnavailable(
                f'There is no symbol "{symbol}"; known: {known}.', retryable=False, code="unknown_symbol"
            )
        return skeleton

    async def _run(self) -> None:
        try:
            while self._live:
                now_ms = self._now_ms()
                due_ms = (now_ms // self._step_ms + 1) * self._step_ms
                late = now_ms >= self.reached_ms + self._step_ms
                await asyncio.sleep(0 if late else (due_ms - now_ms) / 1000 / self._speed)
                await self._advance(min(self._step_of(self._now_ms()), self.reached_ms + self._pace_ms))
                self._keep_time(self._now_ms() - self.reached_ms)
        except Exception:
            self._failed = True
            log.exception("the simulation failed")

    async def _advance(self, upto_ms: int) -> None:
        """Take every symbol to this moment, publish all its trades on the way and what changed at the end."""
        if upto_ms <= self.reached_ms:
            return
        began = time.perf_counter()
        until = time.perf_counter() + _SLICE_S
        for symbol, live in list(self._live.items()):
            # Others may come and go in between, so it may be nobody's any more.
            while self._live.get(symbol) is live and not live.advance(upto_ms, until):
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE_S
            live.tell()
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE_S
        way_ms, took = upto_ms - self.reached_ms, time.perf_counter() - began
        self.reached_ms = upto_ms
        if took > self._period_s:
            self._pace_ms = max(1, int(way_ms * self._period_s / took))
        elif took < self._period_s / 2:
            self._pace_ms = min(2 * self._pace_ms, _STRIDE * self._step_ms)

    def _keep_time(self, late_ms: int) -> None:
        """Set the clock back where the market does not catch up with it, and on where somebody else set it back."""
        if late_ms < -_STRIDE * self._step_ms:
            self._shift_ms += late_ms
        if late_ms < _STRIDE * self._step_ms:
            self._late_since = None
            return
        now = time.monotonic()
        if self._late_since is None:
            self._late_since = now, late_ms
            return
        since, was_ms = self._late_since
        if now - since < _PATIENCE_S:
            return
        self._late_since = None
        if late_ms < was_ms:
            return
        if not self._slowed_ms:
            log.warning(
                event(
                    "the simulated market cannot keep up: its clock is slower than asked for, "
                    "and no trade is left out",
                    speed=self._speed,
                    symbols=len(self._live),
                )
            )
        self._shift_ms += late_ms
        self._slowed_ms += late_ms

    def moment_ms(self) -> int:
        """The moment that the market has come to; where nobody listens, that is the clock's last step."""
        return self.reached_ms if self._live else self._step_of(self._now_ms())

    def _step_of(self, at_ms: int) -> int:
        return at_ms // self._step_ms * self._step_ms

    def _now_ms(self) -> int:
        """The market's clock, Unix milliseconds; it stands still before the first trade of all, and after the last."""
        seconds = self._began + (self._clock() - self._began) * self._speed
        return min(max(int(seconds * 1000) - self._shift_ms, BEGINS_MS), ENDS_MS - 1)


def _check(resolution: Resolution) -> None:
    """TopicUnavailable where bars would be longer than the longest."""
    if resolution.next(0) > LONGEST.next(0):
        raise TopicUnavailable(
            f'There is no resolution "{resolution}"; known: {", ".join(OFFERED)}, and all others up to {LONGEST}.',
            retryable=False,
            code="unknown_resolution",
        )


_INSTRUMENTS = tuple(
    Instrument(
        symbol=listing.symbol,
        description=listing.description,
        type=listing.type,
        currency=listing.currency,
        price_decimals=listing.price_decimals,
        size_decimals=listing.size_decimals,
        resolutions=OFFERED,
    )
    for listing in LISTINGS
)
