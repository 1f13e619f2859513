"""One measurement: a fresh server, a fresh generator, one figure."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import tools
from tests.bench.catalog import Peer
from tests.bench.machine import Cores
from tests.bench.plans import request, subscriptions, topics_of_clients, write_plan
from tests.bench.processes import Answer, Child, RunError, child
from tests.bench.rows import Row

_NAP_US = 500
"""How long the generator sleeps between two looks, where latency is not what is measured."""
_PATIENCE = 20.0
_SPARE_FILES = 100
_PRELUDE = 100
"""Connections that come and stay before memory is looked at: the first ones make what all share."""


@dataclass(frozen=True)
class Figure:
    """What a measurement gave."""

    value: float
    version: str
    details: dict[str, float] = field(default_factory=dict)


@dataclass
class Bench:
    """A server with its generator, both up."""

    row: Row
    server: Child
    generator: Child
    version: str
    server_pid: int
    seconds: float

    async def connect(self, clients: int) -> None:
        """Connect and subscribe."""
        await self.generator.ask(f"connect {clients}", 60 + _PATIENCE)

    def server_cpu(self) -> float:
        """CPU seconds of the server so far."""
        return self.server.cpu_seconds(self.server_pid)


async def measure(row: Row, peer: Peer, cores: Cores, seconds: float) -> Figure:
    """Put a peer under a row's load. RunError or tools.Unavailable where there is no figure to be had."""
    _allow_files(row.clients + _PRELUDE + _SPARE_FILES)
    how = {
        "throughput": _throughput,
        "latency": _latency,
        "stall": _stall,
        "memory": _memory,
        "requests": _requests,
    }[row.mode]
    async with _bench(row, peer, cores, seconds) as bench:
        return await how(bench)


@contextlib.asynccontextmanager
async def _bench(row: Row, peer: Peer, cores: Cores, seconds: float) -> AsyncIterator[Bench]:
    shared = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    generator_program = tools.compiled("generator.c")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=shared) as name:
        folder = Path(name)
        progress, plan = folder / "progress", folder / "plan"
        progress.write_bytes(bytes(8))
        command = [*peer.command(), "--progress", progress, "--topics", row.topics]
        command += ["--deflate", peer.deflate] if row.deflate else []
        load: list[object] = [generator_program, "--path", peer.path, "--progress", progress]
        load += ["--nap", 0 if row.mode in {"latency", "requests"} else _NAP_US]
        load += [f"--{flag}" for flag, on in _flags(row, peer).items() if on]
        if row.mode not in {"memory", "requests"}:
            asked = [subscriptions(topics, peer.protocol) for topics in topics_of_clients(row)]
            write_plan(plan, asked)
            load += ["--plan", plan, "--answers", len(asked[0])]
        async with child(peer.title, list(map(str, command)), cores.server) as server:
            hello = await server.hello()
            pid = int(str(hello.get("pid", server.pid)))
            if peer.publisher_apart:
                server.move(cores.generator)
            load += ["--port", hello["port"]]
            # Entered last, so left last: a generator that loses its server would only complain.
            async with child("the generator", list(map(str, load)), cores.generator) as generator:
                yield Bench(row, server, generator, str(hello["version"]), pid, seconds)


def _flags(row: Row, peer: Peer) -> dict[str, bool]:
    return {"deflate": row.deflate, "nats": peer.protocol == "nats", "stalling": row.mode == "stall"}


async def _throughput(bench: Bench) -> Figure:
    await bench.connect(bench.row.clients)
    await _run(bench, min(0.5, bench.seconds))
    published, seen, cpu = await _run(bench, bench.seconds)
    span = (seen["last_ns"] - published["start_ns"]) / 1e9
    return Figure(
        seen["messages"] / span,
        bench.version,
        {
            "server_cpu": cpu,
            "generator_cpu": seen["cpu"] / span,
            "waits_per_turn": published["waits"] / published["turns"],
            "size": seen["bytes"] / seen["messages"],
        },
    )


async def _run(bench: Bench, seconds: float) -> tuple[Answer, Answer, float]:
    """Publish for so long; what was published, what arrived, and the server's share of its core."""
    row = bench.row
    await bench.generator.ask("arm", _PATIENCE)
    before = bench.server_cpu()
    order = f"run {seconds} {row.per_turn} {row.window} {row.owed}"
    published = await bench.server.ask(order, seconds + _PATIENCE)
    total = int(published["turns"] * row.owed)
    seen = await bench.generator.ask(f"expect {total} {int(_PATIENCE * 1000)}", 2 * _PATIENCE)
    span = max((published["end_ns"], seen["last_ns"])) - published["start_ns"]
    cpu = (bench.server_cpu() - before) / (span / 1e9)
    _verify(row, total, seen)
    return published, seen, cpu


def _verify(row: Row, total: int, seen: Answer) -> None:
    if seen["messages"] != total:
        raise RunError(f"{seen['messages']:.0f} messages arrived of {total} that were owed")
    compressed = total if row.deflate else 0
    if seen["compressed"] != compressed:
        raise RunError(f"{seen['compressed']:.0f} of {total} messages were compressed, not {compressed}")


async def _latency(bench: Bench) -> Figure:
    row = bench.row
    await bench.connect(row.clients)
    await _paced(bench, 0.5)
    seen, cpu = await _paced(bench, bench.seconds)
    return Figure(
        seen["p99_us"] / 1000,
        bench.version,
        {
            "p50_ms": seen["p50_us"] / 1000,
            "max_ms": seen["max_us"] / 1000,
            "server_cpu": cpu,
            "generator_cpu": seen["cpu"] / seen["wall"],
            "size": seen["bytes"] / seen["messages"],
        },
    )


async def _paced(bench: Bench, seconds: float) -> tuple[Answer, float]:
    row = bench.row
    count = max(1, int(seconds * row.per_second))
    await bench.generator.ask("arm", _PATIENCE)
    before = bench.server_cpu()
    await bench.server.ask(f"pace {count} {row.per_second}", 5 * seconds + _PATIENCE)
    total = count * row.owed
    seen = await bench.generator.ask(f"expect {total} {int(_PATIENCE * 1000)}", 2 * _PATIENCE)
    cpu = (bench.server_cpu() - before) / seen["wall"]
    _verify(row, total, seen)
    return seen, cpu


async def _stall(bench: Bench) -> Figure:
    await bench.connect(bench.row.clients)
    calm, _ = await _windowed(bench)
    await bench.generator.ask("stall", _PATIENCE)
    stalled, verified = await _windowed(bench)
    seen = await bench.generator.ask("expect 0 0", _PATIENCE)
    return Figure(
        100 * (1 - stalled / calm),
        bench.version,
        {
            "calm": calm,
            "stalled": stalled,
            "publisher_blocked": float(not verified),
            "stalled_was_closed": seen["stalled_closed"],
        },
    )


async def _windowed(bench: Bench) -> tuple[float, bool]:
    """Deliveries a second to those that are counted, without the first third of the run; whether all came."""
    row, seconds = bench.row, bench.seconds
    skip, spare = seconds / 2, 0.3
    await bench.generator.ask("arm", _PATIENCE)
    order = f"run {skip + seconds + spare} {row.per_turn} {row.window} {row.owed}"
    publishing = asyncio.create_task(bench.server.ask(order, skip + seconds + spare + 2))
    try:
        window = f"window {int(skip * 1000)} {int(seconds * 1000)}"
        counted = await bench.generator.ask(window, skip + seconds + _PATIENCE)
        rate = counted["messages"] / counted["seconds"]
        try:
            published = await publishing
        except RunError:
            return rate, False  # It waits for the client that does not read.
    finally:
        publishing.cancel()
    total = int(published["turns"] * row.owed)
    seen = await bench.generator.ask(f"expect {total} {int(_PATIENCE * 1000)}", 2 * _PATIENCE)
    _verify(row, total, seen)
    return rate, True


async def _memory(bench: Bench) -> Figure:
    await bench.connect(_PRELUDE)
    before = await _settled_memory(bench)
    await bench.connect(bench.row.clients)
    after = await _settled_memory(bench)
    return Figure((after - before) / bench.row.clients, bench.version, {"server_kb": after})


async def _settled_memory(bench: Bench) -> int:
    await bench.server.ask("collect", _PATIENCE)
    return bench.server.memory_kb()


async def _requests(bench: Bench) -> Figure:
    row = bench.row
    with tempfile.NamedTemporaryFile(prefix="bench-") as file:
        write_plan(Path(file.name), [[request(number) for number in range(row.topics)]])
        await bench.connect(row.clients)
        order = f"{row.in_flight} {file.name}"
        few = await bench.generator.ask(f"requests 4000 {order}", _PATIENCE)
        total = int(4000 / few["wall"] * bench.seconds)
        before = bench.server_cpu()
        seen = await bench.generator.ask(f"requests {total} {order}", bench.seconds + _PATIENCE)
        cpu = (bench.server_cpu() - before) / seen["wall"]
    details = {"server_cpu": cpu, "generator_cpu": seen["cpu"] / seen["wall"]}
    return Figure(total / seen["wall"], bench.version, details)


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise RunError(
            f"{wanted} files have to be open at once, and {hard} may be: raise it with `ulimit -n`"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
