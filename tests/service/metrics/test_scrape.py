"""What `/metrics` tells of a service that works: each number after something that changes it, and no more series."""

from __future__ import annotations

import asyncio
import json
import math
import time

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

from generated.constants import CloseCode
from generated.models import Trade
from generated.topics import TradesTopic
from service.broker import BrokerStatus, MemoryBroker
from service.metrics.scrape import Scrape, Told, joined
from tests.frames import TEXT, frame
from tests.service.metrics.asked import Scraped, get, read, scrape
from tests.service.raw import raw
from tests.service.running import AAPL, Client, Running, eventually, service

FRAME_OF_PING = len(frame(TEXT, json.dumps({"type": "ping"}).encode()))


def closes(scraped: Scraped, code: int | str, by: str = "server") -> float:
    """How many connections ended so."""
    return scraped["tapewire_connections_closed_total", {"code": str(code), "by": by}]


async def fan_out(running: Running, clients: list[Client], times: int) -> None:
    """Publish so often, each in a turn of its own, and see everybody have it."""
    for number in range(times):
        running.publish(float(number))
        for client in clients:
            assert (await client.receive())["type"] == "bars.update"


def publish_trade(running: Running, number: int) -> None:
    """One trade of AAPL's; none of them may be folded."""
    trade = Trade(id=number, price=1.0, size=1.0, side="buy", time=number)
    running.publisher.trades_update(TradesTopic("AAPL"), trade)


async def test_connections_subscriptions_and_topics_are_told_as_they_are() -> None:
    """Gauges follow what is there: connections, topics and subscriptions by channel."""
    async with service(connections=77, topic_grace=0) as running:
        async with running.client() as one, running.client() as other:
            await one.subscribe()
            await one.subscribe(symbol="MSFT")
            await other.subscribe()
            await other.ask({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}})
            scraped = await scrape(running)
            assert scraped["tapewire_connections", {"state": "open"}] == 2
            assert scraped["tapewire_connections_limit"] == 77
            assert scraped["tapewire_topics", {"channel": "bars"}] == 2
            assert scraped["tapewire_subscriptions", {"channel": "bars"}] == 3
            assert scraped["tapewire_subscriptions", {"channel": "trades"}] == 1
            assert scraped["tapewire_subscriptions", {"channel": "quotes"}] == 0
        await eventually(lambda: len(running.connections) == 0)
        scraped = await scrape(running)
        assert scraped["tapewire_connections", {"state": "open"}] == 0
        assert scraped["tapewire_topics", {"channel": "bars"}] == 0
        assert scraped["tapewire_connections_opened_total"] == 2


async def test_each_update_counts_once_as_published_and_once_for_each_subscriber() -> None:
    """Publications, deliveries, turns, bytes and the histogram of times agree with what clients have read."""
    async with service() as running, running.client() as one, running.client() as other:
        running.publish(0.5, symbol="NOBODY")
        await one.subscribe()
        await other.subscribe()
        before = await scrape(running)
        await fan_out(running, [one, other], 16)
        scraped = await scrape(running)
        assert scraped["tapewire_publications_total", {"channel": "bars"}] == 17
        assert scraped["tapewire_deliveries_total", {"channel": "bars"}] == 32
        assert scraped["tapewire_turns_total"] == 16
        # One turn in eight is timed, each with two deliveries.
        assert scraped["tapewire_publish_to_write_seconds_count"] == 4
        assert 0 < scraped["tapewire_publish_to_write_seconds_sum"] < 10
        sent = scraped["tapewire_sent_bytes_total"] - before["tapewire_sent_bytes_total"]
        assert 32 * 150 < sent < 32 * 400
    async with service(topic_grace=0) as running:
        async with running.client() as client:
            await client.subscribe()
            await fan_out(running, [client], 3)
        await eventually(lambda: not running.hub.topics)
        scraped = await scrape(running)
        assert scraped["tapewire_publications_total", {"channel": "bars"}] == 3
        assert scraped["tapewire_deliveries_total", {"channel": "bars"}] == 3


async def test_bytes_are_those_of_the_wire() -> None:
    """What a client sends and is sent counts as many bytes as it reads and writes."""
    async with service() as running, raw(running.url) as client:
        client.send({"type": "ping"})
        await client.message()
        before = await scrape(running)
        client.send({"type": "ping"})
        opcode, answer = await client.receive()
        assert opcode == TEXT
        scraped = await scrape(running)
        received = scraped["tapewire_received_bytes_total"] - before["tapewire_received_bytes_total"]
        sent = scraped["tapewire_sent_bytes_total"] - before["tapewire_sent_bytes_total"]
        assert (received, sent) == (FRAME_OF_PING, len(answer) + 2)


async def test_messages_count_by_types_of_the_contract_and_by_what_is_wrong_with_them() -> None:
    """Types that clients make up are one series; each refusal counts by its code, rate limits too."""
    async with service(messages_per_second=0.001, message_burst=8) as running, running.client() as client:
        said: list[object] = [
            {"type": "ping"},
            {"type": "bars.subscribe", "payload": AAPL},
            {"type": "bars.subscribe", "payload": {"symbol": 5}},
            {"type": "made-up"},
            {"type": "made-up-too"},
            "no JSON",
            b"binary",
            [],
            {"type": "ping"},
        ]
        for message in said:
            await client.ask(message)
        scraped = await scrape(running)
        received = {
            dict(labels)["type"]: value
            for (name, labels), value in scraped.series.items()
            if name == "tapewire_messages_received_total" and value
        }
        assert received == {"ping": 2, "bars.subscribe": 2, "other": 5}
        refused = {
            dict(labels)["code"]: value
            for (name, labels), value in scraped.series.items()
            if name == "tapewire_messages_refused_total" and value
        }
        assert refused == {
            "bad_payload": 1,
            "unknown_type": 2,
            "bad_json": 1,
            "bad_frame": 1,
            "bad_envelope": 1,
            "rate_limited": 1,
        }


async def test_every_end_counts_by_its_code_and_by_who_brought_it_about() -> None:
    """Codes of the service's own; a client's code counts as the client's, one that it made up as `other`."""
    async with service(
        connections_per_address=2,
        max_errors=2,
        max_message_bytes=2048,
        message_burst=5,
        messages_per_second=0.01,
    ) as running:
        async with running.client(), running.client(), running.client() as third:
            assert (await third.closed())[0] == CloseCode.CONNECTION_LIMIT
        for code in (1000, 3456, 4321):
            async with running.client() as client:
                await client.socket.close(code)
        async with raw(running.url) as gone:
            gone.writer.transport.abort()
        async with running.client() as client:
            for _ in range(3):
                await client.ask("no JSON")
            assert (await client.closed())[0] == CloseCode.TOO_MANY_ERRORS
        async with running.client() as client:
            for _ in range(15):
                await client.send({"type": "ping"})
            assert (await client.closed())[0] == CloseCode.RATE_LIMITED
        async with running.client() as client:
            await client.send("x" * 3000)
            assert (await client.closed())[0] == CloseCode.TOO_BIG
        async with running.client() as client:
            await client.socket.send(b"\xff\xfe", text=True)
            assert (await client.closed())[0] == CloseCode.BAD_UTF8
        await eventually(lambda: len(running.connections) == 0)
        scraped = await scrape(running)
        for code in (
            CloseCode.CONNECTION_LIMIT,
            CloseCode.TOO_MANY_ERRORS,
            CloseCode.RATE_LIMITED,
            CloseCode.TOO_BIG,
            CloseCode.BAD_UTF8,
        ):
            assert closes(scraped, code) == 1, code
        assert closes(scraped, 1000, "client") == 3
        assert closes(scraped, "other", "client") == 2
        ended = sum(
            value
            for (name, _), value in scraped.series.items()
            if name == "tapewire_connections_closed_total"
        )
        assert ended == scraped["tapewire_connections_opened_total"] == 11


async def test_silence_and_age_count_by_their_codes() -> None:
    """4002 and 4001 are counted like all others."""
    async with service(heartbeat_interval=0.05) as running, running.client() as client:
        assert (await client.closed())[0] == CloseCode.HEARTBEAT_MISSED
        await eventually(lambda: len(running.connections) == 0)
        assert closes(await scrape(running), CloseCode.HEARTBEAT_MISSED) == 1
    async with service(lifespan=0.05) as running, running.client() as client:
        assert (await client.closed())[0] == CloseCode.LIFESPAN_OVER
        await eventually(lambda: len(running.connections) == 0)
        assert closes(await scrape(running), CloseCode.LIFESPAN_OVER) == 1


async def test_a_slow_reader_is_told_of_while_it_is_slow() -> None:
    """Who does not read is behind, what waits is queued, what is folded is conflated; each delivery has its fate."""
    async with (
        service(outbox_bytes=262_144, send_buffer=8192) as running,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe()
        await slow.subscribe_to("trades")
        slow.stop_reading()
        [connection] = running.connections
        number = 0
        while connection.outbox.waiting < 260_000:
            number += 1
            publish_trade(running, number)
            await asyncio.sleep(0)
        for close in range(1000):
            running.publish(float(close))
            if close % 10 == 0:
                await asyncio.sleep(0)
        scraped = await scrape(running)
        assert scraped["tapewire_clients_behind"] == 1
        assert 100_000 < scraped["tapewire_queued_bytes"] < 450_000
        slow.go_on_reading()
        bars, seq = 0, 0
        while seq < 1000:
            message = await slow.message()
            if message["type"] == "bars.update":
                bars, seq = bars + 1, message["seq"]
        await eventually(lambda: not connection.behind)
        scraped = await scrape(running)
        assert scraped["tapewire_clients_behind"] == 0
        assert scraped["tapewire_queued_bytes"] == 0
        conflated = scraped["tapewire_updates_conflated_total", {"channel": "bars"}]
        assert conflated > 500
        assert bars + conflated == scraped["tapewire_deliveries_total", {"channel": "bars"}] == 1000
        assert scraped["tapewire_updates_conflated_total", {"channel": "trades"}] == 0


async def test_who_is_closed_for_being_slow_counts_with_what_it_lost() -> None:
    """4004, and the deliveries that were thrown away for it."""
    async with (
        service(outbox_bytes=4096, outbox_patience=0.001, send_buffer=8192) as running,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe_to("trades")
        [connection] = running.connections
        number = 0
        while connection.ended_with is None:
            number += 1
            publish_trade(running, number)
            await asyncio.sleep(0)
        connection.cut()
        await eventually(lambda: len(running.connections) == 0)
        scraped = await scrape(running)
        assert closes(scraped, CloseCode.SLOW_CONSUMER) == 1
        assert scraped["tapewire_updates_dropped_total", {"channel": "trades", "reason": "slow"}] > 10
        assert scraped["tapewire_updates_conflated_total", {"channel": "trades"}] == 0


async def test_what_waits_for_a_client_that_is_gone_counts_as_dropped() -> None:
    """Deliveries that can reach nobody any more are not lost from the numbers."""
    async with (
        service(outbox_bytes=2**20, send_buffer=8192) as running,
        raw(running.url, receive_buffer=4096) as slow,
    ):
        await slow.subscribe()
        [connection] = running.connections
        while connection.outbox.waiting < 20_000:
            running.publish(1.0)
            await asyncio.sleep(0)
        connection.cut()
        await eventually(lambda: len(running.connections) == 0)
        scraped = await scrape(running)
        assert scraped["tapewire_updates_dropped_total", {"channel": "bars", "reason": "gone"}] > 50
        assert closes(scraped, 1006, "client") == 1


async def test_recoveries_count_by_whether_all_could_be_told() -> None:
    """Who comes back and missed nothing is told from who has a hole."""
    async with service() as running, running.client() as client:
        joined = await client.subscribe()
        recover = {"epoch": joined["epoch"], "seq": joined["seq"]}
        await client.ask({"type": "bars.subscribe", "payload": AAPL, "recover": recover})
        await client.ask({"type": "bars.subscribe", "payload": AAPL, "recover": {"epoch": "old", "seq": 5}})
        scraped = await scrape(running)
        assert scraped["tapewire_recoveries_total", {"outcome": "complete"}] == 1
        assert scraped["tapewire_recoveries_total", {"outcome": "hole"}] == 1


async def test_series_do_not_grow_with_clients_topics_or_what_they_say() -> None:
    """Fifty clients on two hundred topics, made-up types and close codes: as many series as before."""
    async with service() as running:
        async with running.client() as first:
            await first.socket.close(4999)
        await eventually(lambda: len(running.connections) == 0)
        before = await scrape(running)
        for batch in range(5):
            clients = [running.client() for _ in range(10)]
            opened = await asyncio.gather(*(client.__aenter__() for client in clients))
            for number, client in enumerate(opened):
                for topic in range(4):
                    await client.subscribe(symbol=f"S{batch}-{number}-{topic}")
                await client.ask({"type": f"made-up-{batch}-{number}"})
            for number, client in enumerate(opened):
                await client.socket.close(4900 + batch * 10 + number)
            await asyncio.gather(*(client.__aexit__(None, None, None) for client in clients))
        scraped = await scrape(running)
        assert scraped["tapewire_topics", {"channel": "bars"}] == 200
        assert scraped["tapewire_messages_received_total", {"type": "other"}] == 50
        assert set(scraped.series) == set(before.series)


async def test_the_loops_lag_is_measured() -> None:
    """A turn that holds everybody up shows in the last look and in the histogram."""
    async with service() as running:
        lag = running.app.state.monitor.sources.lag
        await eventually(lambda: sum(lag.histogram.counts) > 0)
        looks = sum(lag.histogram.counts)
        time.sleep(0.4)  # noqa: ASYNC251, holding up the loop is what is being tested
        await eventually(lambda: sum(lag.histogram.counts) > looks)
        scraped = await scrape(running)
        assert scraped["tapewire_event_loop_lag_seconds_sum"] > 0.1
        assert scraped["tapewire_event_loop_lag_seconds_count"] >= 1


async def test_both_formats_are_what_prometheus_reads() -> None:
    """Text by default, OpenMetrics for who asks for it, each read back by the library's strict parsers."""
    async with service() as running, running.client() as client:
        await client.subscribe()
        await fan_out(running, [client], 3)
        text = await get(running, "/metrics")
        assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
        plain = read(text.text)
        wanted = "application/openmetrics-text; version=1.0.0"
        answer = await get(running, "/metrics", accept=f"{wanted},text/plain;q=0.5")
        assert answer.headers["content-type"].startswith(wanted)
        families = {family.name: family for family in read_openmetrics(answer.text)}  # type: ignore[no-untyped-call]
        assert set(families) == set(plain.families)
        for family in families.values():
            assert family.documentation
            assert family.name.startswith(("tapewire_", "process_", "python_"))


async def test_names_follow_prometheus() -> None:
    """Base units, `_total` on what only grows and on nothing else, no label that is a name's part."""
    async with service() as running:
        scraped = await scrape(running)
        for family in scraped.families.values():
            samples = {sample.name for sample in family.samples}
            assert not any(unit in family.name for unit in ("_ms", "_milliseconds", "_kb", "_percent"))
            if family.type == "counter":
                assert samples == {f"{family.name}_total"}
            else:
                assert not any(name.endswith("_total") for name in samples)


@pytest.mark.parametrize(("metrics", "status"), [("public", 200), ("off", 404)])
async def test_metrics_need_not_be_public(metrics: str, status: int) -> None:
    """`--metrics off` serves none."""
    async with service(metrics=metrics) as running:
        assert (await get(running, "/metrics")).status_code == status


async def test_asking_often_costs_little() -> None:
    """Who asks again at once is answered the same: nobody can keep the service busy with its own numbers."""
    async with service() as running:
        first = await get(running, "/metrics")
        async with running.client():
            assert (await get(running, "/metrics")).content == first.content


async def test_what_is_no_number_at_one_worker_is_none_at_whoever_is_asked() -> None:
    """The lag of a lost broker goes from worker to worker as what it is, and a scrape is answered."""
    async with service() as running:
        sources = running.app.state.monitor.sources
        sources.broker = MemoryBroker()
        sources.broker.status = lambda: BrokerStatus("redis://10.0.0.7:6379", "down", 0.0)
        told = msgspec.json.decode(Scrape(sources, None).told(), type=Told)
    values = {
        name: value
        for family in joined([told])
        for name, labels, value, *_ in family.samples
        if labels == {"worker": "0"}
    }
    assert math.isnan(values["tapewire_broker_lag_seconds"])
    assert values["tapewire_ready"] == 0
