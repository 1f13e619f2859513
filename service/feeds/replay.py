"""Bars out of a file, played to whoever listens, at a chosen pace and unchanged."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic, Topic
from service.bars.resolution import Resolution
from service.feeds.base import Feed, FeedState, FeedStatus, run_feed
from service.feeds.table import BadRow, Row, TableError, read_rows

log = logging.getLogger(__name__)

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that has been looked through, and what it holds."""

    path: Path
    topic: BarsTopic
    resolution: Resolution
    rows: int
    first_ms: int
    last_ms: int
    skip_bad: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast rows are played: so many a second, so many times real time, or neither, as fast as can be."""

    rows_per_second: float | None = None
    times_real_time: float | None = None

    def due(self, index: int, since_first_ms: int) -> float:
        """Seconds from the first row's playing to that of the index-th, so much later by its own time."""
        if self.rows_per_second is not None:
            return index / self.rows_per_second
        if self.times_real_time is not None:
            return since_first_ms / 1000 / self.times_real_time
        return 0.0


@dataclass(slots=True)
class _Scan:
    rows: int = 0
    bad: int = 0
    listed: list[str] = field(default_factory=list)
    gaps: Counter[int] = field(default_factory=Counter)
    first_ms: int = 0
    last_ms: int = 0

    def add(self, item: Row | BadRow) -> None:
        if isinstance(item, BadRow):
            self.bad += 1
            if len(self.listed) < _MOST_LISTED:
                self.listed.append(str(item))
            return
        if self.rows:
            self.gaps[item.time - self.last_ms] += 1
        else:
            self.first_ms = item.time
        self.last_ms = item.time
        self.rows += 1

    def report(self) -> str:
        """The bad rows, a line each; those beyond a bound are counted."""
        more = self.bad - len(self.listed)
        return "\n".join([*self.listed, *([f"and {more} more"] if more else [])])


def open_recording(path: Path, *, symbol: str | None, resolution: str | None, skip_bad: bool) -> Recording:
    """Look through a file; what is not said about it is read off its name and its rows.

    Raises TableError, with a line for each bad row, where the file cannot be played. Skipped rows are logged.
    """
    scan = _Scan()
    for item in read_rows(path):
        scan.add(item)
    if scan.bad and not skip_bad:
        raise TableError(f"{scan.report()}\n{path}: {_count(scan.bad)}; --bad-rows skip plays the others")
    if not scan.rows:
        raise TableError(f"{path}: holds no rows that could be played")
    if scan.bad:
        for line in scan.report().splitlines():
            log.warning("bad row skipped: %s", line)
    topic, span = _topic_of(path, scan, symbol, resolution)
    log.info("replay file=%s rows=%d skipped=%d topic=%s", path, scan.rows, scan.bad, topic.address)
    return Recording(path, topic, span, scan.rows, scan.first_ms, scan.last_ms, skip_bad)


def _topic_of(
    path: Path, scan: _Scan, symbol: str | None, resolution: str | None
) -> tuple[BarsTopic, Resolution]:
    if resolution is None:
        try:
            span = Resolution.of_spacing(scan.gaps.items())
        except ValueError as error:
            raise TableError(f"{path}: give --resolution; the rows do not tell: {error}") from error
    else:
        span = Resolution.parse(resolution)
    name = symbol or path.stem.replace("_", "-").split("-")[0].upper()
    try:
        return BarsTopic(name, str(span)), span
    except ValueError as error:
        raise TableError(f"{path}: give --symbol; the file's name does not tell: {error}") from error


def _count(bad: int) -> str:
    return "1 bad row" if bad == 1 else f"{bad} bad rows"


class Replay(Feed):
    """Plays one recording on its topic. Other topics stay silent, unless somebody else publishes on them."""

    def __init__(
        self,
        publisher: Publisher,
        recording: Recording,
        *,
        pace: Pace,
        start: Literal["on-subscribe", "immediately"] = "on-subscribe",
        wait_for: int = 1,
        loop: bool = False,
    ) -> None:
        """With `on-subscribe`, `wait_for` subscribers must listen at once before the first row is played."""
        self._publisher = publisher
        self._recording = recording
        self._pace = pace
        self._on_subscribe = start == "on-subscribe"
        self._wait_for = wait_for
        self._loop = loop
        self._state: FeedState = "waiting"
        self._played = 0
        self._task: asyncio.Task[None] | None = None

    def status(self) -> FeedStatus:
        """Waiting, running or finished, and how many rows have been played."""
        detail: dict[str, str | int | float] = {
            "topic": self._recording.topic.address,
            "rows": self._recording.rows,
            "played": self._played,
        }
        return FeedStatus("replay", self._state, detail)

    async def start(self) -> None:
        """Play at once, unless it is to wait for subscribers."""
        if not self._on_subscribe:
            self._begin()

    async def stop(self) -> None:
        """Stop playing."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def topic_opened(self, topic: Topic) -> None:
        """Tell the log where somebody listens to what is not played."""
        if topic != self._recording.topic:
            log.warning(
                "nothing is played on topic=%s, only on %s", topic.address, self._recording.topic.address
            )

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """Begin when enough of them listen."""
        if (
            self._on_subscribe
            and topic == self._recording.topic
            and count >= self._wait_for
            and self._task is None
        ):
            self._begin()

    def topic_closed(self, topic: Topic) -> None:
        """Stop; whoever comes next hears it from the first row."""
        if self._on_subscribe and topic == self._recording.topic and self._task is not None:
            self._task.cancel()
            self._task = None
            self._state = "waiting"

    def _begin(self) -> None:
        self._state = "running"
        self._played = 0
        self._task = run_feed(self._play(), "replay")
        log.info("replay begins topic=%s", self._recording.topic.address)

    async def _play(self) -> None:
        try:
            began = asyncio.get_running_loop().time()
            for row, shift_ms in self._rows():
                since_first = row.time + shift_ms - self._recording.first_ms
                await self._until(began + self._pace.due(self._played, since_first))
                self._publish(row, shift_ms)
        except (TableError, OSError) as error:
            # The file was whole when it was looked through: somebody changed it since.
            self._state = "failed"
            log.error("replay stopped: %s", error)  # noqa: TRY400, the message says it all
        except Exception:
            self._state = "failed"
            log.exception("replay failed")
        else:
            self._state = "finished"
            log.info("replay finished rows=%d", self._played)

    def _rows(self) -> Iterator[tuple[Row, int]]:
        """Each row with what is added to its time: nothing, until the file is played again."""
        shift_ms = 0
        while True:
            empty = True
            for item in read_rows(self._recording.path):
                if isinstance(item, Row):
                    empty = False
                    yield item, shift_ms
                elif not self._recording.skip_bad:
                    raise TableError(str(item))
            if empty:
                raise TableError(f"{self._recording.path}: holds no rows any more")
            if not self._loop:
                return
            shift_ms += self._round_ms()

    def _round_ms(self) -> int:
        """How much later the next round begins, so that its first row follows the last one's bar."""
        recording = self._recording
        end = recording.resolution.next(recording.last_ms)
        length = end - recording.last_ms
        return -(-(end - recording.first_ms) // length) * length

    async def _until(self, when: float) -> None:
        """Wait; where there is nothing to wait for, let the others have their turn."""
        await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))

    def _publish(self, row: Row, shift_ms: int) -> None:
        self._played += 1
        self._publisher.bars_update(
            self._recording.topic,
            Bar(
                time=row.time + shift_ms,
                open=row.open,
                high=row.high,
                low=row.low,
                close=row.close,
                volume=row.volume,
            ),
        )
