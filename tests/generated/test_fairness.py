"""One client's frames do not keep others waiting."""

from __future__ import annotations

import asyncio
from typing import Never, cast
from uuid import uuid4

from generated.runtime.connection import Connection
from generated.runtime.dispatch import Dispatcher
from generated.runtime.errors import Disconnected
from generated.runtime.serve import serve


class Flood:
    """A connection whose frames have all arrived already, so that receiving never waits."""

    def __init__(self, frames: int) -> None:
        self.id = uuid4()
        self.left = frames

    async def receive(self) -> str:
        """The next frame, at once."""
        if self.left == 0:
            raise Disconnected(1000)
        self.left -= 1
        return "{}"


class Silent:
    """Handles every frame without an answer and without waiting."""

    async def dispatch(self, connection: Flood, frame: str | bytes) -> None:
        """Nothing to do."""


async def test_a_flood_of_frames_leaves_turns_to_others() -> None:
    """While one client's thousand frames are handled, another task runs more than a hundred times."""
    flood, turns = Flood(1000), 0
    connection = cast(Connection[Never], flood)
    task = asyncio.create_task(serve(connection, cast("Dispatcher[Connection[Never]]", Silent())))
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    await task
    assert turns > 100
