"""Bars or trades out of a file, played to whoever listens, at a chosen pace and unchanged.

Trades are folded into bars of every resolution, bars into those of every coarser one that they divide. All topics
of a recording share one clock: it starts when enough listen, and begins anew after everybody has left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from generated.models import Trade
from generated.publisher import Publisher
from generated.topics import BarsTopic, Topic, TradesTopic
from service.bars.fold import Forming, Tick
from service.bars.history import History
from service.bars.model import bar_model
from service.bars.resolution import Resolution
from service.feeds.base import Feed, FeedState, FeedStatus, Instrument, Page, run_feed
from service.feeds.describe import instrument_of
from service.feeds.recording import Recording
from service.feeds.table import Row, TableError, TradeRow
from service.hub import TopicUnavailable
from service.logs import event

log = logging.getLogger(__name__)

_A_TURN = 250
"""Bars of the past that are put together before others get their turn on the event loop."""
_LEAST_KEPT = 10_000
"""Bars of each length that are remembered of a file that is played again and again, or twice its rows."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast rows are played: so many a second, so many times real time, or neither, as fast as can be."""

    rows_per_second: float | None = None
    times_real_time: float | None = None

    def due(self, index: int, since_first_ms: int) -> float:
        """Seconds from the first row's playing to that of the index-th, so much later by its own time."""
        if self.rows_per_second is not None:
            return index / self.rows_per_second
        if self.times_real_time is not None:
            return since_first_ms / 1000 / self.times_real_time
        return 0.0


class Replay(Feed):
    """Plays one recording: its trades, where it holds any, and its bars. Other topics are refused."""

    def __init__(
        self,
        publisher: Publisher,
        recording: Recording,
        *,
        pace: Pace,
        start: Literal["on-subscribe", "immediately"] = "on-subscribe",
        wait_for: int = 1,
        loop: bool = False,
    ) -> None:
        """With `on-subscribe`, there must be `wait_for` subscriptions at once before the first row is played."""
        self._publisher = publisher
        self._recording = recording
        self._pace = pace
        self._on_subscribe = start == "on-subscribe"
        self._wait_for = wait_for
        self._loop = loop
        self._state: FeedState = "waiting"
        self._played = 0
        self._task: asyncio.Task[None] | None = None
        self._counts: dict[str, int] = {}
        """How many listen to each topic that is open."""
        self._trades: TradesTopic | None = None
        self._bars: dict[Resolution, BarsTopic] = {}
        self._history = self._no_history()
        self._lateness_told = False

    def status(self) -> FeedStatus:
        """Waiting, running or finished, and how many rows have been played."""
        detail: dict[str, str | int | float] = {
            "symbol": self._recording.symbol,
            "holds": self._recording.holds,
            "rows": self._recording.rows,
            "played": self._played,
        }
        if self._recording.resolution is None:
            detail["too_late_for_bars"] = self._history.too_late
        return FeedStatus("replay", self._state, detail)

    def instruments(self) -> Sequence[Instrument]:
        """The recording's symbol."""
        return (instrument_of(self._recording),)

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """Of what has been played so far, the last bars that begin before a moment."""
        self._check(symbol, resolution)
        history = self._history
        bars: list[Forming] = []
        while True:
            page, complete = history.last(resolution, to_ms, min(limit - len(bars), _A_TURN))
            bars[:0] = page
            if complete or len(bars) >= limit:
                return Page(bars, complete)
            to_ms = bars[0].time
            await asyncio.sleep(0)

    async def start(self) -> None:
        """Play at once, unless it is to wait for subscribers."""
        if not self._on_subscribe:
            self._begin()

    async def stop(self) -> None:
        """Stop playing."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def accepts(self, topic: Topic) -> None:
        """The trades or bars of the recording, and bars that they fold into."""
        if isinstance(topic, BarsTopic):
            self._check(topic.symbol, Resolution.parse(topic.resolution))
            return
        self._check(getattr(topic, "symbol", self._recording.symbol))
        if not isinstance(topic, TradesTopic):
            raise self._unavailable(
                "bars" if self._recording.resolution else "trades, and the bars they make"
            )
        if self._recording.resolution is not None:
            raise self._unavailable("bars, and no trades")

    def topic_opened(self, topic: Topic) -> None:
        """Publish on it from now on; a bar that is forming has all that has been played of it."""
        self.accepts(topic)
        if isinstance(topic, BarsTopic):
            resolution = Resolution.parse(topic.resolution)
            self._bars[resolution] = topic
            self._history.follow(resolution)
        elif isinstance(topic, TradesTopic):
            self._trades = topic
        self._counts[topic.address] = 0

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Begin when there are enough subscriptions, to whichever of the topics."""
        if topic.address not in self._counts:
            return
        self._counts[topic.address] = count
        if self._on_subscribe and self._task is None and sum(self._counts.values()) >= self._wait_for:
            self._begin()

    def topic_closed(self, topic: Topic) -> None:
        """Once all are closed, stop; whoever comes next hears it from the first row."""
        if self._counts.pop(topic.address, None) is None:
            return
        if isinstance(topic, BarsTopic):
            resolution = Resolution.parse(topic.resolution)
            del self._bars[resolution]
            self._history.unfollow(resolution)
        else:
            self._trades = None
        if self._on_subscribe and not self._counts and self._task is not None:
            self._task.cancel()
            self._task = None
            self._state = "waiting"
            self._played = 0
            self._history = self._no_history()

    def _check(self, symbol: str, resolution: Resolution | None = None) -> None:
        """TopicUnavailable for a symbol or a resolution that is not recorded."""
        recording = self._recording
        if symbol != recording.symbol:
            raise TopicUnavailable(
                f'There is no symbol "{symbol}"; known: {recording.symbol}.',
                retryable=False,
                code="unknown_symbol",
            )
        if resolution is not None and not self._history.has(resolution):
            raise TopicUnavailable(
                f'{symbol} has no bars of "{resolution}": those recorded are of "{recording.resolution}", and fold '
                f"into such as are made of whole ones.",
                retryable=False,
                code="unknown_resolution",
            )

    def _unavailable(self, held: str) -> TopicUnavailable:
        return TopicUnavailable(
            f"The recording of {self._recording.symbol} holds only {held}.",
            retryable=False,
            code="unavailable",
        )

    def _no_history(self) -> History:
        most = max(2 * self._recording.rows, _LEAST_KEPT) if self._loop else None
        return History(self._recording.resolution, most=most)

    def _begin(self) -> None:
        self._state = "running"
        self._lateness_told = False
        self._task = run_feed(self._play(), "replay")
        log.info(event("replay begins", symbol=self._recording.symbol))

    async def _play(self) -> None:
        try:
            began = asyncio.get_running_loop().time()
            for row in self._recording.play(loop=self._loop):
                await self._until(began + self._pace.due(self._played, row.time - self._recording.first_ms))
                self._publish(row)
        except (TableError, OSError) as error:
            # The file was whole when it was looked through: somebody changed it since.
            self._state = "failed"
            log.error(event("replay stopped", error=error))  # noqa: TRY400, it says it all
        except Exception:
            self._state = "failed"
            log.exception("replay failed")
        else:
            self._state = "finished"
            log.info(event("replay finished", rows=self._played))

    async def _until(self, when: float) -> None:
        """Wait; where there is nothing to wait for, let the others have their turn."""
        await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))

    def _publish(self, row: Row) -> None:
        """Publish one row, and each bar that somebody listens to and that it changes."""
        self._played += 1
        if isinstance(row, TradeRow):
            if self._trades is not None:
                trade = Trade(id=row.id, price=row.price, size=row.size, side=row.side, time=row.time)
                self._publisher.trades_update(self._trades, trade)
            changed = self._history.add(Tick(row.time, row.price, row.size, row.id))
            if self._history.too_late and not self._lateness_told:
                self._lateness_told = True
                log.warning(
                    event("a trade came too late for its bar, and is in none", id=row.id, line=row.line)
                )
        else:
            whole = Forming(row.time, row.open, row.high, row.low, row.close, row.volume)
            changed = self._history.add_bar(whole)
        for resolution, bar in changed:
            self._publisher.bars_update(self._bars[resolution], bar_model(bar))
