"""The order book, and what a holder of its first levels is told."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from generated.constants import STATE
from generated.runtime.state import HeldState
from service.book import BookView, Changes, OrderBook


def test_levels_stand_in_order_of_price() -> None:
    """The highest bid and the lowest ask come first; setting a level again replaces it."""
    book = OrderBook()
    for price, size in [(99, 1), (101, 2), (100, 3), (101, 4)]:
        book.bids.put(price, size)
        book.asks.put(price + 10, size)
    assert book.bids.levels() == [(101, 4), (100, 3), (99, 1)]
    assert book.asks.levels() == [(109, 1), (110, 3), (111, 4)]
    assert (book.bids.best, book.bids.worst, book.asks.best, book.asks.worst) == (101, 99, 109, 111)
    assert not book.crossed


def test_size_0_takes_a_level_away() -> None:
    """Size 0 removes a level, and means nothing where there is none."""
    book = OrderBook()
    book.asks.put(5, 1)
    book.asks.put(5, 0)
    book.asks.put(7, 0)
    assert book.asks.levels() == []
    assert book.asks.best is None
    assert book.asks.size_at(5) == 0


def test_a_book_says_when_it_is_crossed() -> None:
    """A bid at or above an ask crosses the book; an empty side does not."""
    book = OrderBook()
    book.bids.put(10, 1)
    assert not book.crossed
    book.asks.put(10, 1)
    assert book.crossed


def test_a_view_tells_what_falls_out_and_what_comes_in() -> None:
    """A better level pushes the last one out of view, which is removed; when it goes, the other is told again."""
    book = OrderBook()
    for price in (10, 20, 30):
        book.asks.put(price, price)
    view = BookView(book, 2)
    assert view.snapshot() == ([], [(10, 10), (20, 20)])
    book.asks.put(5, 1)
    assert view.changes() == ([], [(5, 1), (20, 0)])
    book.asks.put(5, 0)
    book.asks.put(10, 0)
    assert view.changes() == ([], [(5, 0), (10, 0), (20, 20), (30, 30)])
    assert not view.changes()


def test_what_happens_out_of_view_is_not_told() -> None:
    """Levels beyond the depth come, change and go without a word, and so does what came and went in between."""
    book = OrderBook()
    for price in (10, 20, 30):
        book.asks.put(price, 1)
    view = BookView(book, 2)
    view.snapshot()
    book.asks.put(30, 5)
    book.asks.put(40, 5)
    book.asks.put(30, 0)
    book.asks.put(3, 1)
    book.asks.put(3, 0)
    assert not view.changes()


def test_views_that_were_closed_note_nothing() -> None:
    """A closed view is told nothing, and the others are told all the same."""
    book = OrderBook()
    closed, other = BookView(book, 2), BookView(book, 2)
    closed.close()
    book.bids.put(1, 1)
    assert not closed.changes()
    assert other.changes() == ([(1, 1)], [])


@pytest.mark.parametrize("depth", [1, 3, 10, 40, 1000])
def test_changes_applied_give_the_first_levels(depth: int) -> None:
    """Whatever happens between two looks, the holder of a view has exactly the book's first levels."""
    chance = Random(depth)
    book = OrderBook()
    view = BookView(book, depth)
    held = Held()
    held.take(view.snapshot(), snapshot=True)
    for turn in range(400):
        for _ in range(chance.randrange(12)):
            side = chance.choice([book.bids, book.asks])
            # In some turns the far end of a side goes away, in some the near one.
            low = chance.choice([0, 0, 20])
            side.put(chance.randrange(low, 60), chance.choice([0, 0, 1, 2, 3]))
        if turn % 97 == 0:
            book.bids.clear()
        held.take(view.changes())
        assert held.levels("bids") == book.bids.levels(0, depth)
        assert held.levels("asks") == book.asks.levels(0, depth)


class Held:
    """What a client holds: the state that the contract gives both sides."""

    def __init__(self) -> None:
        self.state = HeldState(STATE["orderbook"])

    def take(self, changes: Changes, *, snapshot: bool = False) -> None:
        """Apply, and see that every level told is a change, told once and in order."""
        for name, levels in changes._asdict().items():
            prices = [price for price, _ in levels]
            assert prices == sorted(set(prices), reverse=name == "bids")
            if not snapshot:
                there = dict(self.levels(name))
                assert all(there.get(price, 0) != size for price, size in levels)
        self.state.apply(changes._asdict(), snapshot=snapshot)

    def levels(self, name: str) -> list[tuple[float, float]]:
        """One side of it."""
        return list(self.state.entries(name))


def depth_rows(kind: str) -> Iterator[dict[str, str]]:
    """Rows of a real recording; the test is skipped where there is none."""
    folder = Path(os.environ.get("TAPEWIRE_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = folder / f"binance-btcusdt-depth-{kind}.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize("depth", [10, 25, 1000])
def test_a_real_book_is_held_level_by_level(depth: int) -> None:
    """A real snapshot and real updates give the book that a plain dictionary gives, in every view."""
    book, plain = OrderBook(), {"b": dict[float, float](), "a": dict[float, float]()}
    view, held = BookView(book, depth), Held()
    rows = [*depth_rows("snapshot"), *depth_rows("updates")]
    for n, row in enumerate(rows):
        price, size = float(row["price"]), float(row["qty"])
        side = book.bids if row["side"] == "b" else book.asks
        side.put(price, size)
        plain[row["side"]][price] = size
        if n + 1 < len(rows) and rows[n + 1]["last_update_id"] == row["last_update_id"]:
            continue
        held.take(view.changes())
        bids = sorted(((p, s) for p, s in plain["b"].items() if s), reverse=True)
        asks = sorted((p, s) for p, s in plain["a"].items() if s)
        assert held.levels("bids") == bids[:depth] == book.bids.levels(0, depth)
        assert held.levels("asks") == asks[:depth] == book.asks.levels(0, depth)
    assert len(book.bids) > 50
