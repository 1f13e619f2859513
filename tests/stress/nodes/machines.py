"""The processes: nodes, each the service's own command, and the publisher."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from tests.stress.nodes.terms import (
    BROKER_TIMEOUT,
    DRAIN_WITHIN,
    EXPECTED_WARNINGS,
    MEMORY_GROWTH,
    TOKEN_GRACE,
    TOKEN_LEEWAY,
    WARM_AFTER,
    Report,
)
from tests.stress.recovery.workers import ROOT, Worker

_START_WITHIN = 60.0


class Node:
    """A node on a port of its own, one process after another."""

    def __init__(self, name: str, broker: str, key: Path, folder: Path, report: Report) -> None:
        self.name = name
        self.port = _free_port()
        self.log = folder / f"{name}.log"
        self.up = False
        """Whether it takes connections."""
        self._broker = broker
        self._key = key
        self._report = report
        self._process: asyncio.subprocess.Process | None = None
        self._began = 0.0
        self._warm: float | None = None
        self._latest = 0.0

    @property
    def _command(self) -> list[str]:
        options: dict[str, object] = {
            "port": self.port,
            "feed": "none",
            "broker": self._broker,
            "broker-timeout": BROKER_TIMEOUT,
            "development-key": self._key,
            "token-leeway": TOKEN_LEEWAY,
            "token-grace": TOKEN_GRACE,
            "log-format": "json",
            "log-burst": 0,
            "outbox-bytes": 65_536,
            "outbox-patience": 1,
            "topic-grace": 1,
            "drain-window": 1,
            "drain-deadline": 4,
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return [sys.executable, "-m", "service", "serve", *words]

    async def start(self) -> None:
        """Start it; returns when it listens."""
        with self.log.open("ab") as log:
            before = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        async with asyncio.timeout(_START_WITHIN):
            while b'"event":"listening"' not in self._said(before):
                if self._process.returncode is not None:
                    raise RuntimeError(f"{self.name} does not start; see {self.log}")
                await asyncio.sleep(0.02)
        self.up, self._began, self._warm = True, time.monotonic(), None

    def _said(self, since: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read()

    async def kill(self) -> None:
        """End it as a crash does."""
        self.up = False
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._end()

    async def drain(self) -> None:
        """Tell it to end, and judge how it does."""
        assert self._process is not None
        self.up = False
        self._process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        try:
            async with asyncio.timeout(DRAIN_WITHIN):
                code = await self._process.wait()
        except TimeoutError:
            self._report.violation("drain", f"{self.name} has not ended {DRAIN_WITHIN} s after SIGTERM")
            await self.kill()
            return
        self._report.counts["drains"] += 1
        if code != 0:
            self._report.violation(
                "drain", f"{self.name} ended with {code} after {time.monotonic() - began:.1f} s"
            )
        self._end()

    def pause(self) -> None:
        """Let it stand still; who connects waits."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def ready(self, client: httpx.AsyncClient) -> str:
        """Why it says that it is not ready; empty where it is."""
        try:
            answer = await client.get(f"http://127.0.0.1:{self.port}/api/v1/health/ready")
        except httpx.HTTPError as error:
            return repr(error)
        return "" if answer.status_code == 200 else answer.text

    def weigh(self) -> None:
        """Look at its memory; to be called about once a second."""
        process = self._process
        if process is None or process.returncode is not None or not self.up:
            return
        with suppress(OSError, IndexError):
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            self._latest = pages * resource.getpagesize() / 1e6
            if self._warm is None and time.monotonic() - self._began > WARM_AFTER:
                self._warm = self._latest

    def judge_log(self) -> None:
        """Hold its log against what it may say."""
        for line in self.log.read_text().splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                self._report.violation("quiet", f"{self.name} wrote {line[:300]!r}")
                continue
            level, text = str(said.get("level", "")).upper(), str(said.get("event", said.get("message", "")))
            if level in ("ERROR", "CRITICAL") or "Traceback" in line:
                self._report.violation("quiet", f"{self.name}: {line[:1500]}")
            elif level == "WARNING":
                self._report.counts[f"warnings of nodes: {text[:60]}"] += 1
                if not text.startswith(EXPECTED_WARNINGS) and text != "broker":
                    self._report.violation("quiet", f"{self.name}: {line[:500]}")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, number)

    def _end(self) -> None:
        """A life is over."""
        if self._warm is not None:
            self._report.memory[self.name] += [self._warm, self._latest]
            if self._latest - self._warm > MEMORY_GROWTH:
                self._report.violation(
                    "memory", f"{self.name} went from {self._warm:.1f} MB when warm to {self._latest:.1f} MB"
                )
        self._warm = None
        self._process = None


class Press:
    """The publisher's process, one after another."""

    def __init__(self, broker: str, record: Path, report: Report) -> None:
        self._broker = broker
        self._record = record
        self._report = report
        self._lives = 0
        self._worker: Worker | None = None

    async def start(self) -> None:
        """Start one; its marks are above those of all before it."""
        self._lives += 1
        order = {"url": self._broker, "record": str(self._record), "first": self._lives * 10_000_000}
        self._worker = await Worker.start(
            [sys.executable, "-m", "tests.stress.nodes.publishing", json.dumps(order)],
            self._record.with_name(f"publisher{self._lives}.log"),
        )

    async def kill(self) -> None:
        """End it as a crash does."""
        if self._worker is not None:
            await self._worker.kill()
            self._judge_log()

    def signal(self, number: signal.Signals) -> None:
        """Pause it, or let it go on."""
        assert self._worker is not None
        try:
            os.kill(self._worker.pid, number)
        except ProcessLookupError:
            raise RuntimeError(f"the publisher has ended by itself; see {self._worker.log}") from None

    async def last(self) -> dict[str, object]:
        """Have it end every topic."""
        assert self._worker is not None
        said: dict[str, object] = await self._worker.ask("last")
        return said

    async def finish(self) -> None:
        """Let it end by itself."""
        if self._worker is not None and await self._worker.finish(10.0) != 0:
            self._report.violation("harness", f"the publisher did not end well; see {self._worker.log}")
        self._judge_log()

    def _judge_log(self) -> None:
        assert self._worker is not None
        if text := self._worker.log.read_text().strip():
            self._report.violation("quiet", f"the publisher wrote {text[-800:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
