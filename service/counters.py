"""What the service counts: plain numbers on plain objects, so that counting costs an addition.

Whoever does the work adds; `service.metrics` reads when it is asked, and never in between. Everything here belongs
to the event loop's thread, and only ever grows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from generated.constants import DELIVERY, CloseCode

OTHER: Final = "other"
"""In place of what a client made up: names of its own do not become labels."""

_FINEST: Final = 4
_COARSEST: Final = 22
"""Times are told apart from 16 microseconds to four seconds, each bound being twice the one before it."""

_PROTOCOL_CODES: Final = frozenset(
    {1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013}
)
"""Close codes of the WebSocket protocol itself."""

_CODES: Final = _PROTOCOL_CODES | {code.value for code in CloseCode}


class Histogram:
    """How often a time was so long, by powers of two: finding the place takes no search."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * 64
        """Of times of so many bits of microseconds; beyond all that a process lives to see, too."""
        self.sum = 0.0
        """Of all times, in seconds."""

    def add(self, seconds: float, times: int = 1) -> None:
        """Count one time, as often as so many things took it."""
        self.counts[int(seconds * 1e6).bit_length()] += times
        self.sum += seconds * times

    def buckets(self) -> Iterator[tuple[str, int]]:
        """Each bound in seconds, as a label, and how many are within it; the last is of all."""
        within = sum(self.counts[:_FINEST])
        for bits in range(_FINEST, _COARSEST + 1):
            within += self.counts[bits]
            yield str(2**bits / 1e6), within
        yield "+Inf", sum(self.counts)


class ChannelCounters:
    """What became of the updates of one channel."""

    __slots__ = ("conflated", "deliveries", "dropped_gone", "dropped_revoked", "dropped_slow", "publications")

    def __init__(self) -> None:
        self.publications = 0
        """What was published and is not counted by the numbers of a topic that is open now."""
        self.deliveries = 0
        """Updates that were owed to subscribers of topics that are open no more, once for every subscriber."""
        self.conflated = 0
        """Of these: folded into a later update of the same topic, which stands for them."""
        self.dropped_slow = 0
        """Of these: thrown away with a client that was closed because it read too slowly."""
        self.dropped_gone = 0
        """Of these: still waiting for a client when its connection was gone."""
        self.dropped_revoked = 0
        """Of these: thrown away since the client lost the right to them while they waited."""


class Counters:
    """All that one service counts."""

    __slots__ = (
        "bytes_received",
        "bytes_sent",
        "channels",
        "closes",
        "frames_received",
        "long_fanout_seconds",
        "opened",
        "publish_to_write",
        "recovered",
        "refusals",
        "turns",
        "unrecovered",
    )

    def __init__(self) -> None:
        self.opened = 0
        """WebSocket connections that were accepted, those included that were refused at once with a close code."""
        self.closes: Counter[tuple[int | str, str]] = Counter()
        """Connections that are over, by close code and by who ended them: `server` or `client`."""
        self.bytes_sent = 0
        """Bytes of WebSocket connections that were handed to the kernel or the transport."""
        self.bytes_received = 0
        """Bytes of WebSocket connections that came, as they were on the wire."""
        self.frames_received = 0
        """Messages that came, whatever was in them."""
        self.refusals: Counter[str] = Counter()
        """Messages that were refused, by the problem's code."""
        self.recovered = 0
        """Subscribers that came back and missed nothing."""
        self.unrecovered = 0
        """Subscribers that came back and were told of a hole."""
        self.turns = 0
        """Turns of the event loop that wrote updates; of the last few it is not told yet."""
        self.long_fanout_seconds = 0.0
        """How long writing updates took, of those turns in which it took more than a millisecond; in seconds."""
        self.publish_to_write = Histogram()
        """From the first publication of a turn until its updates were written to everybody, of one turn in eight; once
        for each topic and subscriber."""
        self.channels = {channel: ChannelCounters() for channel in DELIVERY}
        """By the channel's name; every channel that has updates."""

    def closed(self, code: int, *, by_server: bool) -> None:
        """Count the end of a connection. A code that neither contract nor protocol knows is `other`."""
        self.closes[code if code in _CODES else OTHER, "server" if by_server else "client"] += 1
