"""The process that looks after workers: it listens, starts them, replaces those that end, and ends with them.

It serves nobody itself, and holds the listening sockets all the time: a worker that comes after another goes on
with those who were waiting to be accepted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from service.logs import event
from service.metrics.tally import Tally, leave
from service.settings import Settings
from service.sockets import SPREADS, close_all, listen_beside
from service.workers.process import Worker, start
from service.workers.pulse import heed, unready

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds until a worker that ended early is replaced: from here to there, twice as many each time."""
_LONG_LIFE = 60.0
"""Seconds after which an end is no early one: that worker is replaced at once."""
_UNREADY = 10.0
"""Seconds that a worker may take to be ready once it serves, beside what the broker may, in a rolling restart."""
_GIVE_UP = 5
"""How many workers in a row may fail to start while none serves."""
_OVERHEAD = 10.0
"""Seconds that a worker may take to end beside what its settings allow."""
_ORDERLY = (0, -signal.SIGTERM, -signal.SIGINT)
"""Exit codes of workers that were told to end, in the middle of their start too."""


class _Slot:
    """The place of one worker, and the sockets that go with it."""

    def __init__(self, index: int, sockets: list[socket.socket]) -> None:
        self.index = index
        self.sockets = sockets
        self.worker: Worker | None = None
        """Who serves."""
        self.starting = asyncio.Lock()
        """Held while somebody is started here."""
        self.pause = 0.0
        """Seconds until the next is started."""

    def lengthen(self) -> None:
        """Wait longer the next time."""
        self.pause = min(max(2 * self.pause, _FIRST_PAUSE), _LONGEST_PAUSE)


class Supervisor:
    """`run` serves until a signal comes, or no worker can be started. It is to be the process's only work."""

    def __init__(
        self,
        settings: Settings,
        arguments: Sequence[str],
        doors: Sequence[list[socket.socket]],
        admin: Sequence[socket.socket] = (),
    ) -> None:
        """`arguments` are those of `serve`, which each worker reads anew; a worker for each of the doors.

        `admin` are the admin listener's sockets: all workers accept from them, so that whoever is awake answers.
        """
        self._admin = admin
        self._settings = settings
        self._arguments = arguments
        self._slots = [_Slot(index, sockets) for index, sockets in enumerate(doors)]
        self._port: int = doors[0][0].getsockname()[1]
        self._unready = settings.broker_timeout + _UNREADY
        self._patience = settings.drain_deadline + settings.close_grace + _OVERHEAD
        self._workers: set[Worker] = set()
        """All whose end has not been seen."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._lifeline = -1
        self._run_dir = ""
        self._failures: list[int] = []
        """The exit codes of workers that failed to start since one did not."""
        self._code = 0
        self._end = asyncio.Event()
        self._roll = asyncio.Event()
        self._terminal = _has_terminal()
        self._restarts = dict.fromkeys(range(len(doors)), 0)

    async def run(self, on_serving: Callable[[], None]) -> int:
        """Serve; `on_serving` is called once the first worker does and the others were tried.

        Returns the exit code of the process.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told_to_end)
        loop.add_signal_handler(signal.SIGHUP, self._told_to_roll)
        self._lifeline, held = os.pipe()
        with tempfile.TemporaryDirectory(prefix="tapewire-") as self._run_dir:
            self._leave_tally()
            try:
                self._spawn(self._serve(on_serving))
                self._spawn(heed(self._run_dir, self._serving))
                await self._end.wait()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await self._end_all()
                os.close(held)
                os.close(self._lifeline)
        log.info(event("stopped", code=self._code))
        return self._code

    def _told_to_end(self) -> None:
        if self._end.is_set():
            # As uvicorn has it: whoever is asked again, and by SIGINT, waits for nobody any more.
            for worker in self._workers:
                worker.signal(signal.SIGINT)
        self._end.set()

    def _told_to_roll(self) -> None:
        if self._roll.is_set():
            log.info("rolling restart is waiting already; this wish is the same one")
        if self._terminal and not _has_terminal():
            # That was no wish for new workers: the terminal that this ran in was closed.
            self._told_to_end()
        else:
            self._roll.set()

    def _give_up(self, code: int) -> None:
        self._code = code if code > 0 else 1
        if not any(slot.worker for slot in self._slots):
            log.error(event("no worker serves and none can be started: the service ends", code=self._code))
        self._end.set()

    def _serving(self) -> list[Worker]:
        return [slot.worker for slot in self._slots if slot.worker is not None]

    def _count(self, slot: _Slot) -> None:
        """Someone more has to be started here whom nobody wished for."""
        self._restarts[slot.index] += 1
        self._leave_tally()

    def _leave_tally(self) -> None:
        leave(Path(self._run_dir), Tally(len(self._slots), self._restarts))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do some work beside the rest; where it fails, all ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the supervisor failed", exc_info=error)
            self._give_up(1)

    async def _serve(self, on_serving: Callable[[], None]) -> None:
        """Start all workers, then have new ones in their place whenever that is wished for."""
        first, *others = self._slots
        # The first one alone, so that what is wrong with all of them is said once.
        if await self._start(first) is not None:
            self._give_up(self._failures[-1])
            return
        for slot, wrong in zip(others, await asyncio.gather(*map(self._start, others)), strict=True):
            if wrong is not None:
                self._say_failed(slot)
                self._spawn(self._fill(slot))
        on_serving()
        while True:
            await self._roll.wait()
            self._roll.clear()
            await self._start_all_anew()

    async def _start_all_anew(self) -> None:
        """A rolling restart: in one slot after another, a new worker is ready before the old one is told to go."""
        log.info(event("rolling restart begins", workers=len(self._slots)))
        for slot in self._slots:
            async with slot.starting:
                before = slot.worker
                wrong = await self._start(slot, ready=True)
            if wrong is not None:
                log.error(
                    event("rolling restart abandoned; the others stay", worker=slot.index, reason=wrong)
                )
                return
            if before is not None:
                await before.end(self._patience)
        log.info("rolling restart is over")

    async def _start(self, slot: _Slot, *, ready: bool = False) -> str | None:
        """Put a new worker into a slot once it serves, or is `ready`; None where it does, else what is wrong."""
        if not slot.sockets:
            # Nobody is sent there until the worker listens, which it does when it serves.
            slot.sockets = listen_beside(self._settings.host, self._port, later=True)
        worker, serves = await start(
            slot.index, self._arguments, slot.sockets, self._lifeline, self._run_dir, admin=self._admin
        )
        self._workers.add(worker)
        wrong: str | None = "a new worker does not start"
        if await serves:
            self._failures.clear()
            wrong = await unready(self._run_dir, worker, self._unready) if ready else None
            if wrong is not None:
                wrong = f"the new worker serves, but is not ready: {wrong}"
                await worker.end(self._patience)
                self._workers.discard(worker)
                return wrong
            slot.worker = worker
            log.info(event("worker serves", worker=slot.index, pid=worker.pid))
            self._spawn(self._watch(slot, worker))
            return None
        # It has said itself what is wrong, if it could.
        self._failures.append(await worker.end(_OVERHEAD))
        self._workers.discard(worker)
        return wrong

    async def _watch(self, slot: _Slot, worker: Worker) -> None:
        """Wait for a worker's end; replace it, unless another has taken its place already."""
        code = await worker.ended()
        self._workers.discard(worker)
        if slot.worker is not worker:
            return
        slot.worker = None
        log.error(event("a worker ended", worker=slot.index, pid=worker.pid, **_how(code)))
        self._count(slot)
        if worker.age > _LONG_LIFE:
            slot.pause = 0.0
        await self._fill(slot)

    async def _fill(self, slot: _Slot) -> None:
        """Start workers in a slot until one serves."""
        while slot.worker is None:
            # Not only where it takes long: nobody knows how long a start takes on a busy machine.
            self._close_door(slot)
            await asyncio.sleep(slot.pause)
            slot.lengthen()
            async with slot.starting:
                if slot.worker is None and await self._start(slot) is not None:
                    self._say_failed(slot)
            if len(self._failures) >= _GIVE_UP and not any(one.worker for one in self._slots):
                self._give_up(self._failures[-1])

    def _say_failed(self, slot: _Slot) -> None:
        self._count(slot)
        how = _how(self._failures[-1]) if self._failures else {}
        log.error(event("a worker failed to start", worker=slot.index, **how, again_in_s=slot.pause))

    def _close_door(self, slot: _Slot) -> None:
        """Have nobody wait where nobody serves, as long as somebody serves elsewhere."""
        if SPREADS and any(one.worker for one in self._slots):
            close_all([slot.sockets])
            slot.sockets = []

    async def _end_all(self) -> None:
        """Let nobody in, send every worker's clients away, and wait until all is over."""
        close_all([slot.sockets for slot in self._slots])
        codes = await asyncio.gather(*(worker.end(self._patience) for worker in self._workers))
        if not self._code and any(code not in _ORDERLY for code in codes):
            self._code = 1


def _how(code: int) -> dict[str, object]:
    """An end, for people."""
    return {"code": code} if code >= 0 else {"signal": signal.Signals(-code).name}


def _has_terminal() -> bool:
    """Whether there is a terminal that this process belongs to."""
    try:
        with Path("/dev/tty").open("rb"):
            return True
    except OSError:
        return False
