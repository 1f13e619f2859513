"""What becomes of subscriptions when the connection is lost: recovered, or told of a hole."""

from __future__ import annotations

import asyncio

import pytest

from tests.clients.driving import Client, Json, Sub
from tests.clients.scripted import Gone, Peer, ScriptedServer, Topic


async def subscribed(
    client: Client, server: ScriptedServer, channel: str = "bars", **options: Json
) -> tuple[Sub, Topic]:
    """A subscription at seq 3 of epoch a."""
    sub = client.subscribe(channel, **options)
    peer = await server.accept()
    topic = await peer.grant(seq=3, epoch="a")
    await sub.joined()
    return sub, topic


async def lost(server: ScriptedServer, peer: Peer) -> Peer:
    """Cut a connection; the next one."""
    peer.reset()
    return await server.accept()


@pytest.mark.parametrize("channel", ["bars", "quotes", "trades", "orderbook"])
async def test_recovered(client: Client, server: ScriptedServer, channel: str) -> None:
    """The topic is asked for with the last position; what is replayed follows on, and nobody is told anything."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server, channel, on_hole=True)
    first = {"snapshot": True} if channel == "orderbook" else {}
    await topic.update(4, **first)
    await topic.update(5)
    assert await sub.numbers(2) == [4, 5]
    peer = await lost(server, topic.peer)
    request = await peer.expect(f"{channel}.subscribe")
    assert request["payload"] == topic.request["payload"]
    assert request["recover"] == {"epoch": "a", "seq": 5}
    topic = await peer.grant(request, seq=5, epoch="a", recovered=True)
    await topic.updates(6, 7)
    assert await sub.numbers(2) == [6, 7]
    assert (client.holes.all, sub.holes.all, sub.ends.all, client.complaints.all) == ([], [], [], [])


async def test_recovered_is_not_trusted_over_numbers(client: Client, server: ScriptedServer) -> None:
    """Who says that all was recovered, and then leaves something out, is asked again."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server, "trades")
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=9, epoch="a", recovered=True)
    await topic.update(10)
    request = await peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=10, epoch="a", recovered=False)
    hole = await client.holes.next()
    assert (hole["after"], hole["seq"]) == (3, 10)
    await topic.update(11)
    assert await sub.numbers(1) == [11]


async def test_recovered_in_another_epoch(client: Client, server: ScriptedServer) -> None:
    """What is recovered in an epoch that was not asked for is not recovered."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=3, epoch="b", recovered=True)
    assert (await client.holes.next())["after"] == 3
    await topic.update(4)
    assert await sub.numbers(1) == [4]


async def test_nothing_came_before_the_loss(client: Client, server: ScriptedServer) -> None:
    """Without any update the position is that of the subscribe answer: a quiet topic recovers too."""
    await client.create(server.url)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]


@pytest.mark.parametrize("listening", ["client", "subscription", "both"])
async def test_a_hole_is_told(client: Client, server: ScriptedServer, listening: str) -> None:
    """What cannot be recovered is told to those who listen, with what is known of it; updates go on after it."""
    await client.create(server.url, on_hole=listening != "subscription")
    sub, topic = await subscribed(client, server, on_hole=listening != "client")
    await topic.update(5, seq_from=4)
    assert await sub.numbers(1) == [5]
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=9, epoch="b", recovered=False)
    await topic.update(9, snapshot=True)
    await topic.update(10)
    assert await sub.numbers(2) == [9, 10]
    told = {"client": [client.holes], "subscription": [sub.holes], "both": [client.holes, sub.holes]}
    for holes in told[listening]:
        hole = await holes.next()
        assert {name: hole[name] for name in ("topic", "after", "seq")} == {
            "topic": "bars:AAPL:1",
            "after": 5,
            "seq": 9,
        }
        assert hole["reason"]
        assert holes.unread == []
    assert client.complaints.all == []
    # The new epoch is the one that is asked for next.
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "b", "seq": 10}
    await peer.grant(request, seq=10, epoch="b", recovered=True)


async def test_a_hole_that_nobody_listens_for(client: Client, server: ScriptedServer) -> None:
    """Where nobody listens, a hole is a warning in the log: never a silent one."""
    await client.create(server.url)
    _, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    await peer.grant(seq=9, epoch="a", recovered=False)
    assert "bars:AAPL:1" in await client.complaints.next()
    assert client.complaints.unread == []


async def test_a_server_that_knows_no_recovery(client: Client, server: ScriptedServer) -> None:
    """An answer that does not say `recovered` proves nothing: there is a hole."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=9, epoch="b")
    assert (await client.holes.next())["after"] == 3
    await topic.update(10)
    assert await sub.numbers(1) == [10]


async def test_a_server_without_positions(client: Client, server: ScriptedServer) -> None:
    """Where no position is known none is sent; updates without seq are handed on as they come."""
    await client.create(server.url, on_hole=True)
    sub = client.subscribe()
    peer = await server.accept()
    topic = await peer.grant()
    await sub.joined()
    bare = [{name: value for name, value in topic.frame(n).items() if name != "seq"} for n in (1, 2, 2)]
    await peer.send(*bare)
    assert await sub.numbers(3) == [1, 2, 2]
    peer = await lost(server, peer)
    request = await peer.expect("bars.subscribe")
    assert "recover" not in request
    await peer.grant(request)
    await peer.send(bare[0])
    assert await sub.numbers(1) == [1]


async def test_several_topics(client: Client, server: ScriptedServer) -> None:
    """Every topic that somebody listens to is asked for again, each with its own position."""
    await client.create(server.url, on_hole=True)
    subs = {symbol: client.subscribe(payload={"symbol": symbol}) for symbol in "ABC"}
    peer = await server.accept()
    for seq, symbol in enumerate("ABC"):
        await peer.grant(seq=seq, epoch=f"e{symbol}")
        await subs[symbol].joined()
    peer = await lost(server, peer)
    seen = {}
    for _ in subs:
        request = await peer.expect("bars.subscribe")
        seen[request["payload"]["symbol"]] = request["recover"]
        topic = await peer.grant(request, **request["recover"], recovered=request["payload"]["symbol"] != "B")
        await topic.update(request["recover"]["seq"] + 1)
    assert seen == {symbol: {"epoch": f"e{symbol}", "seq": seq} for seq, symbol in enumerate("ABC")}
    for seq, symbol in enumerate("ABC"):
        assert await subs[symbol].numbers(1) == [seq + 1]
    assert [hole["topic"] for hole in client.holes.all] == ["bars:B:1"]


async def test_refused_for_now(client: Client, server: ScriptedServer) -> None:
    """A topic that is refused for now is asked for again, not before the server's time; the others go on."""
    await client.create(server.url, on_hole=True)
    await client.ask("dice", value=0.0).answer()
    sub, topic = await subscribed(client, server)
    other = client.subscribe(payload={"symbol": "B"})
    await topic.peer.grant(seq=0, epoch="b")
    await other.joined()
    peer = await lost(server, topic.peer)
    requests = [await peer.expect("bars.subscribe") for _ in range(2)]
    [refused] = [request for request in requests if request["payload"]["symbol"] == "AAPL"]
    [granted] = [request for request in requests if request is not refused]
    loop = asyncio.get_running_loop()
    since = loop.time()
    await peer.refuse(refused, "rate_limited", retry_after_ms=120)
    going_on = await peer.grant(granted, seq=0, epoch="b", recovered=True)
    await going_on.update(1)
    assert await other.numbers(1) == [1]
    request = await peer.expect("bars.subscribe")
    assert 0.115 <= loop.time() - since < 3
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    assert (client.holes.all, sub.ends.all) == ([], [])


async def test_refused_for_good(client: Client, server: ScriptedServer) -> None:
    """A topic that is refused for good ends its subscriptions with the refusal; the client and the others go on."""
    await client.create(server.url)
    sub, topic = await subscribed(client, server)
    other = client.subscribe(payload={"symbol": "B"})
    await topic.peer.grant(seq=0, epoch="b")
    await other.joined()
    peer = await lost(server, topic.peer)
    for _ in range(2):
        request = await peer.expect("bars.subscribe")
        if request["payload"]["symbol"] == "AAPL":
            await peer.refuse(request, "unknown_symbol", retryable=False)
        else:
            going_on = await peer.grant(request, seq=0, epoch="b", recovered=True)
    ended = await sub.ends.next()
    assert (ended["name"], ended["code"]) == ("Refused", "unknown_symbol")
    assert await sub.active() is False
    await going_on.update(1)
    assert await other.numbers(1) == [1]
    await client.reaches("open")
    again = client.subscribe()
    request = await peer.expect("bars.subscribe")
    assert "recover" not in request
    await peer.grant(request, seq=0, epoch="c")
    await again.joined()


async def test_not_answered(client: Client, server: ScriptedServer) -> None:
    """A topic whose recovery is not answered in time is asked for again, with the same position."""
    await client.create(server.url, timeout_ms=400, on_hole=True)
    sub, topic = await subscribed(client, server, timeout_ms=8000)
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    while True:
        try:
            again = await peer.expect("bars.subscribe")
        except Gone:  # it may think that the connection is at fault, and make another
            peer = await server.accept()
            continue
        break
    assert again["recover"] == request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(again, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    assert client.holes.all == []


async def test_lost_again_before_it_recovered(client: Client, server: ScriptedServer) -> None:
    """A connection that is lost before the answer changes nothing: the next one is asked the same."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = topic.peer
    for _ in range(5):
        peer = await lost(server, peer)
        request = await peer.expect("bars.subscribe")
        assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.update(4)
    assert await sub.numbers(1) == [4]
    assert client.holes.all == []


@pytest.mark.parametrize("channel", ["bars", "quotes", "orderbook"])
async def test_lost_before_the_snapshot(client: Client, server: ScriptedServer, channel: str) -> None:
    """A position whose snapshot never came is none: the next connection is not asked to go on from it."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server, channel)
    await topic.update(4, snapshot=True)
    assert await sub.numbers(1) == [4]
    peer = await lost(server, topic.peer)
    await peer.grant(seq=9, epoch="b", recovered=False)
    await client.holes.next()
    peer = await lost(server, peer)
    request = await peer.expect(f"{channel}.subscribe")
    assert request.get("recover") != {"epoch": "b", "seq": 9}
    fields = {"recovered": False} if "recover" in request else {}
    topic = await peer.grant(request, seq=9, epoch="b", **fields)
    await topic.update(9, snapshot=True)
    await topic.update(10)
    assert await sub.numbers(2) == [9, 10]
    # The first hole is still the whole of it.
    assert client.holes.unread == []
    peer = await lost(server, peer)
    request = await peer.expect(f"{channel}.subscribe")
    assert request["recover"] == {"epoch": "b", "seq": 10}
    await peer.grant(request, seq=10, epoch="b", recovered=True)


async def test_latest_is_not_from_before_a_hole(client: Client, server: ScriptedServer) -> None:
    """Who joins after a hole is not given what came before it."""
    await client.create(server.url, on_hole=True)
    _, topic = await subscribed(client, server, "quotes")
    await topic.update(4, snapshot=True)
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=0, epoch="b", recovered=False)
    await client.holes.next()
    late = client.subscribe("quotes")
    await late.joined()
    await topic.update(1)
    assert await late.numbers(1) == [1]


async def test_lost_in_the_midst_of_a_replay(client: Client, server: ScriptedServer) -> None:
    """Half a replay counts for half: the next recovery begins where it broke off."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server, "trades")
    peer = await lost(server, topic.peer)
    topic = await peer.grant(seq=3, epoch="a", recovered=True)
    await topic.updates(4, 5)
    assert await sub.numbers(2) == [4, 5]
    await peer.cut(topic.frame(6))
    peer = await server.accept()
    request = await peer.expect("trades.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 5}
    topic = await peer.grant(request, seq=5, epoch="a", recovered=True)
    await topic.updates(6, 7)
    assert await sub.numbers(2) == [6, 7]
    assert client.holes.all == []


async def test_an_update_before_the_answer(client: Client, server: ScriptedServer) -> None:
    """On a new connection updates that come before the answer are not taken: they may lie beyond a hole."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    await peer.send(topic.frame(8))
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    await topic.updates(4, 5, 6, 7, 8)
    assert await sub.numbers(5) == [4, 5, 6, 7, 8]
    assert client.holes.all == []


async def test_an_update_of_another_epoch_before_the_answer(client: Client, server: ScriptedServer) -> None:
    """Before the answer nobody knows of which epoch an update is, though its number would be the next."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    await peer.send(topic.frame(4))
    topic = await peer.grant(request, seq=5, epoch="b", recovered=False)
    await topic.update(6)
    assert await sub.numbers(1) == [6]
    hole = await client.holes.next()
    assert (hole["after"], hole["seq"]) == (3, 5)


async def test_left_while_it_reconnects(client: Client, server: ScriptedServer) -> None:
    """A subscription that is left while there is no connection is forgotten: the next one hears nothing of it."""
    await client.create(server.url)
    sub, topic = await subscribed(client, server)
    kept = client.subscribe(payload={"symbol": "B"})
    await topic.peer.grant(seq=0, epoch="b")
    await kept.joined()
    await server.stop()
    await client.reaches("reconnecting")
    await sub.leave().answer()
    assert await sub.ends.next() is None
    await server.listen()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    assert request["payload"]["symbol"] == "B"
    await peer.grant(request, seq=0, epoch="b", recovered=True)
    assert await peer.quiet()


async def test_left_before_the_recovery_is_answered(client: Client, server: ScriptedServer) -> None:
    """A subscription that is left while its recovery is under way is left on the server too, and hears nothing."""
    await client.create(server.url, on_hole=True)
    sub, topic = await subscribed(client, server)
    peer = await lost(server, topic.peer)
    request = await peer.expect("bars.subscribe")
    leaving = sub.leave()
    assert await sub.ends.next() is None
    topic = await peer.grant(request, seq=9, epoch="b", recovered=False)
    await peer.leave()
    await leaving.answer()
    assert (sub.updates.all, client.holes.all) == ([], [])


async def test_joined_while_it_reconnects(client: Client, server: ScriptedServer) -> None:
    """Who subscribes to a topic that is being recovered shares it: the server is asked once."""
    await client.create(server.url)
    sub, topic = await subscribed(client, server)
    await server.stop()
    await client.reaches("reconnecting")
    late = client.subscribe()
    await server.listen()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 3}
    topic = await peer.grant(request, seq=3, epoch="a", recovered=True)
    assert await late.joined() == "bars:AAPL:1"
    await topic.update(4)
    assert await sub.numbers(1) == await late.numbers(1) == [4]
    assert await peer.quiet()
