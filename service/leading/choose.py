"""From settings to a feed that many processes share."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from generated.publisher import Publisher
from generated.runtime.publication import Sink
from service.broker.connection import redis_at
from service.feeds.base import Feed
from service.leading.lease import Gate, Lease, node_name
from service.leading.shared import SharedFeed
from service.settings import Settings


def shared_feed(settings: Settings, sink: Sink, make: Callable[[Publisher], Feed]) -> SharedFeed:
    """The feed that `make` makes, sharing its work with those of all who have the same broker."""
    # A connection of its own: what is asked here is not to wait behind what is published.
    redis = redis_at(settings.broker, timeout=min(settings.broker_timeout, settings.feed_lease / 2))
    lease = Lease(redis, node_name(socket.gethostname(), os.getpid()), seconds=settings.feed_lease)
    return SharedFeed(make(Publisher(Gate(sink, lease))), lease, settings.feed_lease)
