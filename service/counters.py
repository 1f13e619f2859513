"""What the service counts: plain numbers on plain objects, so that counting costs an addition.

Whoever does the work adds; `service.metrics` reads when it is asked, and never in between. Everything here belongs
to the event loop's thread, and only ever grows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from generated.constants import DELIVERY, CloseCode

OTHER: Final = "other"
"""In place of what a client made up: names of its own do not become labels."""

_NEAR: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Bounds of times, in seconds, from what one write takes to what nobody should ever wait."""

_PROTOCOL_CODES: Final = frozenset(
    {1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013}
)
"""Close codes of the WebSocket protocol itself."""

_CODES: Final = _PROTOCOL_CODES | {code.value for code in CloseCode}


class Histogram:
    """How often a time was so long, by bounds."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = _NEAR) -> None:
        """`bounds` are in seconds, growing; a time equal to one is within it."""
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        """Between each bound and the one before it; the last are those beyond all."""
        self.sum = 0.0
        """Of all times, in seconds."""

    def add(self, seconds: float, times: int = 1) -> None:
        """Count one time, as often as so many things took it."""
        self.counts[bisect_left(self.bounds, seconds)] += times
        self.sum += seconds * times


class ChannelCounters:
    """What became of the updates of one channel."""

    __slots__ = ("conflated", "deliveries", "dropped_gone", "dropped_slow", "publications")

    def __init__(self) -> None:
        self.publications = 0
        """What was published, whether anybody listens or not."""
        self.deliveries = 0
        """Updates owed to subscribers: each publication counts once for every one."""
        self.conflated = 0
        """Of these: folded into a later update of the same topic, which stands for them."""
        self.dropped_slow = 0
        """Of these: thrown away with a client that was closed because it read too slowly."""
        self.dropped_gone = 0
        """Of these: still waiting for a client when its connection was gone."""


class Counters:
    """All that one service counts."""

    __slots__ = (
        "bytes_received",
        "bytes_sent",
        "channels",
        "closes",
        "fanout_seconds",
        "frames_received",
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
        """Turns of the event loop that wrote updates."""
        self.fanout_seconds = 0.0
        """How long writing updates took in all, in seconds."""
        self.publish_to_write = Histogram()
        """From the first publication of a turn until its updates were written to everybody, once for each update
        and subscriber: no delivery took longer than it is counted with."""
        self.channels = {channel: ChannelCounters() for channel in DELIVERY}
        """By the channel's name; every channel that has updates."""

    def closed(self, code: int, *, by_server: bool) -> None:
        """Count the end of a connection. A code that neither contract nor protocol knows is `other`."""
        self.closes[code if code in _CODES else OTHER, "server" if by_server else "client"] += 1
