"""How a client ends, in whatever it is doing, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import weakref
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Frame, Opcode

from generated.client import TradingClient
from generated.constants import ENVELOPE, reconnect
from generated.models import SymbolSelection
from generated.runtime.backoff import Backoff
from generated.runtime.errors import ConnectionLost, RequestError
from generated.runtime.options import ClientOptions, Token
from generated.runtime.session import Session
from tests.generated.scripting import PATIENCE, HeldClock, Play, begun, played, script

AAPL = SymbolSelection(symbol="AAPL")
AUTHENTICATED = {"status": "ok", "message": ""}


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """What runs after the block ran before it."""
    before = asyncio.all_tasks()
    yield
    for _ in range(5):  # who was told to end gets its turn
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    assert [task for task in left if "generated/runtime/" in str(task)] == []
    if left:  # the server is here too, and has to hear of the end first
        _, waiting = await asyncio.wait(left, timeout=PATIENCE)
        assert not waiting


async def test_closing_in_every_state() -> None:
    """Idle, connecting, open, waiting for a subscribe, waiting to reconnect, closed: `close()` ends it, twice too."""
    async with script() as server:
        for state in ("idle", "connecting", "open", "subscribing", "reconnecting"):
            async with nothing_left():
                client = TradingClient(server.url, options=ClientOptions(clock=HeldClock()))
                work: list[asyncio.Task[object]] = []
                if state != "idle":
                    work.append(await begun(client.open()))
                if state not in ("idle", "connecting"):
                    peer = await server.accept()
                    await work[0]
                if state == "subscribing":
                    work.append(await begun(client.trades.subscribe(AAPL)))
                    await peer.expect("trades.subscribe")
                if state == "reconnecting":
                    told: asyncio.Queue[str] = asyncio.Queue()
                    client.on_state(lambda state, _: told.put_nowait(state))  # noqa: B023 - of this turn
                    peer.cut()
                    assert await told.get() == "reconnecting"
                    work.append(await begun(client.session.ping()))
                await client.close()
                await client.close()
                assert client.state == "closed"
                for result in await asyncio.gather(*work, return_exceptions=True):
                    assert result is None or isinstance(result, ConnectionLost)
            if state == "connecting":
                while not server.peers.empty():
                    server.peers.get_nowait()


async def test_closing_says_goodbye() -> None:
    """The server sees 1000; subscriptions end quietly, those with a callback too."""
    async with played() as play:
        asking = await begun(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        subscription = await asking
        heard = await play.client.trades.subscribe(AAPL, lambda _: None)
        closing = asyncio.create_task(play.client.close())
        assert await play.peer.gone() == 1000
        await closing
        assert [trade async for trade in subscription] == [trade async for trade in heard] == []
        assert subscription.ended
        await subscription.unsubscribe()


async def test_closing_while_updates_pour_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server sends before it knows is read and dropped: else its goodbye would never come to be read."""
    monkeypatch.setattr("generated.runtime.transport._GOODBYE", 60.0)
    async with played() as play, nothing_left():
        heard: list[int] = []
        asking = await begun(play.client.trades.subscribe(AAPL, lambda trade: heard.append(trade.id)))
        await play.peer.grant(seq=0, epoch="e")
        await asking
        closing = await begun(play.client.close())
        body = {"id": 1, "price": 1, "size": 1, "side": "buy", "time": 1, "padding": "x" * 1000}
        update = json.dumps({"type": "trades.update", "topic": "trades:AAPL", "seq": 1, "payload": body})
        frame = Frame(Opcode.TEXT, update.encode()).serialize(mask=False)
        play.peer.socket.transport.write(frame * 2000)
        async with asyncio.timeout(PATIENCE):
            await closing
        assert heard == []


async def test_closing_fails_what_is_under_way() -> None:
    """A request that waits for its answer is told at once that it was this client that closed."""
    async with played() as play:
        ping = await begun(play.client.session.ping())
        await play.peer.expect("ping")
        closing = await begun(play.client.close())
        with pytest.raises(ConnectionLost, match="closed by this client") as caught:
            await ping
        assert (caught.value.code, caught.value.reconnect) == (1000, False)
        await closing


async def test_two_tasks_close_at_once() -> None:
    """Both wait until it is done."""
    async with played() as play:
        await asyncio.gather(play.client.close(), play.client.close())
        assert play.client.state == "closed"


@pytest.mark.parametrize("where", ["update", "hole", "state"])
async def test_closing_from_a_callback(where: str) -> None:
    """A callback may have the client closed, whatever it is a callback for."""
    async with played() as play:
        closing: list[asyncio.Task[None]] = []

        def close(*_: object) -> None:
            closing.append(asyncio.create_task(play.client.close()))

        if where == "hole":
            play.client.on_hole(close)
        asking = await begun(play.client.trades.subscribe(AAPL, close if where == "update" else None))
        await play.peer.grant(seq=0, epoch="e")
        await asking
        if where == "update":
            await play.peer.trade(1)
        elif where == "state":
            off = play.client.on_state(close)
            await play.lose()
            off()
        else:
            await play.lose()
            await play.back()
            await play.peer.grant(seq=5, epoch="e", recovered=False)
        await play.reach("closed")
        await asyncio.gather(*closing)


async def test_closing_from_the_token_callback() -> None:
    """The one callback that is awaited may close the client that waits for it."""
    closed = asyncio.Event()

    async def token() -> str:
        await client.close()
        closed.set()
        return "late"

    async with script() as server, nothing_left():
        client = TradingClient(server.url, options=ClientOptions(token=token))
        with pytest.raises(ConnectionLost, match="closed by this client"):
            await client.open()
        async with asyncio.timeout(PATIENCE):
            await closed.wait()
        await client.close()


async def test_a_client_that_is_forgotten_after_its_end() -> None:
    """Nothing refers to a closed client but its user."""
    async with played() as play:
        asking = await begun(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        await asking
        del asking
        await play.client.close()
        client = weakref.ref(play.client)
        session = weakref.ref(play.client._session)
        play.client = TradingClient(play.server.url)
        gc.collect()
        assert client() is None
        assert session() is None


async def token_play(play: Play, *answers: tuple[str, object]) -> None:
    """Answer the next authentications."""
    for expected, payload in answers:
        request = await play.peer.expect("session.authenticate")
        assert request["payload"] == {"token": expected}
        await play.peer.answer(request, payload)


async def test_the_token_goes_first() -> None:
    """Nothing else is sent before it is accepted; each connection fetches one anew."""
    tokens = iter(["t1", "t2"])
    async with played(token=lambda: next(tokens)) as play:
        asking = await begun(play.client.trades.subscribe(AAPL))
        await token_play(play, ("t1", AUTHENTICATED))
        await play.peer.grant(seq=0, epoch="e")
        await asking
        await play.reach("open")
        await play.lose(4003)
        await play.clock.next()
        play.peer = await play.server.accept()
        await token_play(play, ("t2", AUTHENTICATED))
        request = await play.peer.expect("trades.subscribe")
        assert request["recover"] == {"epoch": "e", "seq": 0}


async def test_a_token_that_is_refused_for_good() -> None:
    """The client is closed with what the server said."""
    async with played(token=lambda: "bad") as play:
        asking = await begun(play.client.session.ping())
        problem = {"status": "error", "code": "unauthenticated", "message": "no", "retryable": False}
        await token_play(play, ("bad", problem))
        with pytest.raises(ConnectionLost, match="unauthenticated") as caught:
            await asking
        assert isinstance(caught.value.__cause__, RequestError)
        assert play.client.lost is caught.value


async def test_a_token_that_is_refused_for_now() -> None:
    """The client comes back after waits that grow, though each connection has answered something."""
    async with played(token=lambda: "t", reconnect=Backoff(1, 60)) as play:
        problem = {"status": "error", "code": "unavailable", "message": "no", "retryable": True}
        for expected in (1.0, 2.0, 4.0):
            await token_play(play, ("t", problem))
            assert await play.clock.next() == expected
            play.peer = await play.server.accept()
        await token_play(play, ("t", AUTHENTICATED))
        await play.reach("open")
        await play.settle()


async def test_a_token_that_is_not_to_be_had(caplog: pytest.LogCaptureFixture) -> None:
    """A callback that raises, gives something else, or never returns costs the connection, and is asked again."""
    hung = asyncio.Event()

    async def hang() -> str:
        hung.set()
        await asyncio.Event().wait()
        return ""

    def fail() -> str:
        raise OSError("no network")

    ways: Iterator[Token] = iter([fail, hang, lambda: "t"])

    def token() -> str | Awaitable[str]:
        return next(ways)()

    async with played(token=token, response_timeout=0.3) as play:
        for _ in range(2):
            await play.clock.next()
            play.peer = await play.server.accept()
        assert hung.is_set()
        await token_play(play, ("t", AUTHENTICATED))
        await play.reach("open")
    told_so = [record for record in caplog.records if "no network" in record.getMessage()]
    # What else is logged depends on the level that others have set.
    (told,) = [record for record in told_so if record.levelno == logging.WARNING]
    assert told.levelname == "WARNING"
    assert "Traceback" not in caplog.text


async def test_a_token_that_is_given_as_it_is() -> None:
    """A string is sent on each connection."""
    async with played(token="t") as play:
        await token_play(play, ("t", AUTHENTICATED))
        await play.reach("open")
        await play.lose(4003)
        await play.clock.next()
        play.peer = await play.server.accept()
        await token_play(play, ("t", AUTHENTICATED))


def test_a_token_that_is_none() -> None:
    """What can never give a token is refused at once, with a sentence."""
    with pytest.raises(TypeError, match="a string, or a function that gives one, not int"):
        TradingClient("ws://127.0.0.1:9", options=ClientOptions(token=5))  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", " \r\n"])
def test_a_token_that_is_empty(token: str) -> None:
    """A variable that is not set, or a file with nothing in it: refused at once, with the option's name."""
    with pytest.raises(ValueError, match="the option token is empty"):
        TradingClient("ws://127.0.0.1:9", options=ClientOptions(token=token))


@pytest.mark.parametrize(
    ("given", "told"), [(None, "None, not a text"), ("", "an empty text"), (b"t", "bytes, not a text")]
)
async def test_a_token_function_that_gives_none(given: object, told: str) -> None:
    """It is asked again, since it may have one by then; why there is no connection is said in words."""
    tokens = iter([given, "t"])
    reasons: list[str] = []
    async with played(token=lambda: next(tokens)) as play:  # type: ignore[arg-type, return-value]
        play.client.on_state(lambda _, loss: reasons.append(str(loss)))
        await play.clock.next()
        play.peer = await play.server.accept()
        await token_play(play, ("t", AUTHENTICATED))
        await play.reach("open")
        assert any(f"the token function gave {told}" in reason for reason in reasons)


async def test_ones_own_close_is_no_loss() -> None:
    """Who closes is not told that another connection would not help."""
    async with played() as play:
        await play.client.close()
        assert str(play.client.lost) == "connection closed with 1000 (closed by this client)"


async def test_a_heartbeat_that_is_not_answered() -> None:
    """The connection is broken off, and there is another."""
    clock = HeldClock()
    async with script() as server:
        client = TradingClient(
            server.url, options=ClientOptions(response_timeout=0.02, clock=clock, reconnect=Backoff(1, 1))
        )
        client._session._heartbeat = (3.0, client._session._heartbeat[1])  # type: ignore[index]
        await client.open()
        peer = await server.accept()
        assert await clock.next() == 1.0
        await peer.expect("ping")
        assert await peer.gone() == 1006
        assert await clock.next() == 1.0
        await server.accept()
        await client.close()


async def test_a_token_for_a_contract_that_has_no_use_for_it() -> None:
    """Options that would be ignored are refused."""
    with pytest.raises(ValueError, match="token"):
        Session("ws://127.0.0.1:9", ENVELOPE, reconnect, options=ClientOptions(token=lambda: "t"))
