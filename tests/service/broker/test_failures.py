"""What becomes of clients when the broker is lost, paused, slow, restarted, flushed, full, or another than before."""

from __future__ import annotations

import logging
import re

import httpx
import pytest

from generated.runtime.backoff import Backoff, Retry
from generated.runtime.redis_protocol import topic_key
from service.broker import writable
from tests.clients.proxy import proxy
from tests.service.broker.nodes import (
    TIMEOUT,
    TRADES,
    Tape,
    available,
    broker,
    comes,
    following,
    node,
    status,
    unavailable,
)
from tests.service.metrics.asked import scrape
from tests.service.running import Running, eventually, service
from tests.valkey import ValkeyServer, valkey_server

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
"""A server that has after a crash all that it had before."""


async def _health(running: Running) -> httpx.Response:
    async with httpx.AsyncClient(base_url=running.url) as client:
        return await client.get("/api/v1/health/ready")


def _reached(server: ValkeyServer) -> object:
    """The number of the last trade that a server has."""
    return server.command("HGET", topic_key(TRADES.address), "seq")


async def test_a_broker_that_is_lost_costs_no_connection_and_its_topics_are_reset(
    valkey: ValkeyServer,
) -> None:
    """Clients stay, health says so, new topics are refused for now; an empty broker that comes back resets aloud."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two, following(one, two) as followers:
        tape.print(one, 3)
        for follower in followers:
            await follower.reaches(3)
        await valkey.akill()
        for running in (one, two):
            lost = await comes(running, "down")
            assert lost.reason
            assert (await _health(running)).status_code == 503
        assert "cannot be reached" in await unavailable(two, "MSFT")
        tape.print(one, 3)
        await valkey.astart()
        for running in (one, two):
            back = await comes(running, "up")
            assert back.reconnects == 1
            assert (await _health(running)).status_code == 200
        tape.print(one)
        for follower in followers:
            await follower.reaches(7)
            assert follower.holes
            assert {hole.reason for hole in follower.holes} == {"reset"}
        assert status(one).resets >= 1
        assert status(one).dropped == status(one).queued == 0
        await available(two, "MSFT")


async def test_a_broker_that_kept_everything_leaves_no_hole(valkey: ValkeyServer) -> None:
    """A server that is killed and has all it had when it comes back: nothing is missing, nothing is told."""
    tape = Tape()
    with valkey_server(*DURABLE) as durable:
        async with node(durable.url) as one, node(durable.url) as two, following(one, two) as followers:
            tape.print(one, 5)
            await followers[1].reaches(5)
            await durable.akill()
            await comes(one, "down")
            await comes(two, "down")
            tape.print(one, 5)
            await durable.astart()
            for follower in followers:
                await follower.reaches(10)
                assert follower.log == list(range(1, 11))
            assert status(one).resets == status(two).resets == 0


async def test_a_broker_that_stands_still_is_waited_for(valkey: ValkeyServer) -> None:
    """A server that answers nothing counts as lost after the timeout; when it goes on, nothing is lost or doubled."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two, following(one, two) as followers:
        tape.print(one, 5)
        await followers[1].reaches(5)
        valkey.pause()
        # On its way when the server stands still: whether that has been carried out, nobody can know.
        tape.print(one, 5)
        for running in (one, two):
            await comes(running, "down")
        tape.print(one, 5)
        valkey.resume()
        for follower in followers:
            await follower.reaches(15)
            assert follower.log == list(range(1, 16))
        await comes(one, "up")
        assert status(one).resets == 0


async def test_a_broker_that_is_slow_is_said_to_be(valkey: ValkeyServer) -> None:
    """A round trip that takes long shows as lag, and degrades; no client notices but by the delay."""
    tape = Tape()
    async with proxy(valkey.port) as line:
        url = f"redis://127.0.0.1:{line.port}"
        async with node(url, broker_timeout=20.0) as one, following(one) as followers:
            assert status(one).lag_ms is not None or await comes(one, "up")
            line.stall()
            tape.print(one, 2)
            slow = await comes(one, "degraded")
            assert slow.reason == "it is slow"
            assert slow.lag_ms is not None
            assert slow.lag_ms > 500
            line.resume()
            await comes(one, "up")
            await followers[0].reaches(2)
            assert followers[0].log == [1, 2]


async def test_a_broker_that_is_flushed_resets_its_topics(valkey: ValkeyServer) -> None:
    """With everything gone the next update begins an epoch, which subscribers are told, and no update is missing."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two, following(one, two) as followers:
        tape.print(one, 3)
        await followers[1].reaches(3)
        valkey.flush()
        tape.print(one, 3)
        for follower in followers:
            await follower.reaches(6)
            assert follower.ids == [1, 2, 3, 4, 5, 6]
            assert [hole.reason for hole in follower.holes] == ["reset"]
        assert status(one).state == "up"


async def test_a_topic_that_says_nothing_is_found_to_be_lost(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks now and then whether a quiet topic is still there resets it when it is not."""
    monkeypatch.setattr("service.broker.redis._CHECK", 0.1)
    tape = Tape()
    async with node(valkey.url) as one, following(one) as followers:
        tape.print(one)
        await followers[0].reaches(1)
        valkey.flush()
        await eventually(lambda: bool(followers[0].holes))
        assert status(one).resets == 1


async def test_a_broker_without_memory_is_waited_for(valkey: ValkeyServer) -> None:
    """What it refuses for want of memory waits and is taken later, in order; meanwhile health says why."""
    tape = Tape()
    async with node(valkey.url) as one, following(one) as followers:
        tape.print(one, 2)
        await followers[0].reaches(2)
        valkey.limit_memory(1)
        tape.print(one, 3)
        full = await comes(one, "degraded")
        assert "memory" in full.reason
        assert status(one).queued > 0
        valkey.limit_memory(0)
        await followers[0].reaches(5)
        assert followers[0].log == [1, 2, 3, 4, 5]
        await comes(one, "up")
        assert status(one).queued == 0


async def test_a_full_broker_is_noticed_by_who_only_follows(valkey: ValkeyServer) -> None:
    """Nobody publishes here: health, metrics and clients say all the same that it is full, in words of ours."""
    tape = Tape()
    async with node(valkey.url) as one, node(valkey.url) as two, following(one) as followers:
        tape.print(one, 2)
        await followers[0].reaches(2)
        valkey.limit_memory(1)
        full = await comes(two, "degraded")
        assert full.full
        health = await _health(two)
        assert [reason["code"] for reason in health.json()["reasons"]] == ["broker_out_of_memory"]
        scraped = await scrape(two)
        assert scraped["tapewire_unwell", {"reason": "broker_out_of_memory"}] == 1
        assert scraped["tapewire_broker_state", {"state": "degraded"}] == 1
        told = await unavailable(two, "MSFT")
        assert "out of memory" in told
        assert not {"maxmemory", "script", "OOM"} & set(re.findall(r"\w+", told))
        # What the broker has can be read.
        await available(two, TRADES.symbol)
        valkey.limit_memory(0)
        await comes(two, "up")
        await available(two, "MSFT")


async def test_a_topic_that_is_refused_says_at_once_that_the_broker_is_full(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever cannot open a topic knows, without waiting for the next try to write."""
    monkeypatch.setattr(writable, "_PERIOD", 3600.0)
    async with node(valkey.url) as one:
        valkey.limit_memory(1)
        await unavailable(one, "MSFT")
        assert status(one).full


async def test_topics_that_are_reset_together_are_one_line(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """How many there were, and not a line each; the line about the broker says how many had to be proven."""
    caplog.set_level("INFO", "service")
    async with node(valkey.url) as one, one.client() as client:
        for symbol in ("AAPL", "MSFT", "NVDA"):
            await client.ask({"type": "trades.subscribe", "payload": {"symbol": symbol}})
        caplog.clear()
        await valkey.akill()
        await comes(one, "down")
        await valkey.astart()
        await comes(one, "up")
        await eventually(lambda: status(one).resets >= 3)
        broker(one)._resets.tell()
    told = [record.getMessage() for record in caplog.records]
    waves = [line for line in told if line.startswith("topics reset")]
    assert [line.split(" ")[2] for line in waves] == ["topics=3"]
    assert any(line.startswith("the broker serves topics=3 to_prove=3") for line in told)
    assert any("state=down" in line and "--broker" in line for line in told)


async def test_what_is_too_much_to_wait_is_dropped_and_declared(valkey: ValkeyServer) -> None:
    """A queue in bytes: beyond, publications are dropped and counted, and the topic is reset aloud where they were."""
    tape = Tape()
    with valkey_server(*DURABLE) as durable:
        async with (
            node(durable.url, broker_queue_bytes=65_536) as one,
            following(one) as followers,
        ):
            tape.print(one, 2)
            await followers[0].reaches(2)
            await durable.akill()
            await comes(one, "down")
            tape.print(one, 1000)
            assert status(one).queued <= 65_536
            dropped = status(one).dropped
            assert 0 < dropped < 1000
            await durable.astart()
            await followers[0].reaches(1002 - dropped)
            assert not followers[0].holes
            tape.print(one)
            await followers[0].reaches(1003)
            assert [hole.reason for hole in followers[0].holes] == ["reset"]


async def test_a_replica_that_was_behind_does_not_pass_for_the_primary(valkey: ValkeyServer) -> None:
    """After a failover to a server that misses updates which clients have seen, their topic is reset aloud."""
    tape = Tape()
    with valkey_server("--replicaof", f"127.0.0.1 {valkey.port}") as other:
        async with (
            proxy(valkey.port) as line,
            node(f"redis://127.0.0.1:{line.port}") as one,
            node(f"redis://127.0.0.1:{line.port}") as two,
            following(one, two) as followers,
        ):
            tape.print(one, 5)
            await followers[1].reaches(5)
            await eventually(lambda: _reached(other) == b"5")
            other.command("REPLICAOF", "NO", "ONE")
            tape.print(one, 3)
            for follower in followers:
                await follower.reaches(8)
            before = broker(two)._replicas[topic_key(TRADES.address).encode()].epoch
            line.target = other.port
            line.cut()
            for follower in followers:
                await eventually(lambda follower=follower: bool(follower.holes))  # type: ignore[misc]
                assert follower.ids == [1, 2, 3, 4, 5, 6, 7, 8]
            for running in (one, two):
                await comes(running, "up")
            tape.print(two, 2)
            for follower in followers:
                await follower.reaches(10)
            assert broker(two)._replicas[topic_key(TRADES.address).encode()].epoch != before


async def test_a_replica_that_has_everything_takes_over_unnoticed(valkey: ValkeyServer) -> None:
    """After a failover to a server that has all there was, topics go on; the old one, now a replica, is left."""
    tape = Tape()
    with valkey_server("--replicaof", f"127.0.0.1 {valkey.port}") as other:
        async with (
            proxy(valkey.port) as line,
            node(f"redis://127.0.0.1:{line.port}") as one,
            following(one) as followers,
        ):
            tape.print(one, 5)
            await followers[0].reaches(5)
            await eventually(lambda: _reached(other) == b"5")
            other.command("REPLICAOF", "NO", "ONE")
            line.target = other.port
            # Connections to it stay: that it takes nothing any more is seen when something is published.
            valkey.command("REPLICAOF", "127.0.0.1", other.port)
            tape.print(one, 5)
            await followers[0].reaches(10)
            assert followers[0].log == list(range(1, 11))
            assert status(one).reconnects >= 1
            assert status(one).resets == 0


async def test_a_broker_that_is_a_replica_is_down_until_it_is_promoted(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said to be down once, tried with growing pauses, and served by itself when it takes writes again."""
    caplog.set_level("INFO", "service")
    in_vain: list[int] = []

    class Recorded(Retry):
        def wait(self, at_least: float = 0.0) -> float:
            in_vain.append(self.attempts)
            return super().wait(at_least)

    monkeypatch.setattr("service.broker.redis.Retry", Recorded)
    monkeypatch.setattr("service.broker.redis._BACKOFF", Backoff(base=0.05, cap=0.2))
    tape = Tape()
    async with node(valkey.url) as one, following(one) as followers:
        tape.print(one, 2)
        await followers[0].reaches(2)
        caplog.clear()
        valkey.command("REPLICAOF", "127.0.0.1", valkey.port)
        tape.print(one, 2)
        assert "replica" in (await comes(one, "down")).reason
        await eventually(lambda: len(in_vain) >= 5)
        assert in_vain[:5] == [0, 1, 2, 3, 4]
        states = [text for text in map(logging.LogRecord.getMessage, caplog.records) if " state=" in text]
        assert len(states) == 1, states
        assert (await _health(one)).status_code == 503
        valkey.command("REPLICAOF", "NO", "ONE")
        await comes(one, "up")
        await followers[0].reaches(4)


async def test_a_broker_that_is_full_from_the_beginning_is_served_as_such(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A node that starts meanwhile is never said to be well."""
    caplog.set_level("INFO", "service")
    valkey.limit_memory(1)
    async with service(broker=valkey.url, broker_timeout=TIMEOUT, drain_window=0.05) as one:
        assert (await comes(one, "degraded")).full
        assert not [record for record in caplog.records if "state=up" in record.getMessage()]
        valkey.limit_memory(0)
        await comes(one, "up")
