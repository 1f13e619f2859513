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


def choose_cores(text: str | None) -> Cores:
    """The two that were asked for, else two of different physical cores. ValueError where there are none."""
    allowed = sorted(os.sched_getaffinity(0))
    if text is not None:
        try:
            server, generator = (int(part) for part in text.split(","))
        except ValueError:
            raise ValueError("--cpus takes two numbers: --cpus 0,1") from None
        if server == generator or not {server, generator} <= set(allowed):
            raise ValueError(f"--cpus takes two different ones of {', '.join(map(str, allowed))}")
        return Cores(server, generator)
    for server in allowed:
        for generator in allowed:
            if generator not in _twins(server):
                return Cores(server, generator)
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
    return {
        "measured": datetime.now(tz=UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "pinned": f"server to core {cores.server}, generator to core {cores.generator}",
        "length": f"rounds: {rounds}, seconds a measurement: {seconds:g}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
