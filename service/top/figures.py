"""What two looks at a service say together, and figures as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generated.constants import CloseCode
from service.logs.secrets import safe
from service.metrics.status import Status, WorkerStatus

_UNITS = ("B", "kB", "MB", "GB", "TB")

_RATES = (
    *("publications", "deliveries", "messages_received", "bytes_sent", "bytes_received"),
    *("conflated", "dropped", "refused"),
)
"""Totals that only grow."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened between two looks; None where the first one is missing, or the service began anew."""

    seconds: float | None
    rates: Mapping[str, float | None]
    """Of the totals that only grow, a second."""
    loads: Mapping[tuple[int | None, int], float]
    """Of each process, by worker and pid: cores that it keeps busy."""


def change(before: Status | None, after: Status) -> Change:
    """From one look to the next."""
    if before is None or after.time_ms <= before.time_ms:
        return Change(None, dict.fromkeys(_RATES), {})
    seconds = (after.time_ms - before.time_ms) / 1000
    known = {_process(worker): worker for worker in before.workers if worker.answered}
    rates: dict[str, float | None] = {}
    for name in _RATES:
        grown = getattr(after.totals, name) - getattr(before.totals, name)
        # A process that is gone has taken its part of the total along.
        rates[name] = grown / seconds if grown >= 0 else None
    loads = {
        _process(worker): max(0.0, worker.cpu_seconds - known[_process(worker)].cpu_seconds) / seconds
        for worker in after.workers
        if worker.answered and _process(worker) in known
    }
    return Change(seconds, rates, loads)


def load_of(found: Change, worker: WorkerStatus) -> float | None:
    """Cores that a process keeps busy; None where that is not known yet."""
    return found.loads.get(_process(worker))


def closes_of(status: Status) -> list[tuple[str, str, int]]:
    """Code, what it means or that the client sent it, and number of connections that are over; most come first."""
    names = {str(code.value): code.name.lower().replace("_", " ") for code in CloseCode}
    theirs = status.closes_by_client
    told = [(code, "by client", count) for code, count in theirs.items()]
    told += [
        (code, names.get(code, ""), count - theirs.get(code, 0)) for code, count in status.closes.items()
    ]
    return sorted((one for one in told if one[2] > 0), key=lambda one: (-one[2], one[0]))


def number(value: float | None) -> str:
    """`1,234`, `0.3`, or `-` for what is not known."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def size(value: float | None) -> str:
    """Bytes, to three digits."""
    if value is None:
        return "-"
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def span(seconds: float) -> str:
    """`45 s`, `2 min`, `3 h 05 min`, `2 d 4 h`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def shown(text: str) -> str:
    """A text that may be a client's, for a terminal."""
    return safe(text, 80)


def _process(worker: WorkerStatus) -> tuple[int | None, int]:
    return worker.worker, worker.pid
