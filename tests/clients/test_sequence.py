"""Numbers: what is a repetition, what is a gap, and what a client does about it on the connection that it has."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client, How, Json, Sub
from tests.clients.scripted import ScriptedServer, Topic


async def subscribed(
    client: Client, server: ScriptedServer, channel: str = "trades", **options: Json
) -> tuple[Sub, Topic]:
    """A subscription at seq 3 of epoch a."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe(channel, **options)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    return sub, topic


async def nothing_told(client: Client, sub: Sub) -> None:
    """Nobody was told of a hole or an error, and the client said no more than the test has heard."""
    assert (client.holes.all, sub.holes.all, sub.ends.all, client.complaints.all) == ([], [], [], [])


async def test_repetitions_are_ignored(client: Client, server: ScriptedServer) -> None:
    """An update that the client has had, by its number, is not handed on again."""
    sub, topic = await subscribed(client, server)
    await topic.updates(4, 4, 5, 3, 1, 5, 4, 6)
    assert await sub.numbers(3) == [4, 5, 6]
    assert await topic.peer.quiet()
    assert sub.updates.unread == []
    await nothing_told(client, sub)


@pytest.mark.parametrize("how", ["listener", "items", "frames"])
async def test_a_gap_is_filled(client: Client, server: ScriptedServer, how: How) -> None:
    """A missing number is noticed at once: the topic is asked for again, and nothing is handed on out of order."""
    sub, topic = await subscribed(client, server, how=how)
    await topic.updates(4, 6, 7)
    request = await topic.peer.expect("trades.subscribe")
    assert request["payload"] == topic.request["payload"]
    assert request["recover"] == {"epoch": "a", "seq": 4}
    await topic.update(8)
    topic = await topic.peer.grant(request, seq=4, epoch="a", recovered=True)
    await topic.updates(5, 6, 7, 8, 9)
    bodies = await sub.updates.take(6)
    ids = [(body["payload"] if how == "frames" else body)["id"] for body in bodies]
    assert ids == [4, 5, 6, 7, 8, 9]
    assert await topic.peer.quiet()
    await nothing_told(client, sub)


async def test_a_gap_that_cannot_be_filled(client: Client, server: ScriptedServer) -> None:
    """Where the server cannot replay, there is a hole, and updates go on from the position it gives."""
    sub, topic = await subscribed(client, server, on_hole=True)
    await topic.updates(4, 6)
    topic = await topic.peer.grant(seq=6, epoch="a", recovered=False)
    await topic.updates(6, 7)
    assert await sub.numbers(2) == [4, 7]
    for holes in (client.holes, sub.holes):
        hole = await holes.next()
        assert (hole["topic"], hole["after"], hole["seq"]) == ("trades:AAPL", 4, 6)
        assert holes.unread == []


async def test_a_folded_range_is_no_gap(client: Client, server: ScriptedServer) -> None:
    """An update that says from which number on it stands for others leaves no gap; one that begins too late does."""
    sub, topic = await subscribed(client, server, "bars")
    await topic.update(4)
    await topic.update(9, seq_from=5)
    await topic.update(12, seq_from=8)
    await topic.update(12, seq_from=10)
    assert await sub.numbers(3) == [4, 9, 12]
    await topic.update(20, seq_from=14)
    request = await topic.peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 12}
    topic = await topic.peer.grant(request, seq=12, epoch="a", recovered=True)
    await topic.update(20, seq_from=13)
    assert await sub.numbers(1) == [20]
    assert sub.updates.unread == []
    await nothing_told(client, sub)


async def test_a_snapshot_sets_the_position(client: Client, server: ScriptedServer) -> None:
    """A snapshot is taken at any position from the last one on, leaves no gap, and is counted on from."""
    sub, topic = await subscribed(client, server, "quotes")
    await topic.update(3, snapshot=True)
    await topic.update(20, snapshot=True)
    await topic.update(21)
    await topic.update(21, snapshot=True)
    await topic.update(15, snapshot=True)
    await topic.update(22)
    assert await sub.numbers(5) == [3, 20, 21, 21, 22]
    assert await topic.peer.quiet()
    await nothing_told(client, sub)


async def test_another_epoch(client: Client, server: ScriptedServer) -> None:
    """An update of another epoch has a number that means nothing here: the topic is asked for again."""
    sub, topic = await subscribed(client, server)
    await topic.update(4, epoch="a")
    await topic.update(5, epoch="b")
    request = await topic.peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 4}
    await topic.update(6)
    topic = await topic.peer.grant(request, seq=6, epoch="b", recovered=False)
    await topic.update(7)
    assert await sub.numbers(2) == [4, 7]
    hole = await client.holes.next()
    assert (hole["after"], hole["seq"]) == (4, 6)


async def test_a_gap_in_one_topic_is_no_matter_of_another(client: Client, server: ScriptedServer) -> None:
    """While one topic is asked for again, the others go on."""
    sub, topic = await subscribed(client, server)
    other = client.subscribe(payload={"symbol": "B"})
    going_on = await topic.peer.grant(seq=0, epoch="b")
    await other.joined()
    await topic.update(9)
    request = await topic.peer.expect("trades.subscribe")
    await going_on.updates(1, 2)
    assert await other.numbers(2) == [1, 2]
    topic = await topic.peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.updates(*range(4, 10))
    assert await sub.numbers(6) == list(range(4, 10))


async def test_a_gap_is_refused_for_now(client: Client, server: ScriptedServer) -> None:
    """Where asking again is refused for now, it is repeated until it is answered, on the same connection."""
    sub, topic = await subscribed(client, server)
    await topic.update(5)
    for _ in range(3):
        await topic.peer.refuse(await topic.peer.expect("trades.subscribe"), "rate_limited", retry_after_ms=5)
    request = await topic.peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await topic.peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.updates(4, 5)
    assert await sub.numbers(2) == [4, 5]
    assert (client.holes.all, sub.ends.all) == ([], [])


async def test_a_gap_is_refused_for_good(client: Client, server: ScriptedServer) -> None:
    """Where asking again is refused for good, the subscriptions end with the refusal."""
    sub, topic = await subscribed(client, server)
    await topic.update(5)
    request = await topic.peer.expect("trades.subscribe")
    await topic.peer.refuse(request, "unknown_symbol", retryable=False)
    assert (await sub.ends.next())["code"] == "unknown_symbol"


async def test_a_gap_and_then_the_connection_is_lost(client: Client, server: ScriptedServer) -> None:
    """A gap that was not filled before the connection went is filled on the next one."""
    sub, topic = await subscribed(client, server)
    await topic.updates(4, 6)
    await topic.peer.expect("trades.subscribe")
    topic.peer.reset()
    peer = await server.accept()
    request = await peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 4}
    topic = await peer.grant(request, seq=4, epoch="a", recovered=True)
    await topic.updates(5, 6, 7)
    assert await sub.numbers(4) == [4, 5, 6, 7]
    assert await peer.quiet()
    await nothing_told(client, sub)


async def test_a_late_answer_to_a_gap(client: Client, server: ScriptedServer) -> None:
    """An answer to a recovery that belongs to a lost connection is nobody's."""
    sub, topic = await subscribed(client, server)
    await topic.update(9)
    old = await topic.peer.expect("trades.subscribe")
    topic.peer.reset()
    peer = await server.accept()
    request = await peer.expect("trades.subscribe")
    if old["id"] != request["id"]:
        await peer.answer(old, seq=50, epoch="z", recovered=False)
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    assert client.holes.all == []


async def test_gaps_without_end(client: Client, server: ScriptedServer) -> None:
    """A server that leaves a gap after every answer is asked again each time, once, and not in a flood."""
    sub, topic = await subscribed(client, server)
    seq = 3
    for _ in range(20):
        await topic.updates(seq + 2, seq + 3, seq + 4)
        request = await topic.peer.expect("trades.subscribe")
        assert request["recover"] == {"epoch": "a", "seq": seq}
        assert await topic.peer.quiet()
        topic = await topic.peer.grant(request, seq=seq, epoch="a", recovered=True)
        await topic.update(seq + 1)
        seq += 1
        assert await sub.numbers(1) == [seq]
    await nothing_told(client, sub)
