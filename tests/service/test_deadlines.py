"""Many deadlines over one timer: each is called once, when it is due, unless it is cancelled."""

from __future__ import annotations

import asyncio
import random
import socket

from service.deadlines import Deadline, Deadlines
from tests.service.running import PATIENCE


async def test_they_come_in_their_order() -> None:
    """Whatever the order in which they were set, the soonest is called first, and none before it is due."""
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    now = loop.time()
    came: list[tuple[float, float]] = []
    done = asyncio.Event()
    dues = [now + number / 500 for number in range(50)]
    shuffled = random.Random(1).sample(dues, k=len(dues))

    def call(due: float) -> None:
        came.append((due, loop.time()))
        if len(came) == len(dues):
            done.set()

    for due in shuffled:
        deadlines.at(due, lambda due=due: call(due))  # type: ignore[misc]
    assert len(deadlines) == len(dues)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert [due for due, _ in came] == dues
    assert all(at >= due for due, at in came)
    assert len(deadlines) == 0


async def test_what_is_cancelled_is_not_called() -> None:
    """Cancelling takes effect up to the last moment, twice is once, and after the call it does nothing."""
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    came: list[str] = []
    done = asyncio.Event()
    due = loop.time() + 0.02
    # Called at one time, in the order of setting or another: whichever comes first takes the other along.
    pair: list[Deadline] = []

    def one_of(name: str) -> None:
        came.append(name)
        for each in pair:
            each.cancel()

    pair += [deadlines.at(due, lambda: one_of("a")), deadlines.at(due, lambda: one_of("b"))]
    never = deadlines.at(due, lambda: came.append("never"))
    never.cancel()
    never.cancel()
    assert never.cancelled
    assert len(deadlines) == 2
    deadlines.at(due + 0.02, done.set)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert len(came) == 1
    assert len(deadlines) == 0


async def test_a_sooner_one_is_not_kept_waiting() -> None:
    """A deadline set later, for sooner, is called when it is due, not when the first would have been."""
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    done = asyncio.Event()
    deadlines.at(loop.time() + 3600, lambda: None)
    deadlines.at(loop.time() + 0.01, done.set)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert len(deadlines) == 1


async def test_one_that_is_due_may_set_another() -> None:
    """Also for now, as a connection does that looks at its client again and again."""
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    done = asyncio.Event()
    left = 20

    def again() -> None:
        nonlocal left
        left -= 1
        if left:
            deadlines.at(loop.time() + (left % 2) / 500, again)
        else:
            done.set()

    deadlines.at(loop.time() - 1, again)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert len(deadlines) == 0
    await asyncio.sleep(0.01)
    assert deadlines._timer is None


async def test_cancelled_ones_are_cleared_away() -> None:
    """Of a crowd that comes and goes nothing is held for the time that it would have had."""
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    kept = [deadlines.at(loop.time() + 3600 + number, lambda: None) for number in range(10)]
    for _ in range(20):
        crowd = [deadlines.at(loop.time() + 1800, lambda: None) for _ in range(100)]
        for each in crowd:
            each.cancel()
    assert len(deadlines) == 10
    assert len(deadlines._heap) < 200
    for each in kept:
        each.cancel()
    assert len(deadlines) == 0


async def test_by_chance_each_is_called_or_cancelled() -> None:
    """Of many, set and cancelled at random, each one that is left is called once, and no other."""
    chance = random.Random(7)
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    called: list[int] = []
    expected: set[int] = set()
    handles = {}
    for number in range(1000):
        handles[number] = deadlines.at(
            loop.time() + chance.random() / 10,
            lambda number=number: called.append(number),  # type: ignore[misc]
        )
        expected.add(number)
        if chance.random() < 0.7:
            gone = chance.choice(sorted(expected))
            handles[gone].cancel()
            expected.discard(gone)
    done = asyncio.Event()
    deadlines.at(loop.time() + 0.15, done.set)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert sorted(called) == sorted(expected)
    assert len(deadlines) == 0


async def test_what_comes_soon_comes_after_what_lies_in_sockets() -> None:
    """Who wants to look again once all is read that has come does so, though the clock has gone on meanwhile."""
    loop, deadlines, order = asyncio.get_running_loop(), Deadlines(), []
    ours, theirs = socket.socketpair()
    called = asyncio.Event()

    def read() -> None:
        order.append(ours.recv(1))

    def call() -> None:
        order.append(b"soon")
        called.set()

    with ours, theirs:
        loop.add_reader(ours, read)
        for _ in range(20):
            called.clear()
            theirs.send(b"x")
            given_up = deadlines.soon(lambda: order.append(b"cancelled"))
            deadlines.soon(call)
            given_up.cancel()
            await called.wait()
        loop.remove_reader(ours)
    assert order == [b"x", b"soon"] * 20
    assert len(deadlines) == 0
