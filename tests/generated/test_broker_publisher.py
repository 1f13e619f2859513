"""Publishing over a real Valkey that is killed, paused, flushed, filled: nothing lost or doubled in silence."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis
import uvloop
from redis.exceptions import NoScriptError

from generated.broker import RULES, Publisher, SyncPublisher
from generated.models import Book, Level, Quote, Trade
from generated.publisher import Publications
from generated.runtime.backoff import Backoff
from generated.runtime.redis_errors import (
    BrokerError,
    BrokerOutOfMemory,
    BrokerQueueFull,
    BrokerRefused,
    BrokerUnavailable,
    PublicationLost,
    PublisherClosed,
    SnapshotNeeded,
)
from generated.runtime.redis_outgoing import Outgoing, PublishedAt, PublisherOptions
from generated.runtime.redis_protocol import Reading, parse_reading, read_command, topic_key
from generated.runtime.redis_scripts import READ
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, TradesTopic
from tests.generated.market import bar
from tests.valkey import Listening, ValkeyServer, execute, valkey_server

TRADES = TradesTopic("A")
QUOTE = Quote(time=5, bid=1, ask=2, bid_size=1, ask_size=1, last=1, change=0)
BOOK = OrderbookTopic("A", "10")
QUICK = PublisherOptions(timeout_s=0.4, socket_timeout_s=0.1, backoff=Backoff(base=0.01, cap=0.05))
PATIENT = PublisherOptions(timeout_s=30.0, socket_timeout_s=0.2, backoff=Backoff(base=0.01, cap=0.05))


def trade(number: int) -> Trade:
    """A trade by its number."""
    return Trade(id=number, price=1, size=1, side="buy", time=number)


def read(server: ValkeyServer, channel: str, address: str) -> Reading:
    """What the server has of a topic."""
    with server.client() as client:
        client.script_load(READ.text)
        return parse_reading(channel, address, execute(client, *read_command(address)))


def told(server: ValkeyServer) -> list[int]:
    """The numbers of the trades in the topic's history."""
    return [
        Trade.model_validate_json(message.publication.payload).id
        for message in read(server, "trades", TRADES.address).history
        if message.publication is not None
    ]


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


def test_by_unix_socket_and_another_event_loop() -> None:
    """The URL may name a unix socket, and the event loop may be uvloop's."""

    async def publish(url: str) -> PublishedAt:
        async with Publisher(url) as publisher:
            return await publisher.trades_update(TRADES, trade(0))

    with tempfile.TemporaryDirectory() as folder, valkey_server("--unixsocket", f"{folder}/socket"):
        assert uvloop.run(publish(f"unix://{folder}/socket")).seq == 1
        with SyncPublisher(f"unix://{folder}/socket") as publisher:
            assert publisher.trades_update(TRADES, trade(1)).seq == 2


class Proxy:
    """Between publisher and server; cuts connections after the request went through and before the answer does."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self.cut_after: int | None = None
        """After how many answers of a server's connection that publishes; None for never."""
        self.cuts = 0
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Its URL."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            self.port = server.sockets[0].getsockname()[1]
            yield f"redis://127.0.0.1:{self.port}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection("127.0.0.1", self._server_port)
        back = asyncio.create_task(self._back(answers, writer))
        try:
            while data := await reader.read(65536):
                requests.write(data)
        except ConnectionError:
            pass
        finally:
            requests.close()
            await back

    async def _back(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        while data := await answers.read(65536):
            count += 1
            if self.cut_after is not None and count > self.cut_after:
                self.cuts += 1
                break
            writer.write(data)
        writer.close()


async def test_a_lost_answer_doubles_nothing(valkey: ValkeyServer) -> None:
    """What Redis has carried out though its answer never came is sent again, and carried out once."""
    proxy = Proxy(valkey.port)
    proxy.cut_after = (
        3  # the first is the script's, and every connection ends with an update whose answer is lost
    )
    async with proxy.running() as url, Publisher(url, options=PATIENT) as publisher:
        positions = [await publisher.trades_update(TRADES, trade(n)) for n in range(20)]
    assert proxy.cuts >= 5
    assert told(valkey) == list(range(20))
    assert positions == [PublishedAt(positions[0].epoch, n + 1) for n in range(20)]


def test_a_lost_answer_doubles_nothing_without_event_loop(valkey: ValkeyServer) -> None:
    """The synchronous twin tries again as well."""
    with SyncPublisher(valkey.url, options=PATIENT) as publisher:
        for n in range(10):
            publisher.trades_update(TRADES, trade(n))
            valkey.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert told(valkey) == list(range(10))


async def test_killed_in_the_middle_and_started_again(valkey: ValkeyServer) -> None:
    """Every update has a position; those before the crash are of another epoch, those after it are all there."""
    async with Publisher(valkey.url, options=PATIENT) as publisher:
        done = [await publisher.trades_update(TRADES, trade(n)) for n in range(50)]
        await valkey.akill()
        under_way = [asyncio.create_task(publisher.trades_update(TRADES, trade(n))) for n in range(50, 100)]
        await asyncio.sleep(0)  # they wait for Redis now
        await valkey.astart()
        done += await asyncio.gather(*under_way)
        done += [await publisher.trades_update(TRADES, trade(n)) for n in range(100, 110)]
    before, after = done[:50], done[50:]
    assert before == [PublishedAt(before[0].epoch, n + 1) for n in range(50)]
    assert after == [PublishedAt(after[0].epoch, n + 1) for n in range(60)]
    assert before[0].epoch != after[0].epoch
    assert told(valkey) == list(range(50, 110))


async def test_flushed_begins_an_epoch(valkey: ValkeyServer) -> None:
    """The publisher goes on, and its next position says that what was there is void."""
    async with Publisher(valkey.url) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        valkey.flush()
        after = await publisher.trades_update(TRADES, trade(1))
    assert after.seq == 1
    assert after.epoch != before.epoch


async def test_scripts_that_were_forgotten_are_handed_over_again(valkey: ValkeyServer) -> None:
    """`SCRIPT FLUSH` costs a round trip and nothing else."""
    async with Publisher(valkey.url, options=PATIENT) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        valkey.command("SCRIPT", "FLUSH")
        assert await publisher.trades_update(TRADES, trade(1)) == PublishedAt(before.epoch, 2)


async def test_paused_server_is_waited_for(valkey: ValkeyServer) -> None:
    """What was sent twice, since the server did not answer in time, is carried out once."""
    async with Publisher(valkey.url, options=PATIENT) as publisher:
        await publisher.trades_update(TRADES, trade(0))
        valkey.pause()
        try:
            late = asyncio.create_task(publisher.trades_update(TRADES, trade(1)))
            await asyncio.wait([late], timeout=0.5)  # longer than a socket may be silent
            assert not late.done()
        finally:
            valkey.resume()
        assert (await late).seq == 2
    assert told(valkey) == [0, 1]


async def test_unreachable_is_said_in_time(valkey: ValkeyServer) -> None:
    """A publication fails when its time is up; the next one tells readers of the hole."""
    async with Publisher(valkey.url, options=QUICK) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        valkey.pause()
        try:
            with pytest.raises(
                BrokerUnavailable, match=f"127.0.0.1:{valkey.port} did not take it within 0.4 s"
            ):
                await asyncio.wait_for(publisher.trades_update(TRADES, trade(1)), 10)
        finally:
            valkey.resume()
        after = await publisher.trades_update(TRADES, trade(2))
    assert after.epoch == before.epoch  # what the paused server had been sent, it carried out
    assert told(valkey) == [0, 1, 2]


async def test_a_publication_that_failed_is_a_hole(valkey: ValkeyServer) -> None:
    """What never reached Redis is not passed over: the next update of the topic begins an epoch."""
    async with Publisher(valkey.url, options=QUICK) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        valkey.limit_memory(1)
        with pytest.raises(BrokerOutOfMemory, match="out of memory"):
            await publisher.trades_update(TRADES, trade(1))
        valkey.limit_memory(0)
        after = await publisher.trades_update(TRADES, trade(2))
    assert after.epoch != before.epoch
    assert told(valkey) == [2]


def test_out_of_memory_is_said_without_event_loop(valkey: ValkeyServer) -> None:
    """The synchronous twin names the reason too."""
    with SyncPublisher(valkey.url, options=QUICK) as publisher:
        valkey.limit_memory(1)
        with pytest.raises(BrokerOutOfMemory, match="out of memory"):
            publisher.trades_update(TRADES, trade(1))


async def test_out_of_memory_for_a_moment_is_waited_out(valkey: ValkeyServer) -> None:
    """While there is time, nothing fails."""
    async with Publisher(valkey.url, options=PATIENT) as publisher:
        before = await publisher.trades_update(TRADES, trade(0))
        valkey.limit_memory(1)
        late = asyncio.create_task(publisher.trades_update(TRADES, trade(1)))
        await asyncio.wait([late], timeout=0.1)
        assert not late.done()
        valkey.limit_memory(0)
        assert await late == PublishedAt(before.epoch, 2)


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


async def test_wrong_password_is_refused_at_once() -> None:
    """What will not pass is not tried again, and neither password nor name is in what is said."""
    with valkey_server("--requirepass", "secret") as server:
        right = server.url.replace("redis://", "redis://:secret@")
        wrong = server.url.replace("redis://", "redis://me:wrong@")
        with pytest.raises(BrokerRefused) as raised:
            await Publisher(wrong).open()
        assert "wrong" not in str(raised.value).replace("WRONGPASS", "")
        with pytest.raises(BrokerRefused), SyncPublisher(server.url):
            pass
        async with Publisher(right) as publisher:
            assert (await publisher.trades_update(TRADES, trade(0))).seq == 1
            with redis.Redis.from_url(right) as client:
                execute(client, "ACL", "SETUSER", "default", "-evalsha")
            with pytest.raises(BrokerRefused, match="no permissions"):
                await asyncio.wait_for(publisher.trades_update(TRADES, trade(1)), 5)


async def test_nobody_there() -> None:
    """Opening fails when its time is up, and says where it looked."""
    with valkey_server() as server:
        url, where = server.url, f"127.0.0.1:{server.port}"
    with pytest.raises(BrokerUnavailable, match=where):
        await Publisher(url, options=QUICK).open()
    with pytest.raises(BrokerUnavailable, match=where):
        SyncPublisher(url, options=QUICK).open()


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


async def test_giving_up_does_not_wait_for_redis(valkey: ValkeyServer) -> None:
    """A block that is cancelled ends soon, though Redis does not answer; what was under way fails."""
    tasks: list[asyncio.Task[PublishedAt]] = []
    under_way = asyncio.Event()

    async def work() -> None:
        async with Publisher(valkey.url, options=PATIENT) as publisher:
            tasks.append(asyncio.create_task(publisher.trades_update(TRADES, trade(0))))
            under_way.set()
            await asyncio.Event().wait()

    working = asyncio.create_task(work())
    await under_way.wait()
    valkey.pause()
    try:
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(working, 5)
        with pytest.raises(PublisherClosed):
            await tasks[0]
    finally:
        valkey.resume()


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


def test_an_update_that_was_overtaken_is_lost() -> None:
    """Where a later update of the topic went through, trying again would be taken for a duplicate: it is said."""
    outgoing = Outgoing("redis://h", RULES, PublisherOptions())
    entries = [outgoing.entry(Publications.trades_update(TRADES, trade(n))) for n in range(3)]
    again = outgoing.judge(entries, [NoScriptError("gone"), b"OK|e|1|5|lost", NoScriptError("gone")])
    assert again == [entries[2]]
    assert isinstance(entries[0].outcome, PublicationLost)
    assert entries[1].outcome == PublishedAt("e", 1)


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
