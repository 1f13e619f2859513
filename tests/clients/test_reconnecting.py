"""When a client connects again, how long it waits before, and when it does not."""

from __future__ import annotations

import asyncio

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import Peer, ScriptedServer

RECONNECT = (1000, 1001, 1005, 1006, 1011, 1012, 1013, 3000, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4499)
STOP = (1002, 1003, 1007, 1008, 1009, 1010, 4500, 4501, 4502, 4503, 4504, 4999)


async def lose(peer: Peer, code: int) -> None:
    """End a connection with a code; 1006 is a connection that is lost without one."""
    if code == 1006:
        peer.reset()
    else:
        await peer.close(code, "because")


async def next_after(server: ScriptedServer, peer: Peer, code: int = 1012) -> tuple[Peer, float]:
    """Close a connection; the next one, and the seconds until it came."""
    since = asyncio.get_running_loop().time()
    await lose(peer, code)
    later = await server.accept()
    return later, later.arrived - since


async def settled(client: Client, peer: Peer) -> None:
    """Have a connection answer something: only then it counts as one that works."""
    ping = client.ping()
    await peer.pong()
    await ping.answer()


async def shortest(client: Client, server: ScriptedServer, peer: Peer, code: int = 1012) -> float:
    """The shortest wait after connections that worked: a busy machine makes some of them longer, not all."""
    waits = []
    for _ in range(3):
        await settled(client, peer)
        peer, waited = await next_after(server, peer, code)
        waits.append(waited)
    return min(waits)


async def test_codes_that_let_it_come_back(client: Client, server: ScriptedServer) -> None:
    """After every code that lets a client reconnect it does, its subscription goes on, and the reason is told."""
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.enters("connecting", "open")
    for seq, code in enumerate(RECONNECT, 1):
        await topic.update(seq)
        await sub.updates.next()
        await lose(peer, code)
        reason = await client.enters("reconnecting")
        assert (reason["code"], reason["retryable"]) == (code if code != 1006 else 1006, True)
        if code not in (1005, 1006):
            assert reason["reason"] == "because"
        peer = await server.accept()
        topic = await peer.grant(seq=seq, epoch="a", recovered=True)
        await client.enters("open")
    assert sub.ends.all == []


async def test_codes_that_stop_it(client: Client, server: ScriptedServer) -> None:
    """After a code that says stop nothing is tried again: requests and subscriptions fail with it."""
    for code in STOP:
        await client.create(server.url)
        iterated, heard = client.subscribe(how="items"), client.subscribe("trades")
        peer = await server.accept()
        topic = await peer.grant(seq=0, epoch="a")
        await peer.grant(seq=0, epoch="a")
        await iterated.joined()
        await heard.joined()
        await topic.update(1)
        ping = client.ping()
        await peer.expect("ping")
        await lose(peer, code)
        reason = await client.enters("connecting", "open", "closed")
        error = await ping.failure()
        assert error.name == "Lost"
        assert (reason["code"], reason["retryable"]) == (error.code, error.retryable) == (code, False)
        assert await iterated.numbers(1) == [1]
        for sub in (iterated, heard):
            ended = await sub.ends.next()
            assert (ended["name"], ended["code"]) == ("Lost", code)
            assert await sub.active() is False
        assert (await client.ping().failure()).code == code
    assert await server.lonely(0.03)


async def test_no_reconnecting_where_none_is_wanted(client: Client, server: ScriptedServer) -> None:
    """With `reconnect` off, every loss is the end: subscriptions end with it."""
    await client.create(server.url, reconnect=False)
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await peer.close(1012)
    reason = await client.enters("connecting", "open", "closed")
    assert reason["code"] == 1012
    assert (await sub.ends.next())["code"] == 1012
    assert await server.lonely(0.03)


async def test_waits_double_up_to_the_longest(client: Client, server: ScriptedServer) -> None:
    """The longest wait of each attempt is twice that of the one before, up to the cap."""
    await client.create(server.url, reconnect=[20, 80])
    await client.ask("dice", value=0.9999).answer()
    client.connect()
    peer = await server.accept()
    for expected in (0.02, 0.04, 0.08, 0.08, 0.08, 0.08):
        peer, waited = await next_after(server, peer)
        assert waited >= expected * 0.9
    waits = []
    for _ in range(3):
        peer, waited = await next_after(server, peer)
        waits.append(waited)
    assert 0.08 * 0.9 <= min(waits) < 0.02 * 2**6 * 0.9


async def test_an_answer_starts_over(client: Client, server: ScriptedServer) -> None:
    """A connection that has answered something was no attempt in vain: after it waits are short again."""
    await client.create(server.url, reconnect=[20, 60_000])
    await client.ask("dice", value=0.9999).answer()
    client.connect()
    peer = await server.accept()
    for expected in (0.02, 0.04, 0.08, 0.16, 0.32):
        peer, waited = await next_after(server, peer)
        assert waited >= expected * 0.9
    assert await shortest(client, server, peer) < 0.64 * 0.9


async def test_full_jitter(client: Client, server: ScriptedServer) -> None:
    """Chance decides over the whole of the wait: it may be nothing, it may be a twentieth."""
    await client.create(server.url, reconnect=[3000, 20_000])
    await client.ask("dice", value=0.0).answer()
    client.connect()
    peer = await server.accept()
    for _ in range(4):
        peer, waited = await next_after(server, peer)
        assert waited < 2
    await settled(client, peer)
    await client.ask("dice", value=0.05).answer()
    _, waited = await next_after(server, peer)
    assert 0.145 <= waited < 2


async def test_the_window_after_a_shutdown(client: Client, server: ScriptedServer) -> None:
    """A server that told of its end is come back to at a random moment of its window, however it then went."""
    await client.create(server.url, reconnect=[1, 2])
    await client.ask("dice", value=0.1).answer()
    client.connect()
    peer = await server.accept()
    for code, window in ((4000, 1.5), (1006, 6.0)):
        await peer.shutdown(round(window * 1000))
        await settled(client, peer)
        peer, waited = await next_after(server, peer, code)
        assert window * 0.095 <= waited < window * 0.9
    assert await shortest(client, server, peer) < 0.57


async def test_a_stop_after_a_shutdown(client: Client, server: ScriptedServer) -> None:
    """A code that says stop counts, though a window was told before it."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    await peer.shutdown(1)
    await settled(client, peer)
    await peer.close(4503)
    assert (await client.enters("connecting", "open", "closed"))["code"] == 4503
    assert await server.lonely(0.03)


async def test_a_window_of_nothing(client: Client, server: ScriptedServer) -> None:
    """A window of nothing lets the client come back at once, whatever its own waits are."""
    await client.create(server.url, reconnect=[5000, 5000])
    await client.ask("dice", value=0.9).answer()
    client.connect()
    peer = await server.accept()
    await peer.shutdown(0)
    await settled(client, peer)
    _, waited = await next_after(server, peer, 4000)
    assert waited < 4


async def test_the_wait_after_being_too_fast(client: Client, server: ScriptedServer) -> None:
    """After 4006 the client stays away for as long as the last refusal told, at least."""
    await client.create(server.url)
    await client.ask("dice", value=0.0).answer()
    ping = client.ping()
    peer = await server.accept()
    await peer.refuse(await peer.expect("ping"), "rate_limited", retry_after_ms=600)
    assert (await ping.failure()).retry_after_ms == 600
    peer, waited = await next_after(server, peer, 4006)
    assert waited >= 0.59
    assert await shortest(client, server, peer, 4001) < 0.59


async def test_hundreds_of_reconnects(client: Client, server: ScriptedServer) -> None:
    """Three hundred lost connections cost a subscription nothing: every update once, in order."""
    await client.create(server.url, reconnect=[0, 1])
    sub = client.subscribe("trades")
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a")
    for seq in range(1, 301):
        await topic.update(seq)
        await sub.updates.next()
        peer.reset()
        peer = await server.accept()
        request = await peer.expect("trades.subscribe")
        assert request["recover"] == {"epoch": "a", "seq": seq}
        topic = await peer.grant(request, seq=seq, epoch="a", recovered=True)
    assert [body["id"] for body in sub.updates.all] == list(range(1, 301))
    assert server.count == 301


@pytest.mark.parametrize("manner", ["connect", "request"])
async def test_opening_again_after_a_stop(client: Client, server: ScriptedServer, manner: str) -> None:
    """A client that was stopped stays closed for requests, and opens again when it is told to connect."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    await peer.close(4500)
    await client.reaches("closed")
    if manner == "request":
        assert (await client.ping().failure()).name == "Lost"
        assert await server.lonely(0.02)
        return
    connecting = client.connect()
    peer = await server.accept()
    await connecting.answer()
    await settled(client, peer)
