"""What a feed is to the rest of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from service.hub import TopicListener

FeedState: TypeAlias = Literal["idle", "waiting", "running", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed is doing, for the health endpoint."""

    name: str
    state: FeedState
    """`waiting` is for subscribers; `finished` has no more to say; `failed` stopped by a fault of its own."""
    detail: dict[str, str | int | float] = field(default_factory=dict)


class Feed(TopicListener):
    """Publishes what subscribers listen to; the hub tells it which topics those are."""

    def status(self) -> FeedStatus:
        """How it is doing."""
        raise NotImplementedError

    async def start(self) -> None:
        """Called once, when the service starts."""

    async def stop(self) -> None:
        """Called once, when the service ends; returns when nothing of the feed runs any more."""


def run_feed(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """A task that serves everybody, and so logs nothing in the name of the connection that set it going."""
    return asyncio.create_task(work, name=name, context=Context())


class NoFeed(Feed):
    """Publishes nothing: for a service whose bars come from elsewhere in the process."""

    def status(self) -> FeedStatus:
        """Always idle."""
        return FeedStatus("none", "idle")
