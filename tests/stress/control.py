"""The server's process, from the outside."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Stats:
    """What there is in the server; memory in MB, the longest lateness of its loop since the last look in ms."""

    connections: int
    sockets: int
    subscriptions: int
    topics: int
    tasks: int
    rss: float
    lag: float
    published: int

    @property
    def left(self) -> tuple[int, int, int, int]:
        """What must be nought when all clients are gone."""
        return self.connections, self.sockets, self.subscriptions, self.topics


class ServerProcess:
    """Starts the server, gives it orders, ends it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self._process = process
        self._asking = asyncio.Lock()
        self.port = port
        self.log = log

    @classmethod
    async def start(cls, settings: dict[str, object], log: Path) -> ServerProcess:
        """Start it; returns when it listens. Its log goes to this file."""
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.stress.server", json.dumps(settings)),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            first = await process.stdout.readline()
        if not first:
            raise RuntimeError(f"the server did not start; see {log}")
        return cls(process, int(json.loads(first)["url"].rpartition(":")[2]), log)

    async def _ask(self, command: str) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._asking, asyncio.timeout(_PATIENCE):
            self._process.stdin.write(command.encode() + b"\n")
            answer: dict[str, object] = json.loads(await self._process.stdout.readline())
        return answer

    async def stats(self) -> Stats:
        """What there is."""
        return Stats(**await self._ask("stats"))  # type: ignore[arg-type]

    async def publish(self) -> None:
        """Publish from now on."""
        await self._ask("start")

    async def stop_publishing(self) -> dict[str, int]:
        """Publish no more; each open topic's last `seq`."""
        counts: dict[str, int] = (await self._ask("stop"))["counts"]  # type: ignore[assignment]
        return counts

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    async def exited(self, within: float) -> int | None:
        """Its exit code; None where it has not ended in so many seconds."""
        try:
            async with asyncio.timeout(within):
                return await self._process.wait()
        except TimeoutError:
            return None

    async def kill(self) -> None:
        """End it whatever happens."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
