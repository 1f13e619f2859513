"""Publishing over a Valkey that is killed, paused, flushed, filled: nothing is lost or doubled in silence."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis
from redis.exceptions import NoScriptError

from generated.broker import RULES, Publisher, SyncPublisher
from generated.publisher import Publications
from generated.runtime import redis_outgoing
from generated.runtime.redis_errors import (
    BrokerOutOfMemory,
    BrokerRefused,
    BrokerUnavailable,
    PublicationLost,
    PublisherClosed,
)
from generated.runtime.redis_outgoing import Outgoing, PublishedAt, PublisherOptions
from generated.topics import TradesTopic
from tests.generated.published import PATIENT, QUICK, TRADES, told, trade
from tests.valkey import ValkeyServer, execute, valkey_server


@pytest.mark.parametrize("kind", [Publisher, SyncPublisher])
@pytest.mark.parametrize(
    "url",
    ["redis://:s3cr#t@127.0.0.1:17463/0", "redis//:s3cr@h", "redis://:s3cr@h:99999", "redis://:s3cr@h/zero"],
)
def test_a_url_that_cannot_be_read_is_not_repeated(kind: type[Publisher | SyncPublisher], url: str) -> None:
    """What of it is the password is not known then; the error says how to write one."""
    with pytest.raises(ValueError, match=r"# is %23|begins with one of") as raised:
        kind(url)
    assert "s3cr" not in "".join(traceback.format_exception(raised.value))


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


def test_an_update_that_was_overtaken_is_lost() -> None:
    """Where a later update of the topic went through, trying again would be taken for a duplicate: it is said."""
    outgoing = Outgoing("redis://h", RULES, PublisherOptions())
    entries = [outgoing.entry(Publications.trades_update(TRADES, trade(n))) for n in range(3)]
    again = outgoing.judge(entries, [NoScriptError("gone"), b"OK|e|1|5|lost", NoScriptError("gone")])
    assert again == [entries[2]]
    assert isinstance(entries[0].outcome, PublicationLost)
    assert entries[1].outcome == PublishedAt("e", 1)


def test_numbers_that_were_forgotten_begin_an_epoch(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publisher keeps numbers of so many topics; an update after they were forgotten is told, and begins anew."""
    monkeypatch.setattr(redis_outgoing, "_MOST_TOPICS", 2)
    with SyncPublisher(valkey.url) as publisher:
        first = publisher.trades_update(TRADES, trade(1))
        for symbol in ("B", "C"):
            publisher.trades_update(TradesTopic(symbol), trade(1))
        again = publisher.trades_update(TRADES, trade(2))
        assert (again.seq, publisher.trades_update(TRADES, trade(3)).seq) == (1, 2)
        assert again.epoch != first.epoch
