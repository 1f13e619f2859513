"""A span of time split into shorter ones, and a minute into its trades, so that the parts make up the whole.

All in whole ticks and lots. Of what a whole is split into, the first opens it, the last closes it, the highest
and the lowest are its high and low, and the volumes add up to its volume: exactly, at every level.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

LEAST = 4
"""Lots in a span that has any: enough for open, high, low and close to be trades of their own."""

MOST_TRADES = 900
"""In one minute; ids leave room for 1,000."""

_RANGE = 1.5
"""How far a random walk of length 1 gets from its lowest to its highest point, on average; 1.6 were it not
for the bounds that keep it inside the whole, which cost it some of its way."""

Chance = Callable[[], float]


class Span(NamedTuple):
    """What happened in a span of time, in ticks and lots."""

    open: int
    high: int
    low: int
    close: int
    volume: int


class Trade(NamedTuple):
    """One trade; `time` is Unix milliseconds, `ticks` and `lots` its price and size, `buy` the taker's side."""

    time: int
    ticks: int
    lots: int
    buy: bool
    id: int


class _Turns(NamedTuple):
    """The two extremes in the order in which they are reached, and how far each leg of the way is."""

    first: int
    second: int
    legs: tuple[int, int, int]


def whole(chance: Chance, opened: int, closed: int, sigma: float, volume: int) -> Span:
    """A span of a random walk that moves by `sigma` ticks in its length, of which both ends are known."""
    high = max(opened, closed, round(_highest(chance, opened, closed, sigma)))
    low = min(opened, closed, round(-_highest(chance, -opened, -closed, sigma)))
    return Span(opened, high, max(1, low), closed, volume)


def split(chance: Chance, span: Span, weights: Sequence[float], idle: float) -> list[Span | None]:
    """As many parts as there are weights; None where nothing happened, which is so for `idle` of them.

    The weights say how busy each part is, against the others.
    """
    count = len(weights)
    busy = [place for place in range(count) if idle == 0.0 or chance() >= idle]
    if not busy:
        busy.append(int(chance() * count))
    while len(busy) * LEAST > span.volume:
        busy.pop(int(chance() * len(busy)))
    ways = _ways(chance, span, len(busy))
    usual = sum(high - low for _, high, low, _ in ways) / len(ways) + 1.0
    volumes = _shares(
        span.volume,
        LEAST,
        [
            weights[place] * (0.3 + (way[1] - way[2]) / usual) * (0.4 + chance())
            for place, way in zip(busy, ways, strict=True)
        ],
    )
    parts: list[Span | None] = [None] * count
    for place, way, volume in zip(busy, ways, volumes, strict=True):
        parts[place] = Span(*way, volume)
    return parts


def trades(chance: Chance, span: Span, minute: int, *, rate: float, lots: int) -> list[Trade]:
    """The trades of a minute, counted from 1970, where `rate` of `lots` each are usual; ids grow with time."""
    count = int(rate * math.sqrt(span.volume / (rate * lots)) * (0.7 + 0.6 * chance()))
    prices = _prices(chance, span, max(1, min(count, span.volume, MOST_TRADES)))
    count = len(prices)
    sizes = _shares(span.volume, 1, [0.05 + chance() ** 4 for _ in range(count)])
    result = []
    buy = chance() < 0.5
    before = prices[0]
    for n, (time, price, size) in enumerate(zip(_times(chance, count), prices, sizes, strict=True)):
        # Who takes an offer pays what is asked, and who takes a bid gets what is bid: the price tells them apart.
        if price != before:
            buy, before = price > before, price
        result.append(Trade(minute * 60_000 + time, price, size, buy, minute * 1_000 + n))
    return result


def _ways(chance: Chance, span: Span, count: int) -> list[tuple[int, int, int, int]]:
    """Open, high, low and close of each part: a random walk through the whole's four points, within its bounds."""
    opened, high, low, closed, _ = span
    if high == low:
        return [(opened, high, low, closed)] * count
    if count == 1:
        return [(opened, high, low, closed)]
    sigma = (high - low) / (_RANGE * math.sqrt(count))
    anchors = _anchors(chance, span, count)
    ways = []
    start, at, place = opened, float(opened), 0.0
    for n in range(1, count + 1):
        top = bottom = start
        while anchors and anchors[0][0] < n:
            place, extreme = anchors.pop(0)
            at = float(extreme)
            top, bottom = max(top, extreme), min(bottom, extreme)
        if n == count:
            end = closed
        else:
            until, aim = anchors[0] if anchors else (float(count), closed)
            ahead, step = until - place, n - place
            at += (aim - at) * step / ahead
            at += bell(chance) * sigma * math.sqrt(step * (ahead - step) / ahead)
            at = _within(at, low, high)
            end = round(at)
        place = float(n)
        above = round(_highest(chance, start, end, sigma))
        below = round(-_highest(chance, -start, -end, sigma))
        ways.append((start, min(high, max(top, end, above)), max(low, min(bottom, end, below)), end))
        start = end
    return ways


def _anchors(chance: Chance, span: Span, count: int) -> list[tuple[float, int]]:
    """When, counted in parts, the two extremes are reached; not where an end is one."""
    turns = _turns(chance, span)
    shares = [(leg / (span.high - span.low) + 0.15) * (0.4 + chance()) if leg else 0.0 for leg in turns.legs]
    scale = count / sum(shares)
    first, second = shares[0] * scale, (shares[0] + shares[1]) * scale
    anchors = []
    if turns.legs[0]:
        anchors.append((first, turns.first))
    if turns.legs[2]:
        # Rounding may put it at the very end, where no part would hold it.
        anchors.append((min(second, count - 1e-6), turns.second))
    return anchors


def _turns(chance: Chance, span: Span) -> _Turns:
    opened, high, low, closed, _ = span
    up_first = (high - opened, high - low, closed - low)
    down_first = (opened - low, high - low, high - closed)
    # The shorter way is the likelier one.
    if chance() * (sum(up_first) + sum(down_first)) < sum(down_first):
        return _Turns(high, low, up_first)
    return _Turns(low, high, down_first)


def _prices(chance: Chance, span: Span, count: int) -> list[int]:
    """The prices of a minute's trades: at least as many as it takes to reach its four points."""
    opened, high, low, closed, _ = span
    if high == low:
        return [opened] * count
    turns = _turns(chance, span)
    before, after = turns.legs[0] > 0, turns.legs[2] > 0
    count = max(count, 2 + before + after)
    spread = high - low
    shares = [(leg / spread + 0.15) * (0.4 + chance()) if leg else 0.0 for leg in turns.legs]
    scale = (count - 1) / sum(shares)
    first = min(max(round(shares[0] * scale), 1), count - 2 - after) if before else 0
    second = min(max(round((shares[0] + shares[1]) * scale), first + 1), count - 2) if after else count - 1
    sigma = max(0.5, spread / (_RANGE * math.sqrt(count)))
    prices = [opened]
    at = float(opened)
    for n in range(1, count):
        if n == first:
            prices.append(turns.first)
        elif n == second:
            prices.append(turns.second)
        elif n == count - 1:
            prices.append(closed)
        elif chance() < 0.3:
            prices.append(prices[-1])
            continue
        else:
            until, aim = (
                (first, turns.first)
                if n < first
                else (second, turns.second)
                if n < second
                else (count - 1, closed)
            )
            ahead = until - n + 1
            at += (aim - at) / ahead + bell(chance) * sigma * math.sqrt((ahead - 1) / ahead)
            at = _within(at, low, high)
            prices.append(round(at))
            continue
        at = float(prices[-1])
    return prices


def _times(chance: Chance, count: int) -> list[int]:
    """When in its minute each trade happens, in milliseconds: half of them come in bursts."""
    bursts = [chance() * 60_000.0 for _ in range(1 + count // 20)]
    times = []
    for _ in range(count):
        time = chance() * 60_000.0
        if chance() < 0.5:
            time = bursts[int(chance() * len(bursts))] + 3_000.0 * chance() ** 3
        times.append(int(time) % 60_000)
    times.sort()
    return times


def _shares(total: int, least: int, weights: Sequence[float]) -> list[int]:
    """A total in whole shares of at least so much, in proportion to the weights beyond that."""
    rest = total - least * len(weights)
    scale = rest / sum(weights)
    shares = []
    so_far, given = 0.0, 0
    for weight in weights:
        so_far += weight
        up_to = min(rest, int(so_far * scale))
        shares.append(least + up_to - given)
        given = up_to
    shares[-1] += rest - given
    return shares


def _highest(chance: Chance, start: int, end: int, sigma: float) -> float:
    """The highest point of a random walk from start to end that moves by `sigma` in that time."""
    way = end - start
    return start + (way + math.sqrt(way * way - 2.0 * sigma * sigma * math.log(1.0 - chance()))) / 2.0


def _within(value: float, low: int, high: int) -> float:
    """Reflected at the bounds."""
    if value > high:
        value = 2.0 * high - value
    elif value < low:
        value = 2.0 * low - value
    return min(max(value, low), high)


def bell(chance: Chance) -> float:
    """Near enough to a normal distribution of variance 1, and never beyond 3."""
    return 2.0 * (chance() + chance() + chance() - 1.5)
