"""Spans of time: which one times are multiples of, and what a text like `5`, `1D` or `15m` means."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPANS = (86_400, 3600, 60, 1)
_LETTERS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000}
_TEXT = re.compile(r"(\d{0,6})\s*(ms|[smhdwSHDWM])?(?:in|ec|our|ay|eek)?s?")


def span_of(times: Sequence[float], ticks: int) -> int:
    """The longest of day, hour, minute and second that all times are multiples of, in their unit; at least 1."""
    for seconds in _SPANS:
        if times and all(time % (seconds * ticks) == 0 for time in times):
            return seconds * ticks
    return 1


def seconds_of(text: str, bare: float) -> float | None:
    """How many seconds a text means, with `bare` for a number alone; None for a text that is no span."""
    found = _TEXT.fullmatch(text)
    if found is None or not text:
        return None
    number = int(found[1] or 1)
    if not found[2]:
        return number * bare
    if found[2] == "ms":
        return number / 1000
    letter = found[2] if found[2] == "M" else found[2].lower()
    return float(number * _LETTERS[letter])
