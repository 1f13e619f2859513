"""What a mock sends to subscribers."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from codegen.contract import Heartbeat
from codegen.mock import Scenario, serving
from codegen.pipeline import Understood
from codegen.runtime.python.state import HeldState, StateRule
from tests.codegen.mock.mocked import SPEC, Raw, mocked, raw, understood

SELECTIONS = {
    "bars": {"symbol": "AAPL", "resolution": "1S"},
    "quotes": {"symbol": "AAPL"},
    "trades": {"symbol": "BTCUSD"},
    "orderbook": {"symbol": "BTCUSD", "depth": 10},
}
BOOK = StateRule("price", "size", {"bids": "descending", "asks": "ascending"}, 10)


async def subscribe(client: Raw, channel: str, **more: object) -> Any:  # noqa: ANN401 - an answer
    """Subscribe to the channel's topic; the answer."""
    return await client.ask({"type": f"{channel}.subscribe", "payload": SELECTIONS[channel], **more})


@pytest.mark.parametrize("channel", SELECTIONS)
async def test_updates_are_valid_numbered_and_follow_the_answer(channel: str) -> None:
    """From the answer's position on, by one, with their topic and a time; the first one tells the epoch."""
    async with mocked() as mock, raw(mock) as client:
        answer = await subscribe(client, channel)
        updates = await client.take(30, f"{channel}.update")
        if channel in ("quotes", "orderbook"):
            snapshot = updates.pop(0)
            assert (snapshot["snapshot"], snapshot["seq"]) == (True, answer["seq"])
        assert [update["seq"] for update in updates] == list(range(1, len(updates) + 1))
        assert updates[0]["epoch"] == answer["epoch"]
        assert {update["topic"] for update in updates} == {answer["payload"]["topic"]}
        times = [update["ts"] for update in updates]
        assert times == sorted(times)


async def test_topics_are_those_of_the_documents_addresses() -> None:
    """Aliases and defaults make the same topic, and it is numbered once for all who are subscribed."""
    async with mocked() as mock, raw(mock) as one, raw(mock) as other:
        first = await one.ask({"type": "bars.subscribe", "payload": {"symbol": "AAPL", "resolution": "D"}})
        second = await other.ask(
            {"type": "bars.subscribe", "payload": {"symbol": "AAPL", "resolution": "1D"}}
        )
        assert first["payload"]["topic"] == second["payload"]["topic"] == "bars:AAPL:1D"
        assert first["epoch"] == second["epoch"]
        [update] = await one.take(1, "bars.update")
        while update["seq"] < 5:
            [update] = await one.take(1, "bars.update")
        [same] = await other.take(1, "bars.update")
        while same["seq"] < 5:
            [same] = await other.take(1, "bars.update")
        assert same == update


async def test_changes_make_what_the_checksum_says() -> None:
    """Snapshot and changes, applied, have the checksum of each update; sides never cross, and keep their depth."""
    async with mocked(rate=500) as mock, raw(mock) as client:
        await subscribe(client, "orderbook")
        held = HeldState(BOOK)
        for update in await client.take(400, "orderbook.update"):
            changes = {
                side: [(level["price"], level["size"]) for level in update["payload"][side]]
                for side in BOOK.lists
            }
            assert any(changes.values()), "an update changes something"
            before = held.changes()
            held.apply(changes, snapshot=update.get("snapshot", False))
            assert held.changes() != before
            assert held.checksum() == update["checksum"]
            bids, asks = held.entries("bids"), held.entries("asks")
            assert 1 <= len(bids) <= 10
            assert 1 <= len(asks) <= 10
            assert bids[0][0] < asks[0][0]


async def test_spans_of_time_follow_each_other() -> None:
    """The key rises by its span; within one the first stays, the greatest and the least hold, the amount grows."""
    async with mocked() as mock, raw(mock) as client:
        await subscribe(client, "bars")
        bars = [update["payload"] for update in await client.take(110, "bars.update")]
        times = [bar["time"] for bar in bars]
        assert times == sorted(times)
        assert len(set(times)) > 1
        assert all(time % 1000 == 0 for time in times)
        for earlier, later in pairwise(bars):
            assert later["low"] <= later["close"] <= later["high"]
            if earlier["time"] == later["time"]:
                assert earlier["open"] == later["open"]
                assert earlier["high"] <= later["high"]
                assert earlier["low"] >= later["low"]
                assert earlier["volume"] <= later["volume"]


async def test_numbers_stay_near_to_the_documents_and_tell_one_story() -> None:
    """What AAPL's examples say, its topics say; another symbol has its own level on all channels."""
    async with mocked() as mock, raw(mock) as client:
        await subscribe(client, "quotes")
        quotes = [update["payload"] for update in await client.take(40, "quotes.update")]
        assert all(180 < quote["bid"] < quote["ask"] < 200 for quote in quotes)
        assert len({quote["bid"] for quote in quotes}) > 5
        assert quotes[-1]["time"] > quotes[0]["time"]
        await client.ask({"type": "quotes.unsubscribe", "payload": SELECTIONS["quotes"]})
        await client.ask({"type": "quotes.subscribe", "payload": {"symbol": "MSFT"}})
        [quote] = await client.take(1, "quotes.update")
        await client.ask({"type": "bars.subscribe", "payload": {"symbol": "MSFT"}})
        [bar] = await client.take(1, "bars.update")
        assert bar["payload"]["close"] == pytest.approx(quote["payload"]["last"], rel=0.05)


@pytest.mark.parametrize(
    ("symbol", "level", "digits"), [("AAPL", 190, 2), ("BTCUSD", 91_250, 1), ("MSFT", None, 2)]
)
async def test_all_channels_tell_of_the_same_level(symbol: str, level: float | None, digits: int) -> None:
    """Where one channel's examples tell of a symbol, all channels keep to that; so they do for any other symbol."""
    found: dict[str, list[float]] = {}
    async with mocked() as mock, raw(mock) as client:
        for channel in SELECTIONS:
            payload = {"symbol": symbol, **({"depth": 10} if channel == "orderbook" else {})}
            await client.ask({"type": f"{channel}.subscribe", "payload": payload})
            [update] = await client.take(1, f"{channel}.update")
            body = update["payload"]
            if channel == "orderbook":
                found[channel] = [one["price"] for side in ("bids", "asks") for one in body[side]]
            else:
                found[channel] = [
                    body[name] for name in ("open", "close", "bid", "ask", "price") if name in body
                ]
    wanted = found["bars"][0] if level is None else level
    for channel, prices in found.items():
        assert prices == pytest.approx([wanted] * len(prices), rel=0.03), channel
        assert prices == [round(price, digits) for price in prices], channel


async def test_what_each_update_tells_of_anew_differs() -> None:
    """Trades are events: the size of one says nothing of the next one's, and the price goes on."""
    async with mocked(rate=200) as mock, raw(mock) as client:
        await subscribe(client, "trades")
        trades = [update["payload"] for update in await client.take(40, "trades.update")]
    sizes = [trade["size"] for trade in trades]
    assert max(sizes) > 2 * min(sizes)
    for earlier, later in pairwise(trades):
        assert later["price"] == pytest.approx(earlier["price"], rel=0.002)


async def test_what_was_missed_is_sent_to_who_comes_back() -> None:
    """With its last position a client gets what followed, one by one, and then what is live; nothing twice."""
    async with mocked() as mock:
        async with raw(mock) as client:
            answer = await subscribe(client, "trades")
            last = (await client.take(5, "trades.update"))[-1]["seq"]
        async with raw(mock) as client, raw(mock) as witness:
            await subscribe(witness, "trades")
            await witness.take(3, "trades.update")
            position = {"epoch": answer["epoch"], "seq": last}
            back = await subscribe(client, "trades", recover=position)
            assert (back["recovered"], back["seq"]) == (True, last)
            seqs = [update["seq"] for update in await client.take(20, "trades.update")]
            assert seqs == list(range(last + 1, last + 21))


@pytest.mark.parametrize(
    ("channel", "recover", "snapshot"),
    [
        ("bars", {"epoch": "another", "seq": 1}, True),
        ("bars", None, False),
        ("trades", {"epoch": "another", "seq": 1}, False),
        ("quotes", {"epoch": "another", "seq": 1}, True),
    ],
)
async def test_what_cannot_be_recovered_is_said_to_be_lost(
    channel: str, recover: dict[str, object] | None, snapshot: bool
) -> None:
    """A position of another life is answered `recovered: false`, then a snapshot where the channel has one."""
    async with mocked() as mock, raw(mock) as client:
        await subscribe(client, channel)
        await client.take(2, f"{channel}.update")
        await client.ask({"type": f"{channel}.unsubscribe", "payload": SELECTIONS[channel]})
        answer = await subscribe(client, channel, **({} if recover is None else {"recover": recover}))
        assert answer.get("recovered") is (None if recover is None else False)
        [first] = await client.take(1, f"{channel}.update")
        assert first.get("snapshot", False) is snapshot
        assert first["seq"] == answer["seq"] + (0 if snapshot else 1)


async def test_history_reaches_as_far_back_as_the_document_says() -> None:
    """A position that is older than the kept updates is lost: 64 quotes are kept, not 65."""
    async with mocked(rate=500) as mock, raw(mock) as client:
        answer = await subscribe(client, "quotes")
        await client.take(80, "quotes.update")
        back = await subscribe(client, "quotes", recover={"epoch": answer["epoch"], "seq": 1})
        assert back["recovered"] is False
        seq = back["seq"]
        near = await subscribe(client, "quotes", recover={"epoch": answer["epoch"], "seq": seq})
        assert near["recovered"] is True


async def test_after_unsubscribing_nothing_more_comes() -> None:
    """The answer is the last frame of the topic; subscribing and unsubscribing twice are both ok."""
    async with mocked(rate=200) as mock, raw(mock) as client:
        await subscribe(client, "trades")
        await subscribe(client, "trades")
        await client.take(3, "trades.update")
        request = {"type": "trades.unsubscribe", "payload": SELECTIONS["trades"]}
        first, second = [(await client.ask(request))["payload"] for _ in range(2)]
        assert (first["status"], second["status"]) == ("ok", "ok")
        assert second["message"] == "There was no subscription to trades:BTCUSD"
        assert first["message"] != second["message"]
        await client.send({"type": "symbols.list", "payload": {}})
        assert (await client.receive())["type"] == "symbols.list.response"


async def test_the_same_seed_sends_the_same() -> None:
    """Two mocks of one seed send the same updates, times aside, and give the same answers; another seed others."""

    async def seen(seed: int) -> list[object]:
        async with mocked(seed=seed, rate=200) as mock, raw(mock) as client:
            found: list[object] = []
            for channel, selection in SELECTIONS.items():
                await subscribe(client, channel)
                for update in await client.take(15, f"{channel}.update"):
                    body = {key: value for key, value in update["payload"].items() if key != "time"}
                    # Whether a span begins is a matter of time.
                    found.append(body if channel != "bars" else update["seq"])
                await client.ask({"type": f"{channel}.unsubscribe", "payload": selection})
            return found

    one, same, other = await seen(3), await seen(3), await seen(4)
    assert one == same
    assert one != other


async def test_the_same_seed_sends_the_same_in_any_process() -> None:
    """Nothing depends on how a process orders its sets: `PYTHONHASHSEED` changes no byte."""

    async def printed(hash_seed: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.codegen.mock.seeded"),
            cwd=SPEC.parents[1],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0
        return said

    one, other = await printed("1"), await printed("77")
    assert one.count(b"\n") == 64
    assert one == other


def hurried(heartbeat: dict[str, int]) -> Understood:
    """The document, with another heartbeat."""
    known = understood()
    said = {"interval_ms": 30_000, "lifespan_ms": 3_600_000, **heartbeat}
    changed = Heartbeat(said["interval_ms"], said["lifespan_ms"], None)
    return replace(known, contract=replace(known.contract, heartbeat=changed))


@pytest.mark.parametrize(
    ("heartbeat", "scenario", "code"),
    [
        ({"interval_ms": 100}, Scenario(), 4002),
        ({"lifespan_ms": 100}, Scenario(), 4001),
        ({}, Scenario(drop_every=0.1), 1012),
    ],
)
async def test_connections_end_as_the_document_or_the_scenario_says(
    heartbeat: dict[str, int], scenario: Scenario, code: int
) -> None:
    """Silence, age, and whoever asks for drops end a connection, each with its code."""
    async with serving(hurried(heartbeat), scenario=scenario) as mock, raw(mock) as client:
        await client.socket.wait_closed()
        assert client.socket.close_code == code


async def test_latency_delays_all_that_is_sent_and_keeps_its_order() -> None:
    """Answers come later by the latency, many at once as late as one."""
    async with mocked(scenario=Scenario(latency=0.2)) as mock, raw(mock) as client:
        started = time.monotonic()
        for number in range(10):
            await client.send({"type": "ping", "id": number})
        assert [(await client.receive())["id"] for _ in range(10)] == list(range(10))
        assert 0.2 <= time.monotonic() - started < 1.5
