"""The scripts, carried out by a real Valkey: numbers, epochs, what is kept, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
import redis

from generated.constants import DELIVERY, HISTORY, SNAPSHOT, STATE
from generated.runtime.publication import Publication
from generated.runtime.redis_protocol import (
    TOPIC_PATTERN,
    ChannelRules,
    Message,
    Published,
    Reading,
    Renewed,
    decode_message,
    parse_published,
    parse_reading,
    parse_renewed,
    publish_command,
    read_command,
    renew_command,
    topic_address,
    topic_key,
    topic_keys,
)
from generated.runtime.redis_scripts import MOST_PUBLISHERS, PUBLISH, READ, RENEW
from generated.runtime.state import Changes
from tests.valkey import Listening, ValkeyServer, execute, valkey_server

RULES = ChannelRules(delivery=DELIVERY, history=HISTORY, snapshot=SNAPSHOT, state=STATE)


class Topic:
    """One topic at one server, by commands."""

    def __init__(self, client: redis.Redis, channel: str, address: str) -> None:
        self.client, self.channel, self.address = client, channel, address
        self.counts: dict[str, int] = {}

    def publish(
        self,
        *,
        by: str = "A",
        n: int | None = None,
        exclusive: bool = False,
        key: int | str | None = None,
        payload: bytes = b"{}",
        snapshot: bool = False,
        changes: Changes | None = None,
    ) -> Published:
        """Publish as the next of a publisher, or as its `n`th."""
        n = self.counts.get(by, 0) + 1 if n is None else n
        self.counts[by] = n
        publication = Publication(
            self.channel, self.address, f"{self.channel}.update", payload, snapshot, key, changes
        )
        command = publish_command(
            RULES.of(self.channel), publication, publisher=by, n=n, exclusive=exclusive, ttl=100
        )
        return parse_published(execute(self.client, *command))

    def read(self, epoch: str = "", seq: int = 0) -> Reading:
        """What there is of it."""
        answer = execute(self.client, *read_command(self.address, epoch=epoch, seq=seq, ttl=100))
        return parse_reading(self.channel, self.address, answer)

    def renew(self, epoch: str) -> Renewed:
        """Begin an epoch if it is in this one."""
        return parse_renewed(execute(self.client, *renew_command(self.address, epoch, ttl=100)))


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """One server for all tests here; each finds it empty."""
    with valkey_server() as running:
        yield running


@pytest.fixture
def client(server: ValkeyServer) -> Iterator[redis.Redis]:
    """A client of an empty server that knows the scripts."""
    with server.client() as one:
        one.flushall()
        for script in (PUBLISH, READ, RENEW):
            assert one.script_load(script.text) in (script.sha, script.sha.encode())
        yield one


@pytest.fixture
def trades(client: redis.Redis) -> Topic:
    """A topic with a long history, of which nothing else is kept."""
    return Topic(client, "trades", "trades:A")


@pytest.fixture
def book(client: redis.Redis) -> Topic:
    """A topic with keyed lists."""
    return Topic(client, "orderbook", "orderbook:A:10")


@pytest.fixture
def bars(client: redis.Redis) -> Topic:
    """A topic of which the last update by key is kept."""
    return Topic(client, "bars", "bars:A:1")


def test_updates_are_numbered_within_one_epoch(trades: Topic) -> None:
    """The first begins an epoch, which the next ones go on with."""
    first, second = trades.publish(), trades.publish()
    assert (first.status, first.seq, first.renewed) == ("OK", 1, "missing")
    assert (second.status, second.seq, second.renewed) == ("OK", 2, "")
    assert first.epoch == second.epoch
    assert len(first.epoch) == 10


def test_what_is_sent_is_what_is_kept(client: redis.Redis, bars: Topic) -> None:
    """A subscriber of the topic's channel, the history and the last tell the same message."""
    with Listening(client, topic_key(bars.address)) as heard:
        published = bars.publish(payload=b'{"a|b":"\xc3\xa9"}', key=7)
        told = heard.next()
    assert told is not None
    message = decode_message("bars", bars.address, told)
    assert message == Message(
        seq=1,
        epoch=published.epoch,
        ts=published.ts,
        tag="A:1",
        publication=Publication("bars", bars.address, "bars.update", b'{"a|b":"\xc3\xa9"}', key=7),
    )
    reading = bars.read()
    assert reading.history == (message,)
    assert reading.last == message
    assert (reading.epoch, reading.seq, reading.tag) == (message.epoch, 1, "A:1")


def test_open_topics_are_listed_by_their_channels(client: redis.Redis, bars: Topic) -> None:
    """`PUBSUB CHANNELS` with our pattern names the addresses of topics that somebody listens to."""
    with Listening(client, topic_key(bars.address), "tapewire:other") as _:
        channels = cast("list[bytes]", execute(client, "PUBSUB", "CHANNELS", TOPIC_PATTERN))
    assert [topic_address(name.decode()) for name in channels] == [bars.address]
    assert topic_address("tapewire:other") is None


def test_retry_is_carried_out_once(trades: Topic) -> None:
    """The same number again changes nothing and tells where the first try went, however many followed."""
    first = trades.publish()
    again = trades.publish(n=1)
    assert (again.status, again.epoch, again.seq, again.ts) == ("DUPLICATE", first.epoch, 1, first.ts)
    trades.publish(n=2)
    trades.publish(n=3)
    late = trades.publish(n=2)
    assert (late.status, late.seq) == ("DUPLICATE", 2)
    assert trades.read().seq == 3


def test_lost_publications_begin_an_epoch(trades: Topic) -> None:
    """A number that does not follow tells that something never came; the history before it is gone."""
    first = trades.publish()
    later = trades.publish(n=3)
    assert (later.status, later.seq, later.renewed) == ("OK", 1, "lost")
    assert later.epoch != first.epoch
    assert [message.tag for message in trades.read().history] == ["A:3"]


def test_a_publisher_that_redis_does_not_know_may_have_lost_some(trades: Topic) -> None:
    """Of a publisher that is not at its first, Redis must know the number before."""
    trades.publish()
    assert trades.publish(by="B").renewed == ""
    assert trades.publish(by="C", n=2).renewed == "lost"
    assert trades.publish(by="B").renewed == ""


def test_flush_begins_an_epoch(client: redis.Redis, trades: Topic) -> None:
    """What Redis does not know any more cannot be gone on with."""
    first = trades.publish()
    client.flushall()
    after = trades.publish()
    assert (after.seq, after.renewed) == (1, "missing")
    assert after.epoch != first.epoch


def test_another_owner_begins_an_epoch(trades: Topic) -> None:
    """Of two that each believe to be the only publisher, the second may not have told all that the first would."""
    assert trades.publish(by="A", exclusive=True).renewed == "missing"
    assert trades.publish(by="A", exclusive=True).renewed == ""
    assert trades.publish(by="B", exclusive=True).renewed == "owner"
    assert trades.publish(by="B", exclusive=True).renewed == ""
    assert trades.publish(by="C").renewed == ""


def test_another_owner_of_what_each_update_says_whole_goes_on(client: redis.Redis) -> None:
    """Where the latest update says everything, nothing is lost with a publisher."""
    quotes = Topic(client, "quotes", "quotes:A")
    quotes.publish(by="A", exclusive=True)
    assert quotes.publish(by="B", exclusive=True).renewed == ""


def test_owner_of_a_topic_that_only_was_read_goes_on(trades: Topic) -> None:
    """An epoch without any update has nothing that could be lost with another owner."""
    epoch = trades.read().epoch
    published = trades.publish(exclusive=True)
    assert (published.epoch, published.seq, published.renewed) == (epoch, 1, "")


def test_history_is_bounded(trades: Topic) -> None:
    """Only so many of the last are kept as the contract says."""
    for _ in range(HISTORY["trades"] + 5):
        trades.publish()
    history = trades.read().history
    assert len(history) == HISTORY["trades"]
    assert [history[0].seq, history[-1].seq] == [6, HISTORY["trades"] + 5]


def test_changes_need_a_beginning(book: Topic) -> None:
    """Changes of nothing are refused until a snapshot came; its number follows all the same."""
    refused = book.publish(changes={"bids": [(1, 1)]})
    assert (refused.status, refused.seq, refused.renewed) == ("NEEDBASE", 0, "missing")
    assert book.publish(n=1, changes={"bids": [(1, 1)]}).status == "NEEDBASE"
    snapshot = book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    assert (snapshot.status, snapshot.epoch, snapshot.seq) == ("OK", refused.epoch, 1)
    assert book.publish(changes={"bids": [(2, 1)]}).status == "OK"


def test_refused_changes_tell_of_the_epoch_that_they_began(client: redis.Redis, book: Topic) -> None:
    """Whoever listens is told at once that what it holds is void, and not when the snapshot comes."""
    book.publish(snapshot=True, changes={})
    with Listening(client, topic_key(book.address)) as heard:
        refused = book.publish(n=5, changes={})
        told = heard.next()
    assert told is not None
    message = decode_message("orderbook", book.address, told)
    assert message == Message(0, refused.epoch, refused.ts, "", None)


def test_keyed_lists_are_what_the_updates_made_of_them(book: Topic) -> None:
    """Values are set, replaced and taken away; numbers that are the same are one key however they are written."""
    book.publish(snapshot=True, changes={"bids": [(100, 1), (99.5, 2), (98, 0)], "asks": [(101, 3)]})
    book.publish(changes={"bids": [(100.0, 0), (99.5, 0.25), (1e-7, 4)], "asks": []})
    state = book.read().state
    assert state is not None
    assert {name: sorted(entries) for name, entries in state.items()} == {
        "bids": [(1e-07, 4.0), (99.5, 0.25)],
        "asks": [(101.0, 3.0)],
    }
    book.publish(snapshot=True, changes={"bids": [], "asks": [(7, 7)]})
    assert book.read().state == {"asks": [(7.0, 7.0)]}


def test_many_entries_at_once(book: Topic) -> None:
    """A list may be larger than what Lua hands over in one call."""
    entries = [(float(key), 1.0) for key in range(1, 12_001)]
    book.publish(snapshot=True, changes={"bids": entries})
    state = book.read().state
    assert state is not None
    assert sorted(state["bids"]) == entries
    book.publish(changes={"bids": [(key, 0) for key, _ in entries]})
    assert book.read().state == {}


def test_evicted_lists_have_to_begin_again(client: redis.Redis, book: Topic) -> None:
    """Lists that Redis has lost are not taken for empty ones."""
    first = book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    client.delete(topic_keys(book.address)[3])
    assert book.read().state is None
    assert book.publish(changes={"bids": [(2, 1)]}).status == "NEEDBASE"
    again = book.publish(snapshot=True, changes={"bids": [(2, 1)]})
    assert (again.epoch, again.seq) == (first.epoch, 2)


@pytest.mark.parametrize(
    ("keys", "last"),
    [
        ((1, 2, 3), 3),
        ((9, 10, 9), 10),
        ((-5, -10, -7), -5),
        ((-1, 1, 0), 1),
        ((2**70, 2**70 - 1), 2**70),
        ((1_700_000_000_000_000_001, 1_700_000_000_000_000_000), 1_700_000_000_000_000_001),
        (("b", "a"), "b"),
        (("é", "z"), "é"),
        (("a", "ab", "a"), "ab"),
        (("b", 1), 1),
        ((5, None), None),
        ((None, 3, 2), 3),
    ],
)
def test_last_is_that_of_the_last_key(
    bars: Topic, keys: tuple[int | str | None, ...], last: int | str | None
) -> None:
    """A correction of what is not the latest any more does not become the last."""
    for key in keys:
        bars.publish(key=key)
    held = bars.read().last
    assert held is not None
    assert held.publication is not None
    assert held.publication.key == last


def test_reader_gets_what_it_missed(trades: Topic) -> None:
    """From a position of this epoch on, with the update that stands there for proof; otherwise all."""
    for _ in range(5):
        trades.publish()
    epoch = trades.read().epoch
    reading = trades.read(epoch, 3)
    assert [message.seq for message in reading.history] == [3, 4, 5]
    missed = reading.since(epoch, 3, "A:3")
    assert missed is not None
    assert [message.seq for message in missed] == [4, 5]
    assert [message.seq for message in trades.read("other", 3).history] == [1, 2, 3, 4, 5]


def test_what_cannot_be_proved_is_not(trades: Topic) -> None:
    """Another epoch, another update of the same number, fewer updates, or a history that begins later."""
    for _ in range(3):
        trades.publish()
    epoch = trades.read().epoch
    assert trades.read(epoch, 3).since(epoch, 3, "A:3") == ()
    assert trades.read(epoch, 3).since(epoch, 3, "B:3") is None
    assert trades.read(epoch, 2).since(epoch, 2, "B:2") is None
    assert trades.read(epoch, 4).since(epoch, 4, "A:4") is None
    assert trades.read("other", 2).since("other", 2, "A:2") is None
    every = trades.read(epoch, 0).since(epoch, 0, "")
    assert every is not None
    assert len(every) == 3
    for _ in range(HISTORY["trades"]):
        trades.publish()
    assert trades.read(epoch, 2).since(epoch, 2, "A:2") is None
    assert trades.read(epoch, 0).since(epoch, 0, "") is None
    assert trades.read(epoch, 4).since(epoch, 4, "A:4") is not None


def test_epoch_is_renewed_once(client: redis.Redis, book: Topic) -> None:
    """Of two that want the same epoch to end, the second finds it ended; all who listen are told."""
    before = book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    with Listening(client, topic_key(book.address)) as heard:
        first, second = book.renew(before.epoch), book.renew(before.epoch)
        told = heard.next()
        assert heard.next(timeout=0.05) is None
    assert first.done
    assert first.epoch != before.epoch
    assert second == Renewed(False, first.epoch, 0)
    assert told is not None
    message = decode_message("orderbook", book.address, told)
    assert (message.seq, message.epoch, message.publication) == (0, first.epoch, None)
    reading = book.read()
    assert (reading.epoch, reading.seq, reading.history, reading.state) == (first.epoch, 0, (), None)
    assert book.publish(changes={"bids": [(2, 1)]}).status == "NEEDBASE"


def test_publishers_of_a_topic_are_bounded(client: redis.Redis, trades: Topic) -> None:
    """The one that was silent for longest is forgotten; it begins an epoch when it comes back."""
    for number in range(MOST_PUBLISHERS + 10):
        trades.publish(by=f"P{number}")
    assert client.hlen(topic_keys(trades.address)[1]) == MOST_PUBLISHERS
    assert trades.publish(by=f"P{MOST_PUBLISHERS}").renewed == ""


def test_nothing_is_kept_for_ever(client: redis.Redis, book: Topic) -> None:
    """Every key of a topic expires, those too that were deleted and made again."""
    book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    book.publish(changes={"bids": [(1, 0)]})
    book.publish(changes={"bids": [(2, 1)]})
    book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    client.delete(topic_keys(book.address)[2])
    book.publish(changes={"bids": [(2, 1)]})
    assert sorted(client.keys()) == sorted(key.encode() for key in topic_keys(book.address))
    assert all(0 < client.ttl(key) <= 100 for key in topic_keys(book.address))


def test_out_of_memory_is_refused_whole(client: redis.Redis, book: Topic) -> None:
    """Where memory is out, nothing of a publication is carried out, and it can be tried again."""
    before = book.publish(snapshot=True, changes={"bids": [(1, 1)]})
    client.config_set("maxmemory", 1)
    try:
        with pytest.raises(redis.exceptions.ResponseError, match="maxmemory"):
            book.publish(n=2, changes={"bids": [(2, 2)]})
        with pytest.raises(redis.exceptions.ResponseError, match="maxmemory"):
            book.publish(n=9, snapshot=True, changes={"bids": [(2, 2)]})
    finally:
        client.config_set("maxmemory", 0)
    reading = book.read()
    assert (reading.epoch, reading.seq, reading.state) == (before.epoch, 1, {"bids": [(1.0, 1.0)]})
    assert book.publish(n=2, changes={"bids": [(2, 2)]}).seq == 2


def test_publishers_name_has_no_bar(trades: Topic) -> None:
    """A name that could not be told from the rest of a message is refused."""
    with pytest.raises(ValueError, match="does not name a publisher"):
        trades.publish(by="a|b")
