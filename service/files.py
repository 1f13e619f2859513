"""Open files: how many connections they are enough for, and what is held back for who looks after the service."""

from __future__ import annotations

import logging
import os

from service.logs import event

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

_EACH = 2
"""Open files of a connection: the event loop's, and the one that it hands out as a socket."""
_OTHERS = 100
"""Open files beside connections, where there are plenty."""
_FEWEST_OTHERS = 30
"""The same where there are not."""
_NEARLY = 0.9
"""Of the connections wished for: room for that many is no reason to warn of."""
_HELD, _LEAST_HELD = 64, 14
"""Of these, what no connection to the public port may take: for the broker, the admin listener, files."""


def room_for(connections: int) -> int:
    """Allow as many open files as the connections would like, two each; how many of them there is room for.

    Where that is noticeably fewer, the log says so.
    """
    if resource is None:
        return connections
    wanted = _EACH * connections + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return connections
    room = max((soft - min(_OTHERS, max(_FEWEST_OTHERS, soft // 4))) // _EACH, 1)
    if room < _NEARLY * connections:
        log.warning(
            event(
                "open files are limited to too few for the connections allowed: fewer are; see `ulimit -n`",
                files=soft,
                connections=room,
                wished=connections,
            )
        )
    return min(room, connections)


def most_sockets() -> int | None:
    """How many connections the public port may have open, of whatever kind; None where nothing limits them."""
    if resource is None:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    return max((soft - _used() - min(_HELD, max(_LEAST_HELD, soft // 8))) // _EACH, 1)


def _used() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208, names alone
    except OSError:
        return _FEWEST_OTHERS // 2
