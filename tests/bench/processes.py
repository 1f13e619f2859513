"""Server and generator: a process each, pinned to a core each, told what to do by lines, ended whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tests.bench.tools import Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent
_HELLO_SECONDS = 60.0
_STDERR_LINES = 6

Answer = dict[str, float]


class RunError(Exception):
    """A run that gave no figure; the message says why, in one line."""


class Child:
    """A process that obeys lines on its stdin and answers each with a line of JSON."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._name = name
        self._process = process
        self._errors = errors

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def hello(self) -> dict[str, object]:
        """What it says of itself when it is ready. Unavailable where it says that it cannot do what is asked."""
        found = await self._line(_HELLO_SECONDS, "hello")
        if "unavailable" in found:
            raise Unavailable(str(found["unavailable"]))
        return found

    async def ask(self, order: str, seconds: float) -> Answer:
        """The numbers in the answer to an order. RunError where there is none, in time, or a complaint."""
        answer = await self.tell(order, seconds)
        return {key: float(value) for key, value in answer.items() if isinstance(value, int | float)}

    async def tell(self, order: str, seconds: float) -> dict[str, object]:
        """Give an order and wait for its whole answer. RunError as of `ask`."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(ConnectionError):
            stdin.write(f"{order}\n".encode())
            await stdin.drain()
        return await self._line(seconds, order)

    def move(self, cpu: int) -> None:
        """Pin it to another core."""
        os.sched_setaffinity(self.pid, {cpu})

    async def _line(self, seconds: float, what: str) -> dict[str, object]:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            line = await asyncio.wait_for(stdout.readline(), seconds)
        except TimeoutError:
            raise RunError(f"{self._name} did not answer `{what}` within {seconds:.0f} s") from None
        if not line:
            code = await self._process.wait()
            raise RunError(f"{self._name} ended with exit code {code}{self._last_words()}")
        answer: dict[str, object] = json.loads(line)
        if "error" in answer:
            raise RunError(f"{self._name}: {answer['error']}{self._last_words()}")
        return answer

    def _last_words(self) -> str:
        lines = self._errors.read_text(errors="replace").strip().splitlines()[-_STDERR_LINES:]
        return f": {' | '.join(line.strip() for line in lines)}" if lines else ""

    def cpu_seconds(self, pid: int | None = None) -> float:
        """What the process, or another one that belongs to it, has used of its core."""
        fields = Path(f"/proc/{pid or self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self) -> int:
        """Its proportional set size."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
        raise RunError("the kernel tells no proportional set size")


@contextlib.asynccontextmanager
async def child(name: str, command: Sequence[str | Path], cpu: int) -> AsyncIterator[Child]:
    """A process on one core; it and what it started are gone afterwards."""
    mine = os.sched_getaffinity(0)
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".err") as errors:
        os.sched_setaffinity(0, {cpu})  # A child inherits it.
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("TAPEWIRE_")},
            start_new_session=True,  # Ctrl-C is for the orchestrator; and the whole group can be ended.
        )
        os.sched_setaffinity(0, mine)
        try:
            yield Child(name, process, Path(errors.name))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
