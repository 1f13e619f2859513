"""A relay that is no good one: it takes WebSocket frames apart, and loses, doubles and swaps some of them."""

from __future__ import annotations

from collections import Counter
from random import Random

_SELDOM = 0.02
"""How many updates fare badly."""
_UPDATE = b'.update"'
_TEXT = 0x81
_SNAPSHOT = b'"snapshot":true'
"""What has the number that the client was told before: nobody can see that it is missing, but by what it holds."""
_SPARED = b":EURCHF"
"""A symbol that is traded so seldom that nobody would notice within the run."""


class Mangler:
    """What becomes of the octets from the server to one client; answers and the handshake are left alone."""

    def __init__(self, random: Random, counts: Counter[str]) -> None:
        self.well = False
        """Whether frames are left alone from now on."""
        self._random = random
        self._counts = counts
        self._buffer = bytearray()
        self._opened = False
        self._kept = b""
        """A frame that comes after the next one."""

    def take(self, data: bytes) -> bytes:
        """What is sent on for now, in whole frames."""
        self._buffer += data
        out = bytearray()
        if not self._opened:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return b""
            self._opened = True
            out += self._cut_off(end + 4)
        while (size := self._size()) and len(self._buffer) >= size:
            out += self._mangled(self._cut_off(size))
        return bytes(out)

    def _size(self) -> int:
        """Of the frame that comes next; 0 where its head is not there yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return 0
        size = buffer[1]
        if size < 126:
            return 2 + size
        if len(buffer) < (4 if size == 126 else 10):
            return 0
        if size == 126:
            return 4 + int.from_bytes(buffer[2:4], "big")
        return 10 + int.from_bytes(buffer[2:10], "big")

    def _cut_off(self, size: int) -> bytes:
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece

    def _mangled(self, frame: bytes) -> bytes:
        kept, self._kept = self._kept, b""
        if frame[0] != _TEXT:
            return kept + frame
        if self.well or self._random.random() >= _SELDOM:
            return frame + kept
        if _UPDATE not in frame[:60] or _SPARED in frame[:100] or _SNAPSHOT in frame[:200]:
            return frame + kept
        what = self._random.choice(("lost", "doubled", "swapped"))
        self._counts[f"updates {what} on the way"] += 1
        if what == "lost":
            return kept
        if what == "doubled":
            return frame + kept + frame
        self._kept = frame
        return kept
