"""What all clients of a run share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random

from tests.stress.control import ServerProcess
from tests.stress.peer import Peer
from tests.stress.session import Session
from tests.stress.terms import Report, has

CALM = [f"C{number}" for number in range(24)]
HOT = [f"H{number}" for number in range(4)]


@dataclass
class World:
    """One wave: the server, the time, and what is left to the end."""

    server: ServerProcess
    report: Report
    until: float
    """When the wave ends, by the loop's clock."""
    counts: asyncio.Future[dict[str, int]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Each topic's last `seq`, once nothing is published any more."""
    dead: list[Peer] = field(default_factory=list)
    """Those who stopped reading for good; the server has to find them out by itself."""

    @property
    def left(self) -> float:
        """Seconds to the end of the wave, or 0."""
        return max(0.0, self.until - asyncio.get_running_loop().time())

    async def pause(self, random: Random, least: float, most: float) -> None:
        """Let time pass, but not beyond the wave's end."""
        await asyncio.sleep(min(random.uniform(least, most), self.left))

    async def session(
        self,
        name: str,
        random: Random,
        *,
        reads: bool = False,
        forgiving: bool = False,
        receive_buffer: int | None = None,
    ) -> Session | None:
        """A client that is connected; None where that failed, which is noted."""
        self.report.counts[name] += 1
        session = Session(f"{name} {self.report.counts[name]}", self.report, reads=reads, forgiving=forgiving)
        deflate = has("compress") and random.random() < 0.3
        granted = await session.connect(self.server.port, receive_buffer=receive_buffer, deflate=deflate)
        return session if granted else None
