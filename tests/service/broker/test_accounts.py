"""Simulated accounts at two services on one broker: the same account at both, whoever feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generated.publisher import Publisher
from service.access.minting import mint, new_development_key
from service.feeds.base import Feed
from service.feeds.choose import feed_of
from service.settings import Settings
from tests.service.broker.nodes import node
from tests.service.running import Client
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
