"""One symbol while somebody listens: what its topics are told, in the order in which it happens."""

from __future__ import annotations

import time
from dataclasses import dataclass

from generated.models import Book, Level, Quote, Trade
from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, Topic, TradesTopic
from service.bars.fold import Fold, Forming, Tick
from service.bars.model import bar_model
from service.bars.resolution import Resolution
from service.book import BookView, Changes
from service.market import splitting
from service.market.history import bars_before, last_price
from service.market.makers import Makers
from service.market.skeleton import DAY_MS, MINUTE_MS, Skeleton

_LOOK = 32
"""Trades between two looks at the clock."""


@dataclass(slots=True)
class _Series:
    """The bars of one resolution."""

    topic: BarsTopic
    fold: Fold
    untold: bool
    """Whether the latest bar has changed since it was published."""


class LiveSymbol:
    """Everything up to and with `reached_ms` has been published; what a new topic begins with is as of then."""

    def __init__(self, publisher: Publisher, seed: int, skeleton: Skeleton, reached_ms: int) -> None:
        self.reached_ms = reached_ms
        self._publisher = publisher
        self._seed = seed
        self._skeleton = skeleton
        self._listing = skeleton.listing
        self._minute = reached_ms // MINUTE_MS
        trades = skeleton.trades(self._minute)
        self._next = sum(trade.time <= reached_ms for trade in trades)
        """The place in its minute of the first trade that is not published."""
        self._series: dict[str, _Series] = {}
        self._trades: TradesTopic | None = None
        self._quotes: QuotesTopic | None = None
        self._quoted: tuple[float, ...] = ()
        self._views: dict[str, tuple[OrderbookTopic, BookView]] = {}
        self._makers: Makers | None = None
        last = last_price(skeleton, reached_ms)
        self._last = skeleton.listing.ticks_of(skeleton.listing.base) if last is None else last
        self._day = reached_ms // DAY_MS
        self._first_of_day = self._first_traded(self._day)

    @property
    def idle(self) -> bool:
        """Whether nobody listens."""
        return not (self._series or self._trades or self._quotes or self._views)

    def open(self, topic: Topic) -> None:
        """Feed a topic from now on. Quotes and books begin with what they are now."""
        if isinstance(topic, BarsTopic):
            self._series[topic.address] = self._begun(topic)
        elif isinstance(topic, TradesTopic):
            self._trades = topic
        elif isinstance(topic, QuotesTopic):
            self._quotes, self._quoted = topic, ()
            self._tell_quote(self._market_book(), topic, snapshot=True)
        elif isinstance(topic, OrderbookTopic):
            view = BookView(self._market_book().book, int(topic.depth))
            self._views[topic.address] = topic, view
            self._publisher.orderbook_update(topic, self._book_of(view.snapshot()), snapshot=True)

    def close(self, topic: Topic) -> None:
        """Feed a topic no more."""
        if isinstance(topic, TradesTopic):
            self._trades = None
        elif isinstance(topic, QuotesTopic):
            self._quotes = None
        elif isinstance(topic, OrderbookTopic):
            _, view = self._views.pop(topic.address)
            view.close()
        else:
            self._series.pop(topic.address, None)
        if not self._quotes and not self._views:
            self._makers = None

    def advance(self, upto_ms: int, until: float) -> bool:
        """Publish every trade up to and with a moment; False where `until` (time.perf_counter) came first.

        Then the rest is for the next call. All trades of one moment are of one call.
        """
        while True:
            trades = self._skeleton.trades(self._minute)
            for place in range(self._next, len(trades)):
                trade = trades[place]
                if trade.time > upto_ms:
                    self._next = place
                    self._pass_time(upto_ms)
                    return True
                if place % _LOOK == 0 and trade.time > self.reached_ms and time.perf_counter() > until:
                    self._next = place
                    return False
                self._happen(trade)
                self.reached_ms = trade.time
            ends_ms = (self._minute + 1) * MINUTE_MS
            if upto_ms < ends_ms:
                self._next = len(trades)
                self._pass_time(upto_ms)
                return True
            self._pass_time(ends_ms - 1)
            self._minute += 1
            self._next = 0
            if time.perf_counter() > until:
                return False

    def tell(self) -> None:
        """Publish what has changed of bars, quote and books."""
        for series in self._series.values():
            if series.untold and series.fold.bar is not None:
                self._tell_bar(series, series.fold.bar)
        if (makers := self._makers) is None:
            return
        if self._quotes is not None:
            self._tell_quote(makers, self._quotes)
        for topic, view in self._views.values():
            if changes := view.changes():
                self._publisher.orderbook_update(topic, self._book_of(changes))

    def tell_whole(self, topic: OrderbookTopic) -> None:
        """Publish a whole book, where it is fed."""
        if (fed := self._views.get(topic.address)) is not None:
            self._publisher.orderbook_update(topic, self._book_of(fed[1].snapshot()), snapshot=True)

    def _happen(self, trade: splitting.Trade) -> None:
        price, size = self._listing.price_of(trade.ticks), self._listing.size_of(trade.lots)
        if self._makers is not None:
            self._makers.pass_time(trade.time)
            self._makers.make_way(trade)
            self._makers.take(trade)
        self._last = trade.ticks
        day = trade.time // DAY_MS
        if day != self._day or self._first_of_day is None:
            self._day, self._first_of_day = day, trade.ticks
        if self._trades is not None:
            self._publisher.trades_update(
                self._trades,
                Trade(
                    id=trade.id,
                    price=price,
                    size=size,
                    side="buy" if trade.buy else "sell",
                    time=trade.time,
                ),
            )
        tick = Tick(trade.time, price, size, trade.id)
        for series in self._series.values():
            before = series.fold.bar
            # A bar that this closes is published as it ended, unless it has been.
            if series.fold.add(tick) is not before and before is not None and series.untold:
                self._tell_bar(series, before)
            series.untold = True

    def _pass_time(self, upto_ms: int) -> None:
        self.reached_ms = max(self.reached_ms, upto_ms)
        if self._makers is not None:
            self._makers.pass_time(upto_ms)
        if self.reached_ms // DAY_MS != self._day:
            self._day, self._first_of_day = self.reached_ms // DAY_MS, None

    def _begun(self, topic: BarsTopic) -> _Series:
        """A series whose latest bar is as if somebody had watched all along."""
        resolution = Resolution.parse(topic.resolution)
        fold = Fold(resolution, late_ms=0)
        begins_ms = resolution.floor(self.reached_ms)
        for bar in bars_before(self._skeleton, resolution, self.reached_ms + 1, self.reached_ms):
            if bar is not None:
                if bar.time == begins_ms:
                    fold.add_bar(bar)
                break
        return _Series(topic, fold, untold=True)

    def _market_book(self) -> Makers:
        """The book, which is that of somebody who has watched since the minute began."""
        if self._makers is None:
            begins_ms = self._minute * MINUTE_MS
            before = last_price(self._skeleton, begins_ms - 1)
            makers = Makers(self._seed, self._listing, begins_ms, self._last if before is None else before)
            for trade in self._skeleton.trades(self._minute)[: self._next]:
                makers.pass_time(trade.time)
                makers.make_way(trade)
                makers.take(trade)
            makers.pass_time(self.reached_ms)
            self._makers = makers
        return self._makers

    def _first_traded(self, day: int) -> int | None:
        """The first price of a day, in ticks; None where nothing has been traded on it yet."""
        resolution = Resolution(1, "day")
        for bar in bars_before(self._skeleton, resolution, self.reached_ms + 1, self.reached_ms):
            if bar is not None:
                return self._listing.ticks_of(bar.open) if bar.time == day * DAY_MS else None
        return None

    def _tell_bar(self, series: _Series, bar: Forming) -> None:
        series.untold = False
        self._publisher.bars_update(
            series.topic,
            bar_model(bar),
        )

    def _tell_quote(self, makers: Makers, topic: QuotesTopic, *, snapshot: bool = False) -> None:
        bids, asks = makers.book.bids, makers.book.asks
        bid, ask = bids.price(0), asks.price(0)
        first = self._last if self._first_of_day is None else self._first_of_day
        quoted = (bid, ask, bids.size_at(bid), asks.size_at(ask), self._last, self._last - first)
        if quoted == self._quoted:
            return
        self._quoted = quoted
        price, size = self._listing.price_of, self._listing.size_of
        quote = Quote(
            time=makers.changed_ms,
            bid=price(bid),
            ask=price(ask),
            bid_size=size(quoted[2]),
            ask_size=size(quoted[3]),
            last=price(self._last),
            change=price(quoted[5]),
        )
        self._publisher.quotes_update(topic, quote, snapshot=snapshot)

    def _book_of(self, changes: Changes) -> Book:
        price, size = self._listing.price_of, self._listing.size_of
        bids, asks = (
            [Level(price=price(ticks), size=size(lots)) for ticks, lots in side] for side in changes
        )
        return Book(bids=bids, asks=asks)
