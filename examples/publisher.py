"""Run the service with a feed of one's own: a price that ticks once a second for whoever listens.

python examples/publisher.py, then subscribe to TICK at any resolution on ws://127.0.0.1:8000/api/v1/ws
"""

from __future__ import annotations

import asyncio
import itertools
import math
import sys
import time

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic, Topic
from service import logs
from service.app import create_app
from service.bars.fold import Fold, Tick
from service.bars.resolution import Resolution
from service.feeds.base import Feed, FeedStatus
from service.hub import TopicUnavailable
from service.server import listen, run, url_of
from service.settings import Settings


class Ticker(Feed):
    """Publishes a wave on the topics of one symbol while somebody listens; turns other symbols away."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._tasks: dict[BarsTopic, asyncio.Task[None]] = {}

    def status(self) -> FeedStatus:
        """What `/api/v1/health` says about this feed."""
        return FeedStatus("ticker", "running" if self._tasks else "waiting")

    def topic_opened(self, topic: Topic) -> None:
        """The first subscriber of a topic came: start what feeds it."""
        if not isinstance(topic, BarsTopic) or topic.symbol != "TICK":
            raise TopicUnavailable(f"{topic.address} is not published here; try TICK", retryable=False)
        self._tasks[topic] = asyncio.create_task(self._tick(topic))

    def topic_closed(self, topic: Topic) -> None:
        """Nobody listens any more: stop it."""
        if isinstance(topic, BarsTopic):
            self._tasks.pop(topic).cancel()

    async def _tick(self, topic: BarsTopic) -> None:
        fold = Fold(Resolution.parse(topic.resolution))
        for number in itertools.count():
            now = time.time()
            bar = fold.add(Tick(int(now * 1000), round(100 + 5 * math.sin(now / 30), 2), 1, number))
            if bar is not None:  # None is for trades that come an hour late.
                self._publisher.bars_update(
                    topic,
                    Bar(
                        time=bar.time,
                        open=bar.open,
                        high=bar.high,
                        low=bar.low,
                        close=bar.close,
                        volume=bar.volume,
                    ),
                )
            await asyncio.sleep(1)


def main() -> int:
    """Serve until Ctrl-C; TAPEWIRE_PORT and the other variables work as for `python -m service serve`."""
    settings = Settings()
    logs.configure(settings.log_level)
    try:
        sockets = listen(settings.host, settings.port)
    except OSError as error:
        print(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"publishing TICK on {url_of(sockets)}; Ctrl-C ends it", flush=True)
    run(create_app(settings, feed=Ticker), settings, sockets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
