"""What a server does to a topic of its own accord: it begins it anew, or takes it away."""

from __future__ import annotations

from tests.clients.bodies import body_of
from tests.clients.driving import Client, Json, Sub
from tests.clients.scripted import Frame, Peer, ScriptedServer, Topic

WHY = {"code": "unavailable", "message": "The history is lost"}


async def subscribed(client: Client, server: ScriptedServer, channel: str) -> tuple[Sub, Topic]:
    """A subscription at seq 3 of epoch a, whose holes and the client's are listened to."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe(channel, on_hole=True)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    return sub, topic


def reset(topic: Topic, seq: int, epoch: str) -> Frame:
    """What says that a topic begins anew."""
    return {"type": "topic.reset", "topic": topic.address, "epoch": epoch, "seq": seq, "payload": WHY}


def closed(topic: str, code: str = "forbidden") -> Frame:
    """What says that a topic is taken away."""
    return {"type": "topic.closed", "topic": topic, "payload": {"code": code, "message": "Not any more"}}


async def one_hole(client: Client, sub: Sub, after: int, seq: int, reason: str = "reset") -> None:
    """There was one hole, and the client and the subscription were told of it."""
    for holes in (client.holes, sub.holes):
        hole = await holes.next()
        assert (hole["topic"], hole["reason"]) == (await sub.joined(), reason)
        assert (hole["after"], hole["seq"]) == (after, seq)
        assert holes.unread == []


async def test_a_topic_begins_anew(client: Client, server: ScriptedServer) -> None:
    """After a reset there is a hole of that reason, and updates go on from the new position, without a request."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.update(4)
    await topic.peer.send(reset(topic, 10, "b"), topic.frame(11), topic.frame(12))
    assert await sub.numbers(3) == [4, 11, 12]
    await one_hole(client, sub, 4, 10)
    assert await topic.peer.quiet()
    topic.peer.reset()
    request = await (await server.accept()).expect("trades.subscribe")
    assert request["recover"] == {"epoch": "b", "seq": 12}


async def test_numbers_may_begin_anew_too(client: Client, server: ScriptedServer) -> None:
    """The position after a reset may be below the one before; old numbers count anew."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(reset(topic, 0, "b"), topic.frame(1), topic.frame(2))
    assert await sub.numbers(2) == [1, 2]
    await one_hole(client, sub, 3, 0)


async def test_a_gap_after_a_reset_is_a_gap(client: Client, server: ScriptedServer) -> None:
    """From the new position on nothing may be left out."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(reset(topic, 10, "b"), topic.frame(12))
    request = await topic.peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "b", "seq": 10}
    topic = await topic.peer.grant(request, seq=10, epoch="b", recovered=True)
    await topic.updates(11, 12)
    assert await sub.numbers(2) == [11, 12]
    await one_hole(client, sub, 3, 10)


async def test_what_is_held_is_void(client: Client, server: ScriptedServer) -> None:
    """A book is empty from the reset until the snapshot; what is held then is the snapshot's."""
    sub, topic = await subscribed(client, server, "orderbook")
    await topic.update(4, snapshot=True)
    assert await sub.numbers(1) == [4]
    assert (await sub.latest())["bids"] == [{"price": 1, "size": 4}]
    await topic.peer.send(reset(topic, 10, "b"))
    await one_hole(client, sub, 4, 10)
    assert await sub.latest() is None
    await topic.update(10, snapshot=True)
    await topic.update(11, body_of("orderbook", 11))
    assert await sub.numbers(2) == [10, 11]
    assert await topic.peer.quiet()


async def test_a_change_of_a_book_that_is_void(client: Client, server: ScriptedServer) -> None:
    """Changes that follow a reset without the snapshot are nothing to build upon: the book is asked for anew."""
    sub, topic = await subscribed(client, server, "orderbook")
    await topic.update(4, snapshot=True)
    await topic.peer.send(reset(topic, 10, "b"), topic.frame(11))
    topic = await topic.peer.grant(seq=11, epoch="b")
    await topic.update(11, snapshot=True)
    assert await sub.numbers(2) == [4, 11]


async def test_who_comes_after_a_reset_is_shown_nothing_old(client: Client, server: ScriptedServer) -> None:
    """A second subscriber to a topic gets the last quote at once; after a reset it waits for the next."""
    first, topic = await subscribed(client, server, "quotes")
    await topic.update(3, snapshot=True)
    assert await first.numbers(1) == [3]
    await topic.peer.send(reset(topic, 10, "b"))
    await one_hole(client, first, 3, 10)
    second = client.subscribe("quotes")
    await second.joined()
    assert await second.latest() is None
    await topic.update(10, snapshot=True)
    assert await second.numbers(1) == [10]


async def test_lost_before_the_snapshot(client: Client, server: ScriptedServer) -> None:
    """A position whose snapshot has not come is worth nothing: the client does not claim it on the next connection."""
    sub, topic = await subscribed(client, server, "quotes")
    await topic.update(4)
    await topic.peer.send(reset(topic, 10, "b"))
    await one_hole(client, sub, 4, 10)
    topic.peer.reset()
    peer = await server.accept()
    request = await peer.expect("quotes.subscribe")
    assert request.get("recover") == {"epoch": "a", "seq": 4}
    topic = await peer.grant(request, seq=10, epoch="b", recovered=False)
    await topic.update(10, snapshot=True)
    assert await sub.numbers(2) == [4, 10]


async def test_a_reset_while_the_topic_is_asked_for(client: Client, server: ScriptedServer) -> None:
    """What a topic does before it is answered belongs to what was before; the answer says how it stands."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.updates(4, 6)
    request = await topic.peer.expect("trades.subscribe")
    await topic.peer.send(reset(topic, 10, "b"))
    topic = await topic.peer.grant(request, seq=10, epoch="b", recovered=False)
    await topic.update(11)
    assert await sub.numbers(2) == [4, 11]
    await one_hole(client, sub, 4, 10, "gap")


async def test_of_nobodys_topic(client: Client, server: ScriptedServer) -> None:
    """Word of a topic that nobody here wants, or of none, changes nothing."""
    sub, topic = await subscribed(client, server, "trades")
    fields: list[Json] = [{}, {"topic": "trades:MSFT"}, {"topic": 5}, {"topic": None, "payload": None}]
    for kind in ("topic.reset", "topic.closed"):
        await topic.peer.send(*({"type": kind, "epoch": "b", "seq": 10, **one} for one in fields))
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    assert (sub.holes.all, sub.ends.all) == ([], [])


async def test_a_topic_is_taken_away(client: Client, server: ScriptedServer) -> None:
    """The subscription ends with the server's reason and is not asked for again; all others go on."""
    taken, topic = await subscribed(client, server, "trades")
    also, kept = client.subscribe("trades", "items"), client.subscribe("quotes")
    await also.joined()
    quotes = await topic.peer.grant(seq=0, epoch="a")
    await kept.joined()
    await topic.peer.send(topic.frame(4), closed(topic.address), topic.frame(5), quotes.frame(1))
    for sub in (taken, also):
        error = await sub.ends.next()
        assert (error["name"], error["code"]) == ("Refused", "forbidden")
        assert "Not any more" in error["message"]
        assert await sub.numbers(1) == [4]
        assert sub.updates.unread == []
        assert await sub.active() is False
    assert await kept.numbers(1) == [1]
    assert await topic.peer.quiet()
    topic.peer.reset()
    peer = await server.accept()
    quotes = await peer.grant(seq=1, epoch="a", recovered=True)
    assert quotes.channel == "quotes"
    assert await peer.quiet()
    await quotes.update(2)
    assert await kept.numbers(1) == [2]
    assert client.holes.all == []


async def test_what_was_taken_away_can_be_had_again(client: Client, server: ScriptedServer) -> None:
    """Who wants the topic again subscribes again: that is a request of its own, from no position."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(closed(topic.address))
    await sub.ends.next()
    again = client.subscribe("trades")
    request = await topic.peer.expect("trades.subscribe")
    assert "recover" not in request
    topic = await topic.peer.grant(request, seq=20, epoch="a")
    await again.joined()
    await topic.update(21)
    assert await again.numbers(1) == [21]


async def test_left_after_it_was_taken_away(client: Client, server: ScriptedServer) -> None:
    """Leaving what is over is no request."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(closed(topic.address))
    await sub.ends.next()
    await sub.leave().answer()
    assert await topic.peer.quiet()


async def test_taken_away_while_it_is_asked_for(client: Client, server: ScriptedServer) -> None:
    """Where the topic is being asked for again, the answer decides."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.updates(4, 6)
    request = await topic.peer.expect("trades.subscribe")
    await topic.peer.send(closed(topic.address))
    await topic.peer.refuse(request, "forbidden", message="Never again", retryable=False)
    error = await sub.ends.next()
    assert error["code"] == "forbidden"
    assert "Never again" in error["message"]


async def test_the_last_one_is_taken_away(client: Client, server: ScriptedServer) -> None:
    """A client without any topic left stays connected, and comes back without a word."""
    sub, topic = await subscribed(client, server, "trades")
    await topic.peer.send(closed(topic.address))
    await sub.ends.next()
    topic.peer.reset()
    peer: Peer = await server.accept()
    assert await peer.quiet()
    ping = client.ping()
    await peer.pong()
    await ping.answer()
