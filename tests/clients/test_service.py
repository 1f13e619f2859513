"""The same clients against the service itself."""

from __future__ import annotations

import pytest

from tests.clients.bodies import SELECTIONS, number_of
from tests.clients.driving import Client, Failed
from tests.clients.serving import market, publish, served
from tests.service.running import eventually

CHANNELS = ["bars", "quotes", "trades", "orderbook"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_subscribing_and_leaving(client: Client, channel: str) -> None:
    """A channel's updates come in order from the answer on, and end with leaving; the server is left with nothing."""
    async with served(client) as (running, _):
        sub = client.subscribe(channel)
        topic = await sub.joined()
        assert running.hub.topics == [topic]
        for number in range(1, 6):
            publish(running, channel, number)
        assert (await sub.numbers(5))[-1] == 5
        assert number_of(await sub.latest()) == 5
        await sub.leave().answer()
        assert await sub.ends.next() is None
        assert running.hub.subscriptions == 0
        publish(running, channel, 6)
        await client.ping().answer()
        assert sub.updates.unread == []


@pytest.mark.parametrize("channel", ["quotes", "orderbook"])
async def test_what_the_topic_holds_comes_first(client: Client, channel: str) -> None:
    """On channels that begin with a snapshot a newcomer is told the present state, then what follows."""
    async with served(client, topic_grace=30) as (running, _):
        async with running.client() as other:
            await other.ask({"type": f"{channel}.subscribe", "payload": SELECTIONS[channel]})
            publish(running, channel, 7)
            await other.receive()
        sub = client.subscribe(channel)
        assert await sub.numbers(1) == [7]
        publish(running, channel, 8)
        assert await sub.numbers(1) == [8]
        assert (client.holes.all, client.complaints.all) == ([], [])


async def test_two_subscribers_cost_one(client: Client) -> None:
    """The server has one subscription for two subscribers, until both have left."""
    async with served(client) as (running, _):
        one, two = client.subscribe(), client.subscribe()
        await one.joined()
        await two.joined()
        assert running.hub.subscriptions == 1
        publish(running, "bars", 1)
        assert await one.numbers(1) == await two.numbers(1) == [1]
        await one.leave().answer()
        assert running.hub.subscriptions == 1
        await two.leave().answer()
        assert running.hub.subscriptions == 0


async def test_refusals_of_the_service(client: Client) -> None:
    """What the service refuses fails as the contract says, and may be asked differently."""
    async with served(client, subscriptions_per_connection=1) as (running, _):
        await client.subscribe("trades").joined()
        error = await client.subscribe("quotes").asked.failure()
        assert (error.name, error.code) == ("Refused", "too_many_subscriptions")
        error = await client.request("bars.history", {"symbol": "AAPL"}).failure()
        assert error.name == "Refused"
        assert running.hub.subscriptions == 1


async def test_giving_up_leaves_nothing_on_the_server(client: Client) -> None:
    """Subscribes that are given up in any moment leave the service without their topics."""
    async with served(client) as (running, _):
        client.connect()
        await client.reaches("open")
        for _ in range(10):
            sub = client.subscribe()
            await sub.asked.abort()
            try:
                await sub.joined()
            except Failed:  # given up in time
                continue
            await sub.leave().answer()
        await client.ping().answer()
        await eventually(lambda: running.hub.subscriptions == 0)


async def test_closing_leaves_nothing_on_the_server(client: Client) -> None:
    """When the client is closed the service has neither its topics nor its connection."""
    async with served(client) as (running, _):
        for channel in CHANNELS:
            await client.subscribe(channel).joined()
        assert running.hub.subscriptions == 4
        await client.close()
        await eventually(lambda: running.hub.subscriptions == 0 and len(running.connections) == 0)


async def test_the_past_of_the_market(client: Client) -> None:
    """Bars of the past and the symbols that there are come as answers; what there is not is refused by name."""
    async with served(client, feed=market):
        page = await client.request(
            "bars.history", {"symbol": "AAPL", "resolution": "5", "limit": 20}
        ).answer()
        times = [bar["time"] for bar in page["bars"]]
        assert len(times) == 20
        assert times == sorted(set(times))
        assert (page["symbol"], page["resolution"]) == ("AAPL", "5")
        found = await client.request("symbols.list", {"query": "AAPL"}).answer()
        assert "AAPL" in [one["symbol"] for one in found["symbols"]]
        for asked in (
            client.request("bars.history", {"symbol": "ZZZ"}),
            client.subscribe("trades", payload={"symbol": "ZZZ"}).asked,
        ):
            error = await asked.failure()
            assert (error.name, error.code, error.retryable) == ("Refused", "unknown_symbol", False)
            assert "ZZZ" in str(error)
