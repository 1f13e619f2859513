"""What one client may do, and what all together may: each limit with its refusal or its close code."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.frames import TEXT, frame
from tests.service.raw import raw
from tests.service.running import AAPL, Running, eventually, service

ASK = {"type": "bars.subscribe", "id": "q", "payload": AAPL}


async def test_what_comes_too_fast_is_refused_by_its_own_answer() -> None:
    """Beyond the burst a request is not handled; its answer says so, with its id, and when to try again."""
    async with service(messages_per_second=0.1, message_burst=3) as running, running.client() as client:
        for _ in range(3):
            assert (await client.ask({"type": "ping"}))["type"] == "pong"
        answer = await client.ask(ASK)
        assert (answer["type"], answer["id"]) == ("bars.subscribe.response", "q")
        problem = answer["payload"]
        assert (problem["status"], problem["code"], problem["retryable"]) == ("error", "rate_limited", True)
        assert 10_000 < problem["retry_after_ms"] <= 20_000
        assert running.hub.subscriptions == 0


async def test_who_waits_as_long_as_advised_is_not_refused_again() -> None:
    """After `retry_after_ms` there is room for one message."""
    async with service(messages_per_second=20, message_burst=2) as running, running.client() as client:
        for _ in range(3):
            answer = await client.ask(ASK)
        for _ in range(3):
            while answer["payload"]["status"] == "ok":
                answer = await client.ask(ASK)
            # Not for an event: the passing of time is what is being tested, by a clock that counts milliseconds.
            await asyncio.sleep((answer["payload"]["retry_after_ms"] + 5) / 1000)
            answer = await client.ask(ASK)
            assert answer["payload"]["status"] == "ok"


async def test_who_goes_on_too_fast_is_closed_with_4006() -> None:
    """A client that keeps sending though it is refused reads each refusal, and is closed once it is twice over."""
    async with service(messages_per_second=0.01, message_burst=5) as running, running.client() as client:
        await client.send({"type": "ping"})
        for _ in range(15):
            await client.send(ASK)
        codes: list[object] = []
        for _ in range(11):
            answer = await client.receive()
            codes.append(answer.get("payload", {}).get("code"))
        assert codes == [None] * 5 + ["rate_limited"] * 6
        assert (await client.closed())[0] == 4006
        await eventually(lambda: len(running.connections) == 0)


async def test_a_flood_is_not_read_to_its_end() -> None:
    """Who is closed for flooding and goes on is not listened to, and gone a moment later."""
    async with (
        service(messages_per_second=1, message_burst=5, close_grace=60.0) as running,
        raw(running.url) as flooding,
    ):
        ping = frame(TEXT, b'{"type":"ping"}') * 1000
        flooding.writer.write(ping)
        assert await flooding.closed() == 4006
        flooding.writer.write(ping * 100)
        await eventually(lambda: not running.server.server_state.connections)


async def test_within_its_rate_a_client_may_go_on_for_ever() -> None:
    """The burst is filled again by time: who stays below the rate is never refused."""
    async with service(messages_per_second=100, message_burst=5) as running, running.client() as client:
        for _ in range(30):
            assert (await client.ask({"type": "ping"}))["type"] == "pong"
            await asyncio.sleep(0.012)


async def test_one_subscription_too_many_is_refused() -> None:
    """It is answered `too_many_subscriptions`; what one has may be asked for again, and given up for another."""
    async with service(subscriptions_per_connection=2) as running, running.client() as client:
        for symbol in ("A", "B", "B"):
            assert (await client.subscribe(symbol=symbol))["payload"]["status"] == "ok"
        answer = await client.ask({"type": "bars.subscribe", "id": 7, "payload": {"symbol": "C"}})
        assert (answer["type"], answer["id"]) == ("bars.subscribe.response", 7)
        assert (answer["payload"]["code"], answer["payload"]["retryable"]) == (
            "too_many_subscriptions",
            False,
        )
        assert "bars:C:1" not in running.hub.topics
        assert (await client.subscribe(symbol="A"))["payload"]["status"] == "ok"
        await client.unsubscribe(symbol="A")
        assert (await client.subscribe(symbol="C"))["payload"]["status"] == "ok"
        for symbol in ("A", "B", "C"):
            running.publish(1.0, symbol=symbol)
        assert [(await client.receive())["topic"] for _ in range(2)] == ["bars:B:1", "bars:C:1"]


async def test_the_limit_is_each_connections_own() -> None:
    """Another connection's subscriptions do not count."""
    async with (
        service(subscriptions_per_connection=1) as running,
        running.client() as one,
        running.client() as two,
    ):
        assert (await one.subscribe(symbol="A"))["payload"]["status"] == "ok"
        assert (await two.subscribe(symbol="B"))["payload"]["status"] == "ok"


@pytest.mark.parametrize("setting", ["connections", "connections_per_address"])
async def test_one_connection_too_many_is_closed_with_4504(setting: str) -> None:
    """It is told why, nothing else, and the others stay; when one of them leaves, there is room again."""
    limits: dict[str, Any] = {setting: 2}
    async with service(**limits) as running, running.client() as first:
        await first.subscribe()
        async with running.client() as second:
            assert await second.silent()
            for _ in range(3):
                async with running.client() as third:
                    code, reason = await third.closed()
                    assert (code, bool(reason)) == (4504, True)
            assert await second.silent()
            running.publish(1.0)
            assert (await first.receive())["seq"] == 1
            await eventually(lambda: len(running.connections) == 2)
        await eventually(lambda: len(running.connections) == 1)
        async with running.client() as fourth:
            assert await fourth.silent()
        await _nothing_counted(running, 1)


async def _nothing_counted(running: Running, connections: int) -> None:
    await eventually(lambda: len(running.connections) == connections)
    assert sum(running.connections._by_address.values()) == connections


async def test_addresses_are_counted_apart() -> None:
    """What one address has too many of, another may have still; who left is not counted."""
    async with service(connections_per_address=1) as running:
        async with running.client(), running.client(local="127.0.0.2") as other:
            assert await other.silent()
            async with running.client(local="127.0.0.2") as third:
                assert (await third.closed())[0] == 4504
        await _nothing_counted(running, 0)
        assert not running.connections._by_address
