"""How a client connects, and what it does where that fails."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import Greeting, ScriptedServer


async def test_the_first_request_connects(client: Client, server: ScriptedServer) -> None:
    """A client that was just made is idle; its first request connects, and is the first frame."""
    await client.create(server.url)
    assert await client.ask("state").answer() == "idle"
    ping = client.ping()
    peer = await server.accept()
    await peer.pong()
    assert (await ping.answer())["ts"] == 1
    await client.enters("connecting", "open")


async def test_connecting_without_a_word(client: Client, server: ScriptedServer) -> None:
    """`connect()` opens the connection, and nothing is sent on it before the first request."""
    await client.create(server.url)
    connecting = client.connect()
    peer = await server.accept()
    await connecting.answer()
    assert await client.ask("state").answer() == "open"
    assert await peer.quiet()
    ping = client.ping()
    await peer.pong()
    await ping.answer()


async def test_one_connection_for_all(client: Client, server: ScriptedServer) -> None:
    """Requests made at once share the connection that the first of them opens."""
    await client.create(server.url)
    client.connect()
    pings = [client.ping() for _ in range(3)]
    peer = await server.accept()
    for ping in pings:
        await peer.pong()
        await ping.answer()
    assert server.count == 1


async def test_a_server_that_is_not_there_yet(client: Client, server: ScriptedServer) -> None:
    """Where nobody listens the client says why, goes on trying, and what was asked meanwhile is answered."""
    await server.stop()
    await client.create(server.url)
    ping = client.ping()
    reason = await client.enters("connecting", "reconnecting")
    assert (reason["name"], reason["code"], reason["retryable"]) == ("Lost", 1006, True)
    assert not ping.done
    await server.listen()
    peer = await server.accept()
    await peer.pong()
    await ping.answer()
    assert await client.reaches("open") is None


@pytest.mark.parametrize("greeting", [HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY, "reset"])
async def test_a_handshake_that_fails(client: Client, server: ScriptedServer, greeting: Greeting) -> None:
    """A handshake that is refused for now, or broken off, is tried again."""
    server.greetings.extend([greeting, greeting])
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    await peer.grant(seq=1, epoch="a")
    await sub.joined()
    reason = await client.enters("connecting", "reconnecting")
    assert (reason["name"], reason["code"], reason["retryable"]) == ("Lost", 1006, True)
    await client.reaches("open")


async def test_a_handshake_that_is_never_answered(client: Client, server: ScriptedServer) -> None:
    """Who takes the connection and says nothing is given up after the client's time, then tried again."""
    server.greetings.append("silence")
    await client.create(server.url, timeout_ms=400)
    client.connect()
    reason = await client.enters("connecting", "reconnecting")
    assert (reason["code"], reason["retryable"]) == (1006, True)
    await server.accept()
    await client.reaches("open")


async def test_no_second_try_where_none_is_wanted(client: Client, server: ScriptedServer) -> None:
    """With `reconnect` off, a first connect that fails closes the client, and its requests fail with the reason."""
    await server.stop()
    await client.create(server.url, reconnect=False)
    error = await client.ping().failure()
    assert (error.name, error.code) == ("Lost", 1006)
    await client.enters("connecting", "closed")
    await server.listen()
    assert await server.lonely(0.05)


async def test_connect_waits_until_it_is_open(client: Client, server: ScriptedServer) -> None:
    """`connect()` is done when the connection is open, however many tries that takes."""
    server.greetings.extend([HTTPStatus.SERVICE_UNAVAILABLE] * 3)
    await client.create(server.url)
    connecting = client.connect()
    await client.reaches("reconnecting")
    await server.accept()
    await connecting.answer()
    assert await client.ask("state").answer() == "open"


async def test_what_it_says_of_its_state(client: Client, server: ScriptedServer) -> None:
    """The states of a life: connecting, open, reconnecting with the reason, open, closed with the reason."""
    await client.create(server.url)
    assert await client.ask("state").answer() == "idle"
    client.connect()
    peer = await server.accept()
    await client.enters("connecting", "open")
    await peer.close(4001, "an hour is over")
    reason = await client.enters("reconnecting")
    assert (reason["code"], reason["reason"], reason["retryable"]) == (4001, "an hour is over", True)
    await server.accept()
    assert await client.enters("open") is None
    await client.close()
    reason = await client.enters("closed")
    assert (reason["name"], reason["code"], reason["retryable"]) == ("Lost", 1000, False)
    assert await client.ask("state").answer() == "closed"
