"""The parts of a client by themselves: positions, waits, frames; and what it takes a server's fault for."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from websockets.frames import Frame, Opcode

from generated.client import _TRADES_SUBSCRIBE_RULE, TradingClient
from generated.constants import ENVELOPE, reconnect
from generated.models import Trade, TradesUpdate
from generated.runtime.backoff import Backoff, Clock, Retry
from generated.runtime.errors import ConnectionLost, InvalidMessage
from generated.runtime.link import Link, Protocol
from generated.runtime.options import ClientOptions
from generated.runtime.pending import Pending
from generated.runtime.position import Position, Track, Verdict
from generated.runtime.received import Received, frame_reader
from generated.runtime.session import Session
from generated.runtime.subscription import Subscription
from generated.runtime.transport import Transport
from tests.generated.scripting import HeldClock, begun, played, script

read = frame_reader(ENVELOPE)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"seq": 5}, Verdict.NEXT),
        ({"seq": 4}, Verdict.OLD),
        ({"seq": 1}, Verdict.OLD),
        ({"seq": 6}, Verdict.GAP),
        ({"seq": 9, "seq_from": 5}, Verdict.NEXT),
        ({"seq": 9, "seq_from": 3}, Verdict.NEXT),
        ({"seq": 9, "seq_from": 6}, Verdict.GAP),
        ({"seq": 5, "seq_from": 9}, Verdict.NEXT),
        ({"seq": 5, "seq_from": "1"}, Verdict.NEXT),
        ({"seq": 5, "epoch": "e"}, Verdict.NEXT),
        ({"seq": 5, "epoch": "f"}, Verdict.GAP),
        ({"seq": 5, "epoch": 7}, Verdict.NEXT),
        ({"seq": 4, "snapshot": True}, Verdict.NEXT),
        ({"seq": 3, "snapshot": True}, Verdict.OLD),
        ({"seq": 9, "snapshot": True}, Verdict.LEAP),
        ({"seq": 9, "seq_from": 5, "snapshot": True}, Verdict.NEXT),
        ({"seq": 1, "epoch": "f", "snapshot": True}, Verdict.LEAP),
        ({"seq": 9, "snapshot": "true"}, Verdict.GAP),
        ({"seq": "5"}, Verdict.NEXT),
        ({}, Verdict.NEXT),
    ],
)
def test_what_an_update_is_to_a_client_at_4(fields: dict[str, object], verdict: Verdict) -> None:
    """By number and epoch; what is no number says nothing."""
    track = Track()
    track.begin(4, "e")
    assert track.judge(read(json.dumps(fields)).head) is verdict


def test_a_client_that_knows_no_position_takes_what_comes() -> None:
    """Its first update with a number gives it one; both parts are needed to recover from it."""
    track = Track()
    assert track.position is None
    head = read('{"seq": 7}').head
    assert track.judge(head) is Verdict.NEXT
    track.count(head)
    assert (track.seq, track.position) == (7, None)
    track.count(read('{"seq": 8, "epoch": "e"}').head)
    assert track.position == Position("e", 8)


def test_frames_are_read_without_their_bodies() -> None:
    """Fields that the contract has not, or the frame has not, are None; what is no object is InvalidMessage."""
    small = frame_reader(replace(ENVELOPE, seq=None, type="kind"))
    received = small('{"kind": "x", "seq": 4, "payload": {"a": [1]}, "more": {}}')
    assert (received.head.type, received.head.seq, received.head.topic) == ("x", None, None)
    assert (received.payload, received.body) == (b'{"a": [1]}', {"a": [1]})
    assert small(b"{}").body is None
    for frame in ("[]", "7", "null", "{", "", b"\xff", '{"kind":' + "[" * 5000 + "]" * 5000 + "}"):
        with pytest.raises(InvalidMessage):
            small(frame)


def test_waits_have_a_longest_that_doubles() -> None:
    """Up to the cap, however many attempts there were; a wait that was advised is the least."""
    backoff = Backoff(0.5, 20.0)
    longest = [backoff.longest(attempts) for attempts in (0, 1, 5, 6, 10_000)]
    assert longest == [0.5, 1.0, 16.0, 20.0, 20.0]
    retry = Retry(backoff, HeldClock(chance=0.5))
    assert [retry.wait(), retry.wait(), retry.wait(at_least=3.0), retry.wait()] == [0.25, 0.5, 3.0, 2.0]
    retry.succeed()
    assert retry.wait() == 0.25


async def test_the_clock_of_every_day() -> None:
    """Time goes on, a wait is awaited, and chance is between 0 and 1."""
    clock = Clock()
    before = clock.time()
    await clock.sleep(0)
    assert clock.time() >= before
    assert all(0 <= clock.random() <= 1 for _ in range(100))


async def test_an_answer_of_another_type_is_none() -> None:
    """A request that is answered by something else fails at once."""
    async with played() as play:
        ping = await begun(play.client.session.ping())
        request = await play.peer.expect("ping")
        await play.peer.send(type="trades.subscribe.response", id=request["id"], ts=1, payload={})
        with pytest.raises(InvalidMessage, match=r"trades\.subscribe\.response"):
            await ping


async def test_an_answer_that_nobody_awaits_fails_in_silence() -> None:
    """Who gave up before it began to wait leaves a request behind; its failure is no error of the program."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    pending: Pending[str] = Pending()
    pending.add(1, "answer")
    pending.fail_all(ConnectionLost(1006, reconnect=True))
    await asyncio.sleep(0)
    del pending
    gc.collect()
    assert complaints == []


async def test_an_answer_to_who_has_just_given_up_is_nobody_s() -> None:
    """One that is read between the end of a time and of the task that waited: that may ask again, for one answer."""
    pending: Pending[str] = Pending()
    heard: list[str] = []
    answer = pending.add(1, "answer", heard.append)
    answer.cancel()
    assert pending.resolve(1, "answer", "late")
    assert heard == []


async def test_an_answer_in_the_very_moment_at_which_its_time_is_over_counts() -> None:
    """A client that was held up reads it and sees that its time is over: what it acted on is not asked again."""
    link = Link(cast("Transport", None), Protocol(ENVELOPE, itertools.count(1), Clock()))
    pair = _TRADES_SUBSCRIBE_RULE.subscribe
    heard: list[Received] = []
    answer = link.begin(pair, b"{}", on_answer=heard.append)
    finished = asyncio.create_task(link.finish(pair, answer, 0.02))
    await asyncio.sleep(0)
    frame = read('{"type":"trades.subscribe.response","id":1,"payload":{"status":"ok"}}')
    asyncio.get_running_loop().call_soon(lambda: link.resolve(frame, "trades.subscribe.response"))
    time.sleep(0.05)  # noqa: ASYNC251, what holds it up
    assert await finished is frame
    assert heard == [frame]


async def test_two_keys_of_one_topic() -> None:
    """Where the server gives one name to what was asked for under two, both get what comes, and one leaves for both."""
    async with script() as server:
        session = Session(server.url, ENVELOPE, reconnect, options=ClientOptions(clock=HeldClock()))
        payload = b'{"symbol":"AAPL"}'
        topic = {"status": "ok", "message": "", "topic": "trades:AAPL"}
        subscriptions: list[Subscription[Trade, TradesUpdate]] = []
        for key in ("trades one", "trades two"):
            asking = await begun(session.subscribe(key, _TRADES_SUBSCRIBE_RULE, payload))
            if not subscriptions:
                peer = await server.accept()
            await peer.answer(await peer.expect("trades.subscribe"), topic, seq=3, epoch="e")
            subscriptions.append(await asking)
        await peer.trade(4)
        assert [(await anext(one)).id for one in subscriptions] == [4, 4]
        await subscriptions[0].unsubscribe()
        leaving = await begun(subscriptions[1].unsubscribe())
        await peer.answer(await peer.expect("trades.unsubscribe"))
        await leaving
        await session.close()


def too_large(client: TradingClient) -> bytes:
    """A frame beyond what the client accepts."""
    return Frame(Opcode.TEXT, b"x" * (client._session.options.max_size + 1)).serialize(mask=False)


def no_text(_: TradingClient) -> bytes:
    """A text frame that is no text."""
    return Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=False)


def reserved(_: TradingClient) -> bytes:
    """A frame with an opcode that means nothing."""
    return b"\x83\x00"


@pytest.mark.parametrize(
    ("octets", "code", "again"), [(no_text, 1006, True), (reserved, 1006, True), (too_large, 1009, False)]
)
async def test_frames_that_no_server_should_send(
    octets: Callable[[TradingClient], bytes], code: int, again: bool
) -> None:
    """A broken frame is a broken connection, and there is another; what is too large would be so again."""
    async with script() as server:
        options = ClientOptions(max_size=1000, reconnect=Backoff(0, 0))
        client = TradingClient(server.url, options=options)
        told: asyncio.Queue[tuple[str, ConnectionLost | None]] = asyncio.Queue()
        await client.open()
        client.on_state(lambda state, reason: told.put_nowait((state, reason)))
        (await server.accept()).socket.transport.write(octets(client))
        state, reason = await told.get()
        assert state == ("reconnecting" if again else "closed")
        assert reason is not None
        assert (reason.code, reason.reconnect) == (code, again)
        await client.close()
