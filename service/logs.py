"""Logging: one line an event, `key=value`, and on each line the connection it belongs to.

The connection's id travels in a context variable, so that whatever happens on its behalf is logged with it:
its handlers, its timers, what the server says about it.
"""

from __future__ import annotations

import logging
import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import UUID

WORKER_VARIABLE = "TAPEWIRE_WORKER"
"""In the environment of one process of several: which of them it is."""

connection_id: ContextVar[UUID | None] = ContextVar("connection_id", default=None)
"""The connection on whose behalf the current task runs; None where there is none."""


class _Lines(logging.Formatter):
    """`2026-01-05T14:30:00.250Z info service.hub connection=… topic opened topic=bars:AAPL:1`."""

    def __init__(self, worker: str | None) -> None:
        super().__init__()
        self._worker = "" if worker is None else f" worker={worker}"

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """UTC with milliseconds."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Time, level, logger, worker, connection, message."""
        who = connection_id.get()
        where = f" connection={who}" if who is not None else ""
        head = f"{self.formatTime(record)} {record.levelname.lower()} {record.name}{self._worker}{where}"
        return f"{head} {record.message}"


def configure(level: str) -> None:
    """Send the process's logs to standard error, from this level on (`debug`, `info`, `warning`, `error`)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(os.environ.get(WORKER_VARIABLE)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Below INFO, servers log frames and headers, which may hold what nobody else should read.
    quiet = logging.INFO if level == "debug" else logging.WARNING
    for name in ("uvicorn", "uvicorn.error", "websockets", "litestar"):
        logger = logging.getLogger(name)
        logger.setLevel(quiet)
        # Whoever set handlers before, their lines come out here and once.
        logger.handlers, logger.propagate = [], True
    logging.getLogger("asyncio").setLevel(logging.WARNING)
