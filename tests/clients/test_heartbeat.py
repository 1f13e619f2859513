"""Signs of life."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from tests.clients.conftest import HURRIED_MS
from tests.clients.driving import Client
from tests.clients.scripted import Frame, ScriptedServer

SILENCE = HURRIED_MS / 3000
"""Seconds after which a client says something, if it has nothing else to say."""


@pytest.fixture
def heartbeat_ms() -> int:
    """A quick one."""
    return HURRIED_MS


async def test_a_silent_client_says_that_it_lives(client: Client, server: ScriptedServer) -> None:
    """After a third of the contract's interval without a word the client pings, again and again."""
    await client.create(server.url)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    client.connect()
    peer = await server.accept()
    times = [peer.arrived]
    for number in range(1, 4):
        await peer.pong()
        times.append(loop.time())
        # From before it could begin: whoever is slow hears of each ping later, never sooner.
        assert times[-1] - begun >= number * SILENCE * 0.9
    assert min(after - before for before, after in pairwise(times)) < SILENCE * 2
    assert server.count == 1


async def test_any_word_is_a_sign_of_life(client: Client, server: ScriptedServer) -> None:
    """A client that has something to say does not ping beside it."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    loop = asyncio.get_running_loop()
    begun = said = loop.time()

    async def heard() -> Frame:
        """The next frame that is no ping; a machine that is busy may give the client a reason for one."""
        while (frame := await peer.receive())["type"] == "ping":
            assert loop.time() - said >= SILENCE * 0.9
            await peer.send({"type": "pong", "id": frame["id"], "ts": 1})
        return frame

    while loop.time() < begun + SILENCE * 2:
        said = loop.time()
        sub = client.subscribe()
        await peer.grant(await heard(), seq=0, epoch="a")
        await sub.joined()
        await asyncio.sleep(SILENCE / 4)  # the time is what is tested
        said = loop.time()
        leaving = sub.leave()
        request = await heard()
        assert request["type"] == "bars.unsubscribe"
        await peer.answer(request)
        await leaving.answer()
    await peer.pong()


async def test_a_dead_connection_is_left(client: Client, server: ScriptedServer) -> None:
    """A ping that is not answered in time ends the connection; on the next one the subscription goes on."""
    await client.create(server.url, timeout_ms=500)
    sub = client.subscribe(timeout_ms=8000)
    peer = await server.accept()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.enters("connecting", "open")
    await peer.expect("ping")
    reason = await client.enters("reconnecting")
    assert (reason["code"], reason["retryable"]) == (1006, True)
    peer = await server.accept()
    topic = await peer.grant(seq=0, epoch="a", recovered=True)
    await topic.update(1)
    assert await sub.numbers(1) == [1]


async def test_no_heartbeat_without_a_connection(client: Client, server: ScriptedServer) -> None:
    """While there is no connection nothing is kept for it: the first word of the next one is no old ping."""
    await client.create(server.url, reconnect=[HURRIED_MS, HURRIED_MS])
    await client.ask("dice", value=0.9).answer()
    client.connect()
    peer = await server.accept()
    peer.reset()
    peer = await server.accept()
    assert await peer.quiet()
