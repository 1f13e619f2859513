"""What must hold, and the settings under which it is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from service.settings import Settings

INVARIANTS: Final[Mapping[str, str]] = {
    "order": "per topic and epoch `seq` goes up one by one from the subscribe's answer on; an update that stands "
    "for several says so by `seq_from`; none comes twice",
    "scope": "updates come between the answer to a subscribe and the answer to the unsubscribe, and for nothing else",
    "content": "an update holds what was published under its topic and number",
    "complete": "who reads gets every update, none folded",
    "prompt": "of the updates to those who read, 99 of 100 take less than two seconds",
    "answered": "every request gets one answer, of its own type and id, in order",
    "closed": "a connection ends only with a code that fits what its client did",
    "clean": "nothing is left of clients who are gone: no connection, socket, subscription, topic or task",
    "memory": "a wave of clients leaves no more memory behind than the same wave before it",
    "quiet": "no error and no traceback in the log, whatever clients do",
    "drain": "on SIGTERM every client is told to reconnect, and the process ends by itself with 0",
    "harness": "the run itself does what it should",
}

P99_BOUND: Final = 2000.0
"""Milliseconds; far above what an idle machine takes, far below what a blocked server does."""

HEARTBEAT: Final = 2.5
PING: Final = 1.5
MAX_ERRORS: Final = 20
MAX_MESSAGE: Final = 16_384
MESSAGES_PER_SECOND: Final = 200
MOST_SUBSCRIPTIONS: Final = 40
EXIT_DEADLINE: Final = 20.0
"""Seconds from SIGTERM to the process's end."""


def settings_for(clients: int) -> dict[str, object]:
    """Settings of the server under stress: short times, tight bounds, room for the clients; those that exist."""
    wanted: dict[str, object] = {
        "feed": "none",
        "log_level": "info",
        "heartbeat_interval": HEARTBEAT,
        "ping_interval": PING,
        "ping_timeout": PING,
        "max_message_bytes": MAX_MESSAGE,
        "outbox_bytes": 65_536,
        "max_errors": MAX_ERRORS,
        "errors_forgiven_per_minute": 0.0,
        "topic_grace": 0.3,
        "close_grace": 2.0,
        # Longer than a client stalls here that is no dead one.
        "outbox_patience": 8.0,
        "compress": True,
        "compress_min_bytes": 100,
        "messages_per_second": MESSAGES_PER_SECOND,
        "message_burst": 2 * MESSAGES_PER_SECOND,
        "subscriptions_per_connection": MOST_SUBSCRIPTIONS,
        "connections_per_address": 2 * clients + 100,
        "drain_window": 2.0,
        "drain_deadline": 10.0,
        "connections": 2 * clients + 100,
    }
    return {name: value for name, value in wanted.items() if has(name)}


def has(setting: str) -> bool:
    """Whether the service has this setting, and so the behaviour that it governs."""
    return setting in Settings.model_fields


class Report:
    """What was found broken, and the figures of the run."""

    def __init__(self) -> None:
        self.broken: dict[str, list[str]] = defaultdict(list)
        """Examples by invariant; the first few."""
        self.times: dict[str, int] = defaultdict(int)
        """How often each invariant was found broken."""
        self.counts: dict[str, int] = defaultdict(int)
        """How often what was done."""
        self.delays: dict[int, int] = defaultdict(int)
        """Milliseconds from publishing to receipt, and how many updates took so long."""
        self.rss: list[float] = []
        """Memory after each wave, in MB."""
        self.server_lag = 0.0
        """The longest that the server's loop was late, in ms."""
        self.own_lag = 0.0
        """The longest that this process's loop was late, in ms."""

    def violation(self, invariant: str, what: str) -> None:
        """Note that an invariant does not hold."""
        assert invariant in INVARIANTS
        self.times[invariant] += 1
        if len(self.broken[invariant]) < 5:
            self.broken[invariant].append(what)

    def delay(self, part: float) -> int | None:
        """The delay that this part of all updates stays within, in ms; None where there were none."""
        total = sum(self.delays.values())
        seen = 0
        for milliseconds in sorted(self.delays):
            seen += self.delays[milliseconds]
            if seen >= part * total:
                return milliseconds
        return None
