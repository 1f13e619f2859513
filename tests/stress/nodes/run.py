"""A run: starts everything, lets it fail by the plan, waits until all is well again, and judges."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx

from service.access.minting import mint, new_development_key
from tests.stress.nodes.clients import Keeper, levels
from tests.stress.nodes.judge import judge
from tests.stress.nodes.machines import Node, Press
from tests.stress.nodes.plan import Fault, Plan
from tests.stress.nodes.record import Followed, Truth, read_rows, write_followed
from tests.stress.nodes.spies import Spies
from tests.stress.nodes.terms import BACK_WITHIN, SYMBOLS, Report
from tests.stress.nodes.ways import Way
from tests.valkey import ValkeyServer

_TOKEN_LASTS = 5
"""Seconds; a client replaces it after about four."""
_CUT_EVERY = 6.0
"""Seconds between two troubles of one way, on average."""


class Run:
    """One run."""

    def __init__(self, plan: Plan, folder: Path, tell: Callable[[str], None]) -> None:
        self.report = Report()
        self.followed: list[Followed] = []
        self.truth = Truth()
        self.last: dict[str, int] = {}
        """The marks of the updates that ended each topic."""
        self._plan = plan
        self._folder = folder
        self._tell = tell
        self._counts: Counter[str] = Counter()
        self._forgot: list[tuple[float, float]] = []
        key = new_development_key(folder / "development.json")
        self._mint = partial(mint, key)
        self._valkey = ValkeyServer()
        self._nodes = [
            Node(f"node{number}", self._valkey.url, folder / "development.json", folder, self.report)
            for number in range(2)
        ]
        self._press = Press(self._valkey.url, folder / "published.jsonl", self.report)
        self._locks = {name: asyncio.Lock() for name in ("valkey", "publisher", "node0", "node1")}
        self._ways: list[Way] = []
        self._keepers: list[Keeper] = []

    async def run(self) -> Report:
        """All of it; whatever was started is ended."""
        complaints = _Complaints(self.report)
        logging.getLogger().addHandler(complaints)
        try:
            async with AsyncExitStack() as stack:
                stack.callback(self._valkey.close)
                await self._start(stack)
                weighing = asyncio.create_task(self._weigh())
                stack.callback(weighing.cancel)
                await self._fail()
                await self._come_back()
                await self._finish()
        except Exception as error:
            self.report.violation("harness", f"the run failed: {error!r}")
            raise
        finally:
            logging.getLogger().removeHandler(complaints)
        rows = read_rows(self._folder / "published.jsonl")
        self.truth = Truth.of(rows, self._forgot)
        self.followed = [one for keeper in self._keepers for one in keeper.followed]
        write_followed(self._folder / "followed.jsonl", self.followed)
        judge(self.truth, self.followed, self.report, self.last)
        for node in self._nodes:
            node.judge_log()
        self.report.counts.update(self._counts)
        self.report.counts["updates published"] = len(self.truth.places)
        return self.report

    async def _start(self, stack: AsyncExitStack) -> None:
        await self._valkey.astart()
        for node in self._nodes:
            stack.push_async_callback(node.kill)
        stack.push_async_callback(self._press.kill)
        await asyncio.gather(*(node.start() for node in self._nodes), self._press.start())
        for wanted in self._plan.wanted():
            way = Way(self._nodes, Random(wanted.seed), self._counts, slow=wanted.slow)
            await way.listen()
            stack.push_async_callback(way.close)
            keeper = Keeper(wanted, way.port, self._token, self.report)
            self._ways.append(way)
            self._keepers.append(keeper)
            keeper.start()
        self._tell(f"{len(self._keepers)} clients follow, {self._plan.spies} spies try")

    def _token(self, subject: str, accounts: tuple[str, ...]) -> str:
        return self._mint(subject, accounts=accounts, scopes=("account:read",), expires_in=_TOKEN_LASTS)

    async def _fail(self) -> None:
        """Let everything fail by the plan."""
        until = time.monotonic() + self._plan.seconds
        aside = []
        for number in range(self._plan.spies):
            seed = f"{self._plan.seed} spy {number}"
            spies = Spies(f"spy{number}", seed, self._nodes, self._mint, self.report)
            aside.append(asyncio.create_task(spies.run()))
        aside += [asyncio.create_task(way.trouble(_CUT_EVERY)) for way in self._ways]
        faults: list[asyncio.Task[None]] = []
        for fault in self._plan.faults():
            await asyncio.sleep(fault.after)
            if time.monotonic() > until + 5:
                break
            faults.append(asyncio.create_task(self._one(fault)))
        await asyncio.gather(*faults)
        for task in aside:
            task.cancel()
        for ended in await asyncio.gather(*aside, return_exceptions=True):
            if isinstance(ended, Exception):
                self.report.violation("harness", f"{ended!r}")

    async def _one(self, fault: Fault) -> None:
        """One fault from its beginning to its end; those of one process wait for each other."""
        what = fault.kind.split()[0]
        where = f"node{fault.node}" if what in ("node", "connections") else what
        async with self._locks[where]:
            ms = time.monotonic() * 1000
            self._tell(f"{time.strftime('%X')} {fault.kind} ({where}, {fault.lasts:.1f} s, from {ms:.0f})")
            self._counts[f"faults: {fault.kind}"] += 1
            await self._carry_out(fault, self._nodes[fault.node])

    async def _carry_out(self, fault: Fault, node: Node) -> None:
        valkey, lasts = self._valkey, fault.lasts
        began = time.monotonic() * 1000
        match fault.kind:
            case "valkey killed":
                await valkey.akill()
                await asyncio.sleep(lasts)
                await valkey.astart()
                self._forgot.append((began, time.monotonic() * 1000))
            case "valkey paused":
                valkey.pause()
                await asyncio.sleep(lasts)
                valkey.resume()
            case "valkey flushed":
                await asyncio.to_thread(valkey.flush)
                self._forgot.append((began, time.monotonic() * 1000))
            case "valkey out of memory":
                await asyncio.to_thread(valkey.limit_memory, 1)
                await asyncio.sleep(lasts)
                await asyncio.to_thread(valkey.limit_memory, 0)
            case "node killed":
                await node.kill()
                await asyncio.sleep(lasts)
                await node.start()
            case "node drained":
                await node.drain()
                await asyncio.sleep(lasts)
                await node.start()
            case "node paused":
                node.pause()
                await asyncio.sleep(lasts)
                node.resume()
            case "publisher killed":
                await self._press.kill()
                await asyncio.sleep(lasts)
                await self._press.start()
            case "publisher paused":
                self._press.signal(signal.SIGSTOP)
                await asyncio.sleep(lasts)
                self._press.signal(signal.SIGCONT)
            case "connections cut":
                for way in self._ways:
                    way.cut_those_to(node)
            case other:
                raise ValueError(other)

    async def _come_back(self) -> None:
        """All is there again: see that everybody has everything soon, down to the last update."""
        began = time.monotonic()
        until = began + BACK_WITHIN
        for way, keeper in zip(self._ways, self._keepers, strict=True):
            keeper.settle()
            way.mend()
        # A connection for each question: the server may close one that waits.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=2.0, limits=limits) as client:

            async def lacks() -> list[str]:
                said = [f"{node.name}: {why}" for node in self._nodes if (why := await node.ready(client))]
                return said + [one for keeper in self._keepers for one in keeper.lacks()]

            await self._until(lacks, until)
        for keeper in self._keepers:
            keeper.end()
        said = cast("dict[str, Any]", await self._press.last())
        self.last = said["marks"]

        async def behind() -> list[str]:
            return [one for keeper in self._keepers for one in keeper.behind(self.last)]

        async def differs() -> list[str]:
            return [one for keeper in self._keepers for one in self._differs(keeper, said)]

        await self._until(behind, max(until, time.monotonic() + 5))
        await self._until(differs, max(until, time.monotonic() + 5), "held")
        self.report.back = time.monotonic() - began
        for name, count in said["counts"].items():
            self.report.counts[f"the last publisher: {name}"] = count

    def _differs(self, keeper: Keeper, said: dict[str, Any]) -> list[str]:
        """Where what a client holds is not what the publisher does."""
        wrong = []
        for symbol in SYMBOLS:
            for topic, subscription in keeper.holds.items():
                channel, owner = topic.split(":")[:2]
                if owner != symbol:
                    continue
                latest = subscription.latest
                if channel == "bars":
                    got, wanted = None if latest is None else latest.close, said["bars"][symbol]
                else:
                    got, wanted = None if latest is None else levels(latest), said["books"][symbol]
                if got != wanted:
                    wrong.append(f"{keeper.wanted.name} {topic} is {got}, not {wanted}")
        if len(keeper.holds) != 2 * len(keeper.wanted.symbols):
            wrong.append(f"{keeper.wanted.name} holds {sorted(keeper.holds)} only")
        return wrong

    async def _until(self, lacks: Callable[[], Any], until: float, invariant: str = "back") -> None:
        """Wait until nothing is lacking; what still is when the time is over is told."""
        while lacking := await lacks():
            if time.monotonic() > until:
                for what in lacking:
                    self.report.violation(invariant, what)
                return
            await asyncio.sleep(0.1)

    async def _finish(self) -> None:
        """Send the clients of one node to the other, then all home."""
        await self._nodes[0].drain()
        await asyncio.gather(*(keeper.close() for keeper in self._keepers))
        await self._nodes[1].drain()
        await self._press.finish()

    async def _weigh(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(1.0)
            self.report.late = max(self.report.late, time.monotonic() - began - 1.0)
            for node in self._nodes:
                node.weigh()


class _Complaints(logging.Handler):
    """Errors that clients log."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """One of them."""
        if record.levelno >= logging.ERROR:
            self._report.violation("quiet", f"{record.name}: {self.format(record)[-1500:]}")
        else:
            self._report.counts[f"warnings of clients: {str(record.msg)[:60]}"] += 1
