"""A server whose contract has more kinds of message than the client's: they cost no more than they have to."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client, Json, Sub
from tests.clients.scripted import ScriptedServer, Topic


async def subscribed(client: Client, server: ScriptedServer, channel: str) -> tuple[Sub, Topic]:
    """A subscription at seq 3 of epoch a."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe(channel, on_hole=True)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    return sub, topic


@pytest.mark.parametrize("channel", ["trades", "bars"])
@pytest.mark.parametrize("kind", ["", "quotes.update"])
async def test_an_update_of_another_kind(
    client: Client, server: ScriptedServer, channel: str, kind: str
) -> None:
    """It has its place in the sequence: it is told as missed, once, and the topic goes on without being asked for."""
    sub, topic = await subscribed(client, server, channel)
    other = topic.frame(5) | {"type": kind or f"{channel}.cancelled"}
    await topic.peer.send(topic.frame(4), other, topic.frame(6), topic.frame(7))
    assert await sub.numbers(3) == [4, 6, 7]
    for holes in (client.holes, sub.holes):
        hole = await holes.next()
        assert (hole["topic"], hole["reason"], hole["after"], hole["seq"]) == (topic.address, "gap", 4, 5)
        assert holes.unread == []
    await client.complaints.next()
    assert await topic.peer.quiet()


async def test_an_update_of_another_kind_is_recovered_past(client: Client, server: ScriptedServer) -> None:
    """After the next loss the client asks for what follows it, and where it is replayed it is taken as it was."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(topic.frame(4), topic.frame(5) | {"type": "trades.cancelled"})
    await client.holes.next()
    await topic.update(8)
    request = await topic.peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 5}
    topic = await topic.peer.grant(request, seq=5, epoch="a", recovered=True)
    frames = [topic.frame(6), topic.frame(7) | {"type": "trades.cancelled"}, topic.frame(8)]
    await topic.peer.send(*frames)
    assert await sub.numbers(3) == [4, 6, 8]
    hole = await client.holes.next()
    assert (hole["after"], hole["seq"]) == (6, 7)
    assert await topic.peer.quiet()


async def test_a_change_of_another_kind(client: Client, server: ScriptedServer) -> None:
    """Of a book nobody knows what it makes: it is asked for from scratch, as after a change that cannot be read."""
    sub, topic = await subscribed(client, server, "orderbook")
    await topic.peer.send(topic.frame(3, snapshot=True), topic.frame(4) | {"type": "orderbook.moved"})
    request = await topic.peer.expect("orderbook.subscribe")
    assert "recover" not in request
    topic = await topic.peer.grant(request, seq=4, epoch="a", recovered=False)
    await topic.update(4, snapshot=True)
    assert len(await sub.updates.take(2)) == 2
    assert await topic.peer.quiet()


NO_UPDATES: dict[str, Json] = {
    "without a number": {"type": "trades.halted"},
    "without a number that is one": {"type": "trades.halted", "seq": None},
    "an answer to nobody": {"type": "trades.subscribe.response", "id": 4711, "seq": 9},
    "an answer of a kind that nobody knows": {"type": "trades.halt.response", "id": 4711, "seq": 9},
    "an event": {"type": "server.shutdown", "seq": 9},
    "of the past": {"type": "trades.halted", "seq": 3},
}


@pytest.mark.parametrize("frame", NO_UPDATES.values(), ids=NO_UPDATES)
async def test_what_is_no_update(client: Client, server: ScriptedServer, frame: Json) -> None:
    """Other messages that name the topic are ignored: they have no place among its updates."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send({"topic": topic.address, "payload": {}, **frame}, topic.frame(4))
    assert await sub.numbers(1) == [4]
    assert await topic.peer.quiet()
    assert (client.holes.all, sub.holes.all, sub.ends.all) == ([], [], [])
