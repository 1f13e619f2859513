"""A run: server, lines and clients are started, connections lost for as long as planned; then all is compared."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

from tests.stress.recovery import packages
from tests.stress.recovery.judge import judge
from tests.stress.recovery.lines import Dismiss, Line
from tests.stress.recovery.plan import BUSY, HISTORY, Plan, process_plan
from tests.stress.recovery.record import Record
from tests.stress.recovery.terms import ON_ORDER, Report
from tests.stress.recovery.truth import Truth
from tests.stress.recovery.workers import Worker
from tests.typescript.packages import NODE

Say = Callable[[str], None]

_PATIENCE = 20.0
"""Seconds for things that take one or two."""
_BACK = 10.0
"""Seconds in which every client has to be back, once lines are good again."""
_SETTLES = 0.5
_PER_PROCESS = 8
"""Clients."""
_PROGRESS = 10.0
_SLOWEST = 4
"""Times as long as planned that a run may take on a slow machine."""
_LOOK = 0.1
_CLOSING = re.compile(rf"closing code=(\d+) reason='(?!{ON_ORDER})([^']*)'")
_MEMORY = 12.0
"""MB that a process may grow by, beside a tenth of what it had: caches fill, and the allocator keeps something."""


class Run:
    """One run; what it writes goes to a folder."""

    def __init__(self, plan: Plan, folder: Path, say: Say) -> None:
        self.plan = plan
        self.folder = folder
        self.say = say
        self.report = Report()
        self.counts: Counter[str] = Counter()
        self.lines: list[Line] = []
        self.clients: list[Worker] = []
        self.server: Worker
        self.began = time.monotonic()

    async def run(self) -> Report:
        """All of it."""
        async with AsyncExitStack() as stack:
            await self._start(stack)
            if await self._all_follow(_PATIENCE):
                await self._lose_connections()
                await self._end()
            else:
                self.report.violation("harness", "not all clients have got what they follow")
            await self._clear_up()
        self.say("comparing …")
        await asyncio.to_thread(self._judge)
        return self.report

    async def _start(self, stack: AsyncExitStack) -> None:
        settings = {"settings": self.plan.settings(), "history": HISTORY, "witnessed": list(BUSY)}
        argument = json.dumps({**settings, "truth": str(self.folder / "truth.rows")})
        command = (sys.executable, "-m", "tests.stress.recovery.server", argument)
        self.server = await Worker.start(command, self.folder / "server.log")
        stack.push_async_callback(self.server.kill)
        port = int(self.server.hello["url"].rpartition(":")[2])
        for number in range(self.plan.clients):
            line = Line(port, Random(f"{self.plan.seed} {number} line"), self.counts)
            await line.listen()
            stack.push_async_callback(line.close)
            self.lines.append(line)
        bundle = await asyncio.to_thread(packages.bundle, self.folder)
        plans = [self.plan.client(number, line.port) for number, line in enumerate(self.lines)]
        languages = self.plan.languages()
        programs: dict[str, tuple[str, ...]] = {
            "python": (sys.executable, "-m", "tests.stress.recovery.clients"),
            "typescript": (str(NODE), "--expose-gc", str(bundle)),
        }
        for language, program in programs.items():
            ours = [plan for plan, chosen in zip(plans, languages, strict=True) if chosen == language]
            for number, some in enumerate(_shares(ours)):
                argument = json.dumps(process_plan(some, self.folder))
                worker = await Worker.start(
                    (*program, argument), self.folder / f"{language}-clients-{number}.log"
                )
                stack.push_async_callback(worker.kill)
                self.clients.append(worker)

    async def _all_follow(self, within: float) -> bool:
        """Wait until every client is connected, and follows what it should."""
        until = time.monotonic() + within
        while True:
            status = [await worker.ask("status") for worker in self.clients]
            if all(one["following"] == one["clients"] for one in status):
                return True
            if time.monotonic() > until:
                return False
            await asyncio.sleep(_LOOK)

    async def _lose_connections(self) -> None:
        loop = asyncio.get_running_loop()
        for worker in self.clients:
            await worker.ask("leave")
        troubles = [
            asyncio.create_task(line.trouble(self.plan.mean, self._dismiss(number)))
            for number, line in enumerate(self.lines)
        ]
        began, until = (await self._stats())["market"], loop.time() + _SLOWEST * self.plan.seconds
        left = self.plan.seconds
        # A machine that cannot keep up makes the market slower than asked for.
        while left > 0 and loop.time() < until:
            await asyncio.sleep(max(1.0, min(left, _PROGRESS)))
            played = (await self._tell_progress(began)) / 1000
            left = self.plan.seconds - played / self.plan.speed
        for trouble in troubles:
            trouble.cancel()
        for ended in await asyncio.gather(*troubles, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                self.report.violation("harness", f"a line's troubles ended by themselves: {ended!r}")

    def _dismiss(self, number: int) -> Dismiss:
        name = f"{self.plan.languages()[number]}-{number}"

        async def dismiss(code: int) -> None:
            await self.server.ask("dismiss", client=name, code=code)

        return dismiss

    async def _stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = await self.server.ask("stats")
        self.report.memory["server"].append(stats["memory"])
        self.report.lag = max(self.report.lag, stats["lag"])
        return stats

    async def _tell_progress(self, began: int) -> int:
        """Say how far it is; how many ms of the market have passed since it began."""
        stats = await self._stats()
        for worker in self.clients:
            self.report.memory[worker.log.stem].append((await worker.ask("status"))["memory"])
        passed: int = stats["market"] - began
        self.counts["minutes of the market"] = passed // 60_000
        self.say(
            f"{passed / 60_000:4.0f} minutes of the market: {self.cuts} cuts, {stats['published']} updates published, "
            f"server {stats['memory']:.1f} MB, late by {stats['lag']:.0f} ms"
        )
        return passed

    @property
    def cuts(self) -> int:
        """Connections lost so far."""
        return sum(count for what, count in self.counts.items() if what.startswith("cuts: "))

    async def _end(self) -> None:
        """With good lines: everybody comes back, the market stands still, and everybody gets the rest."""
        for worker in self.clients:
            await worker.ask("stay")
        if not await self._all_follow(_BACK):
            status = [await worker.ask("status") for worker in self.clients]
            self.report.violation("back", f"{_BACK:g} s after the last cut: {status}")
        await asyncio.sleep(_SETTLES)
        ends = await self.server.ask("freeze")
        for _ in range(3):
            orders = [worker.ask("finish", ends=ends, patience=_BACK) for worker in self.clients]
            late = [one for answer in await asyncio.gather(*orders) for one in answer["late"]]
            before, ends = ends, await self.server.ask("freeze")
            if ends == before:
                break
        for one in late:
            self.report.violation("back", f"{_BACK:g} s after the last update: {one}")

    async def _clear_up(self) -> None:
        """Close clients, and see what is left of them."""
        report = self.report
        for worker in self.clients:
            answer = await worker.ask("close")
            self.counts.update(answer["counts"])
        until = time.monotonic() + _BACK
        while True:
            stats = await self.server.ask("stats")
            left = {name: stats[name] for name in ("connections", "subscriptions", "topics")}
            if not any(left.values()):
                break
            if time.monotonic() > until:
                report.violation("clean", f"left in the server: {left}")
                break
            await asyncio.sleep(_LOOK)
        report.memory["server"].append(stats["memory"])
        for line in self.lines:
            # Half of a connection that nobody ends stays; Node waits for it, and has no way to give it up.
            line.cut()
        for worker in (*self.clients, self.server):
            code = await worker.finish(_PATIENCE)
            if code != 0:
                what = "did not end" if code is None else f"ended with {code}"
                report.violation("clean", f"the process of {worker.log.stem} {what}")

    def _judge(self) -> None:
        report = self.report
        report.counts.update(self.counts)
        report.counts["cuts"] = self.cuts
        records = judge_folder(self.folder, report).counts["clients"]
        if records != self.plan.clients:
            report.violation("harness", f"{records} clients have left a record")
        _judge_memory(report)


def judge_folder(folder: Path, report: Report | None = None) -> Report:
    """Compare what a run has written down."""
    report = report or Report()
    truth = Truth.read(folder / "truth.rows")
    records = [Record.read(path) for path in sorted(folder.glob("*.jsonl"))]
    report.counts["clients"] = len(records)
    judge(truth, records, report)
    for log in sorted(folder.glob("*.log")):
        _judge_log(report, log)
    return report


def _shares(clients: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Clients by process."""
    processes = -(-len(clients) // _PER_PROCESS)
    return [clients[number::processes] for number in range(processes)]


def _judge_memory(report: Report) -> None:
    """Compare the last third with the first: by then caches are full."""
    for process, figures in report.memory.items():
        third = len(figures) // 3
        if third < 2:
            continue  # too short a run
        before, after = max(figures[:third]), min(figures[-third:])
        if after > before * 1.1 + _MEMORY:
            told = ", ".join(f"{one:.1f}" for one in figures)
            report.violation("memory", f"{process} has {after - before:.1f} MB more than before ({told} MB)")


def _judge_log(report: Report, log: Path) -> None:
    for line in log.read_text().splitlines():
        words = line.split(" ", 2)
        if line.startswith("Traceback") or (len(words) > 1 and words[1] in {"error", "critical"}):
            report.violation("quiet", f"{log.stem}: {line[:300]}")
        elif (closing := _CLOSING.search(line)) is not None:
            report.counts[f"closed by the server's own rules with {closing[1]}: {closing[2]}"] += 1
