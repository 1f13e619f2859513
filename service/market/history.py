"""Bars of any resolution at any time, made of the longest spans that fit into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from service.bars.fold import Forming
from service.bars.resolution import Resolution
from service.market.listing import Listing
from service.market.skeleton import (
    BEGINS_MS,
    DAY_MS,
    ENDS_MS,
    HOUR_MS,
    MINUTE_MS,
    MONTHS_MS,
    Skeleton,
    month_of,
)
from service.market.splitting import Span, Trade

LONGEST = Resolution(12, "month")


class Piece(NamedTuple):
    """What happened from a moment on, until the next piece begins; `span` is None where nothing did."""

    begins_ms: int
    span: Span | None


def bars_before(
    skeleton: Skeleton, resolution: Resolution, to_ms: int, upto_ms: int
) -> Iterator[Forming | None]:
    """Bars that begin before `to_ms`, the latest first, of all that has happened up to and with `upto_ms`.

    Now and then None comes in between: where the caller may pause, since finding a bar can take long.
    """
    to_ms = min(to_ms, ENDS_MS)
    if to_ms <= BEGINS_MS:
        return
    end_ms = min(resolution.next(resolution.floor(to_ms - 1)), upto_ms + 1, ENDS_MS)
    begins: int | None = None
    opened = high = low = close = volume = 0
    listing = skeleton.listing
    for piece in pieces_before(skeleton, resolution, end_ms):
        if piece.span is None:
            yield None
            continue
        start = resolution.floor(piece.begins_ms)
        if start == begins:
            high, low = max(high, piece.span.high), min(low, piece.span.low)
            volume += piece.span.volume
        else:
            if begins is not None:
                yield _bar(listing, begins, Span(opened, high, low, close, volume))
            begins = start
            _, high, low, close, volume = piece.span
        opened = piece.span.open
    if begins is not None:
        yield _bar(listing, begins, Span(opened, high, low, close, volume))


def pieces_before(skeleton: Skeleton, resolution: Resolution, end_ms: int) -> Iterator[Piece]:
    """Pieces that end at `end_ms`, the latest first, each within one bar and as long as can be."""
    at = end_ms
    while at > BEGINS_MS:
        if at % MINUTE_MS:
            minute = at // MINUTE_MS
            yield from _each(skeleton.trades(minute), at)
            at = minute * MINUTE_MS
            continue
        start = resolution.floor(at - 1)
        if at % DAY_MS == 0 and start <= at - DAY_MS:
            month = month_of(at - 1)
            if MONTHS_MS[month + 1] == at and start <= MONTHS_MS[month]:
                at = MONTHS_MS[month]
                yield Piece(at, skeleton.month(month))
            else:
                at -= DAY_MS
                yield Piece(at, skeleton.day(at))
        elif at % HOUR_MS == 0 and start <= at - HOUR_MS:
            at -= HOUR_MS
            yield Piece(at, skeleton.hour(at))
        elif start <= at - MINUTE_MS:
            at -= MINUTE_MS
            yield Piece(at, skeleton.minute(at))
        else:
            at -= MINUTE_MS
            yield from _each(skeleton.trades(at // MINUTE_MS), at + MINUTE_MS)


def last_price(skeleton: Skeleton, upto_ms: int) -> int | None:
    """The price of the last trade up to and with a moment, in ticks; None before the first trade of all."""
    for piece in pieces_before(skeleton, LONGEST, upto_ms + 1):
        if piece.span is not None:
            return piece.span.close
    return None


def _each(trades: list[Trade], before_ms: int) -> Iterator[Piece]:
    """A piece for each trade before a moment, the latest first; an empty one where there is none."""
    empty = True
    for trade in reversed(trades):
        if trade.time < before_ms:
            empty = False
            yield Piece(trade.time, Span(trade.ticks, trade.ticks, trade.ticks, trade.ticks, trade.lots))
    if empty:
        yield Piece(before_ms, None)


def _bar(listing: Listing, begins_ms: int, span: Span) -> Forming:
    opened, high, low, close = map(listing.price_of, span[:4])
    return Forming(begins_ms, opened, high, low, close, listing.size_of(span.volume))
