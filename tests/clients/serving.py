"""The service, and a proxy before it that loses connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from generated.models import Bar, Book, Quote, Trade
from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, TradesTopic
from service.feeds.base import Feed
from service.feeds.simulate import Simulation
from tests.clients.bodies import body_of, number_of
from tests.clients.driving import Client, Json, Sub
from tests.clients.proxy import Proxy, proxy
from tests.service.running import Running, eventually, service


def port_of(running: Running) -> int:
    """Where a service listens."""
    return int(running.url.rsplit(":", 1)[1])


def url_of(port: int) -> str:
    """The address of a service or a proxy to one."""
    return f"ws://127.0.0.1:{port}/api/v1/ws"


@asynccontextmanager
async def served(client: Client, **settings: Json) -> AsyncIterator[tuple[Running, Proxy]]:
    """A service, a proxy before it, and a client that goes through the proxy; closed before the service ends."""
    created = {name: settings.pop(name) for name in ("timeout_ms", "reconnect") if name in settings}
    async with service(drain_window=0.05, **settings) as running, proxy(port_of(running)) as line:
        await client.create(url_of(line.port), on_hole=True, **created)
        yield running, line
        await client.close()
        await eventually(lambda: running.hub.subscriptions == 0)


def publish(running: Running, channel: str, number: int) -> None:
    """Publish an update that carries a number, as `body_of` has it."""
    body, publisher = body_of(channel, number), running.publisher
    match channel:
        case "bars":
            publisher.bars_update(BarsTopic("AAPL"), Bar.model_validate(body))
        case "quotes":
            publisher.quotes_update(QuotesTopic("AAPL"), Quote.model_validate(body))
        case "trades":
            publisher.trades_update(TradesTopic("AAPL"), Trade.model_validate(body))
        case "orderbook":
            publisher.orderbook_update(OrderbookTopic("AAPL"), Book.model_validate(body))


def last_of(sub: Sub) -> int:
    """The number of the last update that came."""
    return number_of(sub.updates.all[-1]) if sub.updates.all else 0


def reached(sub: Sub, number: int) -> bool:
    """Whether an update has come."""
    return last_of(sub) >= number


def market(publisher: Publisher) -> Feed:
    """A simulated market that is in a hurry."""
    return Simulation(publisher, seed=3, updates_per_second=50, speed=30)
