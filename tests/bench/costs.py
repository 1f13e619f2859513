"""Rows that tell what something costs: the server's processor time, or how long all take to come back."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from statistics import median

from tests.bench.harness import PATIENCE, Bench, Figure, verify
from tests.bench.plans import Position, quotes_request, write_plan
from tests.bench.processes import Answer, RunError

_PRELUDE = 50
"""Handshakes, and four times as many requests, before any are counted."""
_SCRAPES = 1.0
"""Seconds between two scrapes, of which the first is at once."""
_STALE = 0.3
"""Seconds after which an answer is made anew."""
_QUADS = 10
_LOOK = 0.01
_LOST_PER_SECOND = 500
"""How fast those updates are published that a client then asks for again."""

AUTHENTICATE = '{"type":"session.authenticate","id":1,"payload":{"token":"%s"}}'
PING = '{"type":"ping"}'


async def cost(bench: Bench) -> Figure:
    """Processor time of the server for each delivery, all that it does meanwhile included."""
    await bench.connect(bench.row.clients)
    await _spend(bench, min(0.5, bench.seconds))
    async with _scraped(bench) as scrapes:
        published, seen = await _spend(bench, bench.seconds)
    span = (seen["last_ns"] - published["start_ns"]) / 1e9
    details = {"per_second": seen["messages"] / span, "size": seen["bytes"] / seen["messages"]}
    if bench.peer.scraped:
        details["scrapes"] = len(scrapes)
    return Figure(published["cpu"] / seen["messages"] * 1e6, bench.version, details)


async def _spend(bench: Bench, seconds: float) -> tuple[Answer, Answer]:
    row = bench.row
    await bench.generator.ask("arm", PATIENCE)
    order = f"spend {seconds} {row.per_turn} {row.window} {row.owed}"
    published = await bench.server.ask(order, seconds + PATIENCE)
    total = int(published["turns"] * row.owed)
    seen = await bench.generator.ask(f"expect {total} {int(PATIENCE * 1000)}", 2 * PATIENCE)
    verify(row, total, seen)
    return published, seen


async def counting(bench: Bench) -> Figure:
    """How much more processor time the fan-out takes for what it does for the metrics alone.

    With and without take turns in one process, four short blocks at a time: with, without, without, with.
    """
    await bench.connect(bench.row.clients)
    seconds = bench.seconds / (2 * _QUADS)
    spent: dict[str, list[float]] = {"count": [], "uncount": []}
    for number in range(-1, _QUADS):
        for word in ("count", "uncount", "uncount", "count"):
            await bench.server.ask(word, PATIENCE)
            published, seen = await _spend(bench, seconds)
            if number >= 0:  # The first four are the way to its stride.
                spent[word].append(published["cpu"] / seen["messages"] * 1e6)
    counted, uncounted = _twos(spent["count"]), _twos(spent["uncount"])
    found = sorted(100 * (one / other - 1) for one, other in zip(counted, uncounted, strict=True))
    details = {
        "counted_us": median(counted),
        "uncounted_us": median(uncounted),
        "lower": found[len(found) // 4],
        "upper": found[-1 - len(found) // 4],
    }
    return Figure(median(found), bench.version, details)


def _twos(blocks: list[float]) -> list[float]:
    return [(one + other) / 2 for one, other in zip(blocks[::2], blocks[1::2], strict=True)]


async def scrape(bench: Bench) -> Figure:
    """Processor time of the server for each answer to Prometheus, while it does nothing else."""
    await bench.connect(bench.row.clients)
    await _scrape(bench.port)
    sizes: list[int] = []
    before = await _cpu(bench)
    while len(sizes) < max(3, bench.seconds / _STALE):
        await asyncio.sleep(_STALE)
        sizes.append(await _scrape(bench.port))
    spent = await _cpu(bench) - before
    return Figure(spent / len(sizes) * 1000, bench.version, {"scrapes": len(sizes), "size": median(sizes)})


@contextlib.asynccontextmanager
async def _scraped(bench: Bench) -> AsyncIterator[list[int]]:
    """Where the peer wants it, /metrics is asked for as Prometheus does; gives the sizes of the answers."""
    sizes: list[int] = []

    async def scrape() -> None:
        while True:
            sizes.append(await _scrape(bench.port))
            await asyncio.sleep(_SCRAPES)

    if not bench.peer.scraped:
        yield sizes
        return
    task = asyncio.create_task(scrape())
    try:
        yield sizes
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    if not sizes:
        raise RunError("no scrape was answered")


async def _scrape(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read(-1)
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200") or b"tapewire_" not in answer:
        raise RunError(f"/metrics answered {answer[:60]!r}")
    return len(answer)


async def handshakes(bench: Bench) -> Figure:
    """Processor time of the server for each handshake, with the peer's token in it where it has one."""
    await _connected(bench, _PRELUDE, _PRELUDE)
    before = await _cpu(bench)
    answer = await _connected(bench, bench.row.clients, _PRELUDE + bench.row.clients)
    spent = await _cpu(bench) - before
    details = {"per_second": bench.row.clients / max(answer["seconds"], 1e-3)}
    return Figure(spent / bench.row.clients * 1e6, bench.version, details)


async def _connected(bench: Bench, count: int, in_all: int) -> Answer:
    """So many more; back when the server has done all that belongs to them."""
    answer = await bench.generator.ask(f"connect {count}", 60 + PATIENCE)
    await _counted(bench, "opened", in_all)
    await _counted(bench, "auth_ok", in_all if bench.token else 0)
    return answer


async def authenticate(bench: Bench) -> Figure:
    """Processor time of the server for each `session.authenticate`; for each `ping` where the peer has no tokens."""
    row, sent = bench.row, bench.folder / "requests"
    write_plan(sent, [[(AUTHENTICATE % bench.token if bench.token else PING).encode()]])
    await bench.connect(row.clients)
    order = f"{row.in_flight} {sent}"
    few = 4 * _PRELUDE
    warm = await bench.generator.ask(f"requests {few} {order}", PATIENCE)
    total = math.ceil(few / warm["wall"] * bench.seconds)
    before = await _cpu(bench)
    seen = await bench.generator.ask(f"requests {total} {order}", bench.seconds + PATIENCE)
    spent = await _cpu(bench) - before
    await _counted(bench, "auth_ok", few + total if bench.token else 0)
    return Figure(spent / total * 1e6, bench.version, {"per_second": total / seen["wall"]})


async def storm(bench: Bench) -> Figure:
    """All lose their connections at once and come back: milliseconds until the last has caught up."""
    row, recovers = bench.row, bench.peer.recovers
    await bench.connect(row.clients)
    await _published(bench, 1)
    # Where a client stands whose connection is already dead and who does not know it yet.
    positions = await _positions(bench)
    await _published(bench, row.lost)
    asked = [quotes_request(number, positions[number] if recovers else None) for number in range(row.topics)]
    plan = bench.folder / "storm"
    write_plan(plan, [asked])
    answers = row.topics * (1 + (row.lost if recovers else 1))
    before = await _cpu(bench)
    seen = await bench.generator.ask(f"storm {answers} {plan}", 60 + PATIENCE)
    spent = await _cpu(bench) - before
    if seen["messages"]:
        raise RunError(f"{seen['messages']:.0f} messages more than were owed came after the storm")
    await _counted(bench, "recovered", row.clients * row.topics if recovers else 0)
    return Figure(
        seen["max_us"] / 1000,
        bench.version,
        {
            "p50_ms": seen["p50_us"] / 1000,
            "p99_ms": seen["p99_us"] / 1000,
            "client_us": spent / row.clients * 1e6,
            "server_cpu": spent / (seen["max_us"] / 1e6),
            "generator_cpu": seen["cpu"] / seen["wall"],
            "messages": float(answers),
        },
    )


async def _published(bench: Bench, each: int) -> None:
    """So many updates of each topic, to all."""
    row = bench.row
    await bench.generator.ask("arm", PATIENCE)
    await bench.server.ask(f"pace {each * row.topics} {_LOST_PER_SECOND}", PATIENCE)
    total = each * row.topics * row.clients
    seen = await bench.generator.ask(f"expect {total} {int(PATIENCE * 1000)}", 2 * PATIENCE)
    verify(row, total, seen)


async def _positions(bench: Bench) -> list[Position]:
    found = (await bench.server.tell("positions", PATIENCE))["positions"]
    assert isinstance(found, list)
    return [(str(epoch), int(seq)) for epoch, seq in found]


async def _cpu(bench: Bench) -> float:
    return (await bench.server.ask("cpu", PATIENCE))["cpu"]


async def _counted(bench: Bench, name: str, expected: int) -> None:
    """Wait until the server has counted as many; RunError where that does not come, or it has counted more."""
    found = -1.0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                found = (await bench.server.ask("counts", PATIENCE))[name]
                if found >= expected:
                    break
                await asyncio.sleep(_LOOK)
    if found != expected:
        raise RunError(f"the server counted {found:.0f} of `{name}`, and {expected} were expected")
