"""Requests: what waits, what is given up, what fails with the connection."""

from __future__ import annotations

import pytest

from tests.clients.driving import Client
from tests.clients.scripted import Peer, ScriptedServer


async def test_requests_wait_for_the_connection(client: Client, server: ScriptedServer) -> None:
    """What is asked for before there is a connection is sent once there is one, in the order of asking."""
    await server.stop()
    await client.create(server.url)
    symbols = ["A", "B", "C", "D"]
    subs = [client.subscribe(payload={"symbol": symbol}) for symbol in symbols]
    await client.enters("connecting", "reconnecting")
    await server.listen()
    peer = await server.accept()
    for symbol, sub in zip(symbols, subs, strict=True):
        topic = await peer.grant(seq=0, epoch="a")
        assert topic.address == f"bars:{symbol}:1"
        await sub.joined()


async def test_requests_wait_while_it_comes_back(client: Client, server: ScriptedServer) -> None:
    """What is asked for while the client reconnects is answered on the next connection, and sent once."""
    await client.create(server.url)
    client.connect()
    peer = await server.accept()
    await client.enters("connecting", "open")
    await server.stop()
    await client.enters("reconnecting")
    ping = client.ping()
    await server.listen()
    peer = await server.accept()
    await peer.pong()
    await ping.answer()
    assert await peer.quiet()


async def test_no_more_than_so_many_wait(client: Client, server: ScriptedServer) -> None:
    """A request beyond `maxQueued` fails at once and is not sent; those that wait are answered."""
    await server.stop()
    await client.create(server.url, max_queued=3)
    pings = [client.ping() for _ in range(3)]
    error = await client.ping().failure()
    assert error.name == "QueueFull"
    assert not any(ping.done for ping in pings)
    await server.listen()
    peer = await server.accept()
    for ping in pings:
        await peer.pong()
        await ping.answer()
    assert await peer.quiet()
    more = client.ping()
    await peer.pong()
    await more.answer()


async def test_waiting_has_an_end(client: Client, server: ScriptedServer) -> None:
    """A request that waits for a connection fails when its own time is over, and is not sent later."""
    await server.stop()
    await client.create(server.url)
    error = await client.ping(timeout_ms=50).failure()
    assert error.name == "Timeout"
    await server.listen()
    peer = await server.accept()
    ping = client.ping()
    await peer.pong()
    await ping.answer()


async def test_given_up_while_it_waits(client: Client, server: ScriptedServer) -> None:
    """A request that is given up while it waits is not sent, and makes room for another."""
    await server.stop()
    await client.create(server.url, max_queued=1)
    given_up = client.subscribe()
    await client.enters("connecting", "reconnecting")
    await given_up.asked.abort()
    assert (await given_up.asked.failure()).name == "Aborted"
    ping = client.ping()
    await server.listen()
    peer = await server.accept()
    await peer.pong()
    await ping.answer()


async def test_sent_requests_fail_with_the_connection(client: Client, server: ScriptedServer) -> None:
    """Whether a request that was sent was carried out is not known: it fails, and may be repeated."""
    await client.create(server.url)
    ping = client.ping()
    peer = await server.accept()
    await peer.expect("ping")
    peer.reset()
    error = await ping.failure()
    assert (error.name, error.code, error.retryable) == ("Lost", 1006, True)
    peer = await server.accept()
    assert await peer.quiet()


async def test_a_subscribe_under_way_when_the_connection_goes(client: Client, server: ScriptedServer) -> None:
    """A subscribe that was sent dies with its connection, and so is sent again on the next one: it goes on waiting."""
    await client.create(server.url)
    subs = [client.subscribe() for _ in range(2)]
    peer = await server.accept()
    await peer.expect("bars.subscribe")
    await peer.close(1012)
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    assert "recover" not in request
    topic = await peer.grant(request, seq=0, epoch="a")
    await topic.update(1)
    for sub in subs:
        await sub.joined()
        assert await sub.numbers(1) == [1]
    assert await peer.quiet()


async def connected(client: Client, server: ScriptedServer) -> Peer:
    """Connect, so that a request's short time is not spent on that."""
    connecting = client.connect()
    peer = await server.accept()
    await connecting.answer()
    return peer


async def test_a_subscribe_has_its_time_over_connections(client: Client, server: ScriptedServer) -> None:
    """A subscribe that waits over lost connections fails when its own time is over, and is not sent again."""
    await client.create(server.url)
    peer = await connected(client, server)
    sub = client.subscribe(timeout_ms=100)
    await peer.expect("bars.subscribe")
    await server.stop()
    assert (await sub.asked.failure()).name == "Timeout"
    await server.listen()
    peer = await server.accept()
    assert await peer.quiet()


async def test_no_answer(client: Client, server: ScriptedServer) -> None:
    """A request that is not answered in time fails; its late answer is nobody's, and the next request gets its own."""
    await client.create(server.url)
    peer = await connected(client, server)
    ping = client.ping(timeout_ms=50)
    late = await peer.expect("ping")
    assert (await ping.failure()).name == "Timeout"
    ping = client.ping()
    request = await peer.expect("ping")
    await peer.send(
        {"type": "pong", "id": late["id"], "ts": 1}, {"type": "pong", "id": request["id"], "ts": 2}
    )
    assert (await ping.answer())["ts"] == 2
    assert await client.ask("state").answer() == "open"


@pytest.mark.parametrize("how", ["timeout", "abort"])
async def test_a_subscribe_that_was_given_up(client: Client, server: ScriptedServer, how: str) -> None:
    """A subscribe that was given up before its answer is undone on the server, whose updates are nobody's."""
    await client.create(server.url)
    peer = await connected(client, server)
    sub = client.subscribe(timeout_ms=50 if how == "timeout" else 8000)
    request = await peer.expect("bars.subscribe")
    if how == "abort":
        await sub.asked.abort()
    assert (await sub.asked.failure()).name == ("Aborted" if how == "abort" else "Timeout")
    topic = await peer.grant(request, seq=0, epoch="a")
    await topic.update(1)
    await peer.leave()
    ping = client.ping(timeout_ms=8000)
    await peer.pong()
    await ping.answer()
    assert sub.updates.all == []


async def test_a_subscribe_that_is_not_answered(client: Client, server: ScriptedServer) -> None:
    """Without an answer the server may have said yes all the same: it is told that nobody wants the topic."""
    await client.create(server.url, timeout_ms=500)
    sub = client.subscribe()
    peer = await server.accept()
    request = await peer.expect("bars.subscribe")
    assert (await sub.asked.failure()).name == "Timeout"
    leaving = await peer.expect("bars.unsubscribe")
    topic = await peer.grant(request, seq=0, epoch="a")
    await topic.update(1)
    await peer.answer(leaving)
    ping = client.ping(timeout_ms=8000)
    await peer.pong()
    await ping.answer()
    assert sub.updates.all == []


async def test_given_up_before_it_began(client: Client, server: ScriptedServer) -> None:
    """A request that is given up while another waits for its answer does not disturb that one."""
    await client.create(server.url)
    first, second = client.ping(), client.ping()
    peer = await server.accept()
    requests = [await peer.expect("ping") for _ in range(2)]
    await first.abort()
    assert (await first.failure()).name == "Aborted"
    await peer.send({"type": "pong", "id": requests[1]["id"], "ts": 2})
    assert (await second.answer())["ts"] == 2


async def test_answers_in_any_order(client: Client, server: ScriptedServer) -> None:
    """Each answer reaches the request with its id, whatever order they come in."""
    await client.create(server.url)
    subs = [client.subscribe(payload={"symbol": symbol}) for symbol in "ABC"]
    peer = await server.accept()
    requests = [await peer.expect("bars.subscribe") for _ in subs]
    for request in reversed(requests):
        await peer.grant(request, seq=0, epoch="a")
    assert [await sub.joined() for sub in subs] == ["bars:A:1", "bars:B:1", "bars:C:1"]


async def test_answers_without_ids(client: Client, server: ScriptedServer) -> None:
    """A server that does not repeat ids is understood by the answers' types, in order."""
    await client.create(server.url)
    pings = [client.ping(), client.ping()]
    peer = await server.accept()
    for ts in (1, 2):
        await peer.expect("ping")
        await peer.send({"type": "pong", "ts": ts})
    assert [(await ping.answer())["ts"] for ping in pings] == [1, 2]


async def test_refusals(client: Client, server: ScriptedServer) -> None:
    """A refusal says what the server said, and costs nothing but the request."""
    await client.create(server.url)
    sub = client.subscribe()
    peer = await server.accept()
    problem = {"message": "There is no symbol", "retryable": False}
    await peer.refuse(await peer.expect("bars.subscribe"), "unknown_symbol", **problem)
    error = await sub.asked.failure()
    assert (error.name, error.code, error.retryable) == ("Refused", "unknown_symbol", False)
    assert "There is no symbol" in str(error)
    sub = client.subscribe()
    await peer.refuse(await peer.expect("bars.subscribe"), "rate_limited", retry_after_ms=20)
    error = await sub.asked.failure()
    assert (error.code, error.retryable, error.retry_after_ms) == ("rate_limited", True, 20)
    sub = client.subscribe()
    await peer.grant(seq=0, epoch="a")
    await sub.joined()


async def test_errors_that_name_a_request(client: Client, server: ScriptedServer) -> None:
    """The message `error` refuses the request that it names; one that names none is told, and fails nothing."""
    await client.create(server.url)
    ping = client.ping()
    peer = await server.accept()
    request = await peer.expect("ping")
    problem = {"status": "error", "code": "unknown_type", "message": "What is that?", "retryable": False}
    await peer.send({"type": "error", "payload": problem})
    assert "What is that?" in await client.complaints.next()
    assert not ping.done
    await peer.send({"type": "error", "id": request["id"], "payload": problem})
    assert (await ping.failure()).code == "unknown_type"
    assert client.complaints.unread == []


async def test_a_request_with_a_payload(client: Client, server: ScriptedServer) -> None:
    """A request's payload is sent as it was given, and the answer's payload is what the caller gets."""
    await client.create(server.url)
    asked = client.request("bars.history", {"symbol": "AAPL", "resolution": "5", "limit": 2})
    peer = await server.accept()
    request = await peer.expect("bars.history")
    assert request["payload"] == {"symbol": "AAPL", "resolution": "5", "limit": 2}
    page = {"status": "ok", "symbol": "AAPL", "resolution": "5", "bars": [], "complete": True}
    await peer.answer(request, page)
    assert await asked.answer() == page
