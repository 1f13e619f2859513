"""Where the process's logs go, and how."""

from __future__ import annotations

import logging
import os
from typing import Literal

from service.logs.flood import Handler
from service.logs.formats import Console, Json

LogFormat = Literal["console", "json"]

WORKER_VARIABLE = "TAPEWIRE_WORKER"
"""In the environment of one process of several: which of them it is."""


def configure(
    level: str, log_format: LogFormat = "console", *, burst: int = 0, worker: int | None = None
) -> None:
    """Send the process's logs to standard error, from this level on (`debug`, `info`, `warning`, `error`).

    Of one kind of event, `burst` are told one by one in ten seconds, then their number; 0: all. `worker` is
    this process's number among several (default: what the environment says).
    """
    if worker is None and (number := os.environ.get(WORKER_VARIABLE, "")).isdecimal():
        worker = int(number)
    handler = Handler(burst)
    handler.setFormatter(Json(worker) if log_format == "json" else Console(worker))
    root = logging.getLogger()
    for before in root.handlers:
        if isinstance(before, Handler):
            before.close()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Below INFO, servers log frames and headers, which may hold what nobody else should read.
    quiet = logging.INFO if level == "debug" else logging.WARNING
    for name in ("uvicorn", "uvicorn.error", "websockets", "litestar"):
        logger = logging.getLogger(name)
        logger.setLevel(quiet)
        # Whoever set handlers before, their lines come out here and once.
        logger.handlers, logger.propagate = [], True
    # Below WARNING, clients of Redis and HTTP tell of whole requests.
    for name in ("asyncio", "redis", "httpx", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
