"""What every Python peer does on order: publish so many messages a turn, or so many a second.

    python -m tests.bench.peers.NAME --progress FILE --topics N [--deflate]

prints `{"port": …}` once it listens; then each line on stdin is an order, answered by a line of JSON:

    run SECONDS PER_TURN WINDOW OWED   as fast as it goes: PER_TURN messages, then one turn of the event loop, and
                                       never more than WINDOW turns ahead of what the generator has received
    spend SECONDS PER_TURN WINDOW OWED like run, but sleeps where it is too far ahead, so that processor time is
                                       spent on work alone
    pace COUNT PER_SECOND              COUNT messages, each at its time
    collect                            collect garbage
    cpu                                seconds of processor time so far

A peer may know further words.

OWED is how many deliveries one turn makes. FILE holds what the generator has received, in 8 bytes. Message i goes
to topic i % N. The end of stdin ends the process. The C peer and the Node peer do the same in their languages.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_STAMP_RANGE = 10**12
_PAUSE = 0.001
_SLEEP_UNTIL = 0.002
"""Seconds before a message's time from which on turns are spun, since timers are too coarse."""

Publish = Callable[[int, int], Awaitable[None] | None]
"""Takes the message's number and its stamp; awaited where the server's own way of publishing is."""

Turn = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Options:
    """The command line."""

    progress: Path
    topics: int
    deflate: bool

    @classmethod
    def parse(cls) -> Options:
        """From sys.argv."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--progress", type=Path, required=True)
        parser.add_argument("--topics", type=int, default=1)
        parser.add_argument("--deflate", action="store_true")
        given, _ = parser.parse_known_args()
        return cls(given.progress, given.topics, given.deflate)


@dataclass(frozen=True)
class Update:
    """One bar. All peers publish the same ones, of the same size."""

    symbol: str
    seq: int
    time: int
    unit: int

    @classmethod
    def of(cls, number: int, stamp: int, topics: int) -> Update:
        """Message `number`, due at `stamp`."""
        return cls(f"SY{number % topics:02}", number // topics + 1, stamp, number % 9 + 1)

    @property
    def topic(self) -> str:
        """Its address."""
        return f"bars:{self.symbol}:1"

    @property
    def bar(self) -> dict[str, int | float]:
        """The payload."""
        low, high = self.unit + 0.25, self.unit + 0.75
        return {
            "time": self.time,
            "open": low,
            "high": high,
            "low": low,
            "close": high,
            "volume": float(self.unit),
        }

    def text(self) -> str:
        """The message as those send it whose library has no opinion of messages."""
        message = {
            "type": "bars.update",
            "topic": self.topic,
            "seq": self.seq,
            "ts": time.time_ns() // 1_000_000,
            "payload": self.bar,
        }
        return json.dumps(message, separators=(",", ":"))


def stamp_of(ns: int) -> int:
    """A time of the monotonic clock as 13 digits, in microseconds."""
    return _STAMP_RANGE + ns // 1000 % _STAMP_RANGE


def subscriptions(message: str | bytes) -> list[str]:
    """The topics of {"subscribe": [0, 3]}, as which servers without a protocol of their own are asked."""
    return [f"bars:SY{number:02}:1" for number in json.loads(message)["subscribe"]]


async def one_turn() -> None:
    """Let the event loop go round once."""
    await asyncio.sleep(0)


async def _pause() -> None:
    """Let the event loop do what there is, and the processor rest."""
    await asyncio.sleep(_PAUSE)


class Startable(Protocol):
    """What this needs of uvicorn's server."""

    started: bool


async def started(server: Startable) -> None:
    """Wait for uvicorn, which tells of its start by a flag alone."""
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


class Control:
    """Carries out the orders on the running event loop."""

    def __init__(
        self,
        options: Options,
        publish: Publish,
        *,
        turn: Turn | None = None,
        at_end: Callable[[], None] | None = None,
        words: Mapping[str, Callable[[], Mapping[str, object]]] | None = None,
    ) -> None:
        """`turn` is awaited after each turn's messages, and again while the generator is too far behind.

        `at_end` is called before the process ends itself. `words` are further orders and what answers them.
        """
        self._words = words or {}
        self._at_end = at_end
        self._publish = publish
        self._turn = turn or one_turn
        self._progress = os.open(options.progress, os.O_RDONLY)
        self._published = 0
        self._cpu = 0.0

    async def serve(
        self, port: int, version: str, *, pid: int | None = None, more: Mapping[str, object] | None = None
    ) -> None:
        """Say where the server listens, then obey until stdin ends, which ends the process."""
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str] = asyncio.Queue()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            if self._at_end is not None:
                self._at_end()
            os._exit(0)

        threading.Thread(target=read, daemon=True).start()
        _say({"port": port, "version": version, "pid": pid or os.getpid(), **(more or {})})
        while True:
            word, *numbers = (await lines.get()).split()
            try:
                _say(await self._obey(word, [float(number) for number in numbers]))
            except Exception as error:  # noqa: BLE001, whatever a server raises is what the run failed of
                _say({"error": f"{type(error).__name__}: {error}"})

    async def _obey(self, word: str, numbers: list[float]) -> Mapping[str, object]:
        if word in {"run", "spend"}:
            seconds, per_turn, window, owed = numbers
            wait = self._turn if word == "run" else _pause
            return await self._run(seconds, int(per_turn), int(window * owed), int(owed), wait)
        if word == "pace":
            return await self._pace(int(numbers[0]), numbers[1])
        if word == "cpu":
            return {"cpu": time.process_time()}
        if word in self._words:
            return self._words[word]()
        gc.collect()
        return {"done": True}

    async def _run(
        self, seconds: float, per_turn: int, ahead: int, owed: int, wait: Turn
    ) -> dict[str, float]:
        self._cpu = time.process_time()
        start = time.monotonic_ns()
        end = start + int(seconds * 1e9)
        turns = waits = 0
        self._published = 0
        while (now := time.monotonic_ns()) < end:
            while turns * owed - self._delivered() > ahead and time.monotonic_ns() < end:
                waits += 1
                await wait()
            stamp = stamp_of(now)
            for _ in range(per_turn):
                awaitable = self._publish(self._published, stamp)
                if awaitable is not None:
                    await awaitable
                self._published += 1
            turns += 1
            await self._turn()
        return self._report(start, turns, waits)

    async def _pace(self, count: int, per_second: float) -> dict[str, float]:
        self._cpu = time.process_time()
        start = time.monotonic_ns()
        self._published = 0
        for number in range(count):
            due = start + int(number * 1e9 / per_second)
            if (rest := (due - time.monotonic_ns()) / 1e9 - _SLEEP_UNTIL) > 0:
                await asyncio.sleep(rest)
            while time.monotonic_ns() < due:
                await one_turn()
            awaitable = self._publish(number, stamp_of(due))
            if awaitable is not None:
                await awaitable
            self._published += 1
            await self._turn()
        return self._report(start, count, 0)

    def _delivered(self) -> int:
        return int.from_bytes(os.pread(self._progress, 8, 0), sys.byteorder)

    def _report(self, start: int, turns: int, waits: int) -> dict[str, float]:
        return {
            "messages": self._published,
            "turns": turns,
            "waits": waits,
            "start_ns": start,
            "end_ns": time.monotonic_ns(),
            "cpu": time.process_time() - self._cpu,
        }


def _say(answer: Mapping[str, object]) -> None:
    print(json.dumps(answer), flush=True)
