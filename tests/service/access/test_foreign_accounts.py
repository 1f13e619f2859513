"""Nobody reads another's account: every way to try, on real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from generated.models import AccountSummary
from generated.topics import AccountTopic, OrdersTopic, PositionsTopic
from service.access.grant import EVERYBODY
from tests.frames import TEXT, frame
from tests.service.access.issuing import forged, issuer
from tests.service.raw import HANDSHAKE, Raw
from tests.service.running import PATIENCE, Client, Running, eventually, service

SIGNER = issuer("RS256", "one")
CHANNELS = ("account", "positions", "orders")


@asynccontextmanager
async def guarded(tmp_path: Path, **settings: Any) -> AsyncIterator[Running]:  # noqa: ANN401  # as `service` takes them
    """A service with accounts, whose keys are known."""
    async with service(token_key=SIGNER.file(tmp_path), **settings) as running:
        yield running


def publish(running: Running, account_id: str, balance: str = "1") -> None:
    """Something that only this account's owner is to know."""
    summary = AccountSummary(
        account_id=account_id,
        currency="USD",
        balance=balance,
        equity=balance,
        unrealized_profit="0",
        time=60_000,
    )
    running.publisher.account_update(AccountTopic(account_id), summary)


def subscribe(account_id: str, channel: str = "account", **fields: object) -> dict[str, Any]:
    """The request."""
    return {"type": f"{channel}.subscribe", "id": "s", "payload": {"account_id": account_id}, **fields}


def authenticate(token: str) -> dict[str, Any]:
    """The request."""
    return {"type": "session.authenticate", "id": "a", "payload": {"token": token}}


async def authenticated(client: Client, token: str) -> None:
    """Show a token that is accepted."""
    answer = await client.ask(authenticate(token))
    assert answer["payload"]["status"] == "ok", answer


async def reads_nothing(running: Running, client: Client, account_id: str = "A2") -> None:
    """Whatever is published of an account, the client is told nothing of it."""
    for topic in (AccountTopic(account_id), PositionsTopic(account_id), OrdersTopic(account_id)):
        assert running.hub.subscribers(topic) == 0
    publish(running, account_id, "777")
    assert await client.silent()


def no_tokens() -> dict[str, str]:
    """Tokens that are none, each by a way of its own."""
    claims = {"sub": "mallory", "exp": int(time.time()) + 60, "scope": "account:read", "accounts": ["A2"]}
    stranger = issuer("RS256", "one", 1)
    body = forged({"alg": "HS256", "typ": "JWT"}, claims).rstrip(".")
    signature = jwt.utils.base64url_encode(hmac.digest(SIGNER.public, body.encode(), hashlib.sha256)).decode()
    head, _, signed = SIGNER.token().split(".")
    changed = SIGNER.token(accounts=["A2"]).split(".")[1]
    return {
        "none": forged({"alg": "none"}, claims),
        "unsigned": forged({"alg": "RS256"}, claims),
        "public key as secret": f"{body}.{signature}",
        "a stranger's": stranger.token(accounts=["A2"]),
        "a key of its own": stranger.token(accounts=["A2"], headers={"jwk": stranger.jwk()}),
        "an address of its own": stranger.token(accounts=["A2"], headers={"jku": "https://a.example/"}),
        "a file as key": forged(
            {"alg": "HS256", "kid": "/dev/null"}, claims, hmac.digest(b"", b"", "sha256")
        ),
        "changed": f"{head}.{changed}.{signed}",
        "expired": SIGNER.token(accounts=["A2"], exp=int(time.time()) - 3600),
        "not yet": SIGNER.token(accounts=["A2"], nbf=int(time.time()) + 3600),
        "for another": SIGNER.token(accounts=["A2"], aud="another"),
        "for nobody": SIGNER.token(accounts=["A2"], sub=None),
        "for ever": SIGNER.token(accounts=["A2"], exp=None),
    }


async def test_without_a_token(tmp_path: Path) -> None:
    """Every channel of accounts answers `unauthenticated`, whether there is such an account or not."""
    async with guarded(tmp_path) as running, running.client() as client, running.client() as owner:
        await authenticated(owner, SIGNER.token())
        await owner.ask(subscribe("A1"))
        for channel, account_id in itertools.product(CHANNELS, ("A1", "A2")):
            answer = await client.ask(subscribe(account_id, channel))
            assert (answer["type"], answer["id"]) == (f"{channel}.subscribe.response", "s")
            assert answer["payload"]["code"] == "unauthenticated"
        publish(running, "A1")
        assert (await owner.receive())["payload"]["account_id"] == "A1"
        assert await client.silent()


async def test_with_what_is_no_token(tmp_path: Path) -> None:
    """Each is refused, changes nothing, and costs no connection; what comes after it is refused too."""
    async with guarded(tmp_path) as running, running.client() as client:
        for name, token in no_tokens().items():
            answer = await client.ask(authenticate(token))
            assert answer["payload"]["code"] == "unauthenticated", name
            assert token not in json.dumps(answer)
            answer = await client.ask(subscribe("A2"))
            assert answer["payload"]["code"] == "unauthenticated", name
        await reads_nothing(running, client)
        failures = running.app.state.access.counters.auth_failures
        assert sum(failures.values()) == len(no_tokens())


async def test_with_what_is_no_token_at_the_handshake(tmp_path: Path) -> None:
    """The connection is accepted and closed: 4003 for a token that has run out, 4500 for all else."""
    async with guarded(tmp_path) as running:
        for name, token in no_tokens().items():
            async with running.client(headers={"Authorization": f"Bearer {token}"}) as client:
                code, reason = await client.closed()
            assert code == (4003 if name == "expired" else 4500), name
            assert token not in reason
        await eventually(lambda: len(running.connections) == 0)
        assert not running.connections._by_user


async def test_a_bad_token_takes_no_good_one_away(tmp_path: Path) -> None:
    """A refresh that is refused leaves everything as it was."""
    async with guarded(tmp_path) as running, running.client() as client:
        await authenticated(client, SIGNER.token())
        await client.ask(subscribe("A1"))
        for token in no_tokens().values():
            assert (await client.ask(authenticate(token)))["payload"]["status"] == "error"
        publish(running, "A1")
        assert (await client.receive())["type"] == "account.update"
        assert (await client.ask(subscribe("A2")))["payload"]["code"] == "forbidden"


async def test_with_ones_own_token(tmp_path: Path) -> None:
    """Another's account is `forbidden` on every channel, also to who names a position to go on from."""
    async with guarded(tmp_path) as running, running.client() as client, running.client() as owner:
        await authenticated(owner, SIGNER.token(sub="bob", accounts=["A2"]))
        joined = await owner.ask(subscribe("A2"))
        publish(running, "A2")
        await owner.receive()
        await authenticated(client, SIGNER.token())
        for channel in CHANNELS:
            answer = await client.ask(subscribe("A2", channel))
            assert answer["payload"]["code"] == "forbidden"
        for epoch, seq in ((joined["epoch"], 0), (joined["epoch"], 1), ("guess", 0)):
            answer = await client.ask(subscribe("A2", recover={"epoch": epoch, "seq": seq}))
            assert answer["payload"]["code"] == "forbidden"
            assert "epoch" not in answer
            assert "seq" not in answer
        publish(running, "A2")
        await owner.receive()
        assert await client.silent()
        absent = await client.ask(subscribe("nobody"))
        there = await client.ask(subscribe("A2"))
        assert absent["payload"]["message"].replace("nobody", "A2") == there["payload"]["message"]


async def test_without_the_scope(tmp_path: Path) -> None:
    """The account alone does not do, nor does a scope that is spelt in another way."""
    async with guarded(tmp_path) as running:
        for scope in (
            None,
            "",
            "account",
            "ACCOUNT:READ",
            "account:read:more",
            "account:*",
            "account:read,orders",
        ):
            async with running.client() as client:
                await authenticated(client, SIGNER.token(scope=scope))
                assert (await client.ask(subscribe("A1")))["payload"]["code"] == "forbidden", scope
                await reads_nothing(running, client, "A1")


@pytest.mark.parametrize(
    "account_id",
    [
        "a2",
        "A2 ",
        " A2",
        "A2\u0000",
        "A2\n",
        "A1:A2",
        "A2:A1",
        "A1,A2",
        "*",
        "A?",
        "..",
        "A1/../A2",
        "\u0410\u0032",
        "\uff21\u0032",
        "A2\u200b",
        "",
        "%41%32",
    ],
)
async def test_spelling_tricks(account_id: str, tmp_path: Path) -> None:
    """An id is compared as it is: none is another way to write A2, whoever may read what."""
    async with guarded(tmp_path) as running, running.client() as client:
        await authenticated(client, SIGNER.token(accounts=["A1", account_id]))
        for channel in CHANNELS:
            await client.ask(subscribe(account_id, channel))
        assert not [topic for topic in running.hub.topics if topic.endswith(":A2")]
        publish(running, "A2")
        assert await client.silent()


async def test_topics_of_other_channels(tmp_path: Path) -> None:
    """What is asked of a public channel is never a topic of an account, nor does an envelope's field make it one."""
    async with guarded(tmp_path) as running, running.client() as client:
        for message in (
            {"type": "trades.subscribe", "payload": {"symbol": "account:A2"}},
            {"type": "quotes.subscribe", "payload": {"symbol": "A2"}, "topic": "account:A2"},
            {"type": "account.update", "payload": {"account_id": "A2"}, "topic": "account:A2"},
            {"type": "account:A2.subscribe", "payload": {}},
            {"type": "account.subscribe", "payload": {"account_id": ["A2"]}},
            {"type": "account.subscribe", "payload": {"account_id": {"$ne": ""}}},
            {"type": "account.subscribe", "topic": "account:A2", "payload": {}},
        ):
            await client.ask(message)
        await reads_nothing(running, client)


async def test_everything_in_one_packet(tmp_path: Path) -> None:
    """A subscribe ahead of the token is refused, one behind it is not; both are sent with the handshake."""
    async with guarded(tmp_path) as running:
        host, port = "127.0.0.1", int(running.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection(host, port)
        messages = (subscribe("A1"), authenticate(SIGNER.token()), subscribe("A2"), subscribe("A1"))
        frames = b"".join(frame(TEXT, json.dumps(message).encode()) for message in messages)
        writer.write(HANDSHAKE % b"" + frames)
        client = Raw(reader, writer)
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
        answers = [await client.message() for _ in messages]
        assert [answer["payload"].get("code") for answer in answers] == [
            "unauthenticated",
            None,
            "forbidden",
            None,
        ]
        writer.transport.abort()


async def test_a_right_that_is_taken_away(tmp_path: Path) -> None:
    """A refresh without an account ends its subscriptions with a reason, before its answer, and nothing else."""
    async with guarded(tmp_path) as running, running.client() as client:
        await authenticated(client, SIGNER.token(accounts=["A1", "A2"]))
        await client.subscribe()
        for channel, account_id in itertools.product(CHANNELS, ("A1", "A2")):
            assert (await client.ask(subscribe(account_id, channel)))["payload"]["status"] == "ok"
        await client.send(authenticate(SIGNER.token()))
        closed = [await client.receive() for _ in CHANNELS]
        assert {message["type"] for message in closed} == {"topic.closed"}
        assert {message["topic"] for message in closed} == {f"{channel}:A2" for channel in CHANNELS}
        assert {(message["payload"]["code"], message["payload"]["message"]) for message in closed} == {
            ("forbidden", f"The token does not grant {channel}:A2 any more.") for channel in CHANNELS
        }
        answer = await client.receive()
        assert (answer["id"], answer["payload"]["status"]) == ("a", "ok")
        publish(running, "A1")
        running.publish(1.0)
        assert [(await client.receive())["topic"] for _ in range(2)] == ["account:A1", "bars:AAPL:1"]
        await reads_nothing(running, client)
        assert (await client.ask(subscribe("A2")))["payload"]["code"] == "forbidden"
        # Given again, it may be subscribed to again.
        await authenticated(client, SIGNER.token(accounts=["A1", "A2"]))
        assert (await client.ask(subscribe("A2")))["payload"]["status"] == "ok"


async def test_a_scope_that_is_taken_away(tmp_path: Path) -> None:
    """It ends all that it was needed for."""
    async with guarded(tmp_path) as running, running.client() as client:
        await authenticated(client, SIGNER.token())
        await client.ask(subscribe("A1"))
        assert (await client.ask(authenticate(SIGNER.token(scope="other"))))["type"] == "topic.closed"
        assert (await client.receive())["payload"]["status"] == "ok"
        await reads_nothing(running, client, "A1")


async def test_the_token_of_another_user(tmp_path: Path) -> None:
    """A living connection stays its user's: another's token is refused, and gives nothing."""
    async with guarded(tmp_path) as running, running.client() as client:
        await authenticated(client, SIGNER.token())
        answer = await client.ask(authenticate(SIGNER.token(sub="bob", accounts=["A2"])))
        assert answer["payload"]["code"] == "forbidden"
        assert "reconnect to change the user" in answer["payload"]["message"]
        assert (await client.ask(subscribe("A2")))["payload"]["code"] == "forbidden"
        assert (await client.ask(subscribe("A1")))["payload"]["status"] == "ok"


async def test_a_new_connection_begins_with_nothing(tmp_path: Path) -> None:
    """Rights are the connection's: whoever comes back, from the same address, shows its token again."""
    async with guarded(tmp_path) as running:
        async with running.client(headers={"Authorization": f"bearer {SIGNER.token()}"}) as first:
            joined = await first.ask(subscribe("A1"))
            assert joined["payload"]["status"] == "ok"
        async with running.client() as second:
            recover = {"epoch": joined["epoch"], "seq": joined["seq"]}
            assert (await second.ask(subscribe("A1", recover=recover)))["payload"][
                "code"
            ] == "unauthenticated"
            publish(running, "A1")
            assert await second.silent()
            await authenticated(second, SIGNER.token())
            back = await second.ask(subscribe("A1", recover=recover))
            assert (back["recovered"], (await second.receive())["seq"]) == (True, 1)


@pytest.mark.parametrize("protocol", [None, WebSocketsSansIOProtocol])
async def test_clients_that_share_all_but_accounts(
    tmp_path: Path, protocol: type[asyncio.Protocol] | None
) -> None:
    """Clients with the same public topics are written to together; each gets its own account and no other's."""
    async with guarded(tmp_path, protocol=protocol) as running:
        users = [f"U{number}" for number in range(6)]
        async with _all(running, len(users)) as clients:
            for client, user in zip(clients, users, strict=True):
                await client.subscribe()
                await client.subscribe(symbol="GOOGL")
                await authenticated(client, SIGNER.token(sub=user, accounts=[user]))
                await client.ask(subscribe(user))
            for turn in range(5):
                running.publish(float(turn))
                for user in users:
                    publish(running, user, str(turn))
                running.publish(float(turn), symbol="GOOGL")
                for client, user in zip(clients, users, strict=True):
                    got = [await client.receive() for _ in range(3)]
                    assert [message["topic"] for message in got] == [
                        "bars:AAPL:1",
                        f"account:{user}",
                        "bars:GOOGL:1",
                    ]
            # One after another loses its account while something is on its way.
            for client, user in zip(clients, users, strict=True):
                running.publish(9.0)
                publish(running, user, "9")
                await client.send(authenticate(SIGNER.token(sub=user, accounts=[])))
            for client, user in zip(clients, users, strict=True):
                topics: list[str] = []
                while (message := await client.receive()).get("id") != "a":
                    topics.append(f"{message['type']} {message['topic']}")
                assert f"topic.closed account:{user}" in topics
                assert not [
                    topic for topic in topics if "account" in topic and not topic.endswith(f":{user}")
                ]


@asynccontextmanager
async def _all(running: Running, count: int) -> AsyncIterator[list[Client]]:
    if count == 0:
        yield []
        return
    async with running.client() as client, _all(running, count - 1) as others:
        yield [client, *others]


async def test_rights_count_at_every_delivery(tmp_path: Path) -> None:
    """However a subscription came about: what is about to be delivered to who may not read it is not."""
    async with guarded(tmp_path) as running, running.client() as client, running.client() as owner:
        for one in (client, owner):
            await authenticated(one, SIGNER.token())
            await one.ask(subscribe("A1"))
        mine, _ = running.connections
        # As if every other check had failed.
        mine.grant = EVERYBODY
        publish(running, "A1", "42")
        message = await client.receive()
        assert (message["type"], message["topic"]) == ("topic.closed", "account:A1")
        assert (await owner.receive())["payload"]["balance"] == "42"
        assert await client.silent()
        assert running.hub.subscribers(AccountTopic("A1")) == 1
        assert running.app.state.access.counters.revoked == 1


async def test_what_waits_for_a_slow_client(tmp_path: Path) -> None:
    """Updates that were published while it might read them, and that it has not been sent, it is not sent any more."""
    async with (
        guarded(tmp_path, send_buffer=4096, outbox_bytes=2**24) as running,
        running.client(max_queue=1) as client,
    ):
        await authenticated(client, SIGNER.token())
        await client.ask(subscribe("A1"))
        (connection,) = running.connections
        client.socket.transport.pause_reading()
        while connection.outbox.waiting < 200_000:
            publish(running, "A1", "1" * 30)
            await asyncio.sleep(0)
        connection.take_grant(EVERYBODY)
        running.hub.hold_against_rights(connection.outbox)
        # Next to nothing but the word that it is over.
        assert connection.outbox.waiting < 1000
        client.socket.transport.resume_reading()
        while (message := await client.receive())["type"] == "account.update":
            pass
        assert message["type"] == "topic.closed"
        assert await client.silent()


async def test_without_keys_there_are_no_accounts() -> None:
    """Nothing is judged, and nothing is to be had."""
    async with service() as running, running.client(headers={"Authorization": "Bearer x"}) as client:
        assert (await client.ask(authenticate(SIGNER.token())))["payload"]["code"] == "unavailable"
        for channel in CHANNELS:
            assert (await client.ask(subscribe("A1", channel)))["payload"]["code"] == "unavailable"
        await reads_nothing(running, client, "A1")
