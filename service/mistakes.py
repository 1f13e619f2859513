"""How many mistakes are too many: a bucket that each one fills and time empties."""

from __future__ import annotations


class Mistakes:
    """Counts mistakes, forgetting some each second."""

    __slots__ = ("_at", "_forgiven_per_second", "_level", "_most")

    def __init__(self, most: int, forgiven_per_second: float) -> None:
        self._most = most
        self._forgiven_per_second = forgiven_per_second
        self._level = 0.0
        self._at = 0.0

    def add(self, now: float) -> bool:
        """Count one more at a time in seconds; True when that is more than is borne."""
        self._level = max(0.0, self._level - (now - self._at) * self._forgiven_per_second) + 1
        self._at = now
        return self._level > self._most
