"""Several subscribers to one topic: one subscription on the wire, from the first to the last of them."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client, How
from tests.clients.scripted import ScriptedServer


async def test_one_subscribe_for_two(client: Client, server: ScriptedServer) -> None:
    """Two subscribers cost one subscribe; the server hears of the end when the last one leaves."""
    await client.create(server.url)
    one, two = client.subscribe(), client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    assert await one.joined() == await two.joined() == "bars:AAPL:1"
    await topic.update(1)
    assert await one.numbers(1) == await two.numbers(1) == [1]
    await one.leave().answer()
    assert await one.ends.next() is None
    assert await peer.quiet()
    await topic.update(2)
    assert await two.numbers(1) == [2]
    assert one.updates.unread == []
    leaving = two.leave()
    await peer.leave()
    await leaving.answer()
    assert [frame["type"] for frame in peer.received] == ["bars.subscribe", "bars.unsubscribe"]


async def test_spellings_of_one_topic(client: Client, server: ScriptedServer) -> None:
    """Selections that mean one topic share it, however they are written."""
    await client.create(server.url)
    subs = [client.subscribe(payload={"symbol": "AAPL", "resolution": text}) for text in ("D", "1D", "D")]
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    assert [await sub.joined() for sub in subs] == ["bars:AAPL:1D"] * 3
    await topic.update(1)
    assert [await sub.numbers(1) for sub in subs] == [[1]] * 3
    assert await peer.quiet()


async def test_defaults_of_one_topic(client: Client, server: ScriptedServer) -> None:
    """What is left out is the default, and so the same topic as the default written out."""
    await client.create(server.url)
    subs = [client.subscribe("orderbook", payload=payload) for payload in (
        {"symbol": "AAPL"}, {"symbol": "AAPL", "depth": 25}
    )]  # fmt: skip
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    assert [await sub.joined() for sub in subs] == ["orderbook:AAPL:25"] * 2
    assert await peer.quiet()


@pytest.mark.parametrize("how", ["listener", "items"])
@pytest.mark.parametrize("channel", ["bars", "quotes", "orderbook"])
async def test_a_late_joiner_is_told_the_latest(
    client: Client, server: ScriptedServer, channel: str, how: How
) -> None:
    """Who joins later is given what the others have already, without a word to the server."""
    await client.create(server.url)
    early = client.subscribe(channel)
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await early.joined()
    await topic.update(1, snapshot=True)
    await topic.update(2)
    assert await early.numbers(2) == [1, 2]
    late = client.subscribe(channel, how=how)
    await late.joined()
    assert await late.numbers(1) == [2]
    assert await late.latest() == early.updates.all[-1]
    await topic.update(3)
    assert await late.numbers(1) == await early.numbers(1) == [3]
    assert await peer.quiet()


async def test_a_late_joiner_of_a_lossless_channel(client: Client, server: ScriptedServer) -> None:
    """On a channel where every update is an event of its own, a late joiner begins with the next one."""
    await client.create(server.url)
    early = client.subscribe("trades")
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await early.joined()
    await topic.update(1)
    assert await early.numbers(1) == [1]
    late = client.subscribe("trades")
    await late.joined()
    await topic.update(2)
    assert await late.numbers(1) == [2]
    assert len(late.updates.all) == 1


async def test_nothing_to_tell_a_late_joiner(client: Client, server: ScriptedServer) -> None:
    """Before the first update there is no latest."""
    await client.create(server.url)
    early = client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await early.joined()
    late = client.subscribe()
    await late.joined()
    assert await late.latest() is None
    await topic.update(1)
    assert await late.numbers(1) == [1]
    assert await late.latest() == late.updates.all[0]


async def test_a_refusal_is_for_all(client: Client, server: ScriptedServer) -> None:
    """Where the topic is refused, everybody who asked for it fails; it may be asked for again."""
    await client.create(server.url)
    subs = [client.subscribe(), client.subscribe()]
    peer = await server.accept()
    await peer.refuse(await peer.expect("bars.subscribe"), "unknown_symbol", retryable=False)
    for sub in subs:
        assert (await sub.asked.failure()).code == "unknown_symbol"
    again = client.subscribe()
    await peer.grant(seq=0, epoch="a")
    await again.joined()


async def test_one_of_two_gives_up(client: Client, server: ScriptedServer) -> None:
    """Giving up one of two subscribes under way leaves the other its topic."""
    await client.create(server.url)
    one, two = client.subscribe(), client.subscribe()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    await one.asked.abort()
    assert (await one.asked.failure()).name == "Aborted"
    topic = await peer.grant(request, seq=0, epoch="a")
    await two.joined()
    await topic.update(1)
    assert await two.numbers(1) == [1]
    assert await peer.quiet()
    assert one.updates.all == []


async def test_leaving_while_another_joins(client: Client, server: ScriptedServer) -> None:
    """Who joins in the moment that the last one leaves has the topic: updates reach it."""
    await client.create(server.url)
    one = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await one.joined()
    leaving, two = one.leave(), client.subscribe()
    topic = None
    # What goes over the wire is the client's choice, as long as the server ends up subscribed.
    while topic is None or not two.asked.done:
        frame = await peer.receive()
        if frame["type"] == "bars.unsubscribe":
            await peer.answer(frame)
        else:
            topic = await peer.grant(frame, seq=1, epoch="a")
            await two.joined()
    await leaving.answer()
    await topic.update(2)
    assert await two.numbers(1) == [2]
    assert await peer.quiet()
    assert peer.received[-1]["type"] == "bars.subscribe"


async def test_coming_and_going(client: Client, server: ScriptedServer) -> None:
    """However quickly subscribers come and go, the server ends up with what the last of them wants."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    joined = False
    for turn in range(10):
        sub = client.subscribe(how="items" if turn % 2 else "listener")
        topic = await peer.grant(seq=turn, epoch="a")
        await sub.joined()
        await topic.update(turn + 1)
        assert await sub.numbers(1) == [turn + 1]
        joined = not joined
        leaving = sub.leave()
        await peer.leave()
        await leaving.answer()
    assert await peer.quiet()


async def test_left_means_left(client: Client, server: ScriptedServer) -> None:
    """After leaving nothing is handed on, though updates were on their way; leaving twice is leaving once."""
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    leaving = sub.leave()
    request = await peer.expect("bars.unsubscribe")
    await topic.updates(1, 2, 3)
    await peer.answer(request)
    await leaving.answer()
    await sub.leave().answer()
    assert await sub.ends.next() is None
    assert await sub.active() is False
    assert await peer.quiet()
    assert sub.updates.all == []
    assert client.complaints.all == []


async def test_a_listener_that_fails(client: Client, server: ScriptedServer) -> None:
    """A listener that throws is told of in the log, and costs neither itself nor others their updates."""
    await client.create(server.url)
    bad, good = client.subscribe(then="throw"), client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await good.joined()
    await bad.joined()
    await topic.updates(1, 2)
    assert await bad.numbers(2) == await good.numbers(2) == [1, 2]
    assert len(await client.complaints.take(2)) == 2


async def test_a_listener_that_leaves(client: Client, server: ScriptedServer) -> None:
    """A listener may unsubscribe from within its call, which costs no other its updates."""
    await client.create(server.url)
    leaving, staying = client.subscribe(then="leave"), client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await leaving.joined()
    await staying.joined()
    await topic.update(1)
    assert await leaving.ends.next() is None
    await topic.update(2)
    assert await staying.numbers(2) == [1, 2]
    assert await leaving.numbers(1) == [1]
    assert await peer.quiet()
    assert leaving.updates.unread == []


async def test_a_listener_that_closes(client: Client, server: ScriptedServer) -> None:
    """A listener may close the client from within its call."""
    await client.create(server.url)
    subs = [client.subscribe(then="close"), client.subscribe()]
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    for sub in subs:
        await sub.joined()
    await topic.update(1)
    for sub in subs:
        assert await sub.ends.next() is None
    assert (await peer.gone()).code == 1000
    await client.reaches("closed")


@pytest.mark.parametrize("how", ["silence", "refusal", "loss"])
async def test_leaving_never_fails(client: Client, server: ScriptedServer, how: str) -> None:
    """Leaving is done when the server knows, or cannot be told: it does not fail, and updates are nobody's at once."""
    await client.create(server.url, timeout_ms=400)
    sub = client.subscribe(timeout_ms=8000)
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    leaving = sub.leave()
    request = await peer.expect("bars.unsubscribe")
    assert await sub.ends.next() is None
    await topic.update(1)
    if how == "refusal":
        await peer.refuse(request, "internal", retryable=False)
    elif how == "loss":
        peer.reset()
    await leaving.answer()
    if how == "loss":
        peer = await server.accept()
        assert await peer.quiet()
    assert sub.updates.all == []


async def test_many_updates_at_once(client: Client, server: ScriptedServer) -> None:
    """A listener is called for each update, however many come at once, and in order."""
    await client.create(server.url)
    sub = client.subscribe("trades", buffer=10_000)
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await topic.updates(*range(1, 2001))
    assert await sub.numbers(2000) == list(range(1, 2001))


async def test_a_hole_is_told_to_each(client: Client, server: ScriptedServer) -> None:
    """Every subscriber of a topic is told of its hole, and the client once."""
    await client.create(server.url, on_hole=True)
    subs = [client.subscribe(on_hole=True) for _ in range(2)]
    peer = await server.accept()
    await peer.grant(seq=3, epoch="a")
    for sub in subs:
        await sub.joined()
    peer.reset()
    peer = await server.accept()
    await peer.grant(seq=9, epoch="b", recovered=False)
    for holes in (*(sub.holes for sub in subs), client.holes):
        assert (await holes.next())["after"] == 3
        assert holes.unread == []
