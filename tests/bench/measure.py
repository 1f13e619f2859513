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
from tests.bench.catalog import Command, Peer
from tests.bench.machine import Cores
from tests.bench.plans import request, subscriptions, topics_of_clients, write_plan
from tests.bench.processes import Answer, Child, RunError, child
from tests.bench.rows import Row

_SHORT_SKIP = 0.3
"""Seconds until a run is in its stride."""
_STALL_SKIP = 2.5
"""Seconds in which the buffers of a client that does not read fill up."""
_STALL_BYTES = 400_000
"""More than those buffers hold: the kernel's took 180 KB of small messages when tried."""
_SHARED = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where the file lies through which the generator tells how far it is."""
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
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_SHARED) as name:
        folder = Path(name)
        progress, plan = folder / "progress", folder / "plan"
        progress.write_bytes(bytes(8))
        command = [*peer.command(), "--progress", progress, "--topics", str(row.topics)]
        command += ["--deflate"] if row.deflate else []
        load: Command = [tools.generator(), "--path", peer.path, "--progress", progress]
        load += [f"--{flag}" for flag, on in _flags(row, peer).items() if on]
        if row.mode not in {"memory", "requests"}:
            asked = [subscriptions(topics, peer.protocol) for topics in topics_of_clients(row)]
            write_plan(plan, asked)
            load += ["--plan", plan, "--answers", str(len(asked[0]))]
        async with child(peer.title, command, cores.server) as server:
            hello = await server.hello()
            pid = int(str(hello.get("pid", server.pid)))
            if peer.publisher_apart:
                server.move(cores.generator)
            load += ["--port", str(hello["port"])]
            # Entered last, so left last: a generator that loses its server would only complain.
            async with child("the generator", load, cores.generator) as generator:
                yield Bench(row, server, generator, str(hello["version"]), pid, seconds)


def _flags(row: Row, peer: Peer) -> dict[str, bool]:
    return {
        "deflate": row.deflate,
        "nats": peer.protocol == "nats",
        "stalling": row.mode == "stall",
        "latency": row.mode == "latency",
    }


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
    _verify(row, total, seen)
    return published, seen, _share(bench, published, seen, before)


def _share(bench: Bench, published: Answer, seen: Answer, before: float) -> float:
    """How much of its core a server used."""
    if bench.server_pid == bench.server.pid:
        # Told by itself, to the microsecond.
        return published["cpu"] / ((published["end_ns"] - published["start_ns"]) / 1e9)
    return (bench.server_cpu() - before) / ((seen["last_ns"] - published["start_ns"]) / 1e9)


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
    published = await bench.server.ask(f"pace {count} {row.per_second}", 5 * seconds + _PATIENCE)
    total = count * row.owed
    seen = await bench.generator.ask(f"expect {total} {int(_PATIENCE * 1000)}", 2 * _PATIENCE)
    _verify(row, total, seen)
    return seen, _share(bench, published, seen, before)


async def _stall(bench: Bench) -> Figure:
    await bench.connect(bench.row.clients)
    calm = await _windowed(bench, _SHORT_SKIP)
    await bench.generator.ask("stall", _PATIENCE)
    stalled = await _windowed(bench, _STALL_SKIP)
    seen = await bench.generator.ask("expect 0 0", _PATIENCE)
    if not stalled.blocked and stalled.bytes_before < _STALL_BYTES:
        raise RunError(
            f"only {stalled.bytes_before / 1000:.0f} KB were owed to the client that does not read: "
            "they may all be in the kernel's buffers"
        )
    return Figure(
        100 * (1 - stalled.rate / calm.rate),
        bench.version,
        {
            "calm": calm.rate,
            "stalled": stalled.rate,
            "publisher_blocked": float(stalled.blocked),
            "stalled_was_closed": seen["stalled_closed"],
        },
    )


@dataclass(frozen=True)
class _Window:
    rate: float
    """Deliveries a second to those that are counted."""
    bytes_before: float
    """What each client was owed before the window began."""
    blocked: bool
    """Whether the publisher came to no end: it waits for the client that does not read."""


async def _windowed(bench: Bench, skip: float) -> _Window:
    row, seconds = bench.row, bench.seconds
    whole = skip + seconds + _SHORT_SKIP
    await bench.generator.ask("arm", _PATIENCE)
    order = f"run {whole} {row.per_turn} {row.window} {row.owed}"
    publishing = asyncio.create_task(bench.server.ask(order, whole + 2))
    blocked, total = False, 0
    try:
        window = f"window {int(skip * 1000)} {int(seconds * 1000)}"
        counted = await bench.generator.ask(window, whole + _PATIENCE)
        try:
            total = int((await publishing)["turns"] * row.owed)
        except RunError:
            blocked = True
    finally:
        publishing.cancel()
    seen = await bench.generator.ask(f"expect {total} {int(_PATIENCE * 1000)}", 2 * _PATIENCE)
    if not blocked:
        _verify(row, total, seen)
    per_client = seen["bytes"] / max(seen["messages"], 1) / (row.clients - 1)
    return _Window(counted["messages"] / counted["seconds"], counted["before"] * per_client, blocked)


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
