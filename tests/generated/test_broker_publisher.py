"""Publishing over a real Valkey, asynchronous and not: positions, batches, what is refused, how it ends."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import tempfile

import pytest
import uvloop

from generated.broker import Publisher, SyncPublisher
from generated.models import Book, Level
from generated.runtime.backoff import Backoff
from generated.runtime.redis_errors import (
    BrokerError,
    BrokerQueueFull,
    BrokerRefused,
    BrokerUnavailable,
    PublicationLost,
    PublisherClosed,
    SnapshotNeeded,
)
from generated.runtime.redis_outgoing import PublishedAt, PublisherOptions
from generated.runtime.redis_protocol import topic_key
from generated.topics import BarsTopic, QuotesTopic
from tests.generated.market import bar
from tests.generated.published import BOOK, QUOTE, TRADES, read, told, trade
from tests.valkey import Listening, ValkeyServer, valkey_server


async def test_each_update_returns_where_it_stands(valkey: ValkeyServer) -> None:
    """Positions count up within one epoch; what Redis has is the payload of the contract."""
    async with Publisher(valkey.url) as publisher:
        first = await publisher.bars_update(BarsTopic("A", "1"), bar(1))
        epoch, seq = await publisher.bars_update(BarsTopic("A", "1"), bar(2))
    assert first == PublishedAt(epoch, 1)
    assert seq == 2
    last = read(valkey, "bars", "bars:A:1").last
    assert last is not None
    assert last.publication is not None
    assert (last.publication.type, last.publication.key) == ("bars.update", bar(2).time)


async def test_many_at_once_share_round_trips(valkey: ValkeyServer) -> None:
    """Awaits that run at the same time leave together, in the order in which they were begun."""
    async with Publisher(valkey.url) as publisher:
        positions = await asyncio.gather(*(publisher.trades_update(TRADES, trade(n)) for n in range(500)))
        assert [seq for _, seq in positions] == list(range(1, 501))
        async with publisher.batch() as batch:
            for n in range(500, 700):
                batch.trades_update(TRADES, trade(n))
    assert told(valkey) == list(range(700))


def test_the_synchronous_twin(valkey: ValkeyServer) -> None:
    """The same methods block, one by one or as a batch."""
    with SyncPublisher(valkey.url) as publisher:
        assert publisher.trades_update(TRADES, trade(0)).seq == 1
        with publisher.batch() as batch:
            for n in range(1, 5):
                batch.trades_update(TRADES, trade(n))
        assert publisher.trades_update(TRADES, trade(5)).seq == 6
    assert told(valkey) == [0, 1, 2, 3, 4, 5]


async def test_threads_share_a_synchronous_publisher(valkey: ValkeyServer) -> None:
    """Each thread's updates arrive, in one epoch."""
    with SyncPublisher(valkey.url) as publisher:

        def work(begin: int) -> set[str]:
            return {publisher.trades_update(TRADES, trade(begin + n)).epoch for n in range(20)}

        epochs = await asyncio.gather(*(asyncio.to_thread(work, begin) for begin in (0, 20, 40)))
    assert len(set().union(*epochs)) == 1
    assert sorted(told(valkey)) == list(range(60))


async def test_a_batch_of_a_block_that_fails_is_not_sent(valkey: ValkeyServer) -> None:
    """What was gathered before an exception stays unsent."""
    async with Publisher(valkey.url) as publisher:

        async def give_up() -> None:
            async with publisher.batch() as batch:
                batch.trades_update(TRADES, trade(1))
                raise RuntimeError("changed my mind")

        with pytest.raises(RuntimeError, match="changed my mind"):
            await give_up()
    assert told(valkey) == []


async def test_a_wrong_model_is_no_hole(valkey: ValkeyServer) -> None:
    """What cannot be encoded is a TypeError before anything is numbered."""
    async with Publisher(valkey.url) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        with pytest.raises(TypeError, match="expected Trade, not Bar"):
            await publisher.trades_update(TRADES, bar(1))  # type: ignore[arg-type]
        assert await publisher.trades_update(TRADES, trade(1)) == PublishedAt(before.epoch, 2)


async def test_a_topic_of_another_channel_is_no_hole(valkey: ValkeyServer) -> None:
    """It is a TypeError before anything is numbered: its subscribers could not read what they were sent."""
    async with Publisher(valkey.url) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        with pytest.raises(TypeError, match="expected BarsTopic, not TradesTopic"):
            await publisher.bars_update(TRADES, bar(1))  # type: ignore[arg-type]
        assert await publisher.trades_update(TRADES, trade(1)) == PublishedAt(before.epoch, 2)
    with SyncPublisher(valkey.url) as one, pytest.raises(TypeError, match="expected BarsTopic, not str"):
        one.bars_update("trades:A", bar(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout_s", -1),
        ("timeout_s", 0),
        ("timeout_s", math.nan),
        ("timeout_s", "5"),
        ("socket_timeout_s", -0.5),
        ("socket_timeout_s", math.inf),
        ("most_waiting_bytes", 0),
        ("ttl_s", 0),
        ("ttl_s", 1.5),
        ("ttl_s", True),
        ("ttl_s", 2**31),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(name: str, value: object) -> None:
    """No publisher is made that could never publish, or whose topics Redis would forget at once."""
    with pytest.raises(ValueError, match=f"^{name}: expected "):
        PublisherOptions(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("bounds", [(-1.0, 1.0), (1.0, -1.0), (math.nan, 1.0)])
def test_a_backoff_waits_for_no_less_than_nothing(bounds: tuple[float, float]) -> None:
    """Bounds that no wait could have are refused."""
    with pytest.raises(ValueError, match=r"^(base|cap): expected a number of seconds from 0"):
        Backoff(*bounds)


def test_by_unix_socket_and_another_event_loop() -> None:
    """The URL may name a unix socket, and the event loop may be uvloop's."""

    async def publish(url: str) -> PublishedAt:
        async with Publisher(url) as publisher:
            return await publisher.trades_update(TRADES, trade(0))

    with tempfile.TemporaryDirectory() as folder, valkey_server("--unixsocket", f"{folder}/socket"):
        assert uvloop.run(publish(f"unix://{folder}/socket")).seq == 1
        with SyncPublisher(f"unix://{folder}/socket") as publisher:
            assert publisher.trades_update(TRADES, trade(1)).seq == 2


async def test_changes_of_nothing_need_a_snapshot(valkey: ValkeyServer) -> None:
    """A book begins with the whole, again after Redis has forgotten it."""
    whole = Book(bids=[Level(price=1, size=1)], asks=[])
    change = Book(bids=[Level(price=1, size=2)], asks=[])
    async with Publisher(valkey.url) as publisher:
        with pytest.raises(SnapshotNeeded, match="orderbook:A:10") as raised:
            await publisher.orderbook_update(BOOK, change)
        assert raised.value.topic == BOOK.address
        first = await publisher.orderbook_update(BOOK, whole, snapshot=True)
        assert await publisher.orderbook_update(BOOK, change) == PublishedAt(first.epoch, 2)
        valkey.flush()
        with pytest.raises(SnapshotNeeded):
            await publisher.orderbook_update(BOOK, change)
        assert (await publisher.orderbook_update(BOOK, whole, snapshot=True)).seq == 1
    assert read(valkey, "orderbook", BOOK.address).state == {"bids": [(1.0, 1.0)]}


async def test_errors_of_a_batch_are_one_with_a_note(valkey: ValkeyServer) -> None:
    """The first error is raised when all were tried."""
    change = Book(bids=[], asks=[])
    async with Publisher(valkey.url) as publisher:

        async def publish() -> None:
            async with publisher.batch() as batch:
                batch.orderbook_update(BOOK, change)
                batch.orderbook_update(BOOK, change)
                batch.trades_update(TRADES, trade(1))

        with pytest.raises(SnapshotNeeded) as raised:
            await publish()
    assert raised.value.__notes__ == ["2 of 3 publications failed; this was the first"]
    assert told(valkey) == [1]


async def test_what_waits_is_bounded(valkey: ValkeyServer) -> None:
    """Over the bound an update is refused, and is no hole: it was never numbered."""
    options = PublisherOptions(timeout_s=30, backoff=Backoff(0.01, 0.05), most_waiting_bytes=1000)
    async with Publisher(valkey.url, options=options) as publisher:
        valkey.pause()
        try:
            tasks = [asyncio.create_task(publisher.trades_update(TRADES, trade(n))) for n in range(20)]
            await asyncio.wait(tasks, timeout=0.05)
        finally:
            valkey.resume()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BrokerQueueFull)]
    taken = [outcome for outcome in outcomes if isinstance(outcome, PublishedAt)]
    assert len(refused) + len(taken) == 20
    assert refused
    assert told(valkey) == list(range(len(taken)))
    assert len({position.epoch for position in taken}) == 1


async def test_closing_waits_for_what_is_under_way(valkey: ValkeyServer) -> None:
    """What was published before the block's end is in Redis after it, though nobody awaited it there."""
    async with Publisher(valkey.url) as publisher:
        task = asyncio.create_task(publisher.trades_update(TRADES, trade(0)))
        await asyncio.sleep(0)
    assert task.done()
    assert (await task).seq == 1
    with pytest.raises(PublisherClosed):
        await publisher.trades_update(TRADES, trade(1))
    with pytest.raises(PublisherClosed):
        SyncPublisher(valkey.url).trades_update(TRADES, trade(1))


async def test_cancelling_a_waiter_keeps_the_rest(valkey: ValkeyServer) -> None:
    """An update whose waiter is gone is carried out, so that those after it leave no hole."""
    async with Publisher(valkey.url) as publisher:
        tasks = [asyncio.create_task(publisher.trades_update(TRADES, trade(n))) for n in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        first, _, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, PublishedAt)
    assert third == PublishedAt(first.epoch, 3)


async def test_who_listens_is_told(valkey: ValkeyServer) -> None:
    """Every update is sent on the topic's own channel."""
    with valkey.client() as client, Listening(client, topic_key("quotes:A")) as heard:
        async with Publisher(valkey.url) as publisher:
            await publisher.quotes_update(QuotesTopic("A"), QUOTE)
        message = heard.next()
    assert message is not None
    assert message.startswith(b"1|")


def test_without_the_package_there_is_a_sentence() -> None:
    """Where `redis` is not installed, importing the publisher says what to install; the rest goes on."""
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "import generated.publisher, generated.runtime.redis_protocol\n"
        "try:\n    import generated.broker\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == 'publishing over the broker needs the package "redis": pip install redis\n'


def test_all_errors_have_one_root() -> None:
    """Whoever catches BrokerError catches everything."""
    kinds = (
        BrokerUnavailable,
        BrokerRefused,
        SnapshotNeeded,
        PublicationLost,
        BrokerQueueFull,
        PublisherClosed,
    )
    assert all(issubclass(kind, BrokerError) for kind in kinds)
