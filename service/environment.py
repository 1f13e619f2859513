"""What a supervisor tells the processes that it starts, by their environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

RUN_DIR_VARIABLE = "TAPEWIRE_RUN_DIR"
"""A folder that the workers of one supervisor share, and nobody else reads."""

WORKER_VARIABLE = "TAPEWIRE_WORKER"
"""Which of them this is, counted from 0."""

ADMIN_VARIABLE = "TAPEWIRE_ADMIN_DOORS"
"""Descriptors of the admin listener's sockets, which all workers accept from, separated by commas."""

_OTHERS = {"TAPEWIRE_DEBUG", "TAPEWIRE_REVIEW_BASE"}
"""What `python -m codegen` reads, and a shell may set for both."""


def unknown(prefix: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Variables that begin so and are none of these settings, each with the one that it was meant for, or nothing."""
    known = sorted(name.upper() for name in names)
    told = {RUN_DIR_VARIABLE, WORKER_VARIABLE, ADMIN_VARIABLE} | _OTHERS
    for variable in sorted(os.environ):
        upper = variable.upper()
        name = upper.removeprefix(prefix)
        if upper.startswith(prefix) and name not in known and upper not in told:
            yield variable, next((prefix + close for close in get_close_matches(name, known, 1)), "")


def admin_doors() -> list[int]:
    """Descriptors to serve the admin listener on; none where there is none, or this process is to open it."""
    return [int(door) for door in os.environ.get(ADMIN_VARIABLE, "").split(",") if door.isdecimal()]


def worker() -> int | None:
    """The number of this process among several; None where it is on its own."""
    told = os.environ.get(WORKER_VARIABLE, "")
    return int(told) if told.isdecimal() else None


def run_dir() -> Path | None:
    """Where the workers find each other; None where this process is on its own."""
    told = os.environ.get(RUN_DIR_VARIABLE)
    return Path(told) if told else None
