"""Numbers that look random and depend on nothing but their key: the same on every machine, in any order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from random import Random

_MASK = 2**64 - 1
_DAY_S = 86_400.0
_PERIODS_S = tuple(_DAY_S * period for period in (2.0, 6.0, 18.0, 54.0, 162.0))

STRENGTH = 1.1e-4
"""How far a price moves in a second, as a part of itself, when the liveliness is 1; with the root of time."""


def key_of(*parts: object) -> int:
    """A 64-bit number for these parts."""
    text = "\n".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def numbers(key: int, index: int) -> Callable[[], float]:
    """The sequence of numbers in [0, 1) that belongs to an index.

    Of the generator nothing is used but `random()`, whose sequence Python promises not to change.
    """
    return Random(_mixed(key, index)).random  # noqa: S311, a market, no secret


class Drift:
    """Where a price is over the months: a sum of smooth noises, from two days to half a year long.

    Each is three times as slow as the one before it and stronger by the square root of three, which is how a
    random walk looks; but it never walks away for good, so a year's prices stay near their level.
    """

    def __init__(self, key: int, liveliness: float) -> None:
        self._octaves = [
            (key_of(key, period), period, STRENGTH * liveliness * math.sqrt(period)) for period in _PERIODS_S
        ]

    def factor(self, at_s: float) -> float:
        """By how much a price is above its base at a moment in Unix seconds; 1 is not at all."""
        total = 0.0
        for key, period, strength in self._octaves:
            place = at_s / period
            cell = math.floor(place)
            part = place - cell
            smooth = part * part * (3.0 - 2.0 * part)
            left, right = _noise(key, cell), _noise(key, cell + 1)
            total += strength * (left + (right - left) * smooth)
        return math.exp(total)


def _noise(key: int, cell: int) -> float:
    """A number in [-1, 1)."""
    return _mixed(key, cell) / 2**63 - 1.0


def _mixed(key: int, index: int) -> int:
    """64 bits out of two numbers (the finalizer of SplitMix64)."""
    z = (key + index * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)
