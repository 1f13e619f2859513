"""Services that share a Valkey, clients that write down what they are told, and whether that hangs together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias

from generated.client import TradingClient
from generated.models import SymbolSelection, Trade
from generated.runtime.hole import Hole
from generated.topics import TradesTopic
from service.broker import BrokerStatus
from service.broker.redis import RedisBroker
from tests.service.running import Running, eventually, service

TRADES = TradesTopic("AAPL")
AAPL = SymbolSelection(symbol="AAPL")

TIMEOUT = 1.0
"""Seconds that the nodes wait for the broker."""

Entry: TypeAlias = int | Hole
"""The id of a trade, or what a client was told that it has missed."""


@asynccontextmanager
async def node(
    url: str, *, feed: Callable[..., object] | None = None, **settings: object
) -> AsyncIterator[Running]:
    """A service whose broker is up."""
    chosen = {"broker_timeout": TIMEOUT, "drain_window": 0.05, **settings}
    async with service(broker=url, feed=feed, **chosen) as running:  # type: ignore[arg-type]
        await comes(running, "up")
        yield running


def broker(running: Running) -> RedisBroker:
    """A node's broker."""
    there: RedisBroker = running.app.state.broker
    return there


def status(running: Running) -> BrokerStatus:
    """How a node says that its broker is."""
    return broker(running).status()


async def comes(running: Running, state: str) -> BrokerStatus:
    """Return when the broker's state is this."""
    await eventually(lambda: status(running).state == state)
    return status(running)


class Tape:
    """Trades whose ids count from 1, published at a node."""

    def __init__(self) -> None:
        self.last = 0

    def print(self, running: Running, count: int = 1) -> None:
        """So many more."""
        for _ in range(count):
            self.last += 1
            trade = Trade(id=self.last, price=1.0, size=1.0, side="buy", time=self.last)
            running.publisher.trades_update(TRADES, trade)


class Follower:
    """A generated client that follows the trades."""

    def __init__(self, client: TradingClient) -> None:
        self.client = client
        self.log: list[Entry] = []
        self.states: list[str] = []
        client.on_state(lambda state, _: self.states.append(str(state)))

    @property
    def ids(self) -> list[int]:
        """The trades alone."""
        return [entry for entry in self.log if isinstance(entry, int)]

    @property
    def holes(self) -> list[Hole]:
        """What it was told that it has missed."""
        return [entry for entry in self.log if isinstance(entry, Hole)]

    async def reaches(self, last: int) -> None:
        """Return when this trade has come."""
        await eventually(lambda: bool(self.ids) and self.ids[-1] == last)

    def check(self) -> None:
        """Nothing came twice, nothing out of order, and nothing is missing but where a hole was told."""
        last: int | None = None
        for entry in self.log:
            if isinstance(entry, Hole):
                last = None
                continue
            assert last is None or entry == last + 1, self.log
            last = entry
        assert self.ids == sorted(set(self.ids)), self.log


@asynccontextmanager
async def following(*nodes: Running) -> AsyncIterator[list[Follower]]:
    """A client at each node, all subscribed to the trades; in the end each has kept its connection all the time."""
    async with AsyncExitStack() as stack:
        followers: list[Follower] = []
        for one in nodes:
            url = one.url.replace("http", "ws", 1) + "/api/v1/ws"
            client = await stack.enter_async_context(TradingClient(url))
            follower = Follower(client)
            await client.trades.subscribe(
                AAPL,
                on_update=lambda trade, log=follower.log: log.append(trade.id),  # type: ignore[misc]
                on_hole=follower.log.append,
            )
            follower.states.clear()
            followers.append(follower)
        yield followers
        for follower in followers:
            follower.check()
            assert follower.states == [], "connections stay, whatever becomes of the broker"


async def unavailable(running: Running, symbol: str) -> str:
    """Ask a node for a topic that is not open there; the message with which it is refused for now."""
    async with running.client() as client:
        answer = await client.ask({"type": "trades.subscribe", "payload": {"symbol": symbol}})
    assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("unavailable", True), answer
    message: str = answer["payload"]["message"]
    return message


async def available(running: Running, symbol: str) -> None:
    """Ask a node for a topic, which is served."""
    async with asyncio.timeout(10), running.client() as client:
        answer = await client.ask({"type": "trades.subscribe", "payload": {"symbol": symbol}})
        assert answer["payload"]["status"] == "ok", answer
