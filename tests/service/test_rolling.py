"""A rolling restart under clients: two nodes behind one address, then two workers; a hundred clients that stay up.

No hole goes untold, no trade comes twice or not at all without a word, nobody is turned away, and those who were
sent away come back over the time that they were given.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
from asyncio.subprocess import Process
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import redis.asyncio

from generated.client import TradingClient
from generated.models import Book, BookSelection, Quote, SymbolSelection, Trade
from generated.runtime.errors import ConnectionLost
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from generated.runtime.redis_protocol import decode_message, topic_key
from generated.runtime.session import State
from service.market.listing import LISTINGS
from service.market.skeleton import MINUTE_MS, Skeleton
from tests.service.running import PATIENCE, eventually
from tests.service.test_cli import serving
from tests.service.test_workers import children, logged
from tests.valkey import ValkeyServer

CLIENTS = 100
WINDOW = 2.0
"""Seconds over which who is sent away is to come back."""
SYMBOL = "BTCUSD"

SEED = 1

Seen = int | Hole
"""A trade's id, or what the client says it has missed."""


def market(first_ms: int, last_ms: int) -> list[int]:
    """The ids of all trades that happen from one moment to another, whoever tells of them: the market knows."""
    [listing] = [listing for listing in LISTINGS if listing.symbol == SYMBOL]
    skeleton = Skeleton(SEED, listing)
    minutes = range(first_ms // MINUTE_MS, last_ms // MINUTE_MS + 1)
    return [
        trade.id
        for minute in minutes
        for trade in skeleton.trades(minute)
        if first_ms <= trade.time <= last_ms
    ]


@dataclass
class Trades:
    """All that was published of one symbol, as Redis sent it."""

    ids: list[int] = field(default_factory=list)
    epochs: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """In which a trade was told."""
    times: list[int] = field(default_factory=list)

    async def listen(self, server: ValkeyServer) -> None:
        """Write down everything until cancelled."""
        async with redis.asyncio.Redis(port=server.port) as client, client.pubsub() as ear:
            await ear.subscribe(topic_key(f"trades:{SYMBOL}"))
            async for message in ear.listen():
                if message["type"] != "message":
                    continue
                one = decode_message("trades", f"trades:{SYMBOL}", message["data"])
                if one.publication is not None:
                    trade = Trade.model_validate_json(one.publication.payload)
                    self.ids.append(trade.id)
                    self.epochs[trade.id].add(one.epoch)
                    self.times.append(trade.time)

    def places(self) -> dict[int, int]:
        """Of each trade that happened meanwhile, told or not, its place."""
        return {number: place for place, number in enumerate(market(self.times[0], self.times[-1]))}


@dataclass
class Follower:
    """One client, and all that happened to it."""

    client: TradingClient
    seen: list[Seen] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    """Of its other topic."""
    lost: list[ConnectionLost | None] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    """For how long it was not connected, each time; seconds."""
    _since: float = 0.0

    def changed(self, state: State, reason: ConnectionLost | None) -> None:
        """What becomes of its connection."""
        now = asyncio.get_running_loop().time()
        if state == "reconnecting" and self._since == 0.0:
            self.lost.append(reason)
            self._since = now
        elif state == "open" and self._since:
            self.away.append(now - self._since)
            self._since = 0.0

    @property
    def last(self) -> int:
        """The last trade's id."""
        return next((one for one in reversed(self.seen) if isinstance(one, int)), -1)

    def judge(self, trades: Trades, places: Mapping[int, int]) -> int:
        """Whether each trade follows on the one before it, in the market, unless that was told; how many there were."""
        before, told, count = 0, True, 0
        for one in self.seen:
            if isinstance(one, Hole):
                told = True
                continue
            if not told:
                assert places[one] == places[before] + 1, "trades are lost or doubled in silence"
                assert trades.epochs[one] & trades.epochs[before], "an epoch ended in silence"
            before, told = one, False
            count += 1
        return count


@asynccontextmanager
async def following(address: str, count: int) -> AsyncIterator[list[Follower]]:
    """Clients with one's trades and a quote or a book each."""
    followers = []
    options = ClientOptions(open_timeout=PATIENCE, response_timeout=PATIENCE)
    async with AsyncExitStack() as stack:
        for number in range(count):
            client = TradingClient(f"ws://{address}/api/v1/ws", options=options)
            one = Follower(client)
            client.on_state(one.changed)
            await stack.enter_async_context(client)
            await client.trades.subscribe(
                SymbolSelection(symbol=SYMBOL),
                lambda trade, one=one: one.seen.append(trade.id),  # type: ignore[misc]
                on_hole=one.seen.append,
            )
            await _second(client, number, one.holes.append)
            followers.append(one)
        yield followers


async def _second(client: TradingClient, number: int, on_hole: Callable[[Hole], None]) -> None:
    def ignore(_: Book | Quote) -> None:
        pass

    if number % 2:
        book = BookSelection(symbol=SYMBOL, depth=10)
        await client.orderbook.subscribe(book, ignore, on_hole=on_hole)
    else:
        await client.quotes.subscribe(SymbolSelection(symbol=SYMBOL), ignore, on_hole=on_hole)


class Balancer:
    """One address for several nodes: each connection goes to the next of them that is there."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self._turns = itertools.count()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry octets both ways until one side has no more."""
        for _ in range(len(self.targets)):
            host, _, port = self.targets[next(self._turns) % len(self.targets)].partition(":")
            try:
                beyond = await asyncio.open_connection(host, int(port))
            except OSError:
                continue
            await asyncio.gather(_carry(reader, beyond[1]), _carry(beyond[0], writer))
            break
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while octets := await reader.read(65_536):
            writer.write(octets)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


Roll = Callable[[], Awaitable[None]]


@asynccontextmanager
async def two_nodes(*options: str) -> AsyncIterator[tuple[str, Roll]]:
    """Two services of one process each, behind one address; they are replaced one after another."""
    async with AsyncExitStack() as stack:
        nodes: list[tuple[Process, str]] = []
        balancer = Balancer()

        async def add() -> None:
            nodes.append(await stack.enter_async_context(serving(*options)))
            balancer.targets.append(nodes[-1][1])

        async def roll() -> None:
            for process, address in nodes[:2]:
                await add()
                balancer.targets.remove(address)
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(PATIENCE):
                    await process.communicate()
                assert process.returncode == 0

        await add()
        await add()
        server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield f"127.0.0.1:{port}", roll


@asynccontextmanager
async def two_workers(*options: str) -> AsyncIterator[tuple[str, Roll]]:
    """One service of two processes, which are replaced on SIGHUP."""
    async with serving("--workers", "2", *options) as (process, address):

        async def roll() -> None:
            before = children(process.pid)
            process.send_signal(signal.SIGHUP)
            await logged(process, "rolling restart is over")
            after = children(process.pid)
            assert (len(before), len(after)) == (2, 2)
            assert not {*before} & {*after}

        yield address, roll


Service = Callable[..., AbstractAsyncContextManager[tuple[str, Roll]]]


@pytest.mark.parametrize("service", [two_nodes, two_workers])
async def test_a_rolling_restart(valkey: ValkeyServer, service: Service) -> None:
    """Every process is replaced under a hundred clients, and each client can account for every trade."""
    options = (
        "--broker",
        valkey.url,
        "--seed",
        str(SEED),
        "--updates-per-second",
        "2",
        "--drain-window",
        str(WINDOW),
    )
    trades = Trades()
    listening = asyncio.create_task(trades.listen(valkey))
    async with AsyncExitStack() as stack:
        address, roll = await stack.enter_async_context(service(*options))
        followers = await stack.enter_async_context(following(address, CLIENTS))
        await eventually(lambda: all(one.last > 0 for one in followers))
        over = asyncio.Event()
        asking = asyncio.create_task(_keep_asking(address, over))
        stack.callback(asking.cancel)
        await roll()
        await eventually(lambda: all(one.client.state == "open" for one in followers))
        reached = len(trades.ids) + 3
        await eventually(lambda: all(one.last in trades.ids[reached:] for one in followers))
        over.set()
        answers = await asking

    listening.cancel()
    assert list(answers) == [200]
    places = trades.places()
    judged = [one.judge(trades, places) for one in followers]
    assert min(judged) > 0
    # Whoever was told that a book is wrong was given a wrong one.
    told = [one for each in followers for one in (*each.seen, *each.holes) if isinstance(one, Hole)]
    assert not [hole for hole in told if hole.reason == "checksum"]
    reasons = Counter(reason.code if reason else None for one in followers for reason in one.lost)
    assert set(reasons) == {4000}
    _judge_return([away for one in followers for away in one.away])


async def _keep_asking(address: str, over: asyncio.Event) -> Counter[int]:
    """Somebody who always comes anew, and must never find nobody there."""
    answers = Counter[int]()
    async with httpx.AsyncClient(timeout=PATIENCE) as asking:
        while not over.is_set():
            answer = await asking.get(f"http://{address}/api/v1/health", headers={"Connection": "close"})
            answers[answer.status_code] += 1
            await asyncio.sleep(0.02)
    return answers


def _judge_return(away: list[float]) -> None:
    """Whether those who were sent away came back at no one moment, and not much later than they were to."""
    assert len(away) >= CLIENTS
    assert max(away) < WINDOW + PATIENCE / 6
    tenths = Counter(int(one / WINDOW * 10) for one in away)
    assert max(tenths.values()) < len(away) / 3, tenths
    assert sum(one < WINDOW / 2 for one in away) > len(away) / 4
    assert sum(one > WINDOW / 2 for one in away) > len(away) / 4
