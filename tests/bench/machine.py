"""The machine: which two cores are used, and what it is."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """Who runs where."""

    server: int
    generator: int
    more: tuple[int, ...] = ()
    """Others, that those rows take which have several servers."""

    def of_workers(self, count: int) -> list[int]:
        """A core for each of so many processes that serve; with no others, every second has the generator's."""
        found = [self.server, *self.more] if self.more else [self.server, self.generator]
        return [found[number % len(found)] for number in range(count)]

    def of_broker(self, workers: int) -> int:
        """One that no worker has, if there is one beside the generator's; else the generator's."""
        free = self.more[max(0, workers - 1) :]
        return free[0] if free else self.generator


def choose_cores(text: str | None) -> Cores:
    """The two that were asked for, else two of different physical cores. ValueError where there are none."""
    allowed = sorted(os.sched_getaffinity(0))
    if text is not None:
        try:
            server, generator, *more = (int(part) for part in text.split(","))
        except ValueError:
            raise ValueError("--cpus takes two numbers or more: --cpus 0,1") from None
        named = {server, generator, *more}
        if len(named) < 2 + len(more) or not named <= set(allowed):
            raise ValueError(f"--cpus takes different ones of {', '.join(map(str, allowed))}")
        return Cores(server, generator, tuple(more))
    for server in allowed:
        for generator in allowed:
            if generator not in _twins(server):
                taken = _twins(server) | _twins(generator)
                return Cores(server, generator, tuple(cpu for cpu in allowed if cpu not in taken))
    raise ValueError("two cores are needed, one for the server and one for the generator; --cpus names them")


def _twins(cpu: int) -> set[int]:
    """All that share the physical core, itself included."""
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    found = {cpu}
    if path.is_file():
        for part in path.read_text().strip().split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def describe(cores: Cores, *, rounds: int, seconds: float) -> dict[str, str]:
    """What has to be known of where the figures come from."""
    pinned = f"server to core {cores.server}, generator to core {cores.generator}"
    if cores.more:
        pinned += f"; further workers and the broker to cores {', '.join(map(str, cores.more))}"
    return {
        "measured": datetime.now(tz=UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.1f}, by what else the machine had to do",
        "pinned": pinned,
        "length": f"rounds: {rounds}, seconds a measurement: {seconds:g}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
