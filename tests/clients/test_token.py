"""Clients that are given a way to a token: who they are goes before anything else, on each connection."""

from __future__ import annotations

import asyncio

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import Gone, Peer, ScriptedServer

AUTHENTICATED = {"status": "ok", "message": "Welcome"}


async def authenticate(peer: Peer) -> str:
    """Take the request that goes first, and say yes; the token."""
    request = await peer.expect("session.authenticate")
    await peer.answer(request, AUTHENTICATED)
    return str(request["payload"]["token"])


async def test_the_token_goes_first(client: Client, server: ScriptedServer) -> None:
    """Nothing is sent before the token is accepted, and the client is not open until then."""
    await client.create(server.url, tokens=["t1"])
    sub, ping = client.subscribe(), client.ping()
    peer = await server.accept()
    request = await peer.expect("session.authenticate")
    assert request["payload"] == {"token": "t1"}
    assert await peer.quiet()
    assert [state for state, _ in client.states.all] == ["connecting"]
    await peer.answer(request, AUTHENTICATED)
    await client.enters("connecting", "open")
    await peer.grant(seq=0, epoch="a")
    await peer.pong()
    await sub.joined()
    await ping.answer()


async def test_white_space_around_a_token_is_no_part_of_it(client: Client, server: ScriptedServer) -> None:
    """A token that was read from a file or a command ends with a line's end, which is not sent."""
    await client.create(server.url, tokens=[" t1\r\n"])
    ping = client.ping()
    peer = await server.accept()
    assert await authenticate(peer) == "t1"
    await peer.pong()
    await ping.answer()


async def test_no_token_no_word(client: Client, server: ScriptedServer) -> None:
    """Without a way to a token nothing of that kind is sent."""
    await client.create(server.url)
    ping = client.ping()
    peer = await server.accept()
    await peer.pong()
    await ping.answer()


@pytest.mark.parametrize("code", [4003, 1006])
async def test_each_connection_gets_its_token(client: Client, server: ScriptedServer, code: int) -> None:
    """Whether the token expired or the network failed: the next connection is told a token that was fetched anew."""
    await client.create(server.url, tokens=["t1", "t2"])
    sub = client.subscribe()
    peer = await server.accept()
    assert await authenticate(peer) == "t1"
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await topic.update(1)
    assert await sub.numbers(1) == [1]
    if code == 1006:
        peer.reset()
    else:
        await peer.close(code, "the token has expired")
    peer = await server.accept()
    request = await peer.expect("session.authenticate")
    assert request["payload"] == {"token": "t2"}
    assert await peer.quiet()
    await peer.answer(request, AUTHENTICATED)
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 1}
    topic = await peer.grant(request, seq=1, epoch="a", recovered=True)
    await topic.update(2)
    assert await sub.numbers(1) == [2]
    assert client.tokens.all == ["t1", "t2"]


async def test_a_token_that_is_refused_for_now(client: Client, server: ScriptedServer) -> None:
    """Where the server cannot judge a token now, the client connects again later, with another; requests wait."""
    await client.create(server.url, tokens=["t1", "t2"])
    ping = client.ping()
    peer = await server.accept()
    await peer.refuse(await peer.expect("session.authenticate"), "unavailable", retryable=True)
    peer = await server.accept()
    assert await authenticate(peer) == "t2"
    await peer.pong()
    await ping.answer()
    assert "open" not in [state for state, _ in client.states.all[:2]]


async def test_a_token_that_is_refused_for_good(client: Client, server: ScriptedServer) -> None:
    """A token that the server does not accept closes the client: what waits fails, and nothing is tried again."""
    await client.create(server.url, tokens=["t1"])
    ping, sub = client.ping(), client.subscribe()
    peer = await server.accept()
    refused = await peer.expect("session.authenticate")
    await peer.refuse(refused, "unauthenticated", message="Who is that?", retryable=False)
    for asked in (ping, sub.asked):
        error = await asked.failure()
        assert error.name in {"Refused", "Lost"}
        assert "Who is that?" in str(error)
        assert error.retryable is False
    reason = await client.enters("connecting", "closed")
    assert "Who is that?" in reason["message"]
    await peer.gone()
    assert await server.lonely(0.03)
    assert client.tokens.all == ["t1"]


async def test_a_token_that_cannot_be_fetched(client: Client, server: ScriptedServer) -> None:
    """Where fetching a token fails, the client tries again later, and says why."""
    await client.create(server.url, tokens=[None, "t2"])
    ping = client.ping()
    reason = await client.reaches("reconnecting")
    assert "there is no token" in reason["message"]
    while True:
        peer = await server.accept()
        try:
            token = await authenticate(peer)
        except Gone:  # it may have connected before it asked for the token
            continue
        break
    assert token == "t2"
    await peer.pong()
    await ping.answer()


async def test_a_token_that_is_not_answered(client: Client, server: ScriptedServer) -> None:
    """A server that says nothing to the token is left after the client's time, and connected to again."""
    await client.create(server.url, tokens=["t1", "t2"], timeout_ms=500)
    ping = client.ping(timeout_ms=8000)
    peer = await server.accept()
    await peer.expect("session.authenticate")
    again = await server.accept()
    assert await authenticate(again) == "t2"
    await again.pong()
    await ping.answer()


async def test_a_token_that_is_refused_by_a_close(client: Client, server: ScriptedServer) -> None:
    """4500 instead of an answer stops the client."""
    await client.create(server.url, tokens=["t1"])
    ping = client.ping()
    peer = await server.accept()
    await peer.expect("session.authenticate")
    await peer.close(4500, "bad token")
    assert (await ping.failure()).code == 4500
    await client.enters("connecting", "closed")
    assert await server.lonely(0.03)


async def test_the_token_goes_before_the_heartbeat_of_waiting_requests(
    client: Client, server: ScriptedServer
) -> None:
    """A connection lost before the token was answered costs those who wait nothing."""
    await client.create(server.url, tokens=["t1", "t2"])
    ping = client.ping()
    peer = await server.accept()
    await peer.expect("session.authenticate")
    peer.reset()
    peer = await server.accept()
    assert await authenticate(peer) == "t2"
    await peer.pong()
    await ping.answer()


async def test_a_token_is_replaced_before_it_runs_out(client: Client, server: ScriptedServer) -> None:
    """Where the server says how long a token is good, the living connection is told another one in time."""
    await client.create(server.url, tokens=["t1", "t2", "t3"])
    sub = client.subscribe()
    peer = await server.accept()
    request = await peer.expect("session.authenticate")
    await peer.answer(request, {**AUTHENTICATED, "expires_in_ms": 1400})
    began = asyncio.get_running_loop().time()
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    request = await peer.expect("session.authenticate")
    lasted = asyncio.get_running_loop().time() - began
    assert request["payload"] == {"token": "t2"}
    assert lasted > 0.9
    await topic.update(1)
    await peer.answer(request, AUTHENTICATED)
    await topic.update(2)
    assert await sub.numbers(2) == [1, 2]
    assert client.tokens.all == ["t1", "t2"]
    assert server.count == 1


@pytest.mark.parametrize("then", ["refused", "not to be had"])
async def test_a_token_that_cannot_be_replaced(client: Client, server: ScriptedServer, then: str) -> None:
    """It costs nothing yet: the connection goes on until the server ends it, and the next has another token."""
    await client.create(server.url, tokens=["t1", "t2" if then == "refused" else None, "t3"])
    sub = client.subscribe()
    peer = await server.accept()
    request = await peer.expect("session.authenticate")
    await peer.answer(request, {**AUTHENTICATED, "expires_in_ms": 1300})
    topic = await peer.grant(seq=0, epoch="a")
    await sub.joined()
    await client.tokens.take(2)
    if then == "refused":
        await peer.refuse(await peer.expect("session.authenticate"), "unauthenticated", retryable=False)
    await client.complaints.next()
    await topic.update(1)
    assert await sub.numbers(1) == [1]
    await peer.close(4003, "the token has expired")
    peer = await server.accept()
    assert await authenticate(peer) == "t3"
    request = await peer.expect("bars.subscribe")
    assert request["recover"] == {"epoch": "a", "seq": 1}


async def test_a_token_that_has_run_out_and_counts_still(client: Client, server: ScriptedServer) -> None:
    """Where the server lets a token count longer than it says, the client does not ask for others all the time."""
    await client.create(server.url, tokens=["t1"])
    ping = client.ping()
    peer = await server.accept()
    await peer.answer(await peer.expect("session.authenticate"), {**AUTHENTICATED, "expires_in_ms": 0})
    await peer.pong()
    await ping.answer()
    assert await peer.quiet(1.3)
    assert client.tokens.all == ["t1"]
