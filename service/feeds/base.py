"""What a feed is to the rest of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from service.bars.fold import Forming
from service.bars.resolution import Resolution
from service.hub import TopicListener, TopicUnavailable

FeedState: TypeAlias = Literal["idle", "waiting", "running", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed is doing, for the health endpoint."""

    name: str
    state: FeedState
    """`waiting` is for subscribers; `finished` has no more to say; `failed` stopped by a fault of its own."""
    detail: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol that a feed knows, as charts want to know it."""

    symbol: str
    description: str
    type: str
    """`stock`, `index`, `forex`, `crypto` or `other`."""
    currency: str
    """What its prices are in: `USD`."""
    price_decimals: int
    size_decimals: int
    resolutions: tuple[str, ...]
    """Those that a chart should offer; others may be served too."""
    session: str = "24x7"
    timezone: str = "Etc/UTC"


@dataclass(frozen=True, slots=True)
class Page:
    """Bars of one symbol and resolution, oldest first."""

    bars: Sequence[Forming]
    complete: bool
    """Whether there is nothing earlier than these."""


class Feed(TopicListener):
    """Publishes what subscribers listen to; the hub tells it which topics those are."""

    def status(self) -> FeedStatus:
        """How it is doing."""
        raise NotImplementedError

    async def start(self) -> None:
        """Called once, when the service starts."""

    async def stop(self) -> None:
        """Called once, when the service ends, if it was started; returns when nothing of the feed runs any more."""

    async def leave(self) -> None:
        """Called once, when what it published has been handed over; after `stop`, or where `start` failed."""

    def instruments(self) -> Sequence[Instrument]:
        """The symbols that it knows; none where any will do, since others decide what is published."""
        return ()

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """The last `limit` bars that begin before `to_ms` (Unix milliseconds; None is now), the forming one included.

        Raises TopicUnavailable, with a code, for a symbol or resolution that it has no bars of.
        """
        raise TopicUnavailable("No bars are recorded here, only published.", retryable=False)


def run_feed(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """A task that serves everybody, and so logs nothing in the name of the connection that set it going."""
    return asyncio.create_task(work, name=name, context=Context())


class NoFeed(Feed):
    """Publishes nothing: for a service whose bars come from elsewhere in the process."""

    def status(self) -> FeedStatus:
        """Always idle."""
        return FeedStatus("none", "idle")
