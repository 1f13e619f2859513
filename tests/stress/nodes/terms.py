"""What must hold of several nodes on a broker that fails, and what is noted on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

INVARIANTS: Final[Mapping[str, str]] = {
    "order": "of channels that lose nothing, each update follows on the one before it, in number and epoch, at "
    "whatever node; what is missing was told as a hole, and what comes next goes on where the hole says that it ends",
    "once": "no such update comes twice, but where the broker forgot that it had it and the client was told",
    "content": "an update is what was published, and has the epoch and number that the publisher was told",
    "scope": "nobody is given an update of an account that the token of that moment does not grant, or of another "
    "topic",
    "refused": "forged, foreign and missing tokens open nothing: each is refused by the code that fits, also at once "
    "when a token grants less than the one before it",
    "closed": "a connection ends only with a code that fits what happened, and no client is closed for good",
    "back": "after the last fault each client is connected and has the next update of each of its topics in seconds; "
    "the nodes say that they are ready",
    "held": "in the end each order book and bar that is held is the publisher's",
    "memory": "a node's memory does not grow with faults once it is warm",
    "quiet": "no error and no traceback in the logs of nodes and clients, and no warning but those of faults",
    "drain": "a node that is told to end does so by itself, in time, with 0",
    "harness": "the run itself does what it should",
}

EXPECTED_WARNINGS: Final = (
    "broker ",
    "the broker ",
    "topics reset",
    "tokens of a development key",
    "cut off at the end of the drain",
    "cannot ask who feeds",
)
"""How warnings begin that belong to the faults."""

ACCOUNTS: Final = ("A1", "A2", "A3", "A4")
SYMBOLS: Final = ("HOT", "WARM", "CALM")
RATES: Final[Mapping[str, float]] = {"HOT": 60.0, "WARM": 15.0, "CALM": 2.0}
"""Updates a second of each topic of such a symbol."""
ACCOUNT_RATE: Final = 4.0
"""Updates a second of each private topic."""
DEPTH: Final = 10

BROKER_TIMEOUT: Final = 1.0
TOKEN_LEEWAY: Final = 1.0
TOKEN_GRACE: Final = 2.0
BACK_WITHIN: Final = 20.0
"""Seconds after the last fault; a node tries the broker every five at the most."""
DRAIN_WITHIN: Final = 15.0
"""Seconds from SIGTERM to a node's end; it was told to take four."""
WARM_AFTER: Final = 8.0
"""Seconds until a node's memory counts."""
MEMORY_GROWTH: Final = 40.0
"""MB; what Valkey's absence lets wait is bounded, and given back to the interpreter, not to the machine."""

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
        """The memory of each node's lives when warm and in the end, in MB."""
        self.late: float = 0.0
        """The longest that this process's loop was late, in seconds."""
        self.back: float = 0.0
        """Seconds from the last fault until all was well."""

    def violation(self, invariant: str, what: str) -> None:
        """Note that an invariant does not hold."""
        assert invariant in INVARIANTS
        self.times[invariant] += 1
        if len(self.broken[invariant]) < _EXAMPLES:
            self.broken[invariant].append(what)
