"""Channels whose updates are changes: the client holds the whole for its user, and knows when it is wrong."""

from __future__ import annotations

import random
from typing import Any
from zlib import crc32

import pytest

from tests.clients.driving import Client, How, Json, Sub
from tests.clients.scripted import Peer, ScriptedServer, Topic

Level = tuple[float, float]


class Book:
    """A book kept in the plainest way."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[float, float]] = {"bids": {}, "asks": {}}

    def change(self, side: str, price: float, size: float) -> None:
        """Set one level; 0 removes it."""
        if size:
            self.sides[side][price] = size
        else:
            self.sides[side].pop(price, None)

    def levels(self, side: str) -> list[Level]:
        """A side, best first."""
        return sorted(self.sides[side].items(), reverse=side == "bids")

    @property
    def body(self) -> dict[str, Any]:
        """The whole as JSON."""
        return {side: levels(*self.levels(side)) for side in self.sides}

    @property
    def checksum(self) -> int:
        """What the contract says of it."""
        texts = [
            ",".join(f"{text_of(price)}:{text_of(size)}" for price, size in self.levels(side)[:10])
            for side in ("bids", "asks")
        ]
        return crc32("|".join(texts).encode())


def text_of(number: float) -> str:
    """A number with few digits as JavaScript writes it."""
    return str(int(number)) if number == int(number) else repr(number)


def levels(*entries: Level) -> list[dict[str, float]]:
    """Levels as JSON."""
    return [{"price": price, "size": size} for price, size in entries]


def change(bids: list[Level] = [], asks: list[Level] = []) -> dict[str, Any]:  # noqa: B006, never changed
    """The body of an update."""
    return {"bids": levels(*bids), "asks": levels(*asks)}


async def subscribed(client: Client, server: ScriptedServer, **options: Json) -> tuple[Sub, Topic]:
    """A book at seq 3 of epoch a: two bids, two asks."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe("orderbook", **options)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    await topic.update(3, change([(9, 1), (8, 2)], [(10, 1), (11, 2)]), snapshot=True)
    return sub, topic


WHOLE = change([(9, 1), (8, 2)], [(10, 1), (11, 2)])


async def test_changes_apply_to_the_snapshot(client: Client, server: ScriptedServer) -> None:
    """Each update is handed on as the whole book: changed, added, removed, each side best first."""
    sub, topic = await subscribed(client, server)
    await topic.update(4, change([(9, 5)]))
    await topic.update(5, change([(8.5, 7), (7, 1)], [(10.5, 3), (10, 0)]))
    await topic.update(6, change([(100, 0)], [(11, 0), (12, 4)]))
    assert await sub.updates.take(4) == [
        WHOLE,
        change([(9, 5), (8, 2)], [(10, 1), (11, 2)]),
        change([(9, 5), (8.5, 7), (8, 2), (7, 1)], [(10.5, 3), (11, 2)]),
        last := change([(9, 5), (8.5, 7), (8, 2), (7, 1)], [(10.5, 3), (12, 4)]),
    ]
    assert await sub.latest() == last


async def test_a_list_in_which_nothing_changed_may_be_missing_nothing(
    client: Client, server: ScriptedServer
) -> None:
    """An update that changes nothing leaves the book as it is, and is an update all the same."""
    sub, topic = await subscribed(client, server)
    await topic.update(4, change())
    assert await sub.updates.take(2) == [WHOLE, WHOLE]


async def test_the_frame_is_what_came(client: Client, server: ScriptedServer) -> None:
    """Who wants the message itself gets the change, not the whole."""
    sub, topic = await subscribed(client, server, how="frames")
    await sub.updates.next()
    await topic.update(4, change([(9, 5)]))
    frame = await sub.updates.next()
    assert (frame["seq"], frame["payload"]) == (4, change([(9, 5)]))


@pytest.mark.parametrize("how", ["listener", "items"])
async def test_what_was_handed_out_stays_as_it_was(client: Client, server: ScriptedServer, how: How) -> None:
    """A book that was handed out is not changed by later updates: whoever keeps it keeps that moment."""
    sub, topic = await subscribed(client, server, how=how)
    for seq in range(4, 10):
        await topic.update(seq, change([(9, seq), (seq, 0)], [(10 + seq, 1)]))
    told = await sub.updates.take(7)
    assert len({str(body) for body in told}) == 7
    assert await client.ask("kept", sub=sub.name).answer() == told


async def test_a_snapshot_replaces(client: Client, server: ScriptedServer) -> None:
    """A snapshot is the whole book: what was there before is gone."""
    sub, topic = await subscribed(client, server)
    await topic.update(9, change([(5, 5)], [(6, 6)]), snapshot=True)
    await topic.update(10, change([(4, 4)]))
    assert await sub.updates.take(3) == [
        WHOLE,
        change([(5, 5)], [(6, 6)]),
        change([(5, 5), (4, 4)], [(6, 6)]),
    ]


async def test_a_book_that_is_right(client: Client, server: ScriptedServer) -> None:
    """Hundreds of random changes: every book that is handed out is right, and every checksum is found so."""
    sub, topic = await subscribed(client, server)
    await sub.updates.next()
    chance, book = random.Random(7), Book()
    for side, start in (("bids", 100.0), ("asks", 101.0)):
        for step in range(30):
            book.change(side, round(start + (-step if side == "bids" else step) / 100, 2), step + 1.5)
    await topic.update(4, book.body, snapshot=True, checksum=book.checksum)
    assert await sub.updates.next() == book.body
    frames, bodies = [], []
    for seq in range(5, 305):
        changes: dict[str, list[Level]] = {"bids": [], "asks": []}
        for _ in range(chance.randrange(6)):
            side = chance.choice(["bids", "asks"])
            cents = chance.randrange(40) * (-1 if side == "bids" else 1)
            level = (
                round((100 if side == "bids" else 101) + cents / 100, 2),
                chance.choice([0, 0.25, 1, 2.5, 7000]),
            )
            book.change(side, *level)
            changes[side].append(level)
        frames.append(topic.frame(seq, change(**changes), checksum=book.checksum))
        bodies.append(book.body)
    await topic.peer.send(*frames)
    assert await sub.updates.take(300) == bodies
    assert await topic.peer.quiet()
    assert client.holes.all == []


NUMBERS = [
    (0.1 + 0.2, "0.30000000000000004"),
    (100.0, "100"),
    (1e-7, "1e-7"),
    (0.000001, "0.000001"),
    (1.25e-9, "1.25e-9"),
    (123456789012345680000.0, "123456789012345680000"),
    (1e21, "1e+21"),
    (1.5e300, "1.5e+300"),
    (9007199254740993.0, "9007199254740992"),
    (4294967296.5, "4294967296.5"),
]


@pytest.mark.parametrize(("number", "text"), NUMBERS)
async def test_numbers_in_checksums(client: Client, server: ScriptedServer, number: float, text: str) -> None:
    """Both languages write a number as the contract says when they compute a checksum."""
    sub, topic = await subscribed(client, server)
    checksum = crc32(f"{text}:{text}|".encode())
    await topic.update(4, change([(number, number)]), snapshot=True, checksum=checksum)
    [level] = (await sub.updates.take(2))[1]["bids"]
    assert (float(level["price"]), float(level["size"])) == (number, number)
    assert await topic.peer.quiet()
    assert client.holes.all == []


async def resynchronised(client: Client, sub: Sub, topic: Topic, *, after: int) -> None:
    """The client asks for the topic from scratch, takes a snapshot, and tells of the hole."""
    request = await topic.peer.expect("orderbook.subscribe")
    assert "recover" not in request
    await topic.update(after + 2, change([(1, 1)]))
    topic = await topic.peer.grant(request, seq=after + 2, epoch="a")
    await topic.update(after + 2, change([(50, 5)], [(60, 6)]), snapshot=True)
    await topic.update(after + 3, change([(51, 5)]))
    assert await sub.updates.take(2) == [
        change([(50, 5)], [(60, 6)]),
        change([(51, 5), (50, 5)], [(60, 6)]),
    ]
    hole = await client.holes.next()
    assert (hole["topic"], hole["reason"]) == ("orderbook:AAPL:25", "checksum")
    assert await topic.peer.quiet()
    assert (client.holes.unread, sub.updates.unread) == ([], [])


async def test_a_checksum_that_does_not_fit(client: Client, server: ScriptedServer) -> None:
    """A wrong book is not handed out: it is asked for anew, from scratch, and the hole is told."""
    sub, topic = await subscribed(client, server)
    await sub.updates.next()
    await topic.update(4, change([(9, 5)]), checksum=crc32(b"8:2,9:5|10:1,11:2"))
    await resynchronised(client, sub, topic, after=4)


async def test_a_snapshot_whose_checksum_does_not_fit(client: Client, server: ScriptedServer) -> None:
    """A snapshot is judged like any other update."""
    sub, topic = await subscribed(client, server)
    await sub.updates.next()
    await topic.update(4, change([(9, 5)]), snapshot=True, checksum=12345)
    await resynchronised(client, sub, topic, after=4)


async def test_a_gap_in_a_book(client: Client, server: ScriptedServer) -> None:
    """A gap that is replayed leaves no trace; the changes apply to the book as it was."""
    sub, topic = await subscribed(client, server)
    await topic.update(5, change([(7, 7)]))
    request = await topic.peer.expect("orderbook.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await topic.peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4, change([(9, 0)]))
    await topic.update(5, change([(7, 7)]), checksum=crc32(b"8:2,7:7|10:1,11:2"))
    assert await sub.updates.take(3) == [
        WHOLE,
        change([(8, 2)], [(10, 1), (11, 2)]),
        change([(8, 2), (7, 7)], [(10, 1), (11, 2)]),
    ]
    assert client.holes.all == []


async def test_changes_without_a_snapshot(client: Client, server: ScriptedServer) -> None:
    """Changes to a book that the client does not have make no book: it is asked for again."""
    sub, topic = await subscribed(client, server)
    await sub.updates.next()
    topic.peer.reset()
    peer = await server.accept()
    topic = await peer.grant(seq=8, epoch="b", recovered=False)
    await topic.update(9, change([(5, 5)]), checksum=crc32(b"5:5|"))
    request = await peer.expect("orderbook.subscribe")
    topic = await peer.grant(
        request, seq=9, epoch="b", **({"recovered": False} if "recover" in request else {})
    )
    await topic.update(9, change([(6, 6)], [(7, 7)]), snapshot=True)
    assert await sub.updates.next() == change([(6, 6)], [(7, 7)])


async def test_changes_from_the_beginning(client: Client, server: ScriptedServer) -> None:
    """A book that begins with nothing begins with the first change."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe("orderbook")
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await topic.update(1, change([(5, 5)]), checksum=crc32(b"5:5|"), epoch="a")
    assert await sub.updates.next() == change([(5, 5)])


@pytest.mark.parametrize("recovered", [True, False])
async def test_a_book_after_a_reconnect(client: Client, server: ScriptedServer, recovered: bool) -> None:
    """Recovered, the book goes on; not recovered, the snapshot that follows replaces it, and the hole is told."""
    sub, topic = await subscribed(client, server)
    await sub.updates.next()
    topic.peer.reset()
    peer = await server.accept()
    topic = await peer.grant(seq=3 if recovered else 8, epoch="a", recovered=recovered)
    if recovered:
        await topic.update(4, change([(7, 7)]))
        expected = change([(9, 1), (8, 2), (7, 7)], [(10, 1), (11, 2)])
    else:
        expected = change([(5, 5)], [(6, 6)])
        await topic.update(8, expected, snapshot=True)
    assert await sub.updates.next() == expected
    assert await sub.latest() == expected
    assert len(client.holes.all) == (0 if recovered else 1)


async def test_a_merged_range_of_changes(client: Client, server: ScriptedServer) -> None:
    """Changes that were merged for a slow reader apply as one."""
    sub, topic = await subscribed(client, server)
    await topic.update(9, change([(9, 0), (7, 7)], [(10, 4)]), seq_from=4)
    await topic.update(10, change([(7, 8)]))
    assert (await sub.updates.take(3))[1:] == [
        change([(8, 2), (7, 7)], [(10, 4), (11, 2)]),
        change([(8, 2), (7, 8)], [(10, 4), (11, 2)]),
    ]
    assert await topic.peer.quiet()


async def test_two_depths_are_two_books(client: Client, server: ScriptedServer) -> None:
    """Books of one symbol at two depths are topics of their own."""
    sub, topic = await subscribed(client, server)
    shallow = client.subscribe("orderbook", payload={"symbol": "AAPL", "depth": 10})
    ten = await topic.peer.grant(seq=0, epoch="t")
    assert await shallow.joined() == ten.address == "orderbook:AAPL:10"
    await ten.update(0, change([(1, 1)]), snapshot=True)
    await topic.update(4, change([(7, 7)]))
    assert await shallow.updates.next() == change([(1, 1)])
    assert (await sub.updates.take(2))[1]["bids"][-1] == {"price": 7, "size": 7}


BAD_BODIES: list[Any] = [
    {},
    {"bids": 7, "asks": []},
    {"bids": [{"price": "9", "size": 1}], "asks": []},
    {"bids": [{"size": 1}], "asks": []},
    {"bids": [7], "asks": []},
    None,
    [],
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=str)
async def test_changes_of_the_wrong_shape(client: Client, server: ScriptedServer, body: Json) -> None:
    """A change that cannot be read makes no book: whoever listens gets right books, or is told the end."""
    sub, topic = await subscribed(client, server)
    assert await sub.updates.next() == WHOLE
    frame = topic.frame(4) | {"payload": body}
    await topic.peer.send(frame)
    peer: Peer = topic.peer
    request = await peer.receive()
    if request["type"] == "orderbook.subscribe":
        topic = await peer.grant(request, seq=5, epoch="a", recovered=False)
        await topic.update(5, change([(3, 3)]), snapshot=True)
        assert await sub.updates.next() == change([(3, 3)])
    else:
        assert request["type"] == "orderbook.unsubscribe"
        await peer.answer(request)
        assert (await sub.ends.next())["name"] == "Protocol"
    assert sub.updates.unread == []
