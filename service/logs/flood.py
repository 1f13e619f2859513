"""A flood of the same event is counted instead of told, and its number told once."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from service.logs.event import Event
from service.logs.formats import Repeated

WINDOW = 10.0
"""Seconds for which events of a kind are counted together."""

_MOST_KINDS = 1_000
"""Kinds that are told apart at a time; further ones are counted together."""

_TELLING = ("code", "reason_code", "state")
"""Fields by which events of one place in the code are told apart: of a flood with one code, another one is news."""

_TRACEBACKS = 10
"""How many times fewer are told whole where each is a traceback."""

_SOON = 0.05
"""Seconds within which two sums are told together."""

_REST = "further kinds of events"


@dataclass(slots=True)
class _Kind:
    """Events that count as the same."""

    since: float
    like: logging.LogRecord
    """What their sum is told by: level, logger, name and the fields that all of them share."""
    times: int = 0
    untold: int = 0


class Flood:
    """Says which records are told, and makes those that tell of the others.

    Not thread-safe: its caller holds the handler's lock.
    """

    def __init__(
        self, burst: int, window: float = WINDOW, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Of each kind, `burst` records in `window` seconds are told one by one; 0: all."""
        self._burst = burst
        self._window = window
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}
        self.untold = 0
        """Records so far that were told by a sum only."""

    def __len__(self) -> int:
        return len(self._kinds)

    def take(self, record: logging.LogRecord) -> tuple[list[logging.LogRecord], float | None]:
        """What is to be written now, in order; and in how many seconds `due` is to be asked, where it has to be."""
        if not self._burst:
            return [record], None
        now = self._clock()
        key = _key(record)
        kind = self._kinds.get(key)
        told: list[logging.LogRecord] = []
        if kind is not None and now >= kind.since + self._window:
            told += self._close(key, kind, now)
            kind = None
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                told += self.due(now)
            if len(self._kinds) >= _MOST_KINDS:
                key = _REST
            kind = self._kinds.get(key) or _Kind(now, _like(record, rest=key is _REST))
            self._kinds[key] = kind
        kind.times += 1
        burst = max(1, self._burst // _TRACEBACKS) if record.exc_info else self._burst
        if kind.times <= burst:
            told.append(record)
            return told, None
        kind.untold += 1
        self.untold += 1
        return told, kind.since + self._window - now

    def due(self, now: float | None = None) -> list[logging.LogRecord]:
        """Sums of the kinds whose window is over, which begin anew."""
        now = self._clock() if now is None else now
        over = [(key, kind) for key, kind in self._kinds.items() if now >= kind.since + self._window]
        return [record for key, kind in over for record in self._close(key, kind, now)]

    def all(self) -> list[logging.LogRecord]:
        """Sums of everything that has not been told, at the end."""
        now = self._clock()
        return [record for key, kind in list(self._kinds.items()) for record in self._close(key, kind, now)]

    def next_due(self) -> float | None:
        """Seconds until a sum is due; None where nothing is untold."""
        ends = [kind.since + self._window for kind in self._kinds.values() if kind.untold]
        return max(0.0, min(ends) - self._clock()) if ends else None

    def _close(self, key: Hashable, kind: _Kind, now: float) -> list[logging.LogRecord]:
        del self._kinds[key]
        if not kind.untold:
            return []
        record = kind.like
        record.created = time.time()
        record.repeated = Repeated(kind.times, kind.untold, now - kind.since)
        return [record]


def _key(record: logging.LogRecord) -> Hashable:
    """Records of one key are told of together."""
    said = record.msg
    key: tuple[Hashable, ...] = (record.name, record.levelno, record.pathname, record.lineno)
    if isinstance(said, Event):
        key += (said.name, *_telling(said).values())
    if record.exc_info and record.exc_info[0] is not None:
        # Two faults behind one `except` are two.
        key += (record.exc_info[0].__qualname__, _raised_at(record.exc_info[2]))
    return key


def _telling(said: Event) -> dict[str, Hashable]:
    found = ((name, said.fields[name]) for name in _TELLING if name in said.fields)
    return {name: value if isinstance(value, int) else str(value)[:100] for name, value in found}


def _raised_at(traceback: TracebackType | None) -> tuple[str, int] | None:
    place = None
    while traceback is not None:
        place = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next
    return place


def _like(record: logging.LogRecord, *, rest: bool) -> logging.LogRecord:
    """A record for the sum; it keeps nothing alive that the first one has: no arguments, no traceback."""
    said = record.msg
    message: object
    if rest:
        message = Event(_REST, {})
    elif isinstance(said, Event):
        message = Event(said.name, _telling(said))
    else:
        # With its placeholders: what stood in their place differs from one to the next.
        message = str(said)[:500]
    fields = {"msg": message, "name": __name__ if rest else record.name, "levelno": record.levelno}
    return logging.makeLogRecord({**fields, "levelname": record.levelname})


class Handler(logging.StreamHandler):  # type: ignore[type-arg]  # a generic class for type checkers alone
    """Writes to standard error; tells of a flood by its number, ten seconds later at the latest."""

    def __init__(self, burst: int, window: float = WINDOW) -> None:
        super().__init__(sys.stderr)
        self.flood = Flood(burst, window)
        self._timer: threading.Timer | None = None
        self._wakes_at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, or count it."""
        told, wait = self.flood.take(record)
        for one in told:
            super().emit(one)
        if wait is not None and not self._wakes_within(wait):
            self._wake_in(wait)

    def close(self) -> None:
        """Tell what has not been told; `logging` itself calls this at the end of the process."""
        self.acquire()
        try:
            if self._timer is not None:
                self._timer.cancel()
            for one in self.flood.all():
                super().emit(one)
            self.flush()
        finally:
            self.release()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say where a record could not be written; `logging` itself would quote what was to be in it."""
        with suppress(OSError, ValueError):  # there may be no standard error any more
            sys.stderr.write(f"  a line of the log could not be written: {record.pathname}:{record.lineno}\n")

    def _wakes_within(self, seconds: float) -> bool:
        # After a fork the timer's thread is not there any more.
        alive = self._timer is not None and self._timer.is_alive()
        return alive and self._wakes_at <= time.monotonic() + seconds + _SOON

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = time.monotonic() + seconds
        self._timer = timer = threading.Timer(seconds, self._wake)
        timer.daemon = True
        timer.start()

    def _wake(self) -> None:
        self.acquire()
        try:
            for one in self.flood.due():
                super().emit(one)
            wait = self.flood.next_due()
            if wait is not None:
                self._wake_in(wait + _SOON)
            else:
                self._timer = None
        finally:
            self.release()
