"""Servers that do what no server should: the client survives, says so, and goes on."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from tests.clients.driving import Client, Failed, Sub
from tests.clients.scripted import ScriptedServer, Topic, framed


async def subscribed(client: Client, server: ScriptedServer, channel: str = "bars") -> tuple[Sub, Topic]:
    """A subscription at seq 3 of epoch a."""
    await client.create(server.url)
    sub = client.subscribe(channel)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    return sub, topic


async def goes_on(client: Client, server: ScriptedServer, sub: Sub, topic: Topic, seq: int = 4) -> None:
    """The connection is the same, requests are answered, and the next update is the next to be handed on."""
    ping = client.ping()
    await topic.peer.pong()
    await ping.answer()
    await topic.update(seq)
    assert await sub.numbers(1) == [seq]
    assert server.count == 1


RUBBISH: dict[str, str | bytes] = {
    "no JSON": "{",
    "nothing": "",
    "not text": b"\x00\xff",
    "text in a binary frame": b'{"type":"bars.update"}',
    "null": "null",
    "an array": "[]",
    "an array of messages": '[{"type":"pong","ts":1}]',
    "a number": "7",
    "a string": '"bars.update"',
    "no type": '{"payload":{}}',
    "a type that is no string": '{"type":{}}',
    "a type that is null": '{"type":null}',
    "a type that nobody knows": '{"type":"nobody.knows","payload":{}}',
    "a type like a built-in property": '{"type":"__proto__","payload":{}}',
    "another like it": '{"type":"constructor","id":"toString","topic":"hasOwnProperty"}',
    "an update without topic": '{"type":"bars.update","payload":{}}',
    "a topic that is a number": '{"type":"bars.update","topic":7,"payload":{}}',
    "a topic that is an array": '{"type":"bars.update","topic":["bars:AAPL:1"],"payload":{}}',
    "a topic that nobody asked for": '{"type":"bars.update","topic":"bars:OTHER:1","seq":1,"payload":{}}',
    "an answer to nobody": '{"type":"bars.subscribe.response","id":4711,"payload":{"status":"ok"}}',
    "an answer whose id is an object": '{"type":"pong","id":{},"ts":1}',
    "an update of another channel": '{"type":"quotes.update","topic":"bars:AAPL:1","seq":4,"payload":{}}',
    "an error that says nothing": '{"type":"error"}',
    "an error with a strange payload": '{"type":"error","payload":[1]}',
    "numbers too large to hold": '{"type":"pong","id":1e999,"ts":1}',
    "deeply nested": '{"type":' + "[" * 5000 + "]" * 5000 + "}",
    "half a surrogate": '{"type":"\\ud800"}',
    "a shutdown without a window": '{"type":"server.shutdown"}',
    "a shutdown with a strange window": '{"type":"server.shutdown","payload":{"reconnect_in_ms_max":"soon"}}',
}


async def test_rubbish(client: Client, server: ScriptedServer) -> None:
    """What is no message of the contract is ignored, frame by frame, and costs nothing."""
    sub, topic = await subscribed(client, server)
    for seq, (what, text) in enumerate(RUBBISH.items(), 4):
        await topic.peer.text(text)
        await goes_on(client, server, sub, topic, seq)
        assert await client.ask("state").answer() == "open", what
    assert sub.updates.unread == []
    assert sub.ends.all == []


async def test_rubbish_is_told_of(client: Client, server: ScriptedServer) -> None:
    """What cannot be read does not pass unnoticed."""
    sub, topic = await subscribed(client, server)
    for text in ("{", "[]", b"\x00", '{"type":7.5}'):
        await topic.peer.text(text)
        await client.complaints.next()
    await goes_on(client, server, sub, topic)


WRONG: dict[str, dict[str, Any]] = {
    "seq is a string": {"seq": "4"},
    "seq is null": {"seq": None},
    "seq is negative": {"seq": -1},
    "seq is a fraction": {"seq": 4.5},
    "seq is an array": {"seq": [4]},
    "seq is true": {"seq": True},
    "seq_from is a string": {"seq": 4, "seq_from": "4"},
    "seq_from is beyond seq": {"seq": 4, "seq_from": 9},
    "epoch is a number": {"seq": 4, "epoch": 7},
    "snapshot is a string": {"seq": 4, "snapshot": "true"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
async def test_updates_of_the_wrong_type(
    client: Client, server: ScriptedServer, fields: dict[str, Any]
) -> None:
    """An envelope that is wrong does not spoil the position: the next recovery asks for one that is true."""
    sub, topic = await subscribed(client, server)
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    frame = topic.frame(0) | fields
    if frame["seq"] == 4:
        frame["seq"] = 5
    await topic.peer.send(frame)
    topic.peer.reset()
    peer = await server.accept()
    request = await peer.receive()
    ended = request["type"] != "bars.subscribe"
    if not ended:
        recover = request.get("recover")
        assert recover is None or (recover["epoch"] == "a" and recover["seq"] in (4, 5)), recover
        assert type(recover is None or recover["seq"]) in (int, bool)


async def test_no_payload(client: Client, server: ScriptedServer) -> None:
    """An update without a payload is no update: nobody is handed an envelope in its place."""
    sub, topic = await subscribed(client, server)
    frame = topic.frame(4)
    del frame["payload"]
    await topic.peer.send(frame)
    await topic.peer.send(topic.frame(5))
    bodies = []
    if not sub.ends.all:
        ping = client.ping()
        while (request := await topic.peer.receive())["type"] != "ping":
            if request["type"] == "bars.subscribe":
                topic = await topic.peer.grant(request, seq=4, epoch="a", recovered=True)
                await topic.update(5)
            else:
                await topic.peer.answer(request)
        await topic.peer.send({"type": "pong", "id": request["id"], "ts": 1})
        await ping.answer()
        bodies = sub.updates.all
    assert all("open" in body for body in bodies)


ANSWERS: dict[str, Any] = {
    "no payload": {"type": "bars.subscribe.response"},
    "a payload that is text": {"type": "bars.subscribe.response", "payload": "ok"},
    "a payload that is null": {"type": "bars.subscribe.response", "payload": None},
    "a payload without topic": {"type": "bars.subscribe.response", "payload": {"status": "ok"}},
    "a topic that is a number": {
        "type": "bars.subscribe.response",
        "payload": {"status": "ok", "message": "", "topic": 7},
    },
    "another type": {"type": "pong", "ts": 1},
    "a type of another channel": {
        "type": "trades.subscribe.response",
        "payload": {"status": "ok", "message": "", "topic": "trades:AAPL"},
    },
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_answers_that_are_none(client: Client, server: ScriptedServer, answer: dict[str, Any]) -> None:
    """A subscribe answered by nonsense fails, or succeeds with the topic that was asked for; the client goes on."""
    await client.create(server.url, timeout_ms=400)
    sub = client.subscribe()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    await peer.send({**answer, "id": request["id"]})
    with contextlib.suppress(Failed):  # any error will do
        assert await sub.joined() == "bars:AAPL:1"
    ping = client.ping()
    while (frame := await peer.receive())["type"] != "ping":
        await peer.answer(frame)
    await peer.send({"type": "pong", "id": frame["id"], "ts": 1})
    await ping.answer()


async def test_answers_that_come_twice(client: Client, server: ScriptedServer) -> None:
    """A second answer to one request changes nothing."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    topic = await peer.grant(request, seq=3, epoch="a")
    await peer.answer(request, seq=90, epoch="z", recovered=False)
    await topic.update(4)
    await sub.joined()
    assert await sub.numbers(1) == [4]
    assert client.holes.all == []


async def test_positions_of_the_wrong_type(client: Client, server: ScriptedServer) -> None:
    """A subscribe answer whose position is nonsense gives none: it is not sent back."""
    for fields in (
        {"seq": "3", "epoch": "a"},
        {"seq": 3, "epoch": 7},
        {"seq": -1, "epoch": "a"},
        {"seq": None},
    ):
        await client.create(server.url)
        sub = client.subscribe()
        peer = await server.accept()
        await peer.grant(**fields)
        try:
            await sub.joined()
        except Failed:  # refusing the answer is as good
            await client.close()
            continue
        peer.reset()
        peer = await server.accept()
        request = await peer.expect("bars.subscribe")
        recover = request.get("recover")
        assert recover is None or (
            type(recover["seq"]) is int and recover["seq"] >= 0 and isinstance(recover["epoch"], str)
        )
        await client.close()


@pytest.mark.parametrize("how", ["reset", "end"])
async def test_closed_in_the_midst_of_a_frame(client: Client, server: ScriptedServer, how: str) -> None:
    """Half a frame is no frame: the connection is lost, and recovery begins before it."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    octets = framed(json.dumps(topic.frame(5)))
    topic.peer.raw(octets[: len(octets) // 2])
    if how == "reset":
        topic.peer.reset()
    else:
        topic.peer.connection.transport.close()
    reason = await client.reaches("reconnecting")
    assert (reason["code"], reason["retryable"]) == (1006, True)
    peer = await server.accept()
    request = await peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 4}
    topic = await peer.grant(request, seq=4, epoch="a", recovered=True)
    await topic.update(5)
    assert await sub.numbers(1) == [5]


BROKEN = {
    "a reserved opcode": framed("x", first=0x83),
    "reserved bits": framed("x", first=0xC1),
    "a masked frame": b"\x81\x81\x00\x00\x00\x00x",
    "text that is no UTF-8": framed(b"\xff\xfe", first=0x81),
    "a continuation of nothing": framed("x", first=0x80),
    "a fragmented ping": framed("x", first=0x09),
    "a close of one octet": framed(b"\x03", first=0x88),
    "a close with a code that may not be sent": framed(b"\x03\xee", first=0x88),
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(200),
}


@pytest.mark.parametrize("octets", BROKEN.values(), ids=BROKEN)
async def test_frames_that_break_the_protocol(client: Client, server: ScriptedServer, octets: bytes) -> None:
    """What is no WebSocket frame ends the connection, not the client: it reconnects, and recovers."""
    sub, topic = await subscribed(client, server)
    topic.peer.raw(octets)
    reason = await client.reaches("reconnecting")
    assert reason["retryable"] is True
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]


async def test_a_flood_of_rubbish(client: Client, server: ScriptedServer) -> None:
    """Thousands of frames that mean nothing delay what means something, and no more."""
    sub, topic = await subscribed(client, server)
    await topic.peer.text(*['{"type":"nobody.knows"}'] * 2000, *["{"] * 200)
    await goes_on(client, server, sub, topic)


async def test_a_large_update(client: Client, server: ScriptedServer) -> None:
    """An update of a megabyte is an update, also in fragments."""
    sub, topic = await subscribed(client, server)
    frame = json.dumps(topic.frame(4, padding="x" * 1_000_000))
    topic.peer.raw(framed(frame[:500_000], first=0x01) + framed(frame[500_000:], first=0x80))
    assert await sub.numbers(1) == [4]
    await goes_on(client, server, sub, topic, 5)


async def test_the_server_goes_in_the_midst_of_everything(client: Client, server: ScriptedServer) -> None:
    """A reset while requests, subscribes, leaves and a gap are under way loses none of them without a word."""
    sub, topic = await subscribed(client, server)
    other = client.subscribe(payload={"symbol": "B"})
    await topic.peer.grant(seq=0, epoch="b")
    await other.joined()
    await topic.update(9)
    leaving, ping, joining = other.leave(), client.ping(), client.subscribe(payload={"symbol": "C"})
    for _ in range(4):
        await topic.peer.receive()
    topic.peer.reset()
    assert (await ping.failure()).name == "Lost"
    await leaving.answer()
    peer = await server.accept()
    for _ in range(2):
        request = await peer.expect("bars.subscribe")
        if request["payload"]["symbol"] == "AAPL":
            topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
        else:
            assert request["payload"]["symbol"] == "C"
            await peer.grant(request, seq=0, epoch="c")
            await joining.joined()
    await topic.updates(4, 5)
    assert await sub.numbers(2) == [4, 5]
    assert await peer.quiet()
