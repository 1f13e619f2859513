"""What must hold of clients whose connections are cut, and what is noted on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

INVARIANTS: Final[Mapping[str, str]] = {
    "order": "a subscription's updates go up one by one from where it began, none twice; one that stands for several "
    "says so by `seq_from`; whatever else is missing was told as a hole that covers it",
    "content": "an update holds what the server published under its topic, epoch and number",
    "told": "a hole that is told begins where the client was and ends where it goes on",
    "complete": "at the end every subscription is where the server is",
    "books": "every book that was looked at, and every one at the end, equals the server's, level by level",
    "bars": "every chart, refilled after holes and folds, holds the fold of the server's trades, exactly",
    "fold": "the last that the server published of a bar is the fold of its trades",
    "asked": "who comes back asks to go on from the position that it has, and is answered",
    "alive": "no subscription and no client ends by itself",
    "back": "with good lines again, every client is connected and has all within seconds",
    "clean": "nothing is left of clients who are gone: no connection, subscription or topic; their processes end",
    "memory": "the memory of server and clients does not grow with cuts",
    "quiet": "no error and no traceback in the logs of server and clients",
    "harness": "the run itself does what it should",
}

ON_ORDER: Final = "for the sake of the run"
"""The reason that a server gives when it was told to close a connection."""

_EXAMPLES = 5


class Report:
    """What was found broken, and the figures of the run."""

    def __init__(self) -> None:
        self.broken: dict[str, list[str]] = defaultdict(list)
        """Examples by invariant; the first few."""
        self.times: dict[str, int] = defaultdict(int)
        """How often each invariant was found broken."""
        self.counts: dict[str, int] = defaultdict(int)
        """How often what happened."""
        self.memory: dict[str, list[float]] = defaultdict(list)
        """The memory of each process now and then, in MB."""
        self.lag = 0.0
        """The longest that the server's loop was late, in ms."""
        self.outages: list[int] = []
        """How long clients were without connection each time, in ms."""

    def violation(self, invariant: str, what: str) -> None:
        """Note that an invariant does not hold."""
        assert invariant in INVARIANTS
        self.times[invariant] += 1
        if len(self.broken[invariant]) < _EXAMPLES:
            self.broken[invariant].append(what)
