"""What the client holds of a topic whose updates are changes."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from generated.client import TradingClient
from generated.constants import STATE
from generated.models import Book, BookSelection, Level, OrderbookUpdate
from generated.runtime.codec import Codec
from generated.runtime.errors import InvalidMessage
from generated.runtime.exchange import KeyedList
from generated.runtime.held import HeldLists
from generated.runtime.hole import Hole
from generated.runtime.state import HeldState
from generated.runtime.subscription import Subscription
from tests.generated.scripting import Play, played

SELECTION = BookSelection(symbol="A", depth=10)
TOPIC = "orderbook:A:10"
LISTS = {"bids": KeyedList("bids", "price", "size"), "asks": KeyedList("asks", "price", "size")}
Levels = list[tuple[float, float]]


def body(bids: Levels, asks: Levels) -> dict[str, Any]:
    """A payload."""
    return {
        side: [{"price": price, "size": size} for price, size in levels]
        for side, levels in (("bids", bids), ("asks", asks))
    }


def levels(book: Book) -> tuple[Levels, Levels]:
    """Both sides of a book."""
    return tuple([(level.price, level.size) for level in side] for side in (book.bids, book.asks))  # type: ignore[return-value]


async def push(play: Play, seq: int, payload: object, **fields: object) -> None:
    """Send an update."""
    await play.peer.send(type="orderbook.update", topic=TOPIC, seq=seq, ts=1, payload=payload, **fields)


async def subscribed(play: Play) -> tuple[Subscription[Book, OrderbookUpdate], list[Hole]]:
    """A book with two bids and an ask, at 3."""
    holes: list[Hole] = []
    asking = asyncio.create_task(play.client.orderbook.subscribe(SELECTION, on_hole=holes.append))
    await play.peer.grant(seq=3, epoch="e")
    await push(play, 3, body([(9, 1), (8, 2)], [(10, 4)]), snapshot=True)
    subscription = await asking
    assert levels(await anext(subscription)) == ([(9, 1), (8, 2)], [(10, 4)])
    return subscription, holes


async def test_changes_are_applied_and_the_whole_is_handed_on() -> None:
    """Each item is the whole book after the update, `latest` too; `updates()` yields what came."""
    async with played() as play:
        book, _ = await subscribed(play)
        await push(play, 4, body([(8, 0), (8.5, 3)], []))
        after = await anext(book)
        assert levels(after) == ([(9, 1), (8.5, 3)], [(10, 4)])
        assert book.latest is after
        await push(play, 5, body([], [(10, 5)]))
        update = await anext(book.updates())
        assert levels(update.payload) == ([], [(10, 5)])
        assert levels(book.latest) == ([(9, 1), (8.5, 3)], [(10, 5)])


async def test_a_book_that_was_handed_out_is_not_changed() -> None:
    """Whoever keeps a book keeps that moment; levels that did not change are the same objects."""
    async with played() as play:
        book, _ = await subscribed(play)
        before = book.latest
        assert before is not None
        kept = levels(before)
        await push(play, 4, body([(9, 7)], [(10, 0), (11, 1)]))
        after = await anext(book)
        assert levels(before) == kept
        assert levels(after) == ([(9, 7), (8, 2)], [(11, 1)])
        assert after.bids[1] is before.bids[1]


async def test_a_late_joiner_gets_the_whole_book() -> None:
    """The first item of a second subscription is the book as it is; nothing is asked of the server."""
    async with played() as play:
        first, _ = await subscribed(play)
        await push(play, 4, body([(7, 7)], []))
        await anext(first)
        second = await play.client.orderbook.subscribe(SELECTION)
        assert await anext(second) is first.latest
        await play.settle()


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (body([(9, 5)], []), {"checksum": 1}),
        ({"bids": 7, "asks": []}, {}),
        ({"bids": [{"price": 9}], "asks": []}, {}),
        (None, {}),
    ],
)
async def test_a_book_that_proves_wrong(payload: object, fields: dict[str, object]) -> None:
    """It is not handed on: the topic is asked for from scratch, the hole told, and the snapshot taken."""
    async with played() as play:
        book, holes = await subscribed(play)
        await push(play, 4, payload, **fields)
        request = await play.peer.expect("orderbook.subscribe")
        assert "recover" not in request
        await push(play, 5, body([(1, 1)], []))
        await play.peer.answer(request, seq=5, epoch="e")
        await push(play, 5, body([(5, 5)], [(6, 6)]), snapshot=True)
        await push(play, 6, body([(4, 4)], []))
        assert levels(await anext(book)) == ([(5, 5)], [(6, 6)])
        assert levels(await anext(book)) == ([(5, 5), (4, 4)], [(6, 6)])
        assert holes == [Hole(TOPIC, "checksum", 3, 5)]


async def test_a_book_that_always_proves_wrong() -> None:
    """The server is asked again after growing waits, and in the end the book is right."""
    async with played() as play:
        book, holes = await subscribed(play)
        for expected in (None, 1.0, 2.0, 4.0):
            await push(play, 4, body([(9, 5)], []), checksum=1)
            if expected is not None:
                assert await play.clock.next() == expected
            request = await play.peer.expect("orderbook.subscribe")
            await play.peer.answer(request, seq=3, epoch="e")
            await push(play, 3, body([(9, 1)], []), snapshot=True)
            assert levels(await anext(book)) == ([(9, 1)], [])
        await play.settle()
        assert [hole.reason for hole in holes] == ["checksum"] * 4


async def test_a_book_whose_doubt_outlives_the_connection() -> None:
    """What proved wrong is not recovered from on the next connection either."""
    async with played() as play:
        book, holes = await subscribed(play)
        await push(play, 4, body([(9, 5)], []), checksum=1)
        await play.peer.expect("orderbook.subscribe")
        await play.lose()
        await play.back()
        request = await play.peer.expect("orderbook.subscribe")
        assert "recover" not in request
        await play.peer.answer(request, seq=3, epoch="e")
        await push(play, 3, body([(2, 2)], []), snapshot=True)
        assert levels(await anext(book)) == ([(2, 2)], [])
        assert holes == [Hole(TOPIC, "checksum", 3, 3)]


@pytest.mark.parametrize("recovered", [True, False])
async def test_a_book_over_a_reconnect(recovered: bool) -> None:
    """Recovered, changes apply to the book as it was; else it is emptied, and the snapshot fills it."""
    async with played() as play:
        book, holes = await subscribed(play)
        await play.lose()
        await play.back()
        request = await play.peer.expect("orderbook.subscribe")
        assert request["recover"] == {"epoch": "e", "seq": 3}
        await play.peer.answer(request, seq=3 if recovered else 8, epoch="e", recovered=recovered)
        if not recovered:
            await push(play, 8, body([(5, 5)], []), snapshot=True)
            assert levels(await anext(book)) == ([(5, 5)], [])
        await push(play, 4 if recovered else 9, body([(4, 4)], []))
        expected = ([(9, 1), (8, 2), (4, 4)], [(10, 4)]) if recovered else ([(5, 5), (4, 4)], [])
        assert levels(await anext(book)) == expected
        assert len(holes) == (0 if recovered else 1)


async def test_a_book_that_is_empty_after_a_hole() -> None:
    """Where no snapshot follows, since the topic holds nothing, the book begins anew."""
    async with played() as play:
        book, holes = await subscribed(play)
        await play.lose()
        await play.back()
        await play.peer.grant(seq=0, epoch="f", recovered=False)
        await push(play, 1, body([(4, 4)], []), epoch="f")
        assert levels(await anext(book)) == ([(4, 4)], [])
        assert holes == [Hole(TOPIC, "reconnect", 3, 0)]


async def test_changes_of_what_is_not_there() -> None:
    """Where a snapshot is owed, changes alone make no book, however right their checksum: it is asked for anew."""
    async with played() as play:
        book, holes = await subscribed(play)
        await play.lose()
        await play.back()
        await play.peer.grant(seq=8, epoch="f", recovered=False)
        await push(play, 9, body([(4, 4)], []))
        request = await play.peer.grant(seq=9, epoch="f")
        assert "recover" not in request
        await push(play, 9, body([(3, 3)], []), snapshot=True)
        assert levels(await anext(book)) == ([(3, 3)], [])
        assert holes == [Hole(TOPIC, "reconnect", 3, 8), Hole(TOPIC, "checksum", 8, 9)]


async def test_a_snapshot_that_never_came() -> None:
    """The position that was told with it is worth nothing: the next connection is not asked to go on from there."""
    async with played() as play:
        book, holes = await subscribed(play)
        await play.lose()
        await play.back()
        await play.peer.grant(seq=8, epoch="f", recovered=False)
        await play.settle()
        await play.lose()
        await play.back()
        request = await play.peer.grant(seq=8, epoch="f")
        assert "recover" not in request
        await push(play, 8, body([(3, 3)], []), snapshot=True)
        assert levels(await anext(book)) == ([(3, 3)], [])
        assert holes == [Hole(TOPIC, "reconnect", 3, 8)]


def test_thousands_of_changes_come_to_the_same_as_the_server_holds() -> None:
    """The models follow the rule that the server goes by, change for change, snapshots in between."""
    chance = random.Random(3)
    codec = Codec(Book)
    rule = STATE["orderbook"]
    ours, theirs = HeldLists(rule), HeldState(rule)
    for _ in range(2000):
        changes: dict[str, Levels] = {
            side: [
                (chance.choice([1.5, 2.0, 2.25]) * chance.randint(1, 20), chance.choice([0.0, 1.0, 2.5]))
                for _ in range(chance.randint(0, 4))
            ]
            for side in ("bids", "asks")
        }
        snapshot = chance.random() < 0.02
        theirs.apply(changes, snapshot=snapshot)
        change = codec.decode(json.dumps(body(changes["bids"], changes["asks"])))
        whole = ours.take(change, LISTS, snapshot=snapshot)
        assert whole.model_dump() == theirs.payload()
        assert ours.checksum() == theirs.checksum()


def test_what_cannot_be_applied_says_so() -> None:
    """A body that holds no lists, or keys that are none, are InvalidMessage."""
    held = HeldLists(STATE["orderbook"])
    with pytest.raises(InvalidMessage):
        held.take("book", LISTS, snapshot=True)
    level = Level(price=1.0, size=1.0)
    object.__setattr__(level, "price", None)
    wrong = Book.model_construct(bids=[level], asks=[])
    with pytest.raises(InvalidMessage):
        held.take(wrong, LISTS, snapshot=False)


def test_a_number_beyond_all_sizes_has_no_checksum() -> None:
    """No checksum is right then, and the book is asked for anew."""
    held = HeldLists(STATE["orderbook"])
    endless = Level.model_construct(price=float("inf"), size=1.0)
    held.take(Book.model_construct(bids=[endless], asks=[]), LISTS, snapshot=True)
    assert held.checksum() is None


def test_the_client_has_the_channels_that_its_contract_has() -> None:
    """Each channel is an attribute, whatever its updates are."""
    client = TradingClient("ws://127.0.0.1:9")
    assert all(hasattr(client, name) for name in ("bars", "quotes", "trades", "orderbook", "symbols"))
