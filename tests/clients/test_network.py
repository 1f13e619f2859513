"""What a browser says of its network. Node and Python are told nothing of the kind by their platforms."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import ScriptedServer

only_browsers = pytest.mark.parametrize("client", ["chromium"], indirect=True)


@only_browsers
async def test_online_connects_at_once(client: Client, server: ScriptedServer) -> None:
    """A browser that is back online does not wait for its turn."""
    await client.create(server.url, reconnect=[60_000, 60_000])
    await client.ask("dice", value=0.9).answer()
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.driver.offline(True)
    peer.reset()
    await client.reaches("reconnecting")
    await client.driver.offline(False)
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a", recovered=True)
    await topic.update(1)
    assert await sub.numbers(1) == [1]


@only_browsers
async def test_offline_tries_nothing(client: Client, server: ScriptedServer) -> None:
    """A browser that is offline does not try to connect until it is online again."""
    await client.create(server.url, reconnect=[1, 2])
    client.connect()
    peer = await server.accept()
    await client.reaches("open")
    await client.driver.offline(True)
    peer.reset()
    await client.reaches("reconnecting")
    before = len(client.states.all)
    tried = client.driver.attempts
    assert await server.lonely(0.15)
    assert client.driver.attempts == tried
    assert len(client.states.all) == before
    await client.driver.offline(False)
    await server.accept()
    await client.reaches("open")


@only_browsers
async def test_online_while_open_asks_whether_it_still_lives(client: Client, server: ScriptedServer) -> None:
    """A connection that has outlived a change of network is asked for a sign of life at once, and left without one."""
    await client.create(server.url, timeout_ms=500)
    client.connect()
    peer = await server.accept()
    await client.reaches("open")
    await client.driver.offline(True)
    await client.driver.offline(False)
    await peer.pong()
    assert await client.ask("state").answer() == "open"
    await client.driver.offline(True)
    await client.driver.offline(False)
    await peer.expect("ping")
    await client.reaches("reconnecting")
    await server.accept()
    await client.reaches("open")
