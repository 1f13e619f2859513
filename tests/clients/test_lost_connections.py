"""The same clients against the service itself, over a network that loses connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial
from typing import Literal

import pytest

from generated.constants import MESSAGE_BURST_LIMIT
from generated.models import Book, Level, Trade
from generated.topics import OrderbookTopic, TradesTopic
from tests.clients.bodies import SELECTIONS, body_of
from tests.clients.driving import Client, Failed, Sub
from tests.clients.proxy import Cut, proxy
from tests.clients.serving import last_of, market, port_of, publish, reached, served, url_of
from tests.service.running import Running, eventually, service


@pytest.mark.parametrize("how", ["reset", "end", "stall"])
async def test_nothing_is_lost_with_connections(
    client: Client, how: Literal["reset", "end", "stall"]
) -> None:
    """Connections that are cut anywhere, in the midst of frames too, cost a lossless channel nothing."""
    chance = random.Random(how)
    cuts = 8 if how == "stall" else 25
    settings = {"ping_interval": 0.1, "ping_timeout": 0.1} if how == "stall" else {}
    async with served(client, timeout_ms=8000, **settings) as (running, line):
        sub = client.subscribe("trades")
        await sub.joined()
        line.cuts.extend(Cut(chance.randrange(300, 4000), how=how) for _ in range(cuts))
        line.cut()
        number = 0
        while line.cuts or number < 500:
            for _ in range(chance.randrange(1, 30)):
                number += 1
                publish(running, "trades", number)
            if how == "stall":
                # Nobody notices silence but who asks for a sign of life.
                await asyncio.sleep(0.01)
                if any(link.silent for link in line.links):
                    line.cut()
            else:
                await asyncio.sleep(0.002)
            if number - last_of(sub) > 600:  # not further than the server remembers
                await eventually(partial(reached, sub, number - 300))
        await eventually(partial(reached, sub, number))
        assert [body["id"] for body in sub.updates.all] == list(range(1, number + 1))
        assert client.holes.all == []
        assert line.count > cuts


def change(chance: random.Random) -> Book:
    """A random change of a book between 90 and 110; sizes of 0 remove."""
    sides: dict[str, dict[float, float]] = {"bids": {}, "asks": {}}
    for _ in range(chance.randrange(1, 6)):
        side = chance.choice(["bids", "asks"])
        cents = chance.randrange(1, 1000)
        price = round(100 - cents / 100 if side == "bids" else 100 + cents / 100, 2)
        sides[side][price] = chance.choice([0.0, 0.0, 1.0, 2.5, 0.125, 900.0])
    return Book(
        bids=[Level(price=price, size=size) for price, size in sorted(sides["bids"].items(), reverse=True)],
        asks=[Level(price=price, size=size) for price, size in sorted(sides["asks"].items())],
    )


async def test_the_book_is_the_servers(client: Client) -> None:
    """After hundreds of changes and dozens of lost connections the client's book is what the server holds."""
    chance = random.Random(5)
    async with served(client) as (running, line):
        sub = client.subscribe("orderbook")
        await sub.joined()
        line.choose = lambda number: Cut(chance.randrange(500, 6000))
        line.cut()
        for _ in range(300):
            running.publisher.orderbook_update(OrderbookTopic("AAPL"), change(chance))
            await asyncio.sleep(0.001)
        line.choose = lambda number: None
        line.cut()
        async with running.client() as other:
            await other.ask({"type": "orderbook.subscribe", "payload": SELECTIONS["orderbook"]})
            running.publisher.orderbook_update(OrderbookTopic("AAPL"), change(chance))
            held = (await other.receive())["payload"]
            last = await other.receive()
        book = {side: {level["price"]: level["size"] for level in held[side]} for side in held}
        for side, levels in last["payload"].items():
            for level in levels:
                book[side][level["price"]] = level["size"]
                if not level["size"]:
                    del book[side][level["price"]]
        expected = {
            side: [
                {"price": price, "size": size}
                for price, size in sorted(entries.items(), reverse=side == "bids")
            ]
            for side, entries in book.items()
        }
        await eventually(lambda: bool(sub.updates.all) and sub.updates.all[-1] == expected)
        assert await sub.latest() == expected
        assert [hole for hole in client.holes.all if hole["reason"] == "checksum"] == []
        assert line.count > 10


async def test_more_was_missed_than_the_server_remembers(client: Client) -> None:
    """Beyond the history there is a hole, told with its bounds; the latest follows, and then what comes."""
    async with served(client) as (running, line):
        sub = client.subscribe("bars")
        await sub.joined()
        publish(running, "bars", 1)
        await sub.updates.next()
        line.refuse = True
        line.cut()
        await client.reaches("reconnecting")
        for number in range(2, 302):
            publish(running, "bars", number)
        line.refuse = False
        hole = await client.holes.next()
        assert (hole["topic"], hole["after"], hole["seq"]) == ("bars:AAPL:1", 1, 301)
        publish(running, "bars", 302)
        assert await sub.numbers(2) == [301, 302]


async def test_as_much_as_the_server_remembers(client: Client) -> None:
    """What is within the history is replayed, the last of it included."""
    async with served(client) as (running, line):
        sub = client.subscribe("bars")
        await sub.joined()
        line.refuse = True
        line.cut()
        await client.reaches("reconnecting")
        for number in range(1, 257):
            publish(running, "bars", number)
        line.refuse = False
        assert await sub.numbers(256) == list(range(1, 257))
        assert client.holes.all == []


async def test_a_reader_that_the_server_gives_up(client: Client) -> None:
    """Who does not read a lossless channel is sent away, and comes back: to everything, or to a hole that is told."""
    async with served(client, outbox_bytes=262_144, outbox_patience=0.2, close_grace=0.3) as (running, line):
        sub = client.subscribe("trades")
        await sub.joined()
        line.stall()
        number = 0
        while running.connections and number < 40_000:
            for _ in range(200):
                number += 1
                publish(running, "trades", number)
            await asyncio.sleep(0.002)
        await eventually(lambda: not running.hub.subscriptions)
        line.resume()
        await client.reaches("reconnecting")
        await eventually(lambda: running.hub.subscriptions == 1)
        publish(running, "trades", number + 1)
        await eventually(lambda: reached(sub, number + 1))
        ids = [body["id"] for body in sub.updates.all]
        expected = list(range(1, number + 2))
        for hole in client.holes.all:
            expected = [one for one in expected if not hole["after"] < one <= hole["seq"]]
        assert ids == expected
        assert len(client.holes.all) <= 1


async def test_a_drain(client: Client) -> None:
    """A service that is shut down sends its clients elsewhere; they come within the window, and go on."""
    async with (
        service() as elsewhere,
        service(drain_window=0.2) as first,
        proxy(port_of(first)) as line,
    ):
        await client.create(url_of(line.port), on_hole=True)
        sub = client.subscribe("quotes")
        await sub.joined()
        publish(first, "quotes", 1)
        assert await sub.numbers(1) == [1]
        await client.enters("connecting", "open")
        line.target = port_of(elsewhere)
        first.server.should_exit = True
        reason = await client.enters("reconnecting")
        assert reason["code"] == 4000
        await client.enters("open")
        hole = await client.holes.next()
        assert (hole["topic"], hole["after"]) == ("quotes:AAPL", 1)
        publish(elsewhere, "quotes", 9)
        assert await sub.numbers(1) == [9]
        await client.close()
        await eventually(lambda: elsewhere.hub.subscriptions == 0)


async def test_a_life_ends(client: Client) -> None:
    """A connection whose lifespan is over is followed by another, without a hole."""
    async with served(client, lifespan=0.15) as (running, line):
        sub = client.subscribe("trades")
        await sub.joined()
        number = 0
        while line.count < 4:
            number += 1
            publish(running, "trades", number)
            await asyncio.sleep(0.005)
        await eventually(lambda: reached(sub, number))
        assert [body["id"] for body in sub.updates.all] == list(range(1, number + 1))
        codes = {reason["code"] for state, reason in client.states.all if state == "reconnecting"}
        assert codes == {4001}
        assert client.holes.all == []


def has(running: Running, count: int) -> bool:
    """Whether the service has so many subscriptions."""
    return running.hub.subscriptions >= count


async def refused(sub: Sub) -> int | None:
    """After how many milliseconds to subscribe again; None where it was granted."""
    try:
        await sub.joined()
    except Failed as error:
        if error.retry_after_ms is None:
            raise
        return error.retry_after_ms
    return None


async def test_many_topics_come_back_together(client: Client) -> None:
    """A client with more topics than it may send requests at once recovers every one, at the contract's pace."""
    symbols = [f"S{number}" for number in range(MESSAGE_BURST_LIMIT + 20)]
    async with served(client) as (running, line):
        subs: list[Sub] = []
        for symbol in symbols:
            subs.append(client.subscribe("trades", payload={"symbol": symbol}))
            while (wait := await refused(subs[-1])) is not None:
                await asyncio.sleep(wait / 1000)
                subs[-1] = client.subscribe("trades", payload={"symbol": symbol})
        line.cut()
        await eventually(lambda: running.hub.subscriptions == 0)
        for count in (50, 100, 150, 200, len(symbols)):
            await eventually(partial(has, running, count))
        for symbol in symbols:
            running.publisher.trades_update(TradesTopic(symbol), Trade.model_validate(body_of("trades", 1)))
        for sub in subs:
            assert await sub.numbers(1) == [1]
        assert client.holes.all == []
        codes = [reason["code"] for state, reason in client.states.all if state == "reconnecting"]
        assert codes == [1006]


def grown(subs: Sequence[Sub], marks: Sequence[int]) -> bool:
    """Whether each subscription has had more than so many updates."""
    return all(len(sub.updates.all) > mark for sub, mark in zip(subs, marks, strict=True))


async def test_the_market_over_lost_connections(client: Client) -> None:
    """A simulated market's trades are without a gap, its book right and never crossed, whatever the network does."""
    async with served(client, feed=market) as (_, line):
        trades, book = client.subscribe("trades", how="frames"), client.subscribe("orderbook")
        quotes, bars = client.subscribe("quotes"), client.subscribe("bars")
        subs = (trades, book, quotes, bars)
        for sub in subs:
            await sub.joined()
        await client.reaches("open")
        for _ in range(6):
            line.cut()
            await client.reaches("reconnecting")
            await client.reaches("open")
            marks = [len(sub.updates.all) for sub in subs]
            await eventually(partial(grown, subs, marks))
        seqs = [frame["seq"] for frame in trades.updates.all]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        ids = [frame["payload"]["id"] for frame in trades.updates.all]
        assert ids == sorted(set(ids))
        for body in book.updates.all:
            assert body["bids"][0]["price"] < body["asks"][0]["price"]
        assert client.holes.all == []
        assert line.count >= 7


async def test_many_topics_are_asked_for_at_once(client: Client) -> None:
    """Who asks for more topics at once than it may send requests is granted all, at the contract's pace."""
    symbols = [f"S{number}" for number in range(MESSAGE_BURST_LIMIT + 20)]
    async with served(client) as (running, _):
        subs = [client.subscribe("trades", payload={"symbol": symbol}) for symbol in symbols]
        for sub, symbol in zip(subs, symbols, strict=True):
            assert await sub.joined() == f"trades:{symbol}"
        assert running.hub.subscriptions == len(symbols)
        assert "reconnecting" not in [state for state, _ in client.states.all]
