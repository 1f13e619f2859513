"""What a client tells its user of updates that it has missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal["reconnect", "gap", "checksum", "reset"]
"""What came before.

The connection was lost, an update was left out or unreadable, what was held proved wrong, or the server began the
topic anew: then all that came before is void.
"""


@dataclass(frozen=True, slots=True)
class Hole:
    """Updates of a topic that this client has missed and will not get."""

    topic: str
    reason: Reason
    after: int | None
    """The number of the last update before the hole, where it is known."""
    seq: int | None
    """The number of the last update in the hole, where it is known: what comes now follows it.

    Numbers count within an epoch: where the server has begun anew, this one may be below `after`.
    """
