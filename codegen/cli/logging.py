"""A log on stderr that never holds up whoever writes it."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from codegen.cli.saying import count, say

_LONGEST = 1000
"""Characters of a line: as UTF-8 less than what a pipe that is ready takes at once."""
_PATIENCE = 100
"""Milliseconds in which whoever reads the log may catch up, before lines are left out."""


class Log:
    """Lines on stderr. They are left out, and counted, while it is a pipe that nobody reads: a server must go on."""

    def __init__(self) -> None:
        self._lost = 0

    def line(self, text: str) -> None:
        """Say something, if somebody reads."""
        try:
            # Whoever did not read a moment ago is not waited for again.
            if not _is_ready(0 if self._lost else _PATIENCE):
                self._lost += 1
                return
            lost, self._lost = self._lost, 0
            if lost:
                say(f"({count(lost, 'line')} left out, as nobody read them)")
                if not _is_ready(_PATIENCE):
                    self._lost = 1
                    return
            say(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
        except BrokenPipeError:  # whoever read the log has seen enough
            sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as we live


def _is_ready(patience: int) -> bool:
    """Whether a line can be written without waiting for a reader any longer than so many milliseconds."""
    if not hasattr(select, "poll"):  # Windows, which tells of no pipes
        return True
    try:
        number = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # something else than a file in its place
        return True
    waiting = select.poll()
    waiting.register(number, select.POLLOUT)
    return bool(waiting.poll(patience))
