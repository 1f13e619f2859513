"""One worker of several: what the supervisor starts, `python -m service.workers DOORS READY LIFELINE [options]`.

The first three are descriptors that it inherits: sockets to listen on, separated by commas; where to say that it
serves; and what ends when the supervisor does.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Sequence

from service.cli import read_serve, serve_on
from service.environment import RUN_DIR_VARIABLE
from service.settings import Settings
from service.workers import lifeline

_UNKNOWN = 30.0
"""Seconds that the end may take where the settings have not been read yet."""
_OVERHEAD = 5.0


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM, or until the supervisor is no more; returns the exit code."""
    doors, ready, life, *options = arguments
    chosen: list[Settings] = []

    def patience() -> float:
        return sum((one.drain_deadline + one.close_grace + _OVERHEAD for one in chosen), 0.0) or _UNKNOWN

    lifeline.hold(int(life), patience, os.environ.get(RUN_DIR_VARIABLE))
    settings = read_serve(options)
    if isinstance(settings, int):
        return settings
    chosen.append(settings)

    def inherited() -> list[socket.socket]:
        return [socket.socket(fileno=int(door)) for door in doors.split(",")]

    def serves() -> None:
        with contextlib.suppress(BrokenPipeError):  # Whoever took too long is about to be ended.
            os.write(int(ready), b"+")
        os.close(int(ready))

    try:
        return serve_on(settings, inherited, serves)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
