"""The hub alone: numbering, the life of topics, and who hears of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from generated.models import Bar
from generated.publisher import Publisher
from generated.runtime.errors import Disconnected
from generated.topics import BarsTopic, Topic
from service.delivery import Turn
from service.hub import Hub, TooManyTopics, TopicListener, TopicUnavailable
from tests.service.delivering import Scripted, turn
from tests.service.running import PATIENCE, service

TOPIC = BarsTopic("AAPL", "1")
BAR = Bar(time=0, open=1.0, high=1.0, low=1.0, close=1.0, volume=0.0)


class Inbox(Scripted):
    """A subscriber that keeps what it gets."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(turn)
        self._turn = turn

    @property
    def got(self) -> list[dict[str, Any]]:
        """What it has got by the end of this turn."""
        self._turn.flush()
        return super().got


class Diary(TopicListener):
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str] | tuple[str, str, int]] = []
        self.closed = asyncio.Event()

    def topic_opened(self, topic: Topic) -> None:
        """Write it down."""
        self.entries.append(("opened", topic.address))

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Write it down."""
        self.entries.append(("subscribers", topic.address, count))

    def topic_closed(self, topic: Topic) -> None:
        """Write it down."""
        self.entries.append(("closed", topic.address))
        self.closed.set()


async def test_updates_are_numbered_by_one_from_one() -> None:
    """The first update of a topic is 1, each further one 1 more; the epoch stands on the first alone."""
    ours = turn()
    hub, inbox = Hub(ours, grace=0), Inbox(ours)
    position = hub.subscribe(TOPIC, inbox.outbox)
    for _ in range(3):
        Publisher(hub).bars_update(TOPIC, BAR)
    assert [update["seq"] for update in inbox.got] == [1, 2, 3]
    assert [update.get("epoch") for update in inbox.got] == [position.epoch, None, None]


async def test_a_topic_opens_with_its_first_subscriber_and_closes_with_its_last() -> None:
    """A feed hears of the first subscriber, of each change, and of the last one's leaving, each once."""
    ours = turn()
    hub, diary, one, two = Hub(ours, grace=0), Diary(), Inbox(ours), Inbox(ours)
    hub.listen(diary)
    hub.subscribe(TOPIC, one.outbox)
    hub.subscribe(TOPIC, two.outbox)
    hub.subscribe(TOPIC, two.outbox)
    assert hub.subscribers(TOPIC) == hub.subscriptions == 2
    hub.unsubscribe(TOPIC, one.outbox)
    hub.drop(two.outbox)
    hub.drop(two.outbox)
    address = TOPIC.address
    assert diary.entries == [
        ("opened", address),
        ("subscribers", address, 1),
        ("subscribers", address, 2),
        ("subscribers", address, 1),
        ("subscribers", address, 0),
        ("closed", address),
    ]
    assert hub.topics == []


async def test_a_topic_is_fed_for_its_grace_and_then_closed() -> None:
    """The last one's leaving closes the topic when the grace is over, not before."""
    ours = turn()
    hub, diary, inbox = Hub(ours, grace=0.05), Diary(), Inbox(ours)
    hub.listen(diary)
    hub.subscribe(TOPIC, inbox.outbox)
    hub.unsubscribe(TOPIC, inbox.outbox)
    assert hub.topics == [TOPIC.address]
    async with asyncio.timeout(PATIENCE):
        await diary.closed.wait()
    assert hub.topics == []


async def test_whoever_comes_within_the_grace_finds_the_topic_going_on() -> None:
    """A subscriber within the grace keeps the topic open: same epoch, numbers that counted on meanwhile."""
    ours = turn()
    hub, diary, inbox = Hub(ours, grace=0.05), Diary(), Inbox(ours)
    hub.listen(diary)
    first = hub.subscribe(TOPIC, inbox.outbox)
    hub.unsubscribe(TOPIC, inbox.outbox)
    Publisher(hub).bars_update(TOPIC, BAR)
    again = hub.subscribe(TOPIC, inbox.outbox)
    assert (again.epoch, again.seq) == (first.epoch, 1)
    # The grace passes, and nothing comes of it.
    await asyncio.sleep(0.1)
    assert hub.topics == [TOPIC.address]
    assert not diary.closed.is_set()


async def test_a_topic_that_opens_again_is_a_new_epoch() -> None:
    """Once closed, a topic's numbers start over under another name."""
    ours = turn()
    hub, inbox = Hub(ours, grace=0), Inbox(ours)
    first = hub.subscribe(TOPIC, inbox.outbox)
    Publisher(hub).bars_update(TOPIC, BAR)
    hub.drop(inbox.outbox)
    again = hub.subscribe(TOPIC, inbox.outbox)
    assert again.seq == 0
    assert again.epoch != first.epoch


async def test_publishing_where_nobody_listens_does_nothing() -> None:
    """A publication on a topic without subscribers leaves no trace."""
    hub = Hub(turn(), grace=0)
    Publisher(hub).bars_update(TOPIC, BAR)
    assert hub.topics == []


async def test_a_snapshot_says_so() -> None:
    """A publication that replaces what subscribers hold is marked on the wire; others are not."""
    ours = turn()
    hub, inbox = Hub(ours, grace=0), Inbox(ours)
    hub.subscribe(TOPIC, inbox.outbox)
    Publisher(hub).bars_update(TOPIC, BAR, snapshot=True)
    Publisher(hub).bars_update(TOPIC, BAR)
    assert [update.get("snapshot") for update in inbox.got] == [True, None]


async def test_updates_arrive_at_the_end_of_the_turn() -> None:
    """What is published in one turn of the event loop is written at its end, together, and before the next."""
    ours = turn()
    hub, inbox = Hub(ours, grace=0), Inbox(ours)
    hub.subscribe(TOPIC, inbox.outbox)
    await asyncio.sleep(0)
    Publisher(hub).bars_update(TOPIC, BAR)
    Publisher(hub).bars_update(TOPIC, BAR)
    assert inbox.way.writes == []
    await asyncio.sleep(0)
    assert [len(texts) for texts in inbox.way.writes] == [2]


async def test_there_are_as_many_topics_as_one_may_have_and_no_more() -> None:
    """One topic too many is refused and leaves nothing; those that one has may be asked for again."""
    ours = turn()
    hub, diary, inbox = Hub(ours, grace=0, most_topics=2), Diary(), Inbox(ours)
    hub.listen(diary)
    for symbol in ("A", "B", "B", "A"):
        hub.subscribe(BarsTopic(symbol, "1"), inbox.outbox)
    with pytest.raises(TooManyTopics, match="2"):
        hub.subscribe(TOPIC, inbox.outbox)
    assert hub.topics_of(inbox.outbox) == 2
    assert hub.topics == ["bars:A:1", "bars:B:1"]
    assert ("opened", TOPIC.address) not in diary.entries
    hub.unsubscribe(BarsTopic("A", "1"), inbox.outbox)
    hub.subscribe(TOPIC, inbox.outbox)
    assert hub.topics_of(inbox.outbox) == 2


async def test_who_has_ended_subscribes_to_nothing() -> None:
    """A subscriber that is gone is refused, since nobody would ever take it out again."""
    ours = turn()
    hub, inbox = Hub(ours, grace=0), Inbox(ours)
    inbox.way.lose()
    with pytest.raises(Disconnected):
        hub.subscribe(TOPIC, inbox.outbox)
    assert hub.topics == []


async def test_closing_the_hub_closes_every_topic() -> None:
    """At the service's end each topic closes, listened to or in its grace; who then leaves changes nothing."""
    ours = turn()
    hub, diary, inbox = Hub(ours, grace=3600), Diary(), Inbox(ours)
    hub.listen(diary)
    hub.subscribe(TOPIC, inbox.outbox)
    hub.subscribe(BarsTopic("B", "1"), inbox.outbox)
    hub.unsubscribe(BarsTopic("B", "1"), inbox.outbox)
    hub.close()
    assert hub.topics == []
    hub.drop(inbox.outbox)
    closed = [entry for entry in diary.entries if entry[0] == "closed"]
    assert sorted(closed) == [("closed", TOPIC.address), ("closed", "bars:B:1")]


class Refusing(TopicListener):
    """A listener that opens nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def topic_opened(self, topic: Topic) -> None:
        """Refuse."""
        raise self.error


@pytest.mark.parametrize(
    ("error", "retryable"), [(TopicUnavailable("not here", retryable=False), False), (ValueError("x"), True)]
)
async def test_a_topic_that_cannot_be_opened_leaves_nothing(error: Exception, retryable: bool) -> None:
    """A feed that cannot open a topic turns the subscriber away; listeners told before it hear of the end."""
    ours = turn()
    hub, diary = Hub(ours, grace=0), Diary()
    hub.listen(diary)
    hub.listen(Refusing(error))
    with pytest.raises(TopicUnavailable) as raised:
        hub.subscribe(TOPIC, Inbox(ours).outbox)
    assert raised.value.retryable is retryable
    assert hub.topics == []
    assert diary.entries == [("opened", TOPIC.address), ("closed", TOPIC.address)]


class Eager(TopicListener):
    """Publishes the moment a topic opens, and again as its subscribers are counted."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher

    def topic_opened(self, topic: Topic) -> None:
        """Publish."""
        assert isinstance(topic, BarsTopic)
        self.publisher.bars_update(topic, BAR)

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Publish."""
        assert isinstance(topic, BarsTopic)
        self.publisher.bars_update(topic, BAR)


async def test_the_answer_precedes_what_its_subscription_sets_going() -> None:
    """Updates published while a subscribe is being handled come after its answer, in order, none missing."""
    async with service() as running:
        running.hub.listen(Eager(running.publisher))
        async with running.client() as client:
            answer = await client.subscribe()
            assert answer["type"] == "bars.subscribe.response"
            update = await client.receive()
            assert update["seq"] == answer["seq"] + 1
            assert await client.silent()


async def test_a_topic_that_cannot_be_served_is_answered_unavailable() -> None:
    """The subscriber hears `unavailable`, why, and whether to try again."""
    async with service() as running:
        running.hub.listen(Refusing(TopicUnavailable("no such market", retryable=True)))
        async with running.client() as client:
            answer = await client.subscribe()
            assert answer["payload"] == {
                "status": "error",
                "code": "unavailable",
                "message": "no such market",
                "retryable": True,
            }
            assert running.hub.topics == []
