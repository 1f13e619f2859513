"""Where publications go, but for the hub itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from service.broker import Broker
from service.counters import Counters

if TYPE_CHECKING:
    from generated.runtime.publication import Publication, Sink


class FeedingSink:
    """Publishes what is a feed's alone."""

    def __init__(self, broker: Broker, counters: Counters) -> None:
        self._broker = broker
        self._counters = counters

    def publish(self, publication: Publication) -> None:
        """Hand it to the broker."""
        self._counters.channels[publication.channel].publications += 1
        self._broker.publish(publication, exclusive=True)


class ThreadSafeSink:
    """Publishes from any thread: `Publisher(ThreadSafeSink(hub, loop))`. In order of each thread's calls."""

    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        self._sink = sink
        self._loop = loop

    def publish(self, publication: Publication) -> None:
        """Hand the publication to the event loop; RuntimeError once the loop is closed."""
        self._loop.call_soon_threadsafe(self._sink.publish, publication)
