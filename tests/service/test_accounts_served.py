"""Simulated accounts over a socket: whoever may, and whenever, gets what there is and then what changes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generated.publisher import Publisher
from generated.topics import AccountTopic
from service.access.minting import mint, new_development_key
from service.feeds.base import Feed
from service.feeds.choose import feed_of
from service.hub import TopicUnavailable
from service.settings import Settings
from tests.service.fed import Tape
from tests.service.running import Client, service

CHANNELS = ("account", "positions", "orders")


def quick(publisher: Publisher) -> Feed:
    """A simulated market with accounts, on which five minutes pass in a second."""
    return feed_of(
        Settings(accounts="simulate", development_key=Path("any"), updates_per_second=20, speed=300),
        publisher,
    )


def plain(publisher: Publisher) -> Feed:
    """The simulated market as it is by default, without accounts."""
    return feed_of(Settings(), publisher)


async def subscribed(client: Client, channel: str) -> dict[str, Any]:
    """Ask for a channel of an account; the first update, with all that came for others left out."""
    await client.send({"type": f"{channel}.subscribe", "payload": {"account_id": "DEMO-1"}})
    answered = False
    while True:
        message = await client.receive()
        if message["type"] == f"{channel}.subscribe.response":
            assert message["payload"]["status"] == "ok"
            answered = True
        elif message["type"] == f"{channel}.update":
            assert answered
            return message


async def test_everybody_who_may_begins_with_what_there_is(tmp_path: Path) -> None:
    """The first update after the answer is the whole, as a snapshot: for who comes first, and for who comes later."""
    path = tmp_path / "development.json"
    token = mint(new_development_key(path), "somebody", accounts=["DEMO-1"], scopes=["account:read"])
    async with (
        service(feed=quick, development_key=str(path)) as running,
        running.client() as first,
        running.client() as second,
    ):
        for client in (first, second):
            answer = await client.ask({"type": "session.authenticate", "payload": {"token": token}})
            assert answer["payload"]["status"] == "ok"
            for channel in CHANNELS:
                update = await subscribed(client, channel)
                assert update["snapshot"] is True
                assert update["topic"] == f"{channel}:DEMO-1"
                assert update["payload"]["account_id"] == "DEMO-1"
        last: dict[str, int] = {}
        orders = 0
        while orders < 5:
            message = await second.receive()
            topic, body = message["topic"], message["payload"]
            assert last.setdefault(topic, message["seq"] - 1) + 1 == message["seq"]
            last[topic] = message["seq"]
            orders += topic.startswith("orders")
            if topic.startswith("account"):
                amounts = [Decimal(body[name]) for name in ("balance", "unrealized_profit", "equity")]
                assert amounts[0] + amounts[1] == amounts[2]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_accounts_that_nobody_serves_are_not_subscribed_to(channel: str, tmp_path: Path) -> None:
    """Where nothing but the simulated market publishes, and has no accounts, silence would be no answer."""
    path = tmp_path / "development.json"
    token = mint(new_development_key(path), "somebody", accounts=["A1"], scopes=["account:read"])
    async with (
        service(feed=plain, development_key=str(path)) as running,
        running.client(headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        own = await client.ask({"type": f"{channel}.subscribe", "payload": {"account_id": "A1"}})
        assert (own["payload"]["code"], own["payload"]["retryable"]) == ("unavailable", False)
        # What one may not read is not told of, as ever.
        other = await client.ask({"type": f"{channel}.subscribe", "payload": {"account_id": "A2"}})
        assert other["payload"]["code"] == "forbidden"
        trades = await client.ask({"type": "trades.subscribe", "payload": {"symbol": "AAPL"}})
        assert trades["payload"]["status"] == "ok"


def test_others_may_publish_accounts_where_there_is_a_broker() -> None:
    """Which accounts there are is not for the market's feed to say where other processes publish too."""
    for settings in (Settings(broker="redis://localhost"), Settings(feed="none")):
        feed_of(settings, Publisher(Tape())).accepts(AccountTopic("A1"))
    with pytest.raises(TopicUnavailable):
        feed_of(Settings(), Publisher(Tape())).accepts(AccountTopic("A1"))
