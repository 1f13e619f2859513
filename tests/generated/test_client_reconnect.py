"""When the client connects again, how long it waits, and what becomes of what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from generated.client import TradingClient
from generated.models import SymbolSelection
from generated.runtime.backoff import Backoff
from generated.runtime.errors import ConnectionLost, QueueFullError, RequestError, ResponseTimeout
from generated.runtime.options import ClientOptions
from tests.generated.scripting import begun, played, script

AAPL = SymbolSelection(symbol="AAPL")


async def test_waits_double_until_something_is_answered() -> None:
    """The longest waits are 0.5, 1, 2 … 20 seconds; a connection that answers begins anew."""
    async with played() as play:
        for expected in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0):
            await play.lose(1012)
            assert await play.back() == expected
        await play.settle()
        await play.lose(1012)
        assert await play.back() == 0.5


async def test_chance_decides_over_the_whole_wait() -> None:
    """The wait is a random part of the longest one: all of it, half of it, nothing."""
    async with played(reconnect=Backoff(8, 100)) as play:
        for chance, expected in ((1.0, 8.0), (0.5, 8.0), (0.0, 0.0)):
            play.clock.chance = chance
            await play.lose(4001)
            assert await play.back() == expected


@pytest.mark.parametrize("code", [4000, 1001, 1000, 4004, None])
async def test_the_window_of_a_shutdown(code: int | None) -> None:
    """After `server.shutdown` the client comes back at a random moment of the window, however it was closed."""
    async with played() as play:
        play.clock.chance = 0.25
        await play.peer.send(type="server.shutdown", payload={"reconnect_in_ms_max": 60_000})
        await play.settle()
        await play.lose(code)
        assert await play.back() == 15.0
        await play.lose(code)
        assert await play.back() == 0.125


async def test_a_stop_code_after_a_shutdown_still_says_stop() -> None:
    """Whoever is told not to come back does not, whatever was said before."""
    async with played() as play:
        await play.peer.send(type="server.shutdown", payload={"reconnect_in_ms_max": 60_000})
        subscribing = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.expect("trades.subscribe")
        await play.peer.socket.close(4503)
        with pytest.raises(ConnectionLost, match="4503"):
            await subscribing
        assert play.client.state == "closed"


async def test_the_wait_after_being_too_fast() -> None:
    """After 4006 the last advice of a refusal is the least wait; after other codes it is none."""
    async with played(reconnect=Backoff(1, 1)) as play:
        for code, expected in ((4006, 7.5), (4001, 1.0)):
            asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
            request = await play.peer.expect("trades.subscribe")
            await play.peer.refuse(request, "rate_limited", retryable=True, retry_after_ms=7500)
            with pytest.raises(RequestError):
                await asking
            await play.lose(code)
            assert await play.back() == expected


async def test_requests_wait_up_to_a_bound() -> None:
    """While there is no connection requests wait, in order; one too many is refused at once, and none is lost."""
    async with played(max_queued=2) as play:
        await play.lose()
        first = await begun(play.client.trades.subscribe(AAPL))
        second = await begun(play.client.session.ping())
        with pytest.raises(QueueFullError, match="2 requests"):
            await play.client.session.ping()
        await play.back()
        await play.peer.grant()
        await play.peer.pong()
        await first
        await second


async def test_a_request_that_waits_has_its_time() -> None:
    """Waiting for a connection counts; who has waited too long, or gave up, is not sent when there is one."""
    async with played() as play:
        await play.lose()
        with pytest.raises(ResponseTimeout):
            await play.client.session.ping(response_timeout=0.01)
        given_up = await begun(play.client.trades.subscribe(AAPL))
        given_up.cancel()
        await asyncio.wait([given_up])
        await play.back()
        await play.settle()


async def test_a_request_under_way_fails_with_its_connection() -> None:
    """Nobody knows whether it was carried out: the error says so, and that another connection may help."""
    async with played() as play:
        ping = asyncio.create_task(play.client.session.ping())
        await play.peer.expect("ping")
        play.peer.cut()
        with pytest.raises(ConnectionLost) as caught:
            await ping
        assert (caught.value.code, caught.value.reconnect) == (1006, True)


async def test_states_with_their_reasons() -> None:
    """Each state is told once, `reconnecting` and `closed` with the reason; a callback that fails disturbs nobody."""
    told: list[tuple[str, int | None]] = []

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async with played() as play:
        play.client.on_state(fail)
        off = play.client.on_state(
            lambda state, reason: told.append((state, reason.code if reason else None))
        )
        await play.lose(4001)
        await play.back()
        await play.client.close()
        off()
        await play.client.open()
    assert told == [("reconnecting", 4001), ("open", None), ("closed", 1000)]


@asynccontextmanager
async def refusing(
    *statuses: int,
) -> AsyncIterator[tuple[str, asyncio.Queue[int], asyncio.Queue[ServerConnection]]]:
    """A server that answers handshakes so, then for ever as the last one: its URL, the answers, the connections."""
    peers: asyncio.Queue[ServerConnection] = asyncio.Queue()
    left = list(statuses)
    answered: asyncio.Queue[int] = asyncio.Queue()

    async def greet(connection: ServerConnection, _: Request) -> Response | None:
        status = left.pop(0) if len(left) > 1 else left[0]
        answered.put_nowait(status)
        return None if status == 101 else connection.respond(HTTPStatus(status), "")

    async def wait(socket: ServerConnection) -> None:
        peers.put_nowait(socket)
        await socket.wait_closed()

    async with serve(wait, "127.0.0.1", 0, process_request=greet) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", answered, peers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 200])
async def test_a_first_handshake_that_is_refused_for_good(status: int) -> None:
    """`open()` raises at once, and the client is closed: another attempt would end the same way."""
    async with refusing(status) as (url, answered, _):
        client = TradingClient(url)
        with pytest.raises(ConnectionLost, match=f"HTTP {status}") as caught:
            await client.open()
        assert caught.value is client.lost
        assert (client.state, answered.qsize()) == ("closed", 1)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_a_first_handshake_that_is_refused_for_now(status: int) -> None:
    """`open()` goes on until it is accepted."""
    async with (
        refusing(status, status, 101) as (url, answered, _),
        TradingClient(url, options=ClientOptions(reconnect=Backoff(0, 0))),
    ):
        assert answered.qsize() == 3


async def test_a_handshake_that_is_refused_later_is_tried_again() -> None:
    """A server that has let the client in may do so again, however it says no in between."""
    options = ClientOptions(reconnect=Backoff(0, 0))
    states: asyncio.Queue[str] = asyncio.Queue()
    async with (
        refusing(101, 404, 403, 101) as (url, answered, peers),
        TradingClient(url, options=options) as client,
    ):
        client.on_state(lambda state, _: states.put_nowait(state))
        (await peers.get()).transport.abort()
        assert [await states.get(), await states.get()] == ["reconnecting", "open"]
        assert answered.qsize() == 4


async def test_opening_ends_with_its_block_where_nobody_is() -> None:
    """`async with` on a server that is not there raises what the last attempt came to, and leaves nothing behind."""
    before = asyncio.all_tasks()
    options = ClientOptions(open_timeout=0.3, reconnect=Backoff(0.001, 0.001))
    client = TradingClient("ws://127.0.0.1:9", options=options)
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:9"):
        async with client:
            raise AssertionError("it is not open")
    assert client.state == "closed"
    assert asyncio.all_tasks() == before


async def test_what_nobody_expects_closes_the_client(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault that is none of the network's is logged, and told to all who wait; nobody waits for ever."""

    async def fail(*_: object) -> None:
        raise ZeroDivisionError("of its own making")

    monkeypatch.setattr("generated.runtime.session.open_transport", fail)
    client = TradingClient("ws://127.0.0.1:9")
    ping = await begun(client.session.ping())
    with pytest.raises(ConnectionLost, match="of its own making"):
        await client.open()
    with pytest.raises(ConnectionLost, match="of its own making"):
        await ping
    assert client.state == "closed"
    assert "the client failed" in caplog.text


async def test_a_proxy_that_this_installation_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the machine that makes connecting impossible is told at once."""
    monkeypatch.setenv("ws_proxy", "nonsense://127.0.0.1:9")
    monkeypatch.setenv("socks_proxy", "nonsense://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ConnectionLost, match="cannot be") as caught:
        await TradingClient("ws://127.0.0.1:9").open()
    assert caught.value.reconnect is False


async def test_opening_once_without_reconnecting() -> None:
    """Without `reconnect` the first attempt is the only one."""
    client = TradingClient("ws://127.0.0.1:9", options=ClientOptions(reconnect=None))
    with pytest.raises(ConnectionLost) as caught:
        await client.open()
    assert caught.value is client.lost


async def test_a_closed_client_opens_anew() -> None:
    """After `close()` requests fail, until `open()` is called: then it begins anew."""
    async with script() as server:
        client = TradingClient(server.url)
        for _ in range(2):
            await client.open()
            peer = await server.accept()
            assert client.lost is None
            ping = asyncio.create_task(client.session.ping())
            await peer.pong()
            await ping
            await client.close()
            with pytest.raises(ConnectionLost, match="closed by this client"):
                await client.session.ping()


async def test_the_first_request_connects() -> None:
    """A client that nobody opened connects when it is asked for something."""
    async with script() as server:
        client = TradingClient(server.url)
        ping = asyncio.create_task(client.session.ping())
        await (await server.accept()).pong()
        await ping
        await client.close()
