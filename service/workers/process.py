"""One worker, as the supervisor sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence

from service.environment import ADMIN_VARIABLE, RUN_DIR_VARIABLE, WORKER_VARIABLE
from service.logs import event

log = logging.getLogger(__name__)

_START = 60.0
"""Seconds that a worker may take until it serves."""


class Worker:
    """A process that has been started; it need not serve yet."""

    def __init__(self, index: int, process: Process) -> None:
        self.index = index
        self._born = time.monotonic()
        self._process = process
        self._handle = _handle(process.pid)
        self._ended = asyncio.create_task(process.wait())
        self._ended.add_done_callback(self._over)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._born

    def _over(self, _: object) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    async def ended(self) -> int:
        """Wait for its end; its exit code, the negative signal where one ended it."""
        return await asyncio.shield(self._ended)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, where it is still there."""
        if self._ended.done():
            return
        with contextlib.suppress(ProcessLookupError):
            # Not by the process's own method: it looks whether that has ended, and takes the exit code from who waits.
            if self._handle is None:
                os.kill(self.pid, number)
            else:
                signal.pidfd_send_signal(self._handle, number)

    async def end(self, patience: float) -> int:
        """Have it drain, and wait for its end, which is not in good order after `patience` seconds; its exit code."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                return await self.ended()
        log.error(event("a worker does not end, and is killed", worker=self.index, pid=self.pid))
        self.signal(signal.SIGKILL)
        return await self.ended()


async def start(
    index: int,
    arguments: Sequence[str],
    sockets: Sequence[socket.socket],
    lifeline: int,
    run_dir: str,
    *,
    admin: Sequence[socket.socket] = (),
) -> tuple[Worker, asyncio.Future[bool]]:
    """Start a worker on these sockets, and tell when it serves (True) or never will (False).

    `arguments` are those of `serve`; `lifeline` is a descriptor that ends when the supervisor does; `admin` are the
    sockets of the admin listener, which all workers accept from.
    """
    told, tells = os.pipe()
    doors = [bound.fileno() for bound in sockets]
    within = [bound.fileno() for bound in admin]
    try:
        # An interpreter of its own and not a fork: neither threads nor an event loop are halfway anything in it.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.workers"),
            *(",".join(map(str, doors)), str(tells), str(lifeline), *arguments),
            env=_environment(index, run_dir, within),
            pass_fds=(*doors, *within, tells, lifeline),
            stdin=asyncio.subprocess.DEVNULL,
            # Ctrl-C in a terminal goes to every process of a group; workers hear of it from the supervisor alone.
            start_new_session=True,
        )
    except BaseException:
        os.close(told)
        raise
    finally:
        os.close(tells)
    return Worker(index, process), _told(told, index)


def _environment(index: int, run_dir: str, admin: Sequence[int]) -> Mapping[str, str]:
    told = {WORKER_VARIABLE: str(index), RUN_DIR_VARIABLE: run_dir, ADMIN_VARIABLE: ",".join(map(str, admin))}
    return {**os.environ, **told}


def _handle(pid: int) -> int | None:
    """A descriptor that means this process whoever has its number later; None where the system has none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _told(descriptor: int, index: int) -> asyncio.Future[bool]:
    """Whether something comes out of a pipe, before it ends or too much time has passed."""
    loop = asyncio.get_running_loop()
    serves: asyncio.Future[bool] = loop.create_future()

    def settle(answer: bool) -> None:
        if not serves.done():
            serves.set_result(answer)

    def too_late() -> None:
        if not serves.done():
            log.error(event("a worker does not serve", worker=index, after_s=_START))
        settle(False)

    timer = loop.call_later(_START, too_late)

    def over(_: object) -> None:
        timer.cancel()
        loop.remove_reader(descriptor)
        os.close(descriptor)

    loop.add_reader(descriptor, lambda: settle(bool(os.read(descriptor, 1))))
    serves.add_done_callback(over)
    return serves
