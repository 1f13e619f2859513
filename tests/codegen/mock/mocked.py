"""A mock, and a raw client that holds every frame that it gets against the document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from codegen.mock import Mock, Scenario, serving
from codegen.pipeline import Understood, understand
from codegen.written import Judge, judge

SPEC = Path(__file__).resolve().parents[3] / "spec/asyncapi.yaml"
PATIENCE = 10.0

Json = Any
"""JSON whose shape the test knows."""


@cache
def understood(path: Path = SPEC) -> Understood:
    """A document, read once for all tests."""
    return understand(path)


@cache
def judges(path: Path = SPEC) -> dict[str, Judge]:
    """A judge for each message of a document, by what it is told by."""
    known = understood(path)
    return {
        str(message.tag.value): judge(known.document, message.payload)
        for message in known.contract.messages
        if message.tag is not None and message.payload is not None
    }


class Raw:
    """One socket."""

    def __init__(self, socket: ClientConnection, judged: dict[str, Judge]) -> None:
        self.socket = socket
        self._judged = judged

    async def send(self, message: Json) -> None:
        """A message; text and bytes as they are."""
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self) -> Json:
        """The next frame, which has to be valid."""
        async with asyncio.timeout(PATIENCE):
            frame = json.loads(await self.socket.recv())
        problems = list(self._judged[frame["type"]].errors(frame))
        assert problems == [], frame
        return frame

    async def ask(self, message: Json) -> Json:
        """Send, and take the answer; updates that come before it are left out."""
        await self.send(message)
        while True:
            frame = await self.receive()
            if not frame["type"].endswith(".update"):
                return frame

    async def take(self, count: int, type_: str) -> list[Json]:
        """The next so many frames of a type."""
        found: list[Json] = []
        while len(found) < count:
            frame = await self.receive()
            if frame["type"] == type_:
                found.append(frame)
        return found


@asynccontextmanager
async def raw(mock: Mock) -> AsyncIterator[Raw]:
    """A socket to a mock of the project's own document."""
    async with connect(mock.url) as socket:
        yield Raw(socket, judges())


@asynccontextmanager
async def mocked(
    *,
    rate: float = 50,
    seed: int = 0,
    scenario: Scenario | None = None,
    log: Callable[[str], None] | None = None,
    path: Path = SPEC,
) -> AsyncIterator[Mock]:
    """A mock of a document, in a hurry."""
    async with serving(understood(path), rate=rate, seed=seed, scenario=scenario, log=log) as mock:
        yield mock
