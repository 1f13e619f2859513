"""The exchanges of the contract, over a real socket."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

from generated.models import Bar
from generated.topics import BarsTopic
from tests.service.running import AAPL, service


async def test_the_four_exchanges_are_exactly_the_contracts() -> None:
    """Subscribe, answer, update, unsubscribe, answer: these messages, and nothing before or between."""
    async with service() as running, running.client() as client:
        answer = await client.ask({"type": "bars.subscribe", "payload": AAPL})
        running.publisher.bars_update(
            BarsTopic("AAPL", "1"), Bar(time=60_000, open=1.5, high=2.5, low=1.25, close=2.0, volume=3.0)
        )
        update = await client.receive()
        goodbye = await client.ask({"type": "bars.unsubscribe", "payload": AAPL})

        epoch = answer["epoch"]
        assert answer == {
            "type": "bars.subscribe.response",
            "seq": 0,
            "epoch": epoch,
            "payload": {"status": "ok", "message": "Subscribed to bars:AAPL:1", "topic": "bars:AAPL:1"},
        }
        assert update == {
            "type": "bars.update",
            "topic": "bars:AAPL:1",
            "seq": 1,
            "epoch": epoch,
            "ts": update["ts"],
            "payload": {"time": 60_000, "open": 1.5, "high": 2.5, "low": 1.25, "close": 2.0, "volume": 3.0},
        }
        assert abs(update["ts"] - time.time() * 1000) < 5_000
        assert goodbye == {
            "type": "bars.unsubscribe.response",
            "payload": {"status": "ok", "message": "Unsubscribed from bars:AAPL:1", "topic": "bars:AAPL:1"},
        }


async def test_nothing_is_sent_before_the_first_request() -> None:
    """A connection that asks nothing hears nothing, whatever is published meanwhile."""
    async with service() as running, running.client() as other, running.client() as client:
        await other.subscribe()
        running.publish(1.0)
        await other.receive()
        assert await client.silent()


async def test_resolution_defaults_to_one_minute() -> None:
    """A subscribe without a resolution is one for resolution 1."""
    async with service() as running, running.client() as client:
        answer = await client.subscribe(symbol="AAPL")
        assert answer["payload"]["topic"] == "bars:AAPL:1"


@pytest.mark.parametrize(("spelling", "topic"), [("D", "1D"), ("W", "1W"), ("M", "1M"), ("S", "1S")])
async def test_a_letter_alone_is_one_of_it(spelling: str, topic: str) -> None:
    """`D` and `1D` are one topic: subscribed by one spelling, it is unsubscribed by the other."""
    async with service() as running, running.client() as client:
        answer = await client.subscribe(symbol="AAPL", resolution=spelling)
        assert answer["payload"]["topic"] == f"bars:AAPL:{topic}"
        goodbye = await client.unsubscribe(symbol="AAPL", resolution=topic)
        assert goodbye["payload"]["message"] == f"Unsubscribed from bars:AAPL:{topic}"
        assert running.hub.subscriptions == 0


@pytest.mark.parametrize("identity", ["a", "x" * 64, "", 0, -1, 2**53])
async def test_an_id_is_echoed(identity: object) -> None:
    """The answer carries the request's id, text or integer, unchanged."""
    async with service() as running, running.client() as client:
        answer = await client.ask({"type": "bars.subscribe", "id": identity, "payload": AAPL})
        assert answer["id"] == identity
        assert (await client.ask({"type": "ping", "id": identity}))["id"] == identity


async def test_extra_fields_are_ignored() -> None:
    """Fields that the contract does not know, anywhere in a request, change nothing."""
    async with service() as running, running.client() as client:
        answer = await client.ask(
            {"type": "bars.subscribe", "v": 2, "payload": {**AAPL, "recover": {"epoch": "x", "seq": 1}}}
        )
        assert answer["payload"]["status"] == "ok"


async def test_many_topics_share_a_connection() -> None:
    """Each update names its topic, and each topic counts for itself."""
    async with service() as running, running.client() as client:
        topics = [("AAPL", "1"), ("AAPL", "5"), ("GOOGL", "1"), ("EUR/USD", "1D")]
        for symbol, resolution in topics:
            await client.subscribe(symbol=symbol, resolution=resolution)
        for round_ in (1, 2):
            for symbol, resolution in topics:
                running.publish(float(round_), symbol=symbol, resolution=resolution)
        got = [await client.receive() for _ in range(8)]
        assert [(update["topic"], update["seq"]) for update in got] == [
            (f"bars:{symbol}:{resolution}", round_) for round_ in (1, 2) for symbol, resolution in topics
        ]


async def test_only_subscribers_receive() -> None:
    """What is published goes to the topic's subscribers and to nobody else."""
    async with service() as running, running.client() as one, running.client() as two:
        await one.subscribe(symbol="AAPL")
        await two.subscribe(symbol="GOOGL")
        running.publish(1.0, symbol="AAPL")
        running.publish(2.0, symbol="GOOGL")
        assert (await one.receive())["topic"] == "bars:AAPL:1"
        assert (await two.receive())["topic"] == "bars:GOOGL:1"
        assert await one.silent()
        assert await two.silent()


async def test_subscribing_twice_is_ok_twice_and_delivers_once() -> None:
    """The second subscribe is answered like the first, and each update still comes once."""
    async with service() as running, running.client() as client:
        first, second = await client.subscribe(), await client.subscribe()
        assert first == second
        running.publish(1.0)
        assert (await client.receive())["seq"] == 1
        assert await client.silent()


async def test_unsubscribing_from_nothing_is_ok_and_says_so() -> None:
    """An unsubscribe without a subscription is `ok`, with a message that tells."""
    async with service() as running, running.client() as client:
        answer = await client.unsubscribe()
        assert answer["payload"] == {
            "status": "ok",
            "message": "There was no subscription to bars:AAPL:1",
            "topic": "bars:AAPL:1",
        }


async def test_after_unsubscribing_nothing_more_comes() -> None:
    """No update of the topic follows the answer to its unsubscribe."""
    async with service() as running, running.client() as client:
        await client.subscribe()
        await client.unsubscribe()
        running.publish(1.0)
        assert await client.silent()


async def test_a_late_subscriber_learns_where_the_topic_stands() -> None:
    """The answer names the last update before the newcomer, who gets the next; the epoch is not repeated."""
    async with service() as running, running.client() as early, running.client() as late:
        first = await early.subscribe()
        running.publish(1.0)
        running.publish(2.0)
        answer = await late.subscribe()
        assert (answer["seq"], answer["epoch"]) == (2, first["epoch"])
        running.publish(3.0)
        update = await late.receive()
        assert update["seq"] == 3
        assert "epoch" not in update
        seen = [await early.receive() for _ in range(3)]
        assert [update["seq"] for update in seen] == [1, 2, 3]
        assert ["epoch" in update for update in seen] == [True, False, False]


async def test_every_subscriber_gets_the_same_bytes() -> None:
    """One frame serves all: two clients receive the same text, to the byte."""
    async with service() as running, running.client() as one, running.client() as two:
        await one.subscribe()
        await two.subscribe()
        running.publish(1.0)
        assert await one.socket.recv() == await two.socket.recv()


async def test_ping_is_answered_with_the_servers_clock() -> None:
    """`pong` carries the server's time in Unix milliseconds."""
    async with service() as running, running.client() as client:
        answer = await client.ask({"type": "ping"})
        assert answer["type"] == "pong"
        assert abs(answer["ts"] - time.time() * 1000) < 5_000


async def test_requests_sent_at_once_are_answered_in_order() -> None:
    """A hundred requests in one go get a hundred answers, in their order."""
    async with service() as running, running.client() as client:
        for number in range(100):
            await client.send({"type": "bars.subscribe", "id": number, "payload": {"symbol": f"S{number}"}})
        assert [(await client.receive())["id"] for _ in range(100)] == list(range(100))


async def test_any_thread_may_publish() -> None:
    """`threadsafe_publisher` publishes from another thread, in that thread's order."""
    async with service() as running, running.client() as client:
        await client.subscribe()
        publisher = running.app.state.threadsafe_publisher

        def publish() -> None:
            for number in range(50):
                bar = Bar(time=60_000, open=1.0, high=99.0, low=0.0, close=float(number), volume=0.0)
                publisher.bars_update(BarsTopic("AAPL", "1"), bar)

        thread = threading.Thread(target=publish)
        thread.start()
        closes = [(await client.receive())["payload"]["close"] for _ in range(50)]
        await asyncio.to_thread(thread.join)
        assert closes == [float(number) for number in range(50)]


MISTAKES: list[tuple[object, str, str]] = [
    ("{", "error", "bad_json"),
    ("", "error", "bad_json"),
    ("[" * 5_000, "error", "bad_json"),
    ("null", "error", "bad_envelope"),
    ("[]", "error", "bad_envelope"),
    ("{}", "error", "bad_envelope"),
    ({"type": None}, "error", "bad_envelope"),
    ({"type": 1}, "error", "bad_envelope"),
    ({"type": "bars.subscrive"}, "error", "unknown_type"),
    ({"type": "bars.update"}, "error", "unknown_type"),
    (b'{"type":"ping"}', "error", "bad_frame"),
    ({"type": "ping", "id": "x" * 65}, "error", "bad_envelope"),
    ({"type": "bars.subscribe"}, "bars.subscribe.response", "bad_payload"),
    ({"type": "bars.subscribe", "payload": None}, "bars.subscribe.response", "bad_payload"),
    ({"type": "bars.subscribe", "payload": {"symbol": ""}}, "bars.subscribe.response", "bad_payload"),
    ({"type": "bars.subscribe", "payload": {"symbol": "A\n"}}, "bars.subscribe.response", "bad_payload"),
    (
        {"type": "bars.unsubscribe", "payload": {"symbol": "A", "resolution": "0"}},
        "bars.unsubscribe.response",
        "bad_payload",
    ),
    (
        {"type": "bars.subscribe", "payload": {"symbol": "A", "resolution": None}},
        "bars.subscribe.response",
        "bad_payload",
    ),
]


@pytest.mark.parametrize(("frame", "type_", "code"), MISTAKES, ids=lambda value: str(value)[:40])
async def test_a_mistake_is_answered_and_costs_nothing(frame: object, type_: str, code: str) -> None:
    """Each mistake gets one answer that names it, in the request's own type if it has one, and no close."""
    async with service() as running, running.client() as client:
        answer = await client.ask(frame)
        assert answer["type"] == type_
        problem = answer["payload"]
        assert (problem["status"], problem["code"], problem["retryable"]) == ("error", code, False)
        assert problem["message"]
        assert await client.silent()
        assert running.hub.subscriptions == 0


async def test_a_bad_payload_says_where() -> None:
    """Each wrong place is listed by JSON Pointer."""
    async with service() as running, running.client() as client:
        answer = await client.ask({"type": "bars.subscribe", "id": 3, "payload": {"symbol": 5}})
        assert answer["id"] == 3
        assert [item["path"] for item in answer["payload"]["errors"]] == ["/payload/symbol"]


async def test_a_failing_handler_is_answered_and_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that fails is answered `internal`, without its innards; the log has the exception once."""
    async with service() as running, running.client() as client:

        def fail(*_: object) -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr(running.hub, "subscribe", fail)
        await client.send({"type": "bars.subscribe", "id": "q", "payload": AAPL})
        text = await client.socket.recv()
        answer = json.loads(text)
        assert (answer["id"], answer["payload"]["code"], answer["payload"]["retryable"]) == (
            "q",
            "internal",
            True,
        )
        assert "secret" not in str(text)
        assert await client.silent()
        assert len([record for record in caplog.records if record.exc_info]) == 1
