"""A leaky bucket: what comes faster than it may fills it, and time empties it."""

from __future__ import annotations


class Bucket:
    """Counts events, forgetting some each second."""

    __slots__ = ("_at", "_leak", "level")

    def __init__(self, leak: float, now: float) -> None:
        """`leak` is in events a second; `now` and the times after it in seconds of one clock."""
        self._leak = leak
        self._at = now
        self.level = 0.0
        """How many events are not forgotten yet."""

    def add(self, now: float) -> float:
        """Count one more; the level with it."""
        level = self.level - (now - self._at) * self._leak
        self._at = now
        self.level = level = (level if level > 0.0 else 0.0) + 1.0
        return level
