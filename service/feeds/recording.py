"""A file that can be played: looked through once, so that what is wrong with it is told before it begins."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generated.topics import TradesTopic
from service.bars.fold import LATE_MS
from service.bars.resolution import Resolution
from service.feeds.cells import LARGEST_ID
from service.feeds.table import BadRow, BarRow, Row, TableError, TradeRow, read_columns, read_rows
from service.logs import event

log = logging.getLogger(__name__)

_MOST_LISTED = 20
_MOST_DECIMALS = 12
_MINUTE = Resolution(1, "minute")
_LAST_MS = 8_640_000_000_000_000
"""The last moment that JavaScript has a date for, in the year 275760."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that has been looked through, and what it holds."""

    path: Path
    symbol: str
    resolution: Resolution | None
    """How long its bars are; None where it holds trades."""
    rows: int
    first_ms: int
    last_ms: int
    """The lowest and the highest time."""
    ids: int
    """What is added to the ids of trades when they are played again."""
    price_decimals: int
    size_decimals: int
    skip_bad: bool

    @property
    def holds(self) -> str:
        """What it holds, for people."""
        return "trades" if self.resolution is None else f"bars of {self.resolution}"

    def play(self, *, loop: bool) -> Iterator[Row]:
        """Its rows; with `loop` again and again, later and with higher ids each time, until numbers end.

        TableError where the file has changed for the worse since it was looked through.
        """
        step = _MINUTE if self.resolution is None else self.resolution
        a_round = step.spanned(self.first_ms, self.last_ms)
        number = 0
        while True:
            empty = True
            for read in self._read():
                empty = False
                row = read
                if number:
                    row = _again(read, step.later(read.time, number * a_round), number * self.ids)
                if row.time > _LAST_MS or (isinstance(row, TradeRow) and row.id > LARGEST_ID):
                    log.info(event("replay is at the end of all dates", file=self.path))
                    return
                yield row
            if empty:
                raise TableError(f"{self.path}: holds no rows any more")
            if not loop:
                return
            number += 1

    def _read(self) -> Iterator[Row]:
        for item in read_rows(self.path):
            if not isinstance(item, BadRow):
                yield item
            elif not self.skip_bad:
                raise TableError(str(item))


def _again(row: Row, time: int, ids: int) -> Row:
    if isinstance(row, TradeRow):
        return TradeRow(row.line, time, row.price, row.size, row.side, row.id + ids)
    return BarRow(row.line, time, row.open, row.high, row.low, row.close, row.volume)


@dataclass(slots=True)
class _Scan:
    """What one look through a file finds."""

    rows: int = 0
    bad: int = 0
    listed: list[str] = field(default_factory=list)
    gaps: Counter[int] = field(default_factory=Counter)
    first_ms: int = 0
    last_ms: int = 0
    previous_ms: int = 0
    backwards: int = 0
    too_late: int = 0
    ids: tuple[int, int] = (0, 0)
    price_decimals: int = 0
    size_decimals: int = 0

    def add(self, item: Row | BadRow) -> None:
        """Take one more row into account."""
        if isinstance(item, BadRow):
            self.bad += 1
            if len(self.listed) < _MOST_LISTED:
                self.listed.append(str(item))
            return
        at = item.time
        if not self.rows:
            self.first_ms = self.last_ms = at
        elif isinstance(item, BarRow):
            self.gaps[at - self.previous_ms] += 1
        self.backwards += at < self.previous_ms
        self.too_late += at < self.last_ms - LATE_MS
        self.first_ms, self.last_ms, self.previous_ms = min(self.first_ms, at), max(self.last_ms, at), at
        if isinstance(item, TradeRow):
            least, most = self.ids if self.rows else (item.id, item.id)
            self.ids = min(least, item.id), max(most, item.id)
            self.price_decimals = _decimals(item.price, self.price_decimals)
            self.size_decimals = _decimals(item.size, self.size_decimals)
        else:
            for price in (item.open, item.high, item.low, item.close):
                self.price_decimals = _decimals(price, self.price_decimals)
            self.size_decimals = _decimals(item.volume, self.size_decimals)
        self.rows += 1

    def report(self) -> str:
        """The bad rows, a line each; those beyond a bound are counted."""
        more = self.bad - len(self.listed)
        return "\n".join([*self.listed, *([f"and {more} more"] if more else [])])


def _decimals(number: float, enough: int) -> int:
    """How many decimals a number has, if more than this many."""
    while enough < _MOST_DECIMALS and round(number, enough) != number:
        enough += 1
    return enough


def open_recording(path: Path, *, symbol: str | None, resolution: str | None, skip_bad: bool) -> Recording:
    """Look through a file; what is not said about it is read off its name and its rows.

    Raises TableError, with a line for each bad row, where the file cannot be played. Skipped rows are logged.
    """
    columns = read_columns(path)
    if columns.trades and resolution is not None:
        raise TableError(f"{path}: holds trades, which fold into every resolution; --resolution is for bars")
    scan = _Scan()
    for item in read_rows(path):
        scan.add(item)
    if scan.bad and not skip_bad:
        raise TableError(f"{scan.report()}\n{path}: {_count(scan.bad)}; --bad-rows skip plays the others")
    if not scan.rows:
        raise TableError(f"{path}: holds no rows that could be played")
    if 2 * scan.backwards > scan.rows:
        raise TableError(f"{path}: its times run backwards; sort the rows, the oldest first")
    if scan.bad:
        for line in scan.report().splitlines():
            log.warning(event("bad row skipped", row=line))
    if columns.trades and "side" not in columns.places:
        log.warning(event("no column side: buys are those that raise the price, sells lower it", file=path))
    if scan.too_late:
        log.warning(
            event(
                "trades are so far behind earlier rows that they are played but too late for bars",
                file=path,
                trades=scan.too_late,
                behind_seconds=LATE_MS // 1000,
            )
        )
    recording = Recording(
        path=path,
        symbol=_symbol(path, symbol),
        resolution=None if columns.trades else _resolution(path, scan, resolution),
        rows=scan.rows,
        first_ms=scan.first_ms,
        last_ms=scan.last_ms,
        ids=scan.ids[1] - scan.ids[0] + 1,
        price_decimals=scan.price_decimals,
        size_decimals=scan.size_decimals,
        skip_bad=skip_bad,
    )
    log.info(
        event(
            "replay",
            file=path,
            rows=scan.rows,
            skipped=scan.bad,
            symbol=recording.symbol,
            holds=recording.holds,
        )
    )
    return recording


def _symbol(path: Path, symbol: str | None) -> str:
    name = symbol or path.stem.replace("_", "-").split("-")[0].upper()
    try:
        return TradesTopic(name).symbol
    except ValueError as error:
        raise TableError(f"{path}: give --symbol; the file's name does not tell: {error}") from error


def _resolution(path: Path, scan: _Scan, resolution: str | None) -> Resolution:
    if resolution is not None:
        return Resolution.parse(resolution)
    try:
        return Resolution.of_spacing(scan.gaps.items())
    except ValueError as error:
        raise TableError(f"{path}: give --resolution; the rows do not tell: {error}") from error


def _count(bad: int) -> str:
    return "1 bad row" if bad == 1 else f"{bad} bad rows"
