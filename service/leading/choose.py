"""From settings to a feed that many processes share."""

from __future__ import annotations

from collections.abc import Callable

from generated.publisher import Publisher
from service.broker.connection import redis_at
from service.feeds.base import Feed
from service.hub import Hub
from service.leading.lease import Gate, Lease, node_name
from service.leading.shared import SharedFeed
from service.settings import Settings


def shared_feed(settings: Settings, hub: Hub, make: Callable[[Publisher], Feed]) -> SharedFeed:
    """The feed that `make` makes, sharing its work with those of all who have the same broker."""
    # A connection of its own: what is asked here is not to wait behind what is published.
    redis = redis_at(settings.broker, timeout=min(settings.broker_timeout, settings.feed_lease / 2))
    lease = Lease(redis, node_name(), seconds=settings.feed_lease)
    return SharedFeed(make(Publisher(Gate(hub.feeding, lease))), lease, hub.broker, settings.feed_lease)
