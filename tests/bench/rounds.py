"""Rounds: every row with every peer, in turn, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench import tools
from tests.bench.catalog import PEERS
from tests.bench.harness import Figure
from tests.bench.machine import Cores
from tests.bench.measure import measure
from tests.bench.processes import RunError
from tests.bench.rows import Row


@dataclass(frozen=True)
class Plan:
    """What to run."""

    rows: Sequence[Row]
    peers: Sequence[str]
    rounds: int
    seconds: float


@dataclass(frozen=True)
class Record:
    """One measurement, or why there is none."""

    round: int
    row: Row
    peer: str
    figure: Figure | None = None
    absent: str = ""
    """Why the peer could not be started on this machine."""
    failure: str = ""
    """What went wrong."""


async def run_rounds(plan: Plan, cores: Cores, records: list[Record]) -> None:
    """All measurements, added to `records` one by one; says on stderr how far it is."""
    absent: dict[tuple[str, str], str] = {}
    started = time.monotonic()
    for number in range(plan.rounds):
        for row in plan.rows:
            names = [name for name in row.peers if name in plan.peers]
            # Another one goes first each time: the first after a pause is not always the luckiest.
            turn = number % len(names) if names else 0
            for name in names[turn:] + names[:turn]:
                if (row.name, name) in absent:
                    continue
                record = await _measure(number + 1, row, name, cores, plan.seconds)
                if record.absent:
                    absent[row.name, name] = record.absent
                records.append(record)
                _tell(record, plan, time.monotonic() - started)


async def _measure(number: int, row: Row, name: str, cores: Cores, seconds: float) -> Record:
    try:
        return Record(number, row, name, figure=await measure(row, PEERS[name], cores, seconds))
    except tools.Unavailable as error:
        return Record(number, row, name, absent=str(error))
    except RunError as error:
        return Record(number, row, name, failure=str(error))


def _tell(record: Record, plan: Plan, elapsed: float) -> None:
    if record.figure is None:
        text = f"left out: {record.absent}" if record.absent else f"FAILED: {record.failure}"
    else:
        figures = " ".join(f"{key}={value:.4g}" for key, value in record.figure.details.items())
        text = f"{record.figure.value:>12,.2f} {record.row.unit}   {figures}"
    line = f"[{elapsed:5.0f} s] round {record.round}/{plan.rounds} {record.row.name:<12} {record.peer:<14} {text}"
    print(line, file=sys.stderr, flush=True)
