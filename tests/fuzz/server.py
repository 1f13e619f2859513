"""The service as it is started by hand, a process of its own, and what is looked at from outside."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fuzz.purse import Purse

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 30.0
_PAGE = 4096
_WRONG = re.compile(
    r"Traceback|^\S+ (error|critical) | exception was never retrieved|never awaited", re.MULTILINE
)

OPTIONS: Mapping[str, str] = {
    "--port": "0",
    "--updates-per-second": "1",
    "--messages-per-second": "1e9",
    "--message-burst": "1000000000",
    "--max-errors": "1000000000",
    "--ping-interval": "600",
    "--heartbeat-interval": "600",
    "--topic-grace": "1",
    "--outbox-bytes": "16777216",
}
"""All may be sent, as fast as it can be; what is refused for its number alone would never be read."""


class Server:
    """A service that runs."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._process = process

    @property
    def memory(self) -> float:
        """What the process holds, in MB."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * _PAGE / 1e6

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-2000:]

    def complaints(self) -> list[str]:
        """What the log says that it should not, with what follows it."""
        told = self.log.read_text(errors="replace")
        return [told[match.start() : match.start() + 600] for match in _WRONG.finditer(told)]


@asynccontextmanager
async def serving(
    log: Path, purse: Purse | None = None, *, anonymous: bool = True, options: Sequence[str] = ()
) -> AsyncIterator[Server]:
    """Start the service with these options beside ours, with accounts where there is a purse; end it in the end."""
    if purse is not None:
        options = (*options, "--accounts", "simulate", "--development-key", str(purse.key))
        options = (*options, "--connections-per-user", "100000")
    if not anonymous:
        options = (*options, "--anonymous", "off", "--authentication-timeout", "600")
    ours = [part for option in OPTIONS.items() for part in option]
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "serve", *ours, *options),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            first = (await process.stdout.readline()).decode()
        found = re.search(r"http://[^:]+:(\d+)", first)
        if found is None:
            raise RuntimeError(f"the service did not start, says {log}: {first}")
        yield Server(process, int(found[1]), log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(_PATIENCE):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
