"""A made-up market: the price of any symbol at any moment, from a seed alone.

The price is a function of time, not a walk that somebody has to keep walking: the logarithm of a base price
plus a sum of smooth noises, each three times as slow as the one before it and stronger by the square root of
three, which is how a random walk looks from near and from far. So there is nothing to store, two processes
with one seed agree, a bar's beginning can be told later, and no price jumps because nobody was listening.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

_MASK = 2**64 - 1
_FASTEST_S = 1.0
_OCTAVES = 14
_FACTOR = 3.0
_PER_ROOT_SECOND = 1.1e-4
"""Strength of the price's movement: about 60 % a year, lively enough to watch."""

_KNOWN = {
    "AAPL": 190.0, "AMZN": 178.0, "GOOGL": 164.0, "META": 495.0, "MSFT": 415.0, "NVDA": 121.0, "TSLA": 244.0,
    "SPY": 545.0, "BTCUSD": 64_000.0, "ETHUSD": 3_100.0, "EURUSD": 1.084, "GBPUSD": 1.271, "USDJPY": 157.2,
}  # fmt: skip
_CALM = {"EURUSD": 0.15, "GBPUSD": 0.15, "USDJPY": 0.18, "SPY": 0.4}
"""Currencies and indices move less than the rest, which counts as 1."""


@dataclass(slots=True)
class _Octave:
    """One smooth noise; the two lattice values around the moment last asked for are kept."""

    key: int
    period_s: float
    strength: float
    cell: int = -1
    left: float = 0.0
    right: float = 0.0


class Market:
    """The made-up prices and sizes of one symbol. Same seed and symbol, same market."""

    def __init__(self, seed: int, symbol: str) -> None:
        keys = _keys(seed, symbol)
        name = symbol.upper().replace("/", "").replace("-", "")
        # Unknown names cost between 10 and 500, evenly on a logarithmic scale.
        self.base = _KNOWN.get(name) or 10.0 * 50.0 ** (keys[0] / 2**64)
        self.decimals = _decimals(self.base)
        strength = _PER_ROOT_SECOND * _CALM.get(name, 1.0)
        self._size_key = keys[1]
        self._octaves = [
            _Octave(keys[2 + n], period, strength * math.sqrt(period))
            for n, period in enumerate(_FASTEST_S * _FACTOR**n for n in range(_OCTAVES))
        ]

    def price(self, at_ms: int) -> float:
        """The price at a moment (Unix milliseconds), rounded as this symbol is quoted; above zero."""
        seconds = at_ms / 1000
        total = 0.0
        for octave in self._octaves:
            place = seconds / octave.period_s
            cell = math.floor(place)
            if cell != octave.cell:
                octave.left = octave.right if cell == octave.cell + 1 else _noise(octave.key, cell)
                octave.right = _noise(octave.key, cell + 1)
                octave.cell = cell
            part = place - cell
            smooth = part * part * (3.0 - 2.0 * part)
            total += octave.strength * (octave.left + (octave.right - octave.left) * smooth)
        return round(self.base * math.exp(total), self.decimals)

    def size(self, at_ms: int) -> int:
        """How much changes hands at a moment: 0 to some hundreds, mostly little."""
        unit = (_noise(self._size_key, at_ms) + 1.0) / 2.0
        return int(400.0 * unit**4)


def _keys(seed: int, symbol: str) -> list[int]:
    """Independent 64-bit numbers for each noise, the same on every machine."""
    digest = hashlib.shake_128(f"{seed}\n{symbol}".encode()).digest(8 * (_OCTAVES + 2))
    return [int.from_bytes(digest[n : n + 8], "big") for n in range(0, len(digest), 8)]


def _noise(key: int, cell: int) -> float:
    """A number in [-1, 1) that looks random and depends on nothing else (the finalizer of SplitMix64)."""
    z = (key + cell * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) / 2**63 - 1.0


def _decimals(base: float) -> int:
    """How finely a price of this size is quoted."""
    if base < 5:
        return 5
    return 3 if base < 20 else 2
