"""Processes that take orders: a JSON object a line in, a JSON answer a line out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parents[3]
_PATIENCE = 30.0

Answer: TypeAlias = Any
"""JSON whose shape depends on the order."""


class Worker:
    """One such process."""

    def __init__(self, process: asyncio.subprocess.Process, hello: dict[str, Any], log: Path) -> None:
        self._process = process
        self._asking = asyncio.Lock()
        self.hello = hello
        """What it said first."""
        self.log = log

    @classmethod
    async def start(cls, command: Sequence[str], log: Path) -> Worker:
        """Start it; returns when it has said its first line. What it writes to standard error goes to a file."""
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
                limit=2**24,
            )
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            first = await process.stdout.readline()
        if not first:
            await process.wait()
            raise RuntimeError(f"{command[:3]} did not start; see {log}")
        return cls(process, json.loads(first), log)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def ask(self, do: str, **order: object) -> Answer:
        """Give an order; the answer. RuntimeError where the process is gone."""
        # Who gives up must not leave the answer to whoever asks next.
        return await asyncio.shield(asyncio.ensure_future(self._ask({"do": do, **order})))

    async def _ask(self, order: dict[str, object]) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._asking, asyncio.timeout(_PATIENCE):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process ended by itself; see {self.log}")
        return json.loads(line)

    async def finish(self, within: float) -> int | None:
        """Give no more orders, upon which it should end; its exit code, or None where it had to be killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(within):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            return None

    async def kill(self) -> None:
        """End it whatever happens."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
