"""A book and its changes, as an exchange gave them, through the service: all who follow hold the same book."""

from __future__ import annotations

import asyncio
import csv
import json
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import pytest

from generated.client import TradingClient
from generated.models import Book, BookSelection, Level
from generated.runtime.options import ClientOptions
from generated.topics import OrderbookTopic
from service.book import BookView, Changes, OrderBook
from tests.service.running import Running, eventually, service
from tests.typescript.packages import run_program

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TAPEWIRE_DATA", ROOT.parent / "shared" / "data"))
REAL = DATA / "binance-btcusdt-depth-{}.csv"
SAMPLE = ROOT / "tests" / "data" / "madeup-depth-{}.csv"

Row: TypeAlias = tuple[str, float, float]
"""Side (`b` or `a`), price, size."""
Sides: TypeAlias = dict[str, list[list[float]]]

PROGRAM = """
import { TradingClient } from "package";
const [url, depth, last] = process.argv.slice(2);
const client = new TradingClient(url, { reconnect: { minMs: 5, maxMs: 50 } });
const levels = (side) => side.map(({ price, size }) => [price, size]);
client.onHole((hole) => { throw new Error(JSON.stringify(hole)); });
await client.orderbook.subscribe({ symbol: "DEPTH", depth: Number(depth) }, (book, update) => {
  if (update.seq >= Number(last)) {
    console.log(JSON.stringify({ bids: levels(book.bids), asks: levels(book.asks) }));
    client.close();
  }
});
"""


@pytest.fixture(params=["sample", "real"])
def files(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Snapshot and updates."""
    pattern = str(SAMPLE if request.param == "sample" else REAL)
    found = Path(pattern.format("snapshot")), Path(pattern.format("updates"))
    for path in found:
        if not path.exists():
            pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    return found


def rows_of(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """The file's updates by their ids, read with the csv module alone."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, group in groupby(rows, key=lambda row: row["last_update_id"]):
        yield name, [(row["side"], float(row["price"]), float(row["qty"])) for row in group]


class Truth:
    """Prices and sizes in two dictionaries: the book, as simply as it can be held."""

    def __init__(self) -> None:
        self._sides: dict[str, dict[float, float]] = {"b": {}, "a": {}}

    def put(self, rows: Sequence[Row]) -> None:
        """Apply levels."""
        for side, price, size in rows:
            if size:
                self._sides[side][price] = size
            else:
                self._sides[side].pop(price, None)

    def first(self, depth: int) -> Sides:
        """The best levels of both sides."""
        return {
            "bids": [list(level) for level in sorted(self._sides["b"].items(), reverse=True)[:depth]],
            "asks": [list(level) for level in sorted(self._sides["a"].items())[:depth]],
        }


class Exchange:
    """Keeps the book, and publishes what of it changes in a view."""

    def __init__(self, running: Running, depth: int) -> None:
        self._running = running
        self._book = OrderBook()
        self._view = BookView(self._book, depth)
        self._topic = OrderbookTopic("DEPTH", str(depth))
        self.published = 0

    def put(self, rows: Sequence[Row], *, snapshot: bool = False) -> None:
        """Apply levels to the book and publish."""
        for side, price, size in rows:
            (self._book.bids if side == "b" else self._book.asks).put(price, size)
        changes = self._view.snapshot() if snapshot else self._view.changes()
        if changes:
            self.published += 1
            self._running.publisher.orderbook_update(self._topic, _book(changes), snapshot=snapshot)


def _book(changes: Changes) -> Book:
    return Book(
        bids=[Level(price=price, size=size) for price, size in changes.bids],
        asks=[Level(price=price, size=size) for price, size in changes.asks],
    )


def _updates_that_change(steps: Sequence[Sequence[Row]], whole: Sequence[Row], depth: int) -> int:
    """How many updates a view of this depth will have, the snapshot included."""
    truth, count = Truth(), 1
    truth.put(whole)
    before = truth.first(depth)
    for rows in steps:
        truth.put(rows)
        count += truth.first(depth) != before
        before = truth.first(depth)
    return count


@pytest.mark.parametrize("depth", [10, 1000])
async def test_everybody_holds_the_book_level_by_level(
    files: tuple[Path, Path], depth: int, trading: Path, tmp_path: Path
) -> None:
    """Server and both clients end with the levels that the files lead to, though all connections are cut half-way."""
    whole = [row for _, rows in rows_of(files[0]) for row in rows]
    # One level after another: a file may hold one update of a hundred of them.
    steps = [[row] for _, rows in rows_of(files[1]) for row in rows]
    last = _updates_that_change(steps, whole, depth)
    truth = Truth()
    truth.put(whole)
    async with service() as running:
        exchange = Exchange(running, depth)
        url = running.url.replace("http", "ws", 1) + "/api/v1/ws"
        node = asyncio.create_task(run_program(trading, tmp_path, PROGRAM, url, str(depth), str(last)))
        holes: list[object] = []
        options = ClientOptions(open_timeout=20.0)
        async with TradingClient(url, options=options) as client:
            client.on_hole(holes.append)
            states: list[str] = []
            client.on_state(lambda state, _: states.append(state))
            subscription = await client.orderbook.subscribe(
                BookSelection.model_validate({"symbol": "DEPTH", "depth": depth}),
                on_update=lambda _: None,
            )
            await eventually(lambda: running.hub.subscriptions == 2 or node.done())
            exchange.put(whole, snapshot=True)
            for number, rows in enumerate(steps):
                truth.put(rows)
                exchange.put(rows)
                if number == len(steps) // 2:
                    await asyncio.sleep(0)
                    for connection in running.connections:
                        connection.cut()
                await asyncio.sleep(0)
            assert exchange.published == last
            expected = truth.first(depth)

            def same() -> bool:
                book = subscription.latest
                return book is not None and _sides(book) == expected

            await eventually(same)
        told: Sides = json.loads(await node)
        held = running.hub._topics[f"orderbook:DEPTH:{depth}"].held
        assert held is not None
        assert "reconnecting" in states
        assert holes == []
        assert told == expected
        assert {name: [list(level) for level in held.entries(name)] for name in ("bids", "asks")} == expected


def _sides(book: Book) -> Sides:
    return {
        "bids": [[level.price, level.size] for level in book.bids],
        "asks": [[level.price, level.size] for level in book.asks],
    }
