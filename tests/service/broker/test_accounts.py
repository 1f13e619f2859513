"""Simulated accounts at two services on one broker: the same account at both, whoever feeds."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from generated.publisher import Publisher
from service.access.minting import mint, new_development_key
from service.accounts import SimulatedAccount
from service.accounts.account import TRADED
from service.feeds.base import Feed
from service.feeds.choose import feed_of
from service.leading.lease import LEASE_KEY
from service.market.listing import LISTINGS
from service.market.skeleton import Skeleton
from service.settings import Settings
from tests.service.broker.nodes import node
from tests.service.running import Client, eventually
from tests.valkey import ValkeyServer

ASK = {"type": "orders.subscribe", "payload": {"account_id": "DEMO-1"}}


def quick(publisher: Publisher) -> Feed:
    """A simulated market with accounts, on which five minutes pass in a second."""
    settings = Settings(accounts="simulate", development_key=Path("any"), updates_per_second=20, speed=300)
    return feed_of(settings, publisher)


async def update(client: Client) -> dict[str, Any]:
    """The next update of the orders."""
    while True:
        message = await client.receive()
        assert message["type"] == "orders.update"
        return message


async def test_both_nodes_tell_of_the_same_account(valkey: ValkeyServer, tmp_path: Path) -> None:
    """Who subscribes at the node that does not feed begins with a snapshot, and both hear the same from then on."""
    path = tmp_path / "development.json"
    token = mint(new_development_key(path), "somebody", accounts=["DEMO-1"], scopes=["account:read"])
    says = {"type": "session.authenticate", "payload": {"token": token}}
    async with (
        node(valkey.url, feed=quick, development_key=str(path)) as one,
        node(valkey.url, feed=quick, development_key=str(path)) as two,
        one.client() as first,
        two.client() as second,
    ):
        heard: list[dict[int, Any]] = []
        for client in (first, second):
            assert (await client.ask(says))["payload"]["status"] == "ok"
            assert (await client.ask(ASK))["payload"]["status"] == "ok"
            begin = await update(client)
            assert begin["snapshot"] is True
            heard.append({begin["seq"]: begin["payload"]})
        last = max(heard[1]) + 5
        for client, told in zip((first, second), heard, strict=True):
            while max(told) < last:
                more = await update(client)
                assert more["seq"] == max(told) + 1
                told[more["seq"]] = more["payload"]
        both = heard[0].keys() & heard[1].keys()
        assert len(both) >= 5
        assert all(heard[0][seq] == heard[1][seq] for seq in both)


def market(publisher: Publisher) -> Feed:
    """The simulated market and accounts, as the command line starts them."""
    return feed_of(Settings(accounts="simulate", development_key=Path("any")), publisher)


@asynccontextmanager
async def leader(valkey: ValkeyServer, key: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A service of its own process, which feeds."""
    words = f"serve --port 0 --broker {valkey.url} --accounts simulate --development-key {key} --feed-lease 1"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", *words.split()),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: valkey.command("GET", LEASE_KEY) is not None)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def worth(told: dict[str, Any]) -> dict[str, Any]:
    """What the account has to be worth at the time of an update that told of it whole."""
    settings = Settings()
    markets = {one.symbol: Skeleton(settings.seed, one) for one in LISTINGS if one.symbol in TRADED}
    account = SimulatedAccount(settings.seed, "DEMO-1", markets, lambda _order, _fill: None)
    assert account.advance(told["time"], math.inf)
    is_worth = account.worth()
    return {
        **told,
        "balance": str(is_worth.balance),
        "equity": str(is_worth.equity),
        "unrealized_profit": str(is_worth.unrealized),
    }


async def test_the_account_goes_on_when_the_node_that_feeds_is_killed(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    """Subscribers of another node are told that it begins anew, keep their connection, and see the same account."""
    path = tmp_path / "development.json"
    token = mint(new_development_key(path), "somebody", accounts=["DEMO-1"], scopes=["account:read"])
    async with (
        leader(valkey, path) as process,
        node(valkey.url, feed=market, development_key=str(path), feed_lease=1) as follower,
        follower.client(headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        joined = await client.ask({"type": "account.subscribe", "payload": {"account_id": "DEMO-1"}})
        first = await client.receive()
        assert first["payload"] == worth(first["payload"])
        assert not follower.app.state.feed.leads
        process.kill()
        while (message := await client.receive())["type"] != "topic.reset":
            assert message["type"] == "account.update"
        assert follower.app.state.feed.leads
        assert message["epoch"] != joined["epoch"]
        after = await client.receive()
        while not after.get("snapshot"):
            after = await client.receive()
        assert (after["type"], after["seq"]) == ("account.update", message["seq"] + 1)
        assert after["payload"]["time"] > first["payload"]["time"]
        assert after["payload"] == worth(after["payload"])
