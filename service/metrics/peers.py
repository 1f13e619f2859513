"""Several processes of one service: whichever is asked asks the others, over a unix socket of each.

The sockets stand in a directory that the supervisor makes and only its user may enter: `worker-0.4711.sock` is
worker 0 as process 4711. In a rolling restart a worker has two processes for a while, the old one on its leave.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.logs import event
from service.metrics.places import NotAnswered, SocketFile, ask
from service.metrics.tally import Tally, find

log = logging.getLogger(__name__)

_NAME = re.compile(r"worker-(\d+)\.(\d+)\.sock")

_PATIENCE = 1.0
"""Seconds that another worker may take to answer; a scrape has ten by default."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of the others said."""

    worker: int
    pid: int
    body: bytes | None
    """None where it said nothing in time."""


class Peers:
    """The processes of one service, this one among them."""

    def __init__(self, directory: Path, worker: int) -> None:
        self._directory = directory
        self.worker = worker
        self.place = SocketFile(directory / f"worker-{worker}.{os.getpid()}.sock")
        """Where this one is to be asked."""
        self._silent: set[tuple[int, int]] = set()
        """Number and process of those that did not answer when they were asked last."""

    def tally(self) -> Tally:
        """What the supervisor has left; where it has left nothing, that those who are there are all."""
        found = find(self._directory)
        if found is not None:
            return found
        there = [worker for worker, _, place in self.others() if not _is_abandoned(place.path)]
        return Tally(1 + max([self.worker, *there]), {})

    def missing(self, there: Iterable[int]) -> list[int]:
        """Workers that there are to be, and that no process is."""
        return sorted({*range(self.tally().configured)} - {*there})

    def others(self) -> list[tuple[int, int, SocketFile]]:
        """Number, process and place of everybody else."""
        found = []
        for path in self._directory.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None and path != self.place.path:
                found.append((int(match[1]), int(match[2]), SocketFile(path)))
        return sorted(found, key=lambda one: one[:2])

    async def ask_others(self, path: str) -> Sequence[Answer]:
        """What the others say to a GET, all asked at once. Who has died is none of them."""
        others = self.others()
        answers = await asyncio.gather(*(self._ask(*other, path) for other in others))
        found = [
            answer
            for answer, (_, _, place) in zip(answers, others, strict=True)
            if answer.body is not None or not _is_abandoned(place.path)
        ]
        self._tell(answer for answer in found if answer.body is None)
        return found

    def _tell(self, silent: Iterable[Answer]) -> None:
        """Name those that have not answered, each once until it does again."""
        before, self._silent = self._silent, {(one.worker, one.pid) for one in silent}
        for worker, pid in sorted(self._silent - before):
            log.warning(
                event("a worker does not answer the others", other=worker, pid=pid, within_s=_PATIENCE)
            )

    def clear(self) -> None:
        """Take away what earlier processes of this worker have left that had no time to."""
        for worker, _, place in self.others():
            if worker == self.worker and _is_abandoned(place.path):
                place.path.unlink(missing_ok=True)

    async def _ask(self, worker: int, pid: int, place: SocketFile, path: str) -> Answer:
        try:
            return Answer(worker, pid, await ask(place, path, timeout=_PATIENCE))
        except NotAnswered as error:
            log.debug(event("no answer from another worker", other=worker, error=error))
            return Answer(worker, pid, None)


def _is_abandoned(path: Path) -> bool:
    """Whether nobody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as trial:
        trial.setblocking(False)
        return trial.connect_ex(str(path)) in {errno.ECONNREFUSED, errno.ENOENT}
