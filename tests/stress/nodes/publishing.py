"""The publisher, a process of its own: numbered updates over the broker, each written down before and after.

What to do is the argument, as JSON: `{"url": …, "record": FILE, "first": N}`. Orders are a line each on standard input:

    {"do": "status"}    how many were published, and how many failed
    {"do": "last"}      publish once more to each topic, and stop; what the books and bars are then
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from generated.broker import Publisher
from generated.models import (
    AccountSummary,
    Bar,
    Book,
    Level,
    Order,
    OrderList,
    Position,
    PositionList,
    Trade,
)
from generated.runtime.redis_errors import BrokerError, SnapshotNeeded
from generated.runtime.redis_outgoing import PublishedAt, PublisherOptions
from generated.topics import AccountTopic, BarsTopic, OrderbookTopic, OrdersTopic, PositionsTopic, TradesTopic
from tests.stress.nodes.terms import ACCOUNT_RATE, ACCOUNTS, DEPTH, RATES, SYMBOLS

_PATIENCE = 3.0
"""Seconds that a publication is tried: shorter than some faults, so that some fail."""
_ONE = Decimal(1)

Publish = Callable[[int], Awaitable[PublishedAt]]


class Source:
    """All that this process publishes."""

    def __init__(self, publisher: Publisher, record: Path, first: int) -> None:
        self.counts: Counter[str] = Counter()
        self.books: dict[str, tuple[dict[float, float], dict[float, float]]] = {}
        self.bars: dict[str, int] = {}
        self._publisher = publisher
        self._record = record.open("a", buffering=1)
        self._mark = first
        self._random = Random(first)
        self._tasks: list[asyncio.Task[None]] = []
        self._streams: list[tuple[str, float, Publish]] = []
        for symbol in SYMBOLS:
            self._add(TradesTopic(symbol).address, RATES[symbol], self._trade(symbol))
            self._add(BarsTopic(symbol, "1").address, RATES[symbol] / 2, self._bar(symbol))
            self._add(OrderbookTopic(symbol, str(DEPTH)).address, RATES[symbol] / 2, self._book(symbol))
        for account in ACCOUNTS:
            self._add(AccountTopic(account).address, ACCOUNT_RATE, self._summary(account))
            self._add(PositionsTopic(account).address, ACCOUNT_RATE, self._positions(account))
            self._add(OrdersTopic(account).address, ACCOUNT_RATE, self._orders(account))

    def _add(self, topic: str, rate: float, publish: Publish) -> None:
        self._streams.append((topic, rate, publish))

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._run(*stream)) for stream in self._streams]

    async def last(self) -> dict[str, Any]:
        """End each topic with one update more, which has to succeed, and say what there is."""
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        marks = {}
        for topic, _, publish in self._streams:
            for _ in range(20):
                if (mark := await self._once(topic, publish)) is not None:
                    marks[topic] = mark
                    break
        books = {
            symbol: [sorted(levels.items(), reverse=side == 0) for side, levels in enumerate(sides)]
            for symbol, sides in self.books.items()
        }
        return {"marks": marks, "books": books, "bars": self.bars, "counts": self.counts}

    async def _run(self, topic: str, rate: float, publish: Publish) -> None:
        """Some at a time and without waiting for each other, as what is busy does."""
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) / min(rate, 15.0))
            several = max(1, round(rate / 15.0))
            if topic.startswith("orderbook"):
                several = 1  # whoever is told that a snapshot is needed must not have sent more meanwhile
            await asyncio.gather(*(self._once(topic, publish) for _ in range(several)))

    async def _once(self, topic: str, publish: Publish) -> int | None:
        self._mark += 1
        mark = self._mark
        self._write("i", topic, mark)
        try:
            at = await publish(mark)
        except BrokerError as error:
            self.counts[type(error).__name__] += 1
            self._write("x", topic, mark, type(error).__name__)
            return None
        self.counts["published"] += 1
        self._write("p", topic, mark, at.epoch, at.seq)
        return mark

    def _write(self, *row: object) -> None:
        self._record.write(json.dumps([*row, time.monotonic() * 1000]) + "\n")

    def _trade(self, symbol: str) -> Publish:
        topic = TradesTopic(symbol)
        return lambda mark: self._publisher.trades_update(
            topic, Trade(id=mark, price=number_of(symbol), size=float(mark), side="buy", time=mark)
        )

    def _bar(self, symbol: str) -> Publish:
        topic = BarsTopic(symbol, "1")

        def publish(mark: int) -> Awaitable[PublishedAt]:
            bar = Bar(
                time=60_000, open=number_of(symbol), high=1e12, low=0.0, close=float(mark), volume=float(mark)
            )
            self.bars[symbol] = mark
            return self._publisher.bars_update(topic, bar)

        return publish

    def _book(self, symbol: str) -> Publish:
        topic = OrderbookTopic(symbol, str(DEPTH))

        async def publish(mark: int) -> PublishedAt:
            """Changes; the whole where that is asked for, and where it is not known what arrived."""
            sides = self.books.get(symbol)
            if sides is None or self._random.random() < 0.02:
                return await whole(mark)
            changes: list[list[Level]] = []
            for side, levels in enumerate(sides):
                price = 100.0 + (1 if side else -1) * self._random.randint(1, DEPTH)
                size = float(self._random.choice((0, mark)))
                levels.pop(price, None)
                if size:
                    levels[price] = size
                changes.append([Level(price=price, size=size)])
            try:
                return await self._publisher.orderbook_update(topic, Book(bids=changes[0], asks=changes[1]))
            except SnapshotNeeded:
                return await whole(mark)
            except BrokerError:
                del self.books[symbol]
                raise

        async def whole(mark: int) -> PublishedAt:
            sides = {100.0 - place: float(mark) for place in (1, 2)}, {101.0: float(mark)}
            self.books[symbol] = sides
            bids, asks = ([Level(price=price, size=size) for price, size in side.items()] for side in sides)
            return await self._publisher.orderbook_update(topic, Book(bids=bids, asks=asks), snapshot=True)

        return publish

    def _summary(self, account: str) -> Publish:
        topic = AccountTopic(account)
        return lambda mark: self._publisher.account_update(
            topic,
            AccountSummary(
                account_id=account,
                currency="USD",
                balance=Decimal(mark),
                equity=Decimal(mark),
                unrealized_profit=Decimal(0),
                time=mark,
            ),
        )

    def _positions(self, account: str) -> Publish:
        topic = PositionsTopic(account)

        def publish(mark: int) -> Awaitable[PublishedAt]:
            position = Position(
                symbol=account,
                quantity=_ONE,
                average_price=Decimal(mark),
                market_price=_ONE,
                unrealized_profit=_ONE,
            )
            return self._publisher.positions_update(
                topic, PositionList(account_id=account, positions=[position], time=mark)
            )

        return publish

    def _orders(self, account: str) -> Publish:
        topic = OrdersTopic(account)

        def publish(mark: int) -> Awaitable[PublishedAt]:
            order = Order(
                order_id=f"{account}-{mark}",
                symbol=account,
                side="buy",
                kind="market",
                status="working",
                quantity=_ONE,
                filled=_ONE,
                time=mark,
            )
            return self._publisher.orders_update(
                topic, OrderList(account_id=account, orders=[order], time=mark)
            )

        return publish


def number_of(name: str) -> float:
    """What tells a symbol's updates from those of others."""
    return float(sum(ord(letter) * 31**place for place, letter in enumerate(name)))


async def _main(order: dict[str, Any]) -> None:
    options = PublisherOptions(timeout_s=_PATIENCE, socket_timeout_s=1.0)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("{}", flush=True)
    publisher = Publisher(order["url"], options=options)
    while True:
        try:
            await publisher.open()
            break
        except BrokerError:
            continue
    source = Source(publisher, Path(order["record"]), order["first"])
    source.start()
    while line := await reader.readline():
        match json.loads(line)["do"]:
            case "status":
                print(json.dumps(source.counts), flush=True)
            case "last":
                print(json.dumps(await source.last()), flush=True)
    await publisher.close()


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.argv[1])))
