"""The end, which leaves nothing behind: the fixture looks for what is left after each of these, and of all tests."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import ScriptedServer


async def test_closing_ends_everything(client: Client, server: ScriptedServer) -> None:
    """`close()` ends subscriptions quietly, and fails requests; the server sees 1000."""
    await client.create(server.url)
    heard, iterated = client.subscribe(), client.subscribe("trades", how="items")
    peer = await server.accept()
    for _ in range(2):
        await peer.grant(seq=0, epoch="a")
    await heard.joined()
    await iterated.joined()
    ping = client.ping()
    await peer.expect("ping")
    await client.close()
    error = await ping.failure()
    assert (error.name, error.code, error.retryable) == ("Lost", 1000, False)
    assert await heard.ends.next() is None
    assert await iterated.ends.next() is None
    assert (await peer.gone()).code == 1000
    assert await heard.active() is False
    assert await server.lonely(0.02)
    assert [state for state, _ in client.states.all] == ["connecting", "open", "closed"]


async def test_closing_what_was_never_opened(client: Client, server: ScriptedServer) -> None:
    """A client that was never used can be closed, twice too."""
    await client.create(server.url)
    await client.close()
    await client.close()
    assert server.count == 0


@pytest.mark.parametrize("when", ["no server", "handshake", "backoff"])
async def test_closing_before_it_is_open(client: Client, server: ScriptedServer, when: str) -> None:
    """Closed while it connects, or waits to, a client stops at once; what waited fails."""
    if when == "no server":
        await server.stop()
    elif when == "handshake":
        server.greetings.append("silence")
    else:
        server.greetings.append("reset")
    await client.create(server.url, reconnect=[30_000, 60_000] if when != "no server" else [1, 2])
    await client.ask("dice", value=0.99).answer()
    ping, sub = client.ping(), client.subscribe()
    await client.enters("connecting", *(() if when == "handshake" else ("reconnecting",)))
    await client.close()
    for asked in (ping, sub.asked):
        error = await asked.failure()
        assert (error.name, error.code, error.retryable) == ("Lost", 1000, False)
    await client.reaches("closed")


async def test_closing_while_it_reconnects(client: Client, server: ScriptedServer) -> None:
    """Closed between two connections, a client makes no other; its subscriptions end quietly."""
    await client.create(server.url, reconnect=[30_000, 60_000])
    await client.ask("dice", value=0.99).answer()
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    peer.reset()
    await client.reaches("reconnecting")
    await client.close()
    assert await sub.ends.next() is None
    await client.reaches("closed")


async def test_closing_while_it_authenticates(client: Client, server: ScriptedServer) -> None:
    """Closed before the token is answered, a client stops at once."""
    await client.create(server.url, tokens=["t"])
    ping = client.ping()
    peer = await server.accept()
    await peer.expect("session.authenticate")
    await client.close()
    assert (await ping.failure()).code == 1000
    await peer.gone()


async def test_closing_while_it_recovers(client: Client, server: ScriptedServer) -> None:
    """Closed before a recovery is answered, or while it waits to ask again, a client leaves nothing running."""
    await client.create(server.url, on_hole=True)
    subs = [client.subscribe(payload={"symbol": symbol}) for symbol in "AB"]
    peer = await server.accept()
    for sub in subs:
        await peer.grant(seq=0, epoch="a")
        await sub.joined()
    peer.reset()
    peer = await server.accept()
    await peer.refuse(await peer.expect("bars.subscribe"), "rate_limited", retry_after_ms=60_000)
    await peer.expect("bars.subscribe")
    await client.ping(timeout_ms=1).failure()
    await client.close()
    for sub in subs:
        assert await sub.ends.next() is None
    assert client.holes.all == []


async def test_requests_after_the_end(client: Client, server: ScriptedServer) -> None:
    """A closed client refuses requests, and does not connect for them."""
    await client.create(server.url)
    client.connect()
    await server.accept()
    await client.reaches("open")
    await client.close()
    for asked in (client.ping(), client.subscribe().asked):
        error = await asked.failure()
        assert (error.name, error.code) == ("Lost", 1000)
    assert await server.lonely(0.02)


async def test_leaving_after_the_end(client: Client, server: ScriptedServer) -> None:
    """A subscription of a closed client can be left, as often as one likes."""
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.close()
    await sub.leave().answer()
    await sub.leave().answer()


async def test_opened_again_after_closing(client: Client, server: ScriptedServer) -> None:
    """A client that was closed opens again when it is told to connect, and begins from nothing."""
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.close()
    connecting = client.connect()
    peer = await server.accept()
    await connecting.answer()
    assert await peer.quiet()
    again = client.subscribe()
    request = await peer.expect("bars.subscribe")
    assert "recover" not in request
    topic = await peer.grant(request, seq=0, epoch="a")
    await again.joined()
    await topic.update(1)
    assert await again.numbers(1) == [1]


async def test_a_server_that_does_not_say_goodbye(client: Client, server: ScriptedServer) -> None:
    """`close()` does not wait for a server that reads nothing more."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    await client.reaches("open")
    peer.deaf()
    await client.close()
    await client.reaches("closed")
