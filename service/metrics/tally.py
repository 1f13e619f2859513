"""What a supervisor leaves for its workers to tell: how many there are to be, and how often each was replaced."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

_NAME = "workers.json"


class Tally(msgspec.Struct, frozen=True):
    """Of one supervisor's workers."""

    configured: int
    """How many there are to be."""
    restarts: dict[int, int]
    """By worker: how often one ended that nobody had told to, or failed to start."""


def leave(run_dir: Path, tally: Tally) -> None:
    """Write it where the workers look; whoever reads meanwhile has the one before."""
    fresh = run_dir / f"{_NAME}.new"
    with suppress(OSError):  # a full disk is no reason to end
        fresh.write_bytes(msgspec.json.encode(tally))
        fresh.replace(run_dir / _NAME)


def find(run_dir: Path) -> Tally | None:
    """Read it; None where nobody has left one."""
    try:
        return msgspec.json.decode((run_dir / _NAME).read_bytes(), type=Tally)
    except (OSError, msgspec.DecodeError):
        return None
