"""Whether the service lives, whether newcomers should be sent to it, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from service.feeds.base import FeedStatus

if TYPE_CHECKING:
    from service.metrics.sources import Sources

ReasonCode: TypeAlias = Literal[
    "draining",
    "broker_connecting",
    "broker_down",
    "broker_degraded",
    "broker_out_of_memory",
    "feed_failed",
    "keys_missing",
    "keys_stale",
]

REASON_CODES: Final[tuple[ReasonCode, ...]] = get_args(ReasonCode)

BEARABLE: Final = frozenset({"broker_degraded", "broker_out_of_memory", "keys_stale"})
"""What is wrong, and yet newcomers are better served here than sent away."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is not well."""

    code: ReasonCode
    """For programs."""
    message: str
    """For people."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is."""

    status: Literal["ok", "degraded"]
    """`degraded` where there is any reason; connections are served all the same."""
    live: bool
    """Whether the process does its work. One that does not is not heard to say so: no answer is the answer."""
    ready: bool
    """Whether newcomers should be sent here: whether a new connection and a new subscription would be served."""
    reasons: tuple[Reason, ...]
    """What is not well."""
    uptime_seconds: float
    connections: int
    topics: int
    subscriptions: int
    feed: FeedStatus


def health_of(sources: Sources, uptime_seconds: float) -> Health:
    """How the service is now."""
    reasons = tuple(_reasons(sources))
    return Health(
        status="degraded" if reasons else "ok",
        live=True,
        ready=all(reason.code in BEARABLE for reason in reasons),
        reasons=reasons,
        uptime_seconds=round(uptime_seconds, 3),
        connections=len(sources.connections),
        topics=len(sources.hub.topics),
        subscriptions=sources.hub.subscriptions,
        feed=sources.feed.status(),
    )


def _reasons(sources: Sources) -> Iterator[Reason]:
    if sources.connections.draining:
        yield Reason("draining", "The service sends its connections elsewhere: it is about to end.")
    broker = sources.broker_status()
    if broker.state == "down":
        # Who is connected stays so; but who comes now could not be told where a topic stands. Where the broker
        # is, and what it said, is nothing for the public: `/internal/status` has that.
        yield Reason("broker_down", "The broker cannot be reached.")
    elif broker.state == "connecting":
        yield Reason("broker_connecting", "The broker has not been reached yet.")
    elif broker.full:
        # Not unready: what it knows can be read, and all nodes have the same broker.
        yield Reason(
            "broker_out_of_memory", "The broker is out of memory: it takes no updates and no new topics."
        )
    elif broker.state == "degraded":
        yield Reason("broker_degraded", "The broker is not well.")
    feed = sources.feed.status()
    if feed.state == "failed":
        yield Reason("feed_failed", f"The feed {feed.name} has stopped by a fault of its own.")
    keys = None if sources.keys is None else sources.keys()
    if keys is not None and keys.state == "missing":
        yield Reason("keys_missing", "There are no keys yet to verify tokens with.")
    elif keys is not None and keys.state == "stale":
        yield Reason("keys_stale", "The keys that verify tokens could not be loaded again.")
