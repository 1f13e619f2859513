"""Two services on one broker: the same updates under the same numbers, and clients that go from one to the other."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pydantic import ValidationError

from generated.client import TradingClient
from generated.models import Book, BookSelection, Quote
from generated.publisher import Publisher
from generated.runtime.hole import Hole
from generated.runtime.redis_address import driver_url
from generated.runtime.redis_protocol import topic_key
from generated.topics import QuotesTopic
from service.broker.address import shown
from service.feeds.simulate import Simulation
from service.settings import Settings
from tests.clients.proxy import proxy
from tests.service.broker.nodes import AAPL, TRADES, Follower, Tape, broker, comes, node, status
from tests.service.running import eventually, service
from tests.valkey import ValkeyServer

ASK = {"type": "trades.subscribe", "payload": {"symbol": "AAPL"}}


def _market(publisher: Publisher) -> Simulation:
    """A lively one."""
    return Simulation(publisher, seed=1, updates_per_second=20.0, speed=20.0)


async def test_what_was_missed_at_one_node_is_replayed_by_the_other(valkey: ValkeyServer) -> None:
    """A position holds at every node: what came after it is replayed, and nothing else, the same to the octet."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two:
        async with one.client() as client:
            answer = await client.ask(ASK)
            tape.print(one, 3)
            seen = [await client.receive() for _ in range(3)]
        # The other node hears of the topic only now.
        tape.print(two, 2)
        recover = {"epoch": answer["epoch"], "seq": 1}
        async with two.client() as client, one.client() as other:
            again = await client.ask({**ASK, "recover": recover})
            assert (again["recovered"], again["seq"], again["epoch"]) == (True, 1, answer["epoch"])
            missed = [await client.receive() for _ in range(4)]
            assert missed[:2] == seen[1:]
            assert [update["payload"]["id"] for update in missed] == [2, 3, 4, 5]
            await other.ask({**ASK, "recover": recover})
            assert [await other.receive() for _ in range(4)] == missed
            tape.print(one)
            assert (await client.receive()) == (await other.receive())


async def test_a_generated_client_goes_from_node_to_node_without_a_hole(valkey: ValkeyServer) -> None:
    """A client whose node ends goes on at another one where it left off."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two:
        port = int(one.url.rsplit(":", 1)[1])
        async with proxy(port) as line, TradingClient(f"ws://127.0.0.1:{line.port}/api/v1/ws") as client:
            follower = Follower(client)
            await client.trades.subscribe(
                AAPL,
                on_update=lambda trade: follower.log.append(trade.id),
                on_hole=follower.log.append,
            )
            tape.print(one, 5)
            await follower.reaches(5)
            line.target = int(two.url.rsplit(":", 1)[1])
            line.cut()
            tape.print(one, 5)
            await follower.reaches(10)
            assert follower.log == list(range(1, 11))
            assert two.hub.subscribers(TRADES) == 1


async def test_a_node_that_is_late_tells_of_no_hole(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that comes from a node which has heard more goes on where it was: late is not lost, nor told twice."""
    tape = Tape()
    async with (
        node(valkey.url) as one,
        node(valkey.url) as two,
        one.client() as client,
        two.client() as other,
    ):
        answer = await client.ask(ASK)
        await other.ask(ASK)
        tape.print(one, 2)
        assert [(await other.receive())["payload"]["id"] for _ in range(2)] == [1, 2]
        late: list[tuple[bytes, bytes]] = []
        hear = broker(two)._link._on_message  # type: ignore[union-attr]
        monkeypatch.setattr(broker(two)._link, "_on_message", lambda *heard: late.append(heard))
        tape.print(one, 3)
        for _ in range(5):
            seen = await client.receive()
        assert seen["payload"]["id"] == 5
        async with two.client() as back:
            again = await back.ask({**ASK, "recover": {"epoch": answer["epoch"], "seq": 5}})
            assert (again["recovered"], again["seq"]) == (True, 5)
            monkeypatch.undo()
            assert len(late) == 3
            for heard in late:
                hear(*heard)
            tape.print(one)
            assert (await back.receive())["payload"]["id"] == 6
            assert [(await other.receive())["payload"]["id"] for _ in range(4)] == [3, 4, 5, 6]


async def test_a_process_subscribes_once_to_each_topic(valkey: ValkeyServer) -> None:
    """However many clients a topic has, its node hears it once; when all have left, not at all."""
    async with node(valkey.url, topic_grace=0) as one, node(valkey.url) as two:
        async with one.client() as a, one.client() as b, two.client() as c:
            for client in (a, b, c):
                await client.ask(ASK)
            key = topic_key(TRADES.address)
            assert valkey.command("PUBSUB", "NUMSUB", key) == [key.encode(), 2]
        await eventually(lambda: one.hub.topics == [])
        await eventually(lambda: valkey.command("PUBSUB", "NUMSUB", key) == [key.encode(), 1])


async def test_a_newcomer_is_told_what_a_topic_holds_at_any_node(valkey: ValkeyServer) -> None:
    """A quote published at one node while nobody listened anywhere is the snapshot at the other."""
    quote = Quote(time=0, bid=1.0, ask=2.0, bid_size=1.0, ask_size=1.0, last=1.5, change=0.0)
    async with node(valkey.url) as one, node(valkey.url) as two:
        one.publisher.quotes_update(QuotesTopic("AAPL"), quote)
        await eventually(lambda: status(one).queued == 0)
        async with two.client() as client:
            answer = await client.ask({"type": "quotes.subscribe", "payload": {"symbol": "AAPL"}})
            snapshot = await client.receive()
        assert answer["seq"] == snapshot["seq"] == 1
        assert snapshot["snapshot"] is True
        assert snapshot["payload"]["last"] == 1.5


async def test_order_books_are_whole_again_after_everything_was_lost(valkey: ValkeyServer) -> None:
    """Changes to a book that is lost are refused, and the feed is asked for the whole; checksums hold."""
    settings: dict[str, Any] = {"broker": valkey.url, "drain_window": 0.05}
    async with service(feed=_market, **settings) as one, service(feed=_market, **settings) as two:
        await comes(one, "up")
        await comes(two, "up")
        books: list[list[Book]] = [[], []]
        holes: list[Hole] = []
        clients = [TradingClient(one.url.replace("http", "ws") + "/api/v1/ws") for one in (one, two)]
        for client, seen in zip(clients, books, strict=True):
            await client.open()
            await client.orderbook.subscribe(
                BookSelection(symbol="AAPL", depth=10), on_update=seen.append, on_hole=holes.append
            )
        await eventually(lambda: all(len(seen) > 5 for seen in books))
        valkey.flush()
        await eventually(lambda: len(holes) >= 2)
        before = [len(seen) for seen in books]
        await eventually(lambda: all(len(seen) > was + 5 for seen, was in zip(books, before, strict=True)))
        assert {hole.reason for hole in holes} == {"reset"}
        assert all(seen[-1].bids and seen[-1].asks for seen in books)
        for client in clients:
            await client.close()


async def test_what_does_not_exist_is_not_asked_for(valkey: ValkeyServer) -> None:
    """A topic that the feed does not know, or that is one too many, is refused before the broker hears of it."""
    async with service(broker=valkey.url, feed=_market, subscriptions_per_connection=1) as running:
        await comes(running, "up")
        async with running.client() as client:
            answer = await client.ask({"type": "trades.subscribe", "payload": {"symbol": "NONE"}})
            assert answer["payload"]["code"] == "unknown_symbol"
            await client.ask(ASK)
            answer = await client.ask({"type": "bars.subscribe", "payload": {"symbol": "AAPL"}})
            while "status" not in answer["payload"]:
                answer = await client.receive()
            assert answer["payload"]["code"] == "too_many_subscriptions"
        assert valkey.command("PUBSUB", "CHANNELS", "tapewire:{*") == [topic_key(TRADES.address).encode()]


async def test_a_service_begins_without_its_broker(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """One that starts first serves what needs no broker, and all else once that is there."""
    await valkey.akill()
    with caplog.at_level(logging.INFO):
        async with service(broker=valkey.url.replace("//", "//:sesame@")) as running:
            async with running.client() as client:
                assert (await client.ask({"type": "ping"}))["type"] == "pong"
                answer = await client.ask(ASK)
                assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("unavailable", True)
            await comes(running, "down")
            assert "sesame" not in repr(status(running))
            await valkey.astart()
            valkey.command("CONFIG", "SET", "requirepass", "sesame")
            await comes(running, "up")
    assert "sesame" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "redis://host:6379/0",
        "rediss://user:secret@host",
        "unix:///run/valkey.sock?db=1",
        "valkey://[::1]:1",
        "memory",
    ],
)
def test_where_a_broker_may_be(address: str) -> None:
    """Redis and Valkey, over TCP, TLS or a Unix socket; what is shown of it has no secret."""
    assert Settings(broker=address).broker == address
    assert "secret" not in shown(address)


@pytest.mark.parametrize(
    ("address", "driven"),
    [
        ("unix:///run/valkey.sock?db=1", "unix:///run/valkey.sock?db=1"),
        ("valkey+unix://:secret@/run/valkey.sock", "unix://:secret@/run/valkey.sock"),
        ("valkeys://:s%23t@host/2", "rediss://:s%23t@host/2"),
    ],
)
def test_the_driver_is_told_the_same_in_its_words(address: str, driven: str) -> None:
    """Only the scheme is another; a socket's path keeps all its slashes, without which the driver refuses it."""
    assert driver_url(address) == driven


@pytest.mark.parametrize(
    "address",
    [
        "",
        "redis",
        "http://host",
        "redis://:secret@",
        "redis://:secret@host:x",
        "unix://",
        "redis://host/zero",
        "redis://host?db=zero",
        "redis://name:1/secret@host:6379/0",
        "redis://name:1#secret@host",
        "redis://name:1?secret@host",
        "unix://secret/socket",
    ],
)
def test_where_a_broker_cannot_be(address: str) -> None:
    """What is no address is refused, and no password is repeated."""
    with pytest.raises(ValidationError) as raised:
        Settings(broker=address)
    assert "secret" not in raised.value.errors()[0]["msg"]
    assert "secret" not in str(raised.value)
