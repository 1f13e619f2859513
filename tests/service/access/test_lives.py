"""What tokens mean for connections: refresh, expiry, grace, who may come at all, and that nothing secret is told."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from generated.topics import AccountTopic
from tests.frames import CLOSE, TEXT, frame
from tests.service.access.issuing import issuer
from tests.service.access.test_foreign_accounts import authenticate, publish, subscribe
from tests.service.raw import HANDSHAKE
from tests.service.running import AAPL, PATIENCE, Running, eventually, service

SIGNER = issuer("ES256", "one")


@asynccontextmanager
async def guarded(tmp_path: Path, **settings: Any) -> AsyncIterator[Running]:  # noqa: ANN401  # as `service` takes them
    """A service that knows the signer's key; clocks are the same."""
    async with service(token_key=SIGNER.file(tmp_path), **{"token_leeway": 0, **settings}) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    """The header of a handshake."""
    return {"Authorization": f"Bearer {token}"}


def lasting(seconds: float) -> str:
    """A token that runs out so soon; by whole seconds, like most."""
    return SIGNER.token(exp=int(time.time() + seconds))


async def test_a_token_at_the_handshake(tmp_path: Path) -> None:
    """Gives its rights before the first request; nothing is said of it."""
    async with guarded(tmp_path) as running, running.client(headers=bearer(SIGNER.token())) as client:
        assert await client.silent()
        assert (await client.ask(subscribe("A1")))["payload"]["status"] == "ok"
        assert running.app.state.access.counters.auth_ok == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [(frame(3, b"?"), 1002), (frame(CLOSE, b"\x03\xe8"), 1000), (frame(TEXT, b"\xff"), 1007)],
)
async def test_who_is_turned_away_while_it_fails(
    sent: bytes, code: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A bad token, and with the handshake what ends the connection anyway: one Close frame, and no error of ours."""
    async with guarded(tmp_path) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
        writer.write(HANDSHAKE % b"Authorization: Bearer x.y.z\r\n" + sent)
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            told = await reader.read()
        assert told[:1] == bytes([0x80 | CLOSE])
        assert int.from_bytes(told[2:4], "big") in {code, 4500}
        assert len(told) == 2 + told[1]
        await eventually(lambda: len(running.connections) == 0)
        writer.transport.abort()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer", 4500),
        ("Bearer ", 4500),
        ("bearer x.y.z", 4500),
        ("Bearer {token} {token}", 4500),
        ("Bearer {token}\r\nAuthorization: Bearer {token}", 4500),
        ("Basic YWxpY2U6c2VjcmV0", None),
        ("Digest username=alice", None),
    ],
)
async def test_other_headers_at_the_handshake(header: str, code: int | None, tmp_path: Path) -> None:
    """What should be a token and is none is closed with 4500; other schemes are for somebody in between."""
    async with guarded(tmp_path) as running:
        text = header.replace("{token}", SIGNER.token())
        reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
        writer.write(HANDSHAKE % f"Authorization: {text}\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            if code is not None:
                head = await reader.readexactly(4)
                assert int.from_bytes(head[2:], "big") == code
            else:
                await eventually(lambda: len(running.connections) == 1)
                (connection,) = running.connections
                assert connection.outbox.farewell is None
        writer.transport.abort()


async def test_the_answer_says_when_to_refresh(tmp_path: Path) -> None:
    """`expires_in_ms` is what is left of the token, by the server's clock."""
    async with guarded(tmp_path) as running, running.client() as client:
        answer = await client.ask(authenticate(lasting(600)))
        assert 590_000 < answer["payload"]["expires_in_ms"] <= 600_000


async def test_a_token_that_runs_out(tmp_path: Path) -> None:
    """In its grace, updates go on, nothing new is begun; after it, the connection is closed with 4003."""
    async with guarded(tmp_path, token_grace=1.0) as running, running.client() as client:
        await client.ask(authenticate(lasting(2)))
        await client.ask(subscribe("A1"))
        (connection,) = running.connections
        await eventually(lambda: time.time() >= connection.grant.ends_at)
        publish(running, "A1")
        assert (await client.receive())["type"] == "account.update"
        answer = await client.ask(subscribe("A1", "orders"))
        assert answer["payload"]["code"] == "unauthenticated"
        assert (await client.closed())[0] == 4003
        assert time.time() >= connection.grant.gone_at
        assert running.app.state.access.counters.expired == 1
        await eventually(lambda: not running.connections._by_user)


async def test_a_refresh_in_time(tmp_path: Path) -> None:
    """A fresh token for the same user, in the grace too, lets all go on as it was."""
    async with guarded(tmp_path, token_grace=30) as running, running.client() as client:
        await client.ask(authenticate(lasting(1)))
        await client.ask(subscribe("A1"))
        (connection,) = running.connections
        await eventually(lambda: time.time() >= connection.grant.ends_at)
        assert (await client.ask(authenticate(lasting(60))))["payload"]["status"] == "ok"
        assert (await client.ask(subscribe("A1", "orders")))["payload"]["status"] == "ok"
        assert connection.grant.ends_at > time.time() + 50
        publish(running, "A1")
        assert (await client.receive())["type"] == "account.update"


async def test_nothing_is_delivered_after_the_grace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the timer is late: the next update finds the token gone, and closes instead."""
    async with guarded(tmp_path, token_grace=0) as running, running.client() as client:
        await client.ask(authenticate(lasting(3600)))
        await client.ask(subscribe("A1"))
        # The clock is put forward, of which no timer knows.
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + 3601)
        publish(running, "A1", "42")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await client.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4003


async def test_a_token_without_end_in_sight(tmp_path: Path) -> None:
    """One that is valid for centuries needs no timer that nobody can set."""
    async with guarded(tmp_path) as running, running.client() as client:
        answer = await client.ask(authenticate(SIGNER.token(exp=99_999_999_999)))
        assert answer["payload"]["status"] == "ok"
        assert await client.silent()


async def test_bad_tokens_are_mistakes(tmp_path: Path) -> None:
    """One costs nothing; a stream of them is closed with 4501."""
    async with (
        guarded(tmp_path, max_errors=3, errors_forgiven_per_minute=0) as running,
        running.client() as client,
    ):
        for _ in range(4):
            assert (await client.ask(authenticate("x.y.z")))["payload"]["code"] == "unauthenticated"
        assert (await client.closed())[0] == 4501


REQUESTS: list[dict[str, Any]] = [
    {"type": "bars.subscribe", "payload": AAPL},
    {"type": "bars.unsubscribe", "payload": AAPL},
    {"type": "bars.history", "payload": AAPL},
    {"type": "quotes.subscribe", "payload": {"symbol": "AAPL"}},
    {"type": "trades.subscribe", "payload": {"symbol": "AAPL"}},
    {"type": "orderbook.subscribe", "payload": {"symbol": "AAPL"}},
    {"type": "symbols.list", "payload": {}},
    subscribe("A1"),
    subscribe("A1", "positions"),
    subscribe("A1", "orders"),
]


async def test_nobody_is_anonymous(tmp_path: Path) -> None:
    """With --anonymous off every request but those of the session needs a token, any that is valid."""
    async with guarded(tmp_path, anonymous="off") as running, running.client() as client:
        for number, request in enumerate(REQUESTS):
            answer = await client.ask({**request, "id": number})
            assert (answer["type"], answer["id"]) == (f"{request['type']}.response", number)
            assert answer["payload"]["code"] == "unauthenticated"
        assert await client.silent()
        assert not running.hub.topics
        assert (await client.ask(authenticate(SIGNER.token(scope=None, accounts=None))))["payload"][
            "status"
        ] == "ok"
        assert (await client.ask({"type": "symbols.list", "payload": {}}))["payload"]["status"] == "ok"


async def test_who_does_not_authenticate_in_time(tmp_path: Path) -> None:
    """Is closed with 4503, pings or no pings; who did is not."""
    async with (
        guarded(tmp_path, anonymous="off", authentication_timeout=0.3) as running,
        running.client() as silent,
        running.client() as member,
    ):
        assert (await member.ask(authenticate(SIGNER.token())))["payload"]["status"] == "ok"
        assert (await silent.ask({"type": "ping"}))["type"] == "pong"
        assert (await silent.closed())[0] == 4503
        assert await member.silent()
        assert running.app.state.access.counters.timeouts == 1


async def test_where_all_may_come_nobody_needs_to_authenticate(tmp_path: Path) -> None:
    """The time for authentication is for those who have to."""
    async with guarded(tmp_path) as running, running.client() as client:
        assert (await client.subscribe())["payload"]["status"] == "ok"
        (connection,) = running.connections
        assert connection._limits.authentication_timeout is None


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://app.example", True),
        ("HTTPS://APP.EXAMPLE", True),
        ("http://localhost:3000", True),
        (None, True),
        ("http://app.example", False),
        ("https://app.example:8443", False),
        ("https://app.example.attacker.example", False),
        ("https://attacker.example/https://app.example", False),
        ("null", False),
        ("", False),
    ],
)
async def test_origins(origin: str | None, welcome: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Web pages of origins that are not in the list get 403 for an answer to their handshake; the log names them."""
    caplog.set_level("INFO", "service.clients")
    async with service(origins="https://app.example, http://localhost:3000/") as running:
        headers = {} if origin is None else {"Origin": origin}
        if welcome:
            async with running.client(headers=headers) as client:
                assert await client.silent()
            return
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with running.client(headers=headers):
                pass
        assert refused.value.response.status_code == 403
        assert len(running.connections) == 0
        assert running.app.state.access.counters.origins_refused == 1
        refusals = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
        assert len(refusals) == 1
        assert f"origin={origin or repr('')}" in refusals[0]


async def test_a_user_has_so_many_connections(tmp_path: Path) -> None:
    """One more is closed with 4504, whichever way its token came; another user's is not, nor a refresh."""
    async with guarded(tmp_path, connections_per_user=2) as running:
        async with running.client(headers=bearer(SIGNER.token())) as one, running.client() as two:
            for client in (one, two, one, two):
                assert (await client.ask(authenticate(SIGNER.token())))["payload"]["status"] == "ok"
            async with running.client(headers=bearer(SIGNER.token())) as third:
                assert (await third.closed())[0] == 4504
            async with running.client() as third:
                await third.send(authenticate(SIGNER.token()))
                assert (await third.closed())[0] == 4504
            async with running.client() as bob:
                assert (await bob.ask(authenticate(SIGNER.token(sub="bob"))))["payload"]["status"] == "ok"
            await eventually(lambda: len(running.connections) == 2)
            assert running.connections._by_user == {"alice": 2}
        await eventually(lambda: not running.connections._by_user)
        async with running.client(headers=bearer(SIGNER.token())) as again:
            assert await again.silent()


async def test_a_topic_that_nobody_may_read_any_more_closes(tmp_path: Path) -> None:
    """Its feed hears that it lost its last subscriber."""
    async with guarded(tmp_path, topic_grace=0) as running, running.client() as client:
        await client.ask(authenticate(SIGNER.token()))
        await client.ask(subscribe("A1"))
        assert AccountTopic("A1").address in running.hub.topics
        await client.ask(authenticate(SIGNER.token(accounts=[])))
        await eventually(lambda: not running.hub.topics)


async def test_nothing_secret_is_logged_or_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tokens, good or bad, nor any part of them that could be used, in logs of any level or in answers."""
    caplog.set_level(logging.DEBUG)
    good, bad, long = SIGNER.token(), SIGNER.token(exp=1), "x" * 20_000
    told: list[str] = []
    async with guarded(tmp_path) as running:
        async with running.client(headers=bearer(good)) as client:
            for token in (good, bad, long, bad[:-4] + "AAAA"):
                told.append(json.dumps(await client.ask(authenticate(token))))
            told.append(
                json.dumps(await client.ask({"type": "session.authenticate", "payload": {"token": [good]}}))
            )
            told.append(
                json.dumps(await client.ask({"type": "session.authenticat", "payload": {"token": good}}))
            )
            told.append(json.dumps(await client.ask({"type": good})))
        async with running.client(headers=bearer(bad)) as client:
            told.append(str(await client.closed()))
    # The last one named its token as a type, which is quoted to it, cut; it is its own.
    mine = told.pop(-2)
    assert good not in mine
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("service"))
    for secret in (good, bad, long[:200]):
        for part in secret.split("."):
            if len(part) > 60:
                assert part not in logged
                assert not [text for text in told if part in text]
    assert "alice" not in logged
