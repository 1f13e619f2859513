"""A server with its generator, both up, and the two ways in which a server publishes under a row's load."""

from __future__ import annotations

import contextlib
import resource
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import tools
from tests.bench.catalog import Command, Peer
from tests.bench.machine import Cores
from tests.bench.plans import subscriptions, topics_of_clients, write_plan
from tests.bench.processes import Answer, Child, RunError, child
from tests.bench.rows import Row
from tests.bench.tokens import Signer

PATIENCE = 20.0
"""Seconds to wait for an answer, beside what was asked takes by itself."""
_ABREAST = 2000
"""Clients of a storm that connect at a time: a few less than the service has wait to be accepted."""
_SHARED = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where the file lies through which the generator tells how far it is."""


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
    server_pids: list[int]
    seconds: float
    peer: Peer
    port: int
    folder: Path
    """For files; gone afterwards."""
    token: str = ""
    """Of the peer's algorithm."""
    broker_pid: int | None = None

    async def connect(self, clients: int) -> None:
        """Connect and subscribe."""
        await self.generator.ask(f"connect {clients}", 60 + PATIENCE)

    def server_cpu(self) -> float:
        """CPU seconds of the server so far."""
        return sum(map(self.server.cpu_seconds, self.server_pids))

    def broker_cpu(self) -> float:
        """CPU seconds of the broker so far; 0 where there is none."""
        return 0.0 if self.broker_pid is None else self.server.cpu_seconds(self.broker_pid)


@contextlib.asynccontextmanager
async def bench_of(row: Row, peer: Peer, cores: Cores, seconds: float) -> AsyncIterator[Bench]:
    """Start both; they are gone afterwards. RunError or tools.Unavailable where that fails."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_SHARED) as name:
        folder = Path(name)
        progress, plan = folder / "progress", folder / "plan"
        progress.write_bytes(bytes(8))
        command = [*peer.command(), "--progress", progress, "--topics", str(row.topics)]
        command += ["--deflate"] if row.deflate else []
        if peer.workers:
            command += ["--cpus", ",".join(map(str, cores.of_workers(peer.workers)))]
            command += ["--broker-cpu", str(cores.of_broker(peer.workers))]
        token = ""
        if peer.algorithm is not None:
            signer = Signer.of(peer.algorithm)
            token = signer.token()
            (folder / "key").write_bytes(signer.verifies)
            command += ["--token-key", folder / "key"]
        load: Command = [tools.generator(), "--path", peer.path, "--progress", progress]
        load += [f"--{flag}" for flag, on in _flags(row, peer).items() if on]
        if row.mode == "storm":
            load += ["--abreast", str(_ABREAST)]
        if row.mode == "handshakes" and token:
            load += ["--token", token]
        if row.mode not in {"memory", "requests", "handshakes", "authenticate"}:
            asked = [subscriptions(topics, peer.protocol) for topics in topics_of_clients(row)]
            write_plan(plan, asked)
            load += ["--plan", plan, "--answers", str(len(asked[0]))]
        async with child(peer.title, command, cores.server) as server:
            hello = await server.hello()
            pids = hello.get("pids", [hello.get("pid", server.pid)])
            assert isinstance(pids, list)
            broker = hello.get("broker_pid")
            if peer.publisher_apart:
                server.move(cores.generator)
            load += ["--port", str(hello["port"])]
            # Entered last, so left last: a generator that loses its server would only complain.
            async with child("the generator", load, cores.generator) as generator:
                yield Bench(
                    *(row, server, generator, str(hello["version"]), pids, seconds),
                    *(peer, int(str(hello["port"])), folder, token),
                    broker_pid=None if broker is None else int(str(broker)),
                )


def _flags(row: Row, peer: Peer) -> dict[str, bool]:
    return {
        "deflate": row.deflate,
        "nats": peer.protocol == "nats",
        "stalling": row.mode == "stall",
        "latency": row.mode in {"latency", "storm"},
    }


async def run(bench: Bench, seconds: float) -> tuple[Answer, Answer, float]:
    """Publish for so long; what was published, what arrived, and the server's share of its core."""
    row = bench.row
    await bench.generator.ask("arm", PATIENCE)
    before = bench.server_cpu()
    order = f"run {seconds} {row.per_turn} {row.window} {row.owed}"
    published = await bench.server.ask(order, seconds + PATIENCE)
    total = int(published["turns"] * row.owed)
    seen = await bench.generator.ask(f"expect {total} {int(PATIENCE * 1000)}", 2 * PATIENCE)
    verify(row, total, seen)
    return published, seen, share(bench, published, seen, before)


def share(bench: Bench, published: Answer, seen: Answer, before: float) -> float:
    """How much of its core a server used."""
    if bench.server_pids == [bench.server.pid]:
        # Told by itself, to the microsecond.
        return published["cpu"] / ((published["end_ns"] - published["start_ns"]) / 1e9)
    return (bench.server_cpu() - before) / ((seen["last_ns"] - published["start_ns"]) / 1e9)


def verify(row: Row, total: int, seen: Answer) -> None:
    """RunError unless all messages arrived that were owed, and none beside them, compressed where asked for."""
    if seen["messages"] != total:
        raise RunError(f"{seen['messages']:.0f} messages arrived of {total} that were owed")
    compressed = total if row.deflate else 0
    if seen["compressed"] != compressed:
        raise RunError(f"{seen['compressed']:.0f} of {total} messages were compressed, not {compressed}")


async def paced(bench: Bench, seconds: float) -> tuple[Answer, float]:
    """Publish so many a second for so long; what arrived, and the server's share of its core."""
    row = bench.row
    count = max(1, int(seconds * row.per_second))
    await bench.generator.ask("arm", PATIENCE)
    before = bench.server_cpu()
    published = await bench.server.ask(f"pace {count} {row.per_second}", 5 * seconds + PATIENCE)
    total = count * row.owed
    seen = await bench.generator.ask(f"expect {total} {int(PATIENCE * 1000)}", 2 * PATIENCE)
    verify(row, total, seen)
    return seen, share(bench, published, seen, before)


def allow_files(wanted: int) -> None:
    """Let processes that are started from now on have so many files open. RunError where the machine forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise RunError(
            f"{wanted} files have to be open at once, and {hard} may be: raise it with `ulimit -n`"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
