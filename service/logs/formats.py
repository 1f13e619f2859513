"""How an event is written: a line for people, or an object for programs."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from service.logs.event import Event, connection_id
from service.logs.secrets import safe

_LONGEST_MESSAGE = 2_000
_LONGEST_TRACEBACK = 16_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a record stands for that sums up many."""

    times: int
    """Of these events in all, those that were told one by one included."""
    untold: int
    """Of them, how many are told by this record alone."""
    seconds: float

    def __str__(self) -> str:
        return f"repeated {self.times:,} times in {self.seconds:.0f} s, {self.untold:,} of them told by this line"


class _Format(logging.Formatter):
    """What both ways of writing share."""

    def __init__(self, worker: int | None) -> None:
        super().__init__()
        self._worker = worker

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """UTC with milliseconds."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def trace(self, record: logging.LogRecord) -> str:
        """The exception's traceback and the stack, where there are any."""
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            parts.append(record.stack_info)
        return safe("\n".join(parts), _LONGEST_TRACEBACK, lines=True)


def repeated(record: logging.LogRecord) -> Repeated | None:
    """What a record sums up; None where it stands for itself."""
    found = getattr(record, "repeated", None)
    return found if isinstance(found, Repeated) else None


class Console(_Format):
    """`2026-01-05T14:30:00.250Z info service.hub connection=… topic opened topic=bars:AAPL:1`.

    Every line that does not begin with two spaces is an event of its own, whatever clients say.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, and those of a traceback."""
        head = [self.formatTime(record), record.levelname.lower(), safe(record.name, 200)]
        if self._worker is not None:
            head.append(f"worker={self._worker}")
        if (connection := connection_id.get()) is not None:
            head.append(f"connection={connection}")
        head.append(safe(record.getMessage(), _LONGEST_MESSAGE))
        if (sum_of := repeated(record)) is not None:
            head.append(str(sum_of))
        return "\n  ".join((" ".join(head), *self.trace(record).splitlines()))


class Json(_Format):
    """One object a line: `ts`, `level`, `logger`, `event`, `connection` (or null), `fields`.

    Where there is such a thing also `worker`, `exception` (the traceback) and `repeated`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """ASCII, so that no reader takes a character for a line's end."""
        said = record.msg
        connection = connection_id.get()
        line: dict[str, object] = {
            "ts": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": safe(said.name if isinstance(said, Event) else record.getMessage(), _LONGEST_MESSAGE),
            "connection": str(connection) if connection is not None else None,
            "fields": said.plain() if isinstance(said, Event) else {},
        }
        if self._worker is not None:
            line["worker"] = self._worker
        if trace := self.trace(record):
            line["exception"] = trace
        if (sum_of := repeated(record)) is not None:
            line["repeated"] = {
                "times": sum_of.times,
                "untold": sum_of.untold,
                "seconds": round(sum_of.seconds, 3),
            }
        return json.dumps(line, separators=(",", ":"))
