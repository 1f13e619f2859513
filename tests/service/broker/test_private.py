"""Two services on one broker: what is an account's alone stays so, whatever node is asked, and however."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from generated.models import AccountSummary, OrderList, PositionList
from generated.publisher import Publisher
from generated.runtime.redis_protocol import topic_key
from generated.topics import AccountTopic, OrdersTopic, PositionsTopic, Topic
from service.hub import Position
from tests.service.access.issuing import issuer
from tests.service.broker.nodes import node, status
from tests.service.running import PATIENCE, Client, Running, eventually
from tests.valkey import ValkeyServer

SIGNER = issuer("ES256", "one")
CHANNELS = ("account", "positions", "orders")
SECRET = "31337.42"
"""A balance that nobody but its owner may ever see."""


def publish(publisher: Publisher, account_id: str, balance: str = SECRET) -> None:
    """Something on each channel of an account."""
    summary = AccountSummary(
        account_id=account_id, currency="USD", balance=balance, equity=balance, unrealized_profit="0", time=1
    )
    publisher.account_update(AccountTopic(account_id), summary)
    publisher.positions_update(
        PositionsTopic(account_id), PositionList(account_id=account_id, time=1, positions=[])
    )
    publisher.orders_update(OrdersTopic(account_id), OrderList(account_id=account_id, time=1, orders=[]))


def ask(account_id: str, channel: str = "account", **fields: object) -> dict[str, Any]:
    """For a topic of an account."""
    return {"type": f"{channel}.subscribe", "id": "s", "payload": {"account_id": account_id}, **fields}


async def authenticate(client: Client, **claims: Any) -> dict[str, Any]:  # noqa: ANN401
    """Show a token; the first answer to it."""
    return await client.ask(
        {"type": "session.authenticate", "id": "a", "payload": {"token": SIGNER.token(**claims)}}
    )


async def handed_over(*nodes: Running) -> None:
    """Return when all that was published is in Redis."""
    for one in nodes:
        await eventually(lambda one=one: status(one).queued == 0)  # type: ignore[misc]


async def test_nobody_recovers_anothers_account_at_another_node(valkey: ValkeyServer, tmp_path: Path) -> None:
    """A position of somebody else's topic opens nothing, at no node; the owner goes on with it anywhere."""
    key = SIGNER.file(tmp_path)
    async with node(valkey.url, token_key=key) as one, node(valkey.url, token_key=key) as two:
        at: dict[str, Any] = {}
        async with one.client() as owner:
            await authenticate(owner)
            for channel in CHANNELS:
                answer = await owner.ask(ask("A1", channel))
                at[channel] = {"epoch": answer["epoch"], "seq": answer["seq"]}
            publish(one.publisher, "A1")
            assert {(await owner.receive())["seq"] for _ in CHANNELS} == {1}
        publish(two.publisher, "A1", "2")
        await handed_over(one, two)
        async with one.client() as a, two.client() as b, two.client() as nobody, two.client() as back:
            for client, where in ((a, one), (b, two), (nobody, two)):
                if client is not nobody:
                    told = await authenticate(client, sub="bob", accounts=["B1"])
                    assert told["payload"]["status"] == "ok"
                code = "unauthenticated" if client is nobody else "forbidden"
                for channel, recover in itertools.product(CHANNELS, (True, False)):
                    more = {"recover": at[channel]} if recover else {}
                    answer = await client.ask(ask("A1", channel, **more))
                    assert answer["payload"]["code"] == code
                    assert not {"epoch", "seq", "recovered"} & answer.keys()
                assert not where.hub.subscribers(AccountTopic("A1"))
            assert two.hub.topics == [], "a refusal asks the broker nothing"
            await authenticate(back)
            for channel in CHANNELS:
                answer = await back.ask(ask("A1", channel, recover=at[channel]))
                assert answer["recovered"] is True
                assert [(await back.receive())["seq"] for _ in range(2)] == [1, 2]
            publish(one.publisher, "A1", "3")
            assert {(await back.receive())["seq"] for _ in CHANNELS} == {3}
            for client in (a, b, nobody):
                assert await client.silent()


async def test_a_right_that_goes_ends_what_comes_from_the_broker(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    """A refresh with less ends subscriptions at the node where it is shown, whoever publishes what would follow."""
    key = SIGNER.file(tmp_path)
    async with (
        node(valkey.url, token_key=key) as one,
        node(valkey.url, token_key=key) as two,
        one.client() as stays,
        two.client() as loses,
    ):
        for client in (stays, loses):
            await authenticate(client, accounts=["A1", "A2"])
            for channel, account_id in itertools.product(CHANNELS, ("A1", "A2")):
                assert (await client.ask(ask(account_id, channel)))["payload"]["status"] == "ok"
        # Six are on their way when the right goes.
        publish(one.publisher, "A1", "1")
        publish(one.publisher, "A2", "1")
        message = await authenticate(loses)
        told: list[str] = []
        while message.get("id") != "a":
            told.append(f"{message['type']} {message['topic']}")
            message = await loses.receive()
        assert {f"topic.closed {channel}:A2" for channel in CHANNELS} <= set(told)
        for channel in CHANNELS:
            assert f"{channel}.update {channel}:A2" not in told[told.index(f"topic.closed {channel}:A2") :]
        publish(one.publisher, "A2")
        publish(one.publisher, "A1", "2")
        while message.get("payload", {}).get("balance") != "2":
            message = await loses.receive()
            assert not message["topic"].endswith(":A2")
        seen = {(await stays.receive())["topic"] for _ in range(12)}
        assert "account:A2" in seen
        assert two.hub.subscribers(AccountTopic("A2")) == 0


async def test_a_token_that_ends_while_the_broker_is_asked(
    valkey: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights are looked at again once a topic is ready: who had them when it asked may not have them any more."""
    key = SIGNER.file(tmp_path)
    async with (
        node(valkey.url, token_key=key, token_leeway=0, broker_timeout=20) as one,
        one.client() as client,
    ):
        asked, ready = asyncio.Event(), one.hub.ready

        async def told(topic: Topic, after: Position | None) -> None:
            asked.set()
            await ready(topic, after)

        monkeypatch.setattr(one.hub, "ready", told)
        ends = int(time.time()) + 2
        await authenticate(client, exp=ends)
        valkey.pause()
        await client.send(ask("A1"))
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
        # The clock on the wall is what a token's end is held against.
        await asyncio.sleep(max(0.0, ends - time.time()))
        valkey.resume()
        answer = await client.receive()
        assert answer["payload"]["code"] == "unauthenticated"
        assert one.hub.subscribers(AccountTopic("A1")) == 0


async def test_nothing_private_is_told_in_public(
    valkey: ValkeyServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Metrics, health and log name neither accounts nor what is in them; what goes through Redis goes to its topic."""
    caplog.set_level(logging.INFO)
    key = SIGNER.file(tmp_path)
    token = SIGNER.token(sub="the-owner", accounts=["SECRET-1"])
    async with (
        node(valkey.url, token_key=key) as one,
        node(valkey.url, token_key=key) as two,
        two.client(headers={"Authorization": f"Bearer {token}"}) as owner,
        httpx.AsyncClient() as http,
    ):
        for channel in CHANNELS:
            await owner.ask(ask("SECRET-1", channel))
        publish(one.publisher, "SECRET-1")
        for _ in CHANNELS:
            await owner.receive()
        valkey.flush()
        publish(one.publisher, "SECRET-1")
        while (await owner.receive())["type"] != "topic.reset":
            pass
        names = valkey.command("KEYS", "*")
        assert isinstance(names, list)
        channels = {topic_key(f"{channel}:SECRET-1").encode() for channel in CHANNELS}
        assert all(
            any(name.startswith(channel) for channel in channels) for name in names if b"SECRET" in name
        )
        told = [
            (await http.get(f"{running.url}{path}")).text
            for running in (one, two)
            for path in ("/metrics", "/api/v1/health", "/api/v1/health/ready", "/api/v1/health/live")
        ]
    told += [record.getMessage() for record in caplog.records]
    for text in told:
        for secret in (SECRET, "SECRET-1", "the-owner", token):
            assert secret not in text, text[:2000]
