"""The outbox alone: order, bounds, and the end."""

from __future__ import annotations

import asyncio

from service.outbox import Farewell, Outbox

from generated.runtime.errors import Disconnected

BYE = Farewell(4001, "over")


class Wire:
    """What an outbox writes to; it can be stopped up, and cut."""

    def __init__(self, limit: int = 1000) -> None:
        self.written: list[bytes | Farewell] = []
        self.open = asyncio.Event()
        self.open.set()
        self.cut = False
        self.overflows = 0
        self.outbox = Outbox(write=self.write, say_bye=self.say_bye, limit=limit, on_overflow=self.overflow)

    async def write(self, frame: bytes) -> None:
        """Take one frame, once open."""
        await self.open.wait()
        if self.cut:
            raise Disconnected(1006)
        self.written.append(frame)

    async def say_bye(self, farewell: Farewell) -> None:
        """Take the goodbye, once open."""
        await self.open.wait()
        self.written.append(farewell)

    def overflow(self) -> None:
        """Count."""
        self.overflows += 1

    async def finish(self) -> list[bytes | Farewell]:
        """All that is written until the end."""
        self.outbox.finish(BYE)
        async with asyncio.timeout(5):
            await self.outbox.run()
        return self.written


async def test_frames_leave_in_order_and_then_the_goodbye() -> None:
    """Updates and answers leave in the order of the calls; the goodbye is last."""
    wire = Wire()
    wire.outbox.push(b"1")
    wire.outbox.answer(b"2")
    wire.outbox.push(b"3")
    assert await wire.finish() == [b"1", b"2", b"3", BYE]


async def test_held_updates_follow_the_answer() -> None:
    """Between `hold` and the answer updates stay back, in their order; after it nothing does."""
    wire = Wire()
    wire.outbox.push(b"before")
    wire.outbox.hold()
    wire.outbox.push(b"1")
    wire.outbox.push(b"2")
    wire.outbox.answer(b"answer")
    wire.outbox.push(b"3")
    assert await wire.finish() == [b"before", b"answer", b"1", b"2", b"3", BYE]


async def test_the_bound_counts_what_waits() -> None:
    """At the bound nothing happens, beyond it the owner is told; held updates count, written ones do not."""
    wire = Wire(limit=10)
    wire.outbox.push(b"x" * 4)
    wire.outbox.hold()
    wire.outbox.push(b"x" * 6)
    assert (wire.outbox.waiting, wire.overflows) == (10, 0)
    wire.outbox.push(b"x")
    assert wire.overflows == 1
    await wire.finish()
    assert wire.outbox.waiting == 0


async def test_after_the_end_nothing_is_taken() -> None:
    """What comes after `finish` is dropped, and the first goodbye counts."""
    wire = Wire()
    wire.outbox.push(b"1")
    wire.outbox.finish(BYE)
    wire.outbox.push(b"2")
    wire.outbox.answer(b"3")
    wire.outbox.finish(Farewell(1000, "other"))
    assert await wire.finish() == [b"1", BYE]


async def test_discarding_says_goodbye_at_once() -> None:
    """With `discard`, what waits is given up, and only what is being written still goes."""
    wire = Wire()
    wire.open.clear()
    running = asyncio.create_task(wire.outbox.run())
    for frame in (b"1", b"2", b"3"):
        wire.outbox.push(frame)
    await asyncio.sleep(0)
    wire.outbox.finish(BYE, discard=True)
    wire.open.set()
    async with asyncio.timeout(5):
        await running
    assert wire.written == [b"1", BYE]


async def test_a_client_that_is_gone_ends_it() -> None:
    """When writing finds nobody there, the outbox ends and takes nothing more."""
    wire = Wire()
    wire.cut = True
    wire.outbox.push(b"1")
    async with asyncio.timeout(5):
        await wire.outbox.run()
    assert wire.outbox.farewell is not None
    wire.outbox.push(b"2")
    assert wire.outbox.waiting == 0
