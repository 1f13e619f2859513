"""The hub where a broker numbers: it opens, follows and resets topics, and keeps each client's messages in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from generated.constants import STATE
from generated.runtime.publication import Publication
from generated.runtime.state import HeldState
from generated.topics import OrderbookTopic, Topic, TradesTopic
from service.broker import BrokerStatus, BrokerUnavailable, Numbered, Receiver, Seed
from service.delivery import Bounds
from service.hub import Hub, Position, TopicListener, TopicUnavailable
from tests.service.delivering import Scripted, answer, turn

TRADES = TradesTopic("AAPL")
BOOK = OrderbookTopic("AAPL", "10")


class Scripting:
    """A broker that a test answers for."""

    remote = True

    def __init__(self) -> None:
        self.receiver: Receiver
        self.seed = Seed("one", 0)
        self.opens: list[str] = []
        self.closed: list[str] = []
        self.published: list[tuple[str, bool]] = []
        self.answers = asyncio.Event()
        self.fails = False
        self.looks: list[str] = []
        self.late: list[Numbered] = []

    def bind(self, receiver: Receiver) -> None:
        """Remember."""
        self.receiver = receiver

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""

    def publish(self, publication: Publication, *, exclusive: bool = False) -> None:
        """Note it."""
        self.published.append((publication.topic, exclusive))

    async def reached(self, patience: float) -> bool:
        """At once."""
        return True

    def begin(self, address: str) -> None:
        """Nothing."""

    def end(self, address: str) -> None:
        """Nothing."""

    def withdraw(self) -> None:
        """Nothing."""

    async def open(self, topic: Topic) -> None:
        """Wait for the test."""
        self.opens.append(topic.address)
        await self.answers.wait()
        if self.fails:
            raise BrokerUnavailable("it is away")
        self.receiver.opened(topic, self.seed)

    async def catch_up(self, address: str) -> None:
        """What the other nodes have told already."""
        self.looks.append(address)
        if self.fails:
            raise BrokerUnavailable("it is away")
        for one in self.late:
            self.receiver.receive(one)

    def close(self, address: str) -> None:
        """Note it."""
        self.closed.append(address)

    def status(self) -> BrokerStatus:
        """Up."""
        return BrokerStatus("scripted", "up", 0.0)


class Scene:
    """A hub, its broker, and updates of one topic."""

    def __init__(self, topic: Topic = TRADES, seed: Seed | None = None) -> None:
        self.topic = topic
        self.broker = Scripting()
        if seed is not None:
            self.broker.seed = seed
        self.broker.answers.set()
        self.turn = turn()
        self.hub = Hub(self.turn, grace=0, most_topics=2, broker=self.broker)

    async def client(self, after: Position | None = None, bounds: Bounds | None = None) -> Scripted:
        """One who has subscribed."""
        one = Scripted(self.turn) if bounds is None else Scripted(self.turn, bounds)
        await self.hub.ready(self.topic, after)
        one.outbox.hold()
        joined = self.hub.subscribe(self.topic, one.outbox, after)
        answer(one.outbox, seq=joined.seq, epoch=joined.epoch, recovered=joined.recovered)
        self.turn.flush()
        return one

    def update(self, seq: int, epoch: str = "one") -> None:
        """The broker has numbered a publication."""
        self.hub.receive(numbered(self.topic, seq, epoch))


def numbered(topic: Topic, seq: int, epoch: str = "one") -> Numbered:
    """A publication; one of a book sets the size of the best bid."""
    price = 1.0 + seq % 5 if epoch == "one" else 1.0
    changes = {"bids": [(price, float(seq))], "asks": []} if topic is BOOK else None
    publication = Publication(
        channel=topic.channel,
        topic=topic.address,
        type=f"{topic.channel}.update",
        payload=b'{"bids":[{"price":%d.0,"size":%d.0}],"asks":[]}' % (price, seq)
        if topic is BOOK
        else b"%d" % seq,
        changes=changes,
    )
    return Numbered(seq, epoch, 1000 + seq, publication)


def told(one: Scripted) -> list[tuple[Any, ...]]:
    """What a client has got: type, number, and epoch or snapshot where it says so."""
    return [
        (message["type"].rpartition(".")[2], message["seq"], message.get("epoch"), message.get("snapshot"))
        for message in one.got
        if message["type"] != "answer"
    ]


async def test_a_topic_is_opened_once_for_all_who_want_it() -> None:
    """Those who come while it is being opened wait for the same; who gives up does not take it from the others."""
    scene = Scene()
    scene.broker.answers.clear()
    waiting = [asyncio.create_task(scene.client()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    scene.broker.answers.set()
    await asyncio.gather(*waiting[1:])
    assert scene.broker.opens == [TRADES.address]
    assert scene.hub.subscribers(TRADES) == 2


async def test_a_topic_that_the_broker_cannot_open_may_be_asked_for_again() -> None:
    """Its subscriber is refused for now, nothing is left, and the next one is asked for anew."""
    scene = Scene()
    scene.broker.fails = True
    with pytest.raises(TopicUnavailable, match="away") as raised:
        await scene.hub.ready(TRADES)
    assert raised.value.retryable
    assert scene.hub.topics == []
    scene.broker.fails = False
    await scene.client()


async def test_a_topic_that_a_listener_does_not_know_is_not_opened() -> None:
    """The broker never hears of it."""

    class Picky(TopicListener):
        def accepts(self, topic: Topic) -> None:
            raise TopicUnavailable("no", retryable=False)

    scene = Scene()
    scene.hub.listen(Picky())
    with pytest.raises(TopicUnavailable):
        await scene.hub.ready(TRADES)
    assert scene.broker.opens == []


async def test_publications_go_to_the_broker_whoever_listens() -> None:
    """With nobody here there may be somebody elsewhere; what a feed publishes is marked as its own."""
    scene = Scene()
    publication = numbered(TRADES, 1).publication
    scene.hub.publish(publication)
    scene.hub.feeding.publish(publication)
    assert scene.broker.published == [(TRADES.address, False), (TRADES.address, True)]


async def test_updates_have_the_brokers_numbers_and_times() -> None:
    """Number, time and epoch are the broker's, and so the same at every node."""
    scene = Scene(seed=Seed("one", 6))
    one = await scene.client()
    scene.update(7)
    scene.turn.flush()
    assert [(message["seq"], message.get("ts")) for message in one.got[-1:]] == [(7, 1007)]
    assert one.got[0]["seq"] == 6


async def test_what_the_broker_kept_is_replayed() -> None:
    """History that came with the seed counts as much as what was followed since."""
    history = tuple(numbered(TRADES, seq) for seq in range(3, 7))
    scene = Scene(seed=Seed("one", 6, history=history))
    await scene.client()
    scene.update(7)
    one = await scene.client(Position(4, "one"))
    assert one.got[0]["recovered"] is True
    assert [seq for _, seq, _, _ in told(one)] == [5, 6, 7]
    late = await scene.client(Position(1, "one"))
    assert late.got[0]["recovered"] is False


async def test_a_reset_keeps_its_place_among_updates() -> None:
    """What was pending of the old epoch comes before it; the snapshot and what is new come after."""
    scene = Scene(BOOK, Seed("one", 2, numbered(BOOK, 2).publication, {"bids": [(1.0, 2.0)], "asks": []}))
    one, two = await scene.client(), await scene.client()
    scene.update(3)
    two.outbox.step_out()
    base = numbered(BOOK, 5, "two").publication
    scene.hub.reset(BOOK.address, Seed("two", 5, base, {"bids": [(1.0, 5.0)], "asks": []}), "lost")
    scene.update(6, "two")
    scene.turn.flush()
    expected = [
        ("update", 2, None, True),
        ("update", 3, None, None),
        ("reset", 5, "two", None),
        ("update", 5, "two", True),
        ("update", 6, None, None),
    ]
    assert told(one) == told(two) == expected
    assert one.got[3]["payload"] == {"code": "history_lost", "message": "lost"}


async def test_nothing_is_folded_across_a_reset() -> None:
    """A client that lags gets the last of the old epoch, the reset, then what is new, merged on its own."""
    scene = Scene(BOOK, Seed("one", 0))
    one = await scene.client(bounds=Bounds(4096, 3600.0))
    one.way.ready = False
    for seq in range(1, 101):
        scene.update(seq)
        scene.turn.flush()
    base = numbered(BOOK, 1, "two").publication
    scene.hub.reset(BOOK.address, Seed("two", 1, base, {"bids": [(1.0, 1.0)], "asks": []}), "lost")
    # Up to the very number that the old epoch ended with.
    for seq in range(2, 101):
        scene.update(seq, "two")
        scene.turn.flush()
    one.way.open()
    scene.turn.flush()
    got = told(one)
    place = next(index for index, entry in enumerate(got) if entry[0] == "reset")
    assert got[place][1:3] == (1, "two")
    assert got[place - 1][1] == 100
    assert not any(snapshot for *_, snapshot in got[:place])
    held = HeldState(STATE["orderbook"])
    for message in one.got[-len(got) + place + 1 :]:
        changes = {
            name: [(level["price"], level["size"]) for level in levels]
            for name, levels in message["payload"].items()
        }
        held.apply(changes, snapshot=message.get("snapshot") is True)
        assert message["checksum"] == held.checksum()
    assert got[-1][1] == 100
    assert len(got) < 20


async def test_a_topic_that_nobody_joined_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened for somebody who then does not come, it is left to the broker after a while; no listener heard of it."""
    monkeypatch.setattr("service.hub.hub._SHORTLY", 0.01)
    scene = Scene()
    closed = asyncio.Event()

    class Hearing(TopicListener):
        def topic_closed(self, topic: Topic) -> None:
            closed.set()

    scene.hub.listen(Hearing())
    await scene.hub.ready(TRADES)
    async with asyncio.timeout(5):
        while not scene.broker.closed:  # noqa: ASYNC110, the hub tells nobody else
            await asyncio.sleep(0.005)
    assert scene.hub.topics == []
    assert not closed.is_set()


async def test_a_node_that_is_behind_a_client_asks_before_it_calls_anything_lost() -> None:
    """A position that another node has told, and this one has not heard of yet, is no hole."""
    scene = Scene(seed=Seed("one", 3))
    scene.broker.late = [numbered(TRADES, 4), numbered(TRADES, 5)]
    one = await scene.client(Position(5, "one"))
    assert scene.broker.looks == [TRADES.address]
    assert one.got[0]["recovered"] is True
    scene.update(6)
    scene.turn.flush()
    assert told(one) == [("update", 6, None, None)]
    await scene.client(Position(4, "one"))
    assert scene.broker.looks == [TRADES.address], "what is known here need not be asked"


async def test_a_node_that_cannot_ask_refuses_for_now() -> None:
    """While the broker is away nobody is told of a hole that may be none; who has no position is served."""
    scene = Scene(seed=Seed("one", 3))
    await scene.client()
    scene.broker.fails = True
    for unknown in (Position(5, "one"), Position(2, "another")):
        with pytest.raises(TopicUnavailable, match="away") as raised:
            await scene.client(unknown)
        assert raised.value.retryable
    one = await scene.client(Position(3, "one"))
    assert one.got[0]["recovered"] is True
    await scene.client()
