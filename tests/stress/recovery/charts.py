"""Bars, folded anew from the server's trades in the plainest way there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from tests.stress.recovery.truth import Body

SPAN_MS: Final[Mapping[str, int]] = {"S": 1_000, "": 60_000, "D": 86_400_000}
"""Of one unit; those that begin at multiples of themselves in UTC."""


def span_of(resolution: str) -> int:
    """How long a bar is, in ms: of `1S`, `5`, `1D`."""
    unit = resolution.lstrip("0123456789")
    return int(resolution[: len(resolution) - len(unit)] or 1) * SPAN_MS[unit]


def folded(trades: Iterable[Body], span: int) -> dict[int, Body]:
    """The bars of these trades (id, price, size, side, time), by the time at which each begins."""
    groups: dict[int, list[Body]] = defaultdict(list)
    for trade in trades:
        groups[trade[4] - trade[4] % span].append(trade)
    return {time: _bar(time, sorted(group, key=_order)) for time, group in sorted(groups.items())}


def _order(trade: Body) -> tuple[int, int]:
    return trade[4], trade[0]


def _bar(time: int, trades: list[Body]) -> Body:
    prices = [trade[1] for trade in trades]
    volume = float(sum(Decimal(repr(trade[2])) for trade in trades))
    return time, prices[0], max(prices), min(prices), prices[-1], volume


def differences(held: Mapping[int, Body], wanted: Mapping[int, Body], since: int, until: int) -> list[str]:
    """Where bars that begin from one time on and before another are not what they should be."""
    found = []
    for time in sorted(held.keys() | wanted.keys()):
        if since <= time < until and held.get(time) != wanted.get(time):
            found.append(f"the bar of {time} is {held.get(time)}, not {wanted.get(time)}")
    return found
