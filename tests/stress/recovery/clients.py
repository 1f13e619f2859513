"""Clients of the generated Python package, a process of its own: they follow topics and write down what they are given.

What to follow is the argument, as JSON; orders come a line each on standard input, and are answered on standard output.

    {"do": "status"}                               how many are connected, and have had all that they follow
    {"do": "leave"}, {"do": "stay"}                those that leave topics now and then may, or no longer
    {"do": "finish", "ends": …, "patience": …}     wait until all are where the server is; write down what they hold
    {"do": "close"}                                close them all

What is in the rows that they write is told in `record`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from pydantic import MISSING

import generated.client
from generated.client import TradingClient
from generated.models import BarsHistory, BarsSelection, Book, BookSelection, SymbolSelection
from generated.runtime.backoff import Backoff
from generated.runtime.errors import ConnectionLost, ResponseTimeout, WireError
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from generated.runtime.subscription import Subscription
from tests.stress.recovery.truth import FIELDS

_PAGE = 60
"""Bars asked for at a time."""
_LOOKED_AT = 4
"""Of so many updates of a book, the book is written down once."""
_AGAIN = 0.05
"""Seconds until something that failed is tried again."""
_LOOK = 0.02


class Chart:
    """The bars of one topic, as a chart holds them: filled with pages, and refilled where something may be missing."""

    def __init__(self, client: TradingClient, symbol: str, resolution: str, counts: Counter[str]) -> None:
        self.bars: dict[int, tuple[float, ...]] = {}
        self._client = client
        self._symbol = symbol
        self._resolution = resolution
        self._counts = counts
        self._latest = 0
        self._since: int | None = 0
        """From which bar on something may be missing; None where nothing is."""
        self._wanted = asyncio.Event()
        self._wanted.set()

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self._since is None

    def take(self, bar: tuple[float, ...], *, folded: bool) -> None:
        """An update."""
        if folded:
            self.doubt()
        self._put(bar)
        self._latest = max(self._latest, int(bar[0]))

    def doubt(self) -> None:
        """Something may be missing from the latest bar on."""
        self._since = self._latest if self._since is None else min(self._since, self._latest)
        self._wanted.set()

    async def keep(self) -> None:
        """Refill whenever that is due, for as long as it takes."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            since = self._since
            if since is None:
                continue
            try:
                await self._refill(since)
            except WireError:
                self._counts["refills that failed, and were begun anew"] += 1
                self._wanted.set()
                await asyncio.sleep(_AGAIN)
            else:
                self._counts["refills"] += 1
                if not self._wanted.is_set():
                    self._since = None

    async def _refill(self, since: int) -> None:
        """Page back from now to the bar from which on something may be missing; the first time, one page."""
        to: int | None = None
        while True:
            page = await self._client.bars.history(
                BarsHistory(
                    symbol=self._symbol,
                    resolution=self._resolution,
                    limit=_PAGE,
                    to=MISSING if to is None else to,
                )
            )
            for bar in page.bars:
                self._put(tuple(getattr(bar, name) for name in FIELDS["bars"]))
            if not page.bars or page.complete or page.bars[0].time <= since or since == 0:
                return
            to = page.bars[0].time

    def _put(self, bar: tuple[float, ...]) -> None:
        """A bar's volume only grows: of two states, the one with the greater volume is the later one."""
        time_ms = int(bar[0])
        known = self.bars.get(time_ms)
        if known is None or known[-1] <= bar[-1]:
            self.bars[time_ms] = bar


class Follower:
    """One subscription, from when it is granted to its end."""

    def __init__(self, keeper: Keeper, number: int, channel: str, chart: Chart | None) -> None:
        self.number = number
        self.channel = channel
        self.topic = ""
        self.chart = chart
        self.last: int | None = None
        """The number of the last update."""
        self.read_so_far = 0
        """Updates."""
        self.told: int | None = None
        """Where the last hole ended."""
        self.subscription: Subscription[Any, Any] | None = None
        self._keeper = keeper

    def hole(self, hole: Hole) -> None:
        """Something was missed."""
        self.told = hole.seq
        # What was given before the hole may wait to be read.
        unread = 0 if self.subscription is None else len(self.subscription._queue._items)
        place = self.read_so_far + unread
        self._keeper.write("h", _now_ms(), self.number, place, hole.reason, hole.after, hole.seq)
        if self.chart is not None:
            self.chart.doubt()

    async def read(self) -> None:
        """Write down what comes, until it ends."""
        assert self.subscription is not None
        # What it holds, and by which number, belong together: none of the public ways to iterate gives both.
        queue = self.subscription._queue
        while True:
            try:
                body, update = await queue.get()
            except StopAsyncIteration:
                return
            except WireError as error:
                self._keeper.write("e", _now_ms(), self.number, f"{type(error).__name__}: {error}")
                return
            self._take(body, update)

    def _take(self, body: Any, update: Any) -> None:  # noqa: ANN401, models of any channel
        self.last = update.seq
        self.read_so_far += 1
        first = None if update.seq_from is MISSING else update.seq_from
        epoch = None if update.epoch is MISSING else update.epoch
        values: Sequence[Any] | None
        if self.channel == "orderbook":
            values = levels(body) if self._keeper.random.randrange(_LOOKED_AT) == 0 else None
        else:
            values = self._values(body)
            if self.chart is not None:
                self.chart.take(values, folded=first is not None)
        snapshot = update.snapshot is True
        self._keeper.write("u", _now_ms(), self.number, update.seq, first, epoch, snapshot, values)

    def _values(self, body: object) -> tuple[Any, ...]:
        return tuple(getattr(body, name) for name in FIELDS[self.channel])

    @property
    def held(self) -> Any:  # noqa: ANN401, as the rows have it
        """What it holds now."""
        if self.chart is not None:
            return list(self.chart.bars.values())
        assert self.subscription is not None
        latest = self.subscription.latest
        if isinstance(latest, Book):
            return levels(latest)
        return None if latest is None else self._values(latest)

    def is_at(self, ends: dict[str, list[Any]]) -> bool:
        """Whether it has all that the server has, as far as it can know."""
        if self.chart is not None and not self.chart.whole:
            return False
        if self.last is None and self.told is None:
            return True
        end = ends.get(self.topic)
        return end is not None and end[1] in (self.last, self.told)


class Keeper:
    """One client, its subscriptions, and the file in which all that happens to it is written down."""

    def __init__(self, plan: dict[str, Any], folder: Path) -> None:
        self.name: str = plan["name"]
        self.random = Random(plan["seed"])
        self.counts: Counter[str] = Counter()
        self.followers: dict[int, Follower] = {}
        self._file = (folder / f"{self.name}.jsonl").open("w", buffering=1 << 16)
        self._numbers = itertools.count()
        self._tasks: list[asyncio.Task[None]] = []
        self._plan = plan
        self._leaving = False
        self._granted: set[int] = set()
        low, high = plan["reconnect_ms"]
        options = ClientOptions(
            open_timeout=2.0, response_timeout=3.0, reconnect=Backoff(low / 1000, high / 1000)
        )
        self.client = TradingClient(f"{plan['url']}?client={self.name}", options=options)
        self.client.on_state(self._changed)
        self.client.on_hole(lambda _: self.counts.update(["holes told to clients"]))

    def write(self, *row: object) -> None:
        """A row."""
        self._file.write(json.dumps(row))
        self._file.write("\n")

    def start(self) -> None:
        """Begin to follow."""
        for place, wanted in enumerate(self._plan["follow"]):
            self._spawn(self._follow(place, wanted))

    def may_leave(self, may: bool) -> None:
        """Whether those that leave topics now and then do."""
        self._leaving = may

    @property
    def following(self) -> bool:
        """Whether it is connected, and has every topic that it is to have, or is between two times of having it."""
        wanted = len(self._plan["follow"])
        return (
            self.client.state == "open"
            and (len(self._granted) if self._leaving else len(self.followers)) == wanted
        )

    async def finish(self, ends: dict[str, list[Any]], patience: float) -> list[str]:
        """Wait until it has everything; what it lacks then."""
        until = time.monotonic() + patience
        while True:
            late = [one for one in self.followers.values() if not one.is_at(ends)]
            if (self.following and not late) or time.monotonic() > until:
                return [f"{self.name}/{one.number} {one.topic} at {one.last}" for one in late]
            await asyncio.sleep(_LOOK)

    async def close(self) -> None:
        """Write down what it holds, and end."""
        for follower in self.followers.values():
            self.write("f", follower.number, follower.held)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.client.close()
        self._file.close()

    def _spawn(self, work: Any) -> asyncio.Task[None]:  # noqa: ANN401, a coroutine
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    def _changed(self, state: str, reason: BaseException | None) -> None:
        if not self._file.closed:
            self.write("x", _now_ms(), state, None if reason is None else str(reason))

    async def _follow(self, place: int, wanted: dict[str, Any]) -> None:
        """Subscribe, and stay; or leave after a while, and come back."""
        while True:
            chart = None
            if wanted["channel"] == "bars":
                payload = wanted["payload"]
                chart = Chart(self.client, payload["symbol"], payload["resolution"], self.counts)
            follower = Follower(self, next(self._numbers), wanted["channel"], chart)
            await self._subscribe(follower, wanted["payload"])
            self.followers[follower.number] = follower
            self._granted.add(place)
            reading = asyncio.create_task(follower.read())
            keeping = None if chart is None else asyncio.create_task(chart.keep())
            try:
                while not (wanted["leaves"] and self._leaving) and not reading.done():
                    await asyncio.wait([reading], timeout=self.random.uniform(0.3, 4.0))
                if reading.done():
                    return
                assert follower.subscription is not None
                del self.followers[follower.number]
                self.write("e", _now_ms(), follower.number, None)
                reading.cancel()
                await follower.subscription.unsubscribe()
            finally:
                reading.cancel()
                if keeping is not None:
                    keeping.cancel()
            self.counts["subscriptions given up"] += 1
            await asyncio.sleep(self.random.uniform(0.0, 0.5))

    async def _subscribe(self, follower: Follower, payload: dict[str, Any]) -> None:
        """However often that takes."""
        channels: dict[str, tuple[Any, Any]] = {
            "bars": (self.client.bars, BarsSelection),
            "quotes": (self.client.quotes, SymbolSelection),
            "trades": (self.client.trades, SymbolSelection),
            "orderbook": (self.client.orderbook, BookSelection),
        }
        channel, selection = channels[follower.channel]
        while True:
            try:
                subscription = await channel.subscribe(
                    selection.model_validate(payload), on_hole=follower.hole
                )
            except (ConnectionLost, ResponseTimeout) as error:
                self.counts[f"subscribes that failed: {type(error).__name__}"] += 1
                await asyncio.sleep(_AGAIN)
            else:
                break
        follower.subscription, follower.topic = subscription, subscription.topic
        self.write("s", _now_ms(), follower.number, subscription.topic)


class Complaints(logging.Handler):
    """Errors that are logged are written down; warnings are counted."""

    def __init__(self, keepers: Sequence[Keeper]) -> None:
        super().__init__(logging.WARNING)
        self._keepers = keepers

    def emit(self, record: logging.LogRecord) -> None:
        """One of them; whose it is, is not told."""
        keeper = self._keepers[0]
        if record.levelno >= logging.ERROR:
            keeper.write("w", _now_ms(), f"{record.name}: {self.format(record)}")
        else:
            keeper.counts[f"warnings: {record.msg}"] += 1


def levels(book: Book) -> tuple[list[Any], list[Any]]:
    """A book as rows have it."""
    bids, asks = ([[level.price, level.size] for level in side] for side in (book.bids, book.asks))
    return bids, asks


def _now_ms() -> int:
    return int(time.time() * 1000)


def _memory() -> float:
    """Memory in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


async def _obey(order: dict[str, Any], keepers: Sequence[Keeper]) -> object:
    match order["do"]:
        case "status":
            return {
                "clients": len(keepers),
                "following": sum(keeper.following for keeper in keepers),
                "memory": _memory(),
            }
        case "leave" | "stay":
            for keeper in keepers:
                keeper.may_leave(order["do"] == "leave")
            return {}
        case "finish":
            late = await asyncio.gather(
                *(keeper.finish(order["ends"], order["patience"]) for keeper in keepers)
            )
            return {"late": [one for some in late for one in some]}
        case "close":
            await asyncio.gather(*(keeper.close() for keeper in keepers))
            counts: Counter[str] = Counter()
            for keeper in keepers:
                counts.update(keeper.counts)
            return {"counts": counts}
        case other:
            raise ValueError(other)


async def _main(plan: dict[str, Any]) -> None:
    # Hardly anybody would be found silent within the run by the contract's own interval.
    vars(generated.client)["HEARTBEAT_INTERVAL_MS"] = plan["heartbeat_ms"]
    keepers = [Keeper(one, Path(plan["folder"])) for one in plan["clients"]]
    logging.getLogger().addHandler(Complaints(keepers))
    for keeper in keepers:
        keeper.start()
    print("{}", flush=True)
    reader = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await _obey(json.loads(line), keepers)), flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(json.loads(sys.argv[1])))
