"""One measurement: a fresh server, a fresh generator, one figure."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.catalog import Peer
from tests.bench.costs import authenticate, cost, counting, handshakes, scrape, storm
from tests.bench.harness import PATIENCE, Bench, Figure, allow_files, bench_of, paced, run, verify
from tests.bench.machine import Cores
from tests.bench.plans import request, write_plan
from tests.bench.processes import RunError
from tests.bench.rows import Row

_SHORT_SKIP = 0.3
"""Seconds until a run is in its stride."""
_STALL_SKIP = 2.5
"""Seconds in which the buffers of a client that does not read fill up."""
_STALL_BYTES = 400_000
"""More than those buffers hold: the kernel's took 180 KB of small messages when tried."""
_SPARE_FILES = 100
_PRELUDE = 100
"""Connections that come and stay before memory is looked at: the first ones make what all share."""


async def measure(row: Row, peer: Peer, cores: Cores, seconds: float) -> Figure:
    """Put a peer under a row's load. RunError or tools.Unavailable where there is no figure to be had."""
    # In a storm a server may hear of a new connection before it hears that the old one is gone.
    allow_files((2 if row.mode == "storm" else 1) * row.clients + _PRELUDE + _SPARE_FILES)
    how = {
        "throughput": _throughput,
        "latency": _latency,
        "stall": _stall,
        "memory": _memory,
        "requests": _requests,
        "cost": cost,
        "counting": counting,
        "scrape": scrape,
        "storm": storm,
        "handshakes": handshakes,
        "authenticate": authenticate,
    }[row.mode]
    async with bench_of(row, peer, cores, seconds) as bench:
        return await how(bench)


async def _throughput(bench: Bench) -> Figure:
    await bench.connect(bench.row.clients)
    await run(bench, min(0.5, bench.seconds))
    broker = bench.broker_cpu()
    published, seen, cpu = await run(bench, bench.seconds)
    span = (seen["last_ns"] - published["start_ns"]) / 1e9
    return Figure(
        seen["messages"] / span,
        bench.version,
        {
            "server_cpu": cpu,
            **_shared(bench, cpu * span, broker, span, seen["messages"]),
            "generator_cpu": seen["cpu"] / span,
            "waits_per_turn": published["waits"] / published["turns"],
            "size": seen["bytes"] / seen["messages"],
        },
    )


async def _latency(bench: Bench) -> Figure:
    row = bench.row
    await bench.connect(row.clients)
    await paced(bench, 0.5)
    broker = bench.broker_cpu()
    seen, cpu = await paced(bench, bench.seconds)
    return Figure(
        seen["p99_us"] / 1000,
        bench.version,
        {
            "p50_ms": seen["p50_us"] / 1000,
            "max_ms": seen["max_us"] / 1000,
            "server_cpu": cpu,
            **_shared(bench, cpu * seen["wall"], broker, seen["wall"], seen["messages"]),
            "generator_cpu": seen["cpu"] / seen["wall"],
            "size": seen["bytes"] / seen["messages"],
        },
    )


def _shared(bench: Bench, cpu: float, broker: float, span: float, messages: float) -> dict[str, float]:
    """Where one server is held against several: what a delivery costs all of them, and the broker's share."""
    if not bench.row.shared:
        return {}
    return {"delivery_us": cpu / messages * 1e6, "broker_cpu": (bench.broker_cpu() - broker) / span}


async def _stall(bench: Bench) -> Figure:
    await bench.connect(bench.row.clients)
    calm = await _windowed(bench, _SHORT_SKIP)
    await bench.generator.ask("stall", PATIENCE)
    stalled = await _windowed(bench, _STALL_SKIP)
    seen = await bench.generator.ask("expect 0 0", PATIENCE)
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
    await bench.generator.ask("arm", PATIENCE)
    order = f"run {whole} {row.per_turn} {row.window} {row.owed}"
    publishing = asyncio.create_task(bench.server.ask(order, whole + 2))
    blocked, total = False, 0
    try:
        window = f"window {int(skip * 1000)} {int(seconds * 1000)}"
        counted = await bench.generator.ask(window, whole + PATIENCE)
        try:
            total = int((await publishing)["turns"] * row.owed)
        except RunError:
            blocked = True
    finally:
        publishing.cancel()
    seen = await bench.generator.ask(f"expect {total} {int(PATIENCE * 1000)}", 2 * PATIENCE)
    if not blocked:
        verify(row, total, seen)
    per_client = seen["bytes"] / max(seen["messages"], 1) / (row.clients - 1)
    return _Window(counted["messages"] / counted["seconds"], counted["before"] * per_client, blocked)


async def _memory(bench: Bench) -> Figure:
    await bench.connect(_PRELUDE)
    before = await _settled_memory(bench)
    await bench.connect(bench.row.clients)
    after = await _settled_memory(bench)
    return Figure((after - before) / bench.row.clients, bench.version, {"server_kb": after})


async def _settled_memory(bench: Bench) -> int:
    await bench.server.ask("collect", PATIENCE)
    return bench.server.memory_kb()


async def _requests(bench: Bench) -> Figure:
    row = bench.row
    with tempfile.NamedTemporaryFile(prefix="bench-") as file:
        write_plan(Path(file.name), [[request(number) for number in range(row.topics)]])
        await bench.connect(row.clients)
        order = f"{row.in_flight} {file.name}"
        few = await bench.generator.ask(f"requests 4000 {order}", PATIENCE)
        total = int(4000 / few["wall"] * bench.seconds)
        before = bench.server_cpu()
        seen = await bench.generator.ask(f"requests {total} {order}", bench.seconds + PATIENCE)
        cpu = (bench.server_cpu() - before) / seen["wall"]
    details = {"server_cpu": cpu, "generator_cpu": seen["cpu"] / seen["wall"]}
    return Figure(total / seen["wall"], bench.version, details)
