"""How a worker notices that nobody looks after it any more."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


def hold(descriptor: int, patience: Callable[[], float], run_dir: str | None) -> None:
    """End this process in good order when the other end of a pipe is closed, which the system does for the dead.

    Who does not end within `patience()` seconds, because its event loop stands still, is ended all the same.
    On a thread of its own, which needs no event loop. The folder that the workers shared goes too.
    """

    def wait() -> None:
        while os.read(descriptor, 1):
            pass
        log.error("the supervisor is gone: this worker sends its clients away and ends")
        if run_dir is not None:
            shutil.rmtree(run_dir, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience())
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
