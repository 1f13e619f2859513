"""What a supervisor tells the processes that it starts, by their environment."""

from __future__ import annotations

import os
from pathlib import Path

RUN_DIR_VARIABLE = "TAPEWIRE_RUN_DIR"
"""A folder that the workers of one supervisor share, and nobody else reads."""

WORKER_VARIABLE = "TAPEWIRE_WORKER"
"""Which of them this is, counted from 0."""


ADMIN_VARIABLE = "TAPEWIRE_ADMIN_DOORS"
"""Descriptors of the admin listener's sockets, which all workers accept from, separated by commas."""


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
