"""A run: waves of clients, each cleared up after; then too many at once; then the server's end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.stress import manners, mischief, terms
from tests.stress.control import ServerProcess, Stats
from tests.stress.session import FLOOD_PATIENCE, Session
from tests.stress.terms import Report
from tests.stress.world import CALM, World

Behaviour = Callable[[World, Random], Awaitable[None]]

READERS = 0.4
"""The part of the clients that read from a wave's beginning to its end."""

OTHERS: dict[Behaviour, int] = {
    manners.visitor: 20,
    manners.vanisher: 12,
    manners.staller: 14,
    manners.dead: 8,
    manners.half_closer: 8,
    manners.silent: 6,
    mischief.talker_of_nonsense: 8,
    mischief.breaker: 16,
    mischief.pinger: 2,
    mischief.deaf_pinger: 2,
    mischief.hurried: 2,
    mischief.greedy: 4,
    mischief.dripper: 6,
    mischief.no_websocket: 8,
}
"""What the others do, one thing after another, and how often."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    seed: int
    clients: int
    waves: int
    seconds: float
    """Of each wave."""


async def run(plan: Plan, log: Path, say: Callable[[str], None]) -> Report:
    """Run it all; the server's log goes to a file, progress to `say`."""
    report = Report()
    server = await ServerProcess.start(terms.settings_for(plan.clients), log)
    lag = asyncio.create_task(_watch_own_lag(report))
    try:
        idle = await server.stats()
        for number in range(1, plan.waves + 1):
            # The last wave is the second one again, so that what they leave behind compares.
            theme = 2 if number == plan.waves else number
            stats = await _wave(plan, server, report, theme, idle)
            report.rss.append(stats.rss)
            say(_progress(f"wave {number}/{plan.waves}", report, stats))
        _judge_memory(report)
        if terms.has("connections"):
            await _crowd(plan, server, report)
            say("too many connections at once: done")
        await _shutdown(plan, server, report)
        say("SIGTERM: done")
    finally:
        lag.cancel()
        await server.kill()
    _judge_delays(report)
    _judge_log(report, await asyncio.to_thread(log.read_text))
    return report


async def _wave(plan: Plan, server: ServerProcess, report: Report, theme: int, idle: Stats) -> Stats:
    loop = asyncio.get_running_loop()
    world = World(server, report, loop.time() + plan.seconds)
    await server.publish()
    slots = [
        asyncio.create_task(
            _slot(world, Random(f"{plan.seed} {theme} {slot}"), slot < READERS * plan.clients)
        )
        for slot in range(plan.clients)
    ]
    await asyncio.sleep(world.left)
    world.counts.set_result(await server.stop_publishing())
    _, late = await asyncio.wait(slots, timeout=2 * FLOOD_PATIENCE)
    for task in late:
        report.violation("harness", f"a client did not come to its end: {task.get_stack()[-1:]}")
        task.cancel()
    stats = await _cleared(server, report, idle)
    for peer in world.dead:
        peer.transport.abort()
    report.server_lag = max(report.server_lag, stats.lag)
    return stats


async def _slot(world: World, random: Random, reads: bool) -> None:
    """One client after another, until the wave ends."""
    await world.pause(random, 0.0, 0.5)
    while world.left > 0.3:
        [behaviour] = [manners.reader] if reads else random.choices(list(OTHERS), list(OTHERS.values()))
        try:
            await behaviour(world, random)
        except OSError as error:
            world.report.violation("harness", f"{behaviour.__name__}: {error!r}")
            await asyncio.sleep(0.1)
        except Exception as error:  # noqa: BLE001, a fault of the run is a finding, not its end
            world.report.violation("harness", f"{behaviour.__name__}: {error!r}")


async def _cleared(server: ServerProcess, report: Report, idle: Stats) -> Stats:
    """Wait until nothing is left of the clients who are gone, and of the dead, whose sockets are still open."""
    # A heartbeat, then a close that nobody reads; the topics' grace.
    until = time.monotonic() + terms.HEARTBEAT + 2 * terms.PING + 5
    while True:
        stats = await server.stats()
        # A moment for tasks that are ending.
        if stats.left == (0, 0, 0, 0) and stats.tasks <= idle.tasks:
            return stats
        if time.monotonic() > until:
            report.violation("clean", f"left: {stats}")
            return stats
        await asyncio.sleep(0.1)


async def _crowd(plan: Plan, server: ServerProcess, report: Report) -> None:
    """Open more connections than are allowed: those too many are closed by 4504, and later all is well."""
    world = World(server, report, asyncio.get_running_loop().time() + 60)
    most = int(str(terms.settings_for(plan.clients)["connections"]))
    random = Random(plan.seed)
    held = [session for _ in range(most) if (session := await _talking(world, "crowd", random)) is not None]
    surplus = [await world.session("surplus", random, forgiving=True) for _ in range(5)]
    for session in filter(None, surplus):
        await session.ends({4504})
    await asyncio.gather(*(session.leave() for session in held))
    if (late := await world.session("late", random)) is not None:
        await late.answered(late.ask("ping"))
        await late.leave()


async def _talking(world: World, name: str, random: Random) -> Session | None:
    """A client that is not silent, however long it takes until all are there."""
    session = await world.session(name, random)
    if session is not None:
        session.talk()
    return session


async def _shutdown(plan: Plan, server: ServerProcess, report: Report) -> None:
    """End the server while clients are connected, some of whom do not read."""
    loop = asyncio.get_running_loop()
    world = World(server, report, loop.time() + 60)
    random = Random(f"{plan.seed} shutdown")
    await server.publish()
    for _ in range(3):
        await asyncio.gather(manners.dead(world, random), mischief.dripper(world, random))
    sessions: list[Session] = []
    for _ in range(max(4, plan.clients // 3)):
        if (session := await _talking(world, "drained", random)) is not None:
            await session.subscribe(random.choice(CALM))
            sessions.append(session)
    server.terminate()
    began = loop.time()
    code = await server.exited(terms.EXIT_DEADLINE)
    if code != 0:
        what = "did not end" if code is None else f"ended with {code}"
        report.violation("drain", f"{what} within {terms.EXIT_DEADLINE} s of SIGTERM")
    report.counts["ms from SIGTERM to the end"] = round((loop.time() - began) * 1000)
    drains = terms.has("drain_window")
    for session in sessions:
        done, _ = await asyncio.wait([session.peer.ended], timeout=10)
        ending = session.peer.ended.result() if done else None
        expected = 4000 if drains else 1012
        if ending is None or ending.code != expected:
            report.violation("drain", f"{session.name}: ended by {ending}, not by {expected}")
        if drains and not session.told_to_leave:
            report.violation("drain", f"{session.name}: no server.shutdown came before the end")
    for peer in world.dead:
        peer.transport.abort()


async def _watch_own_lag(report: Report) -> None:
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(0.02)
        report.own_lag = max(report.own_lag, (loop.time() - before - 0.02) * 1000)


def _judge_memory(report: Report) -> None:
    """Compare the second wave with its repetition; the first fills caches."""
    if len(report.rss) < 3:
        return
    grown = report.rss[-1] - report.rss[1]
    bound = 4.0 + 0.05 * report.rss[1]
    if grown > bound:
        figures = ", ".join(f"{rss:.1f}" for rss in report.rss)
        report.violation("memory", f"{grown:.1f} MB more than after the same wave before ({figures} MB)")


def _judge_delays(report: Report) -> None:
    delay = report.delay(0.99)
    if delay is None:
        report.violation("harness", "nobody got an update")
    elif delay > terms.P99_BOUND:
        report.violation(
            "prompt", f"99 of 100 took up to {delay} ms (this process was late by {report.own_lag:.0f})"
        )


def _judge_log(report: Report, log: str) -> None:
    for line in log.splitlines():
        words = line.split(" ", 2)
        if line.startswith("Traceback") or (len(words) > 1 and words[1] in {"error", "critical"}):
            report.violation("quiet", line[:300])


def _progress(what: str, report: Report, stats: Stats) -> str:
    clients = sum(count for name, count in report.counts.items() if not name.startswith(("updates", "ms")))
    p99 = report.delay(0.99)
    with contextlib.suppress(TypeError):
        return (
            f"{what}: {clients} clients so far, {stats.published} updates published, "
            f"{sum(report.delays.values())} received by readers, p99 {p99} ms, "
            f"server {stats.rss:.1f} MB, late by {stats.lag:.0f} ms; broken: {sum(report.times.values())}"
        )
    return what
