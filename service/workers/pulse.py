"""Asking workers, on their sockets in the run directory, how they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from service.logs import event
from service.metrics.places import NotAnswered, SocketFile, ask
from service.workers.process import Worker

log = logging.getLogger(__name__)

_PERIOD = 5.0
"""Seconds between two looks."""
_ANSWER = 2.0
"""Seconds that an answer may take."""
_MISSED = 2
"""Looks without an answer after which a worker is said to hang."""
_LOOK = 0.1


class _Ready(msgspec.Struct):
    ready: bool
    reasons: list[dict[str, object]] = []


async def unready(run_dir: str, worker: Worker, patience: float) -> str | None:
    """Wait until a worker that serves is ready too; why it is not after `patience` seconds, None where it is."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        reason = await _reason(run_dir, worker)
        if reason is None or loop.time() >= deadline:
            return reason
        await asyncio.sleep(_LOOK)


async def heed(run_dir: str, workers: Callable[[], Iterable[Worker]]) -> None:
    """Say which workers have stopped answering, and which do so again; for ever."""
    missed: dict[Worker, int] = {}
    while True:
        await asyncio.sleep(_PERIOD)
        asked = list(workers())
        answers = await asyncio.gather(*(_lives(run_dir, one) for one in asked))
        there = set(workers())
        for worker, lives in zip(asked, answers, strict=True):
            if lives or worker not in there:
                if missed.pop(worker, 0) >= _MISSED and lives:
                    log.warning(event("a worker answers again", worker=worker.index, pid=worker.pid))
                continue
            missed[worker] = missed.get(worker, 0) + 1
            if missed[worker] == _MISSED:
                log.error(
                    event(
                        "a worker does not answer: its event loop hangs, or it was stopped",
                        worker=worker.index,
                        pid=worker.pid,
                    )
                )


async def _reason(run_dir: str, worker: Worker) -> str | None:
    try:
        answer = await ask(_place(run_dir, worker), "/api/v1/health/ready", timeout=_ANSWER)
        told = msgspec.json.decode(answer, type=_Ready)
    except (NotAnswered, msgspec.DecodeError) as error:
        return str(error)
    if told.ready:
        return None
    return "; ".join(str(one.get("message")) for one in told.reasons) or "it does not say why"


async def _lives(run_dir: str, worker: Worker) -> bool:
    try:
        await ask(_place(run_dir, worker), "/api/v1/health/live", timeout=_ANSWER)
    except NotAnswered:
        return False
    return True


def _place(run_dir: str, worker: Worker) -> SocketFile:
    return SocketFile(Path(run_dir) / f"worker-{worker.index}.{worker.pid}.sock")
