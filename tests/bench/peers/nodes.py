"""Tapewire in one or several processes over a Valkey of its own. This process only publishes, by the broker.

    python -m tests.bench.peers.nodes --cpus 0,1 --broker-cpu 1 …

A worker for each of `--cpus`, pinned to it. The service is started as anybody starts it, `python -m service serve`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from generated.broker import Publisher
from generated.models import Bar
from generated.topics import BarsTopic
from service.http import package_version
from tests.bench.peers.control import Control, Options, Update
from tests.bench.peers.nats import free_port
from tests.valkey import ValkeyServer

_PATIENCE = 50.0
_LOOK = 0.05
_PAUSE = 0.0005
"""Seconds between two looks at how far the generator is; turns spun here would be taken from the generator."""
_LIMITS = {
    "--connections": "100000",
    "--connections-per-address": "100000",
    "--subscriptions-per-connection": "100000",
    "--messages-per-second": "1e9",
    "--message-burst": "1000000000",
    "--heartbeat-interval": "3600",
}
"""What would keep a load of one machine out."""
_ENDS = {"--drain-window": "0", "--drain-deadline": "0.2", "--close-grace": "0.2"}
"""When the supervisor is gone its workers go too, without waiting for anybody."""


def serve(port: int, workers: int, broker: str, folder: Path) -> subprocess.Popen[bytes]:
    """The service, told to keep its files in a folder."""
    command = [sys.executable, "-m", "service", "serve", "--feed", "none", "--port", str(port)]
    command += ["--workers", str(workers), "--broker", broker, "--log-level", "warning"]
    command += [word for options in (_LIMITS, _ENDS) for option in options.items() for word in option]
    nothing = subprocess.DEVNULL
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, env=environment)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, the oldest first."""
    return sorted(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


async def started(port: int, workers: int, service: subprocess.Popen[bytes]) -> list[int]:
    """The processes that serve, once all do."""

    def ready() -> bool:
        address = f"http://127.0.0.1:{port}"
        try:
            with urllib.request.urlopen(f"{address}/api/v1/health/ready", timeout=1):
                pass
            if workers == 1:
                return True
            with urllib.request.urlopen(f"{address}/metrics", timeout=2) as answer:
                return f'tapewire_workers{{answered="yes"}} {workers}.0'.encode() in answer.read()
        except OSError:
            return False

    async with asyncio.timeout(_PATIENCE):
        while not await asyncio.to_thread(ready):
            if service.poll() is not None:
                sys.exit(f"the service ended with exit code {service.returncode}")
            await asyncio.sleep(_LOOK)
    if workers == 1:
        return [service.pid]
    return children_of(service.pid)


def pin(pid: int, cpu: int) -> None:
    """All threads of a process to one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cpu})


async def main() -> None:
    """Publish until stdin ends."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--cpus", required=True)
    parser.add_argument("--broker-cpu", type=int, required=True)
    given = parser.parse_known_args()[0]
    cpus = [int(cpu) for cpu in given.cpus.split(",")]
    options = Options.parse()
    # Whatever is ended at once leaves its files behind: in a folder that is cleared away after it.
    folder = options.progress.parent
    tempfile.tempdir = str(folder)
    valkey = ValkeyServer()
    valkey.start()
    assert valkey.pid is not None
    pin(valkey.pid, given.broker_cpu)
    port = free_port()
    service = serve(port, len(cpus), valkey.url, folder)
    pids = await started(port, len(cpus), service)
    for pid, cpu in zip(pids, cpus, strict=True):
        pin(pid, cpu)

    publisher = Publisher(valkey.url)
    under_way: set[asyncio.Task[object]] = set()
    failed: list[BaseException] = []

    def done(task: asyncio.Task[object]) -> None:
        under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            failed.append(error)

    def publish(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        told = publisher.bars_update(BarsTopic(update.symbol, "1"), Bar(**update.bar))
        task: asyncio.Task[object] = asyncio.ensure_future(told)
        under_way.add(task)
        task.add_done_callback(done)

    async def turn() -> None:
        if failed:
            raise failed[0]
        await asyncio.sleep(0 if under_way else _PAUSE)

    def end() -> None:
        service.terminate()
        valkey.kill()

    async with publisher:
        control = Control(options, publish, turn=turn, at_end=end)
        more = {"pids": pids, "broker_pid": valkey.pid}
        await control.serve(port, package_version(), more=more)


if __name__ == "__main__":
    asyncio.run(main())
