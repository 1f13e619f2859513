"""The server under stress, a process of its own: the real service, a feed that counts, and a control channel.

A command a line on standard input, a JSON answer a line on standard output; the log goes to standard error.
`start` publishes to every topic that is open, `stop` ends that and tells how many updates each topic has had,
`stats` tells what there is.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
from pathlib import Path

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic, Topic
from service import logs
from service.app import create_app
from service.feeds.base import Feed, FeedStatus
from service.server import listen, server_of, url_of
from service.settings import Settings

_TICK = 0.01
_SEND_BUFFER = 16_384
_PAGE = 4096

CALM, HOT = 10.0, 150.0
"""Updates a second of a topic; those whose symbol begins with H are hot."""


def number_of(symbol: str) -> float:
    """What tells a symbol's bars from those of others."""
    return float(sum(ord(letter) * 31**place for place, letter in enumerate(symbol)))


class CountingFeed(Feed):
    """Publishes numbered bars to each open topic, and counts them."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._open: dict[str, list[float]] = {}
        self._task: asyncio.Task[None] | None = None
        self.publishing = False
        self.published = 0
        self.lag = 0.0
        """The longest that the loop was late since it was last asked for, in ms."""

    @property
    def counts(self) -> dict[str, int]:
        """Updates of each open topic since it was opened, which is the last one's `seq`."""
        return {address: int(stream[0]) for address, stream in self._open.items()}

    def topic_opened(self, topic: Topic) -> None:
        """Count from nought: a topic that opens is a new epoch."""
        self._open[topic.address] = [0, 0.0]

    def topic_closed(self, topic: Topic) -> None:
        """Forget it."""
        del self._open[topic.address]

    def status(self) -> FeedStatus:
        """For the health endpoint."""
        return FeedStatus("stress", "running")

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(_TICK)
            now = loop.time()
            self.lag = max(self.lag, (now - before - _TICK) * 1000)
            if self.publishing:
                # A server that was held up does not catch up in one burst.
                self._tick(min(now - before, 0.1))
            before = now

    def _tick(self, seconds: float) -> None:
        for address, stream in list(self._open.items()):
            topic = BarsTopic.parse(address)
            stream[1] += seconds * (HOT if topic.symbol.startswith("H") else CALM)
            while stream[1] >= 1:
                stream[1] -= 1
                stream[0] += 1
                bar = Bar(
                    time=60_000,
                    open=number_of(topic.symbol),
                    high=1e12,
                    low=0.0,
                    close=stream[0],
                    volume=1.0,
                )
                self._publisher.bars_update(topic, bar)
                self.published += 1


async def _main(settings: Settings) -> None:
    app = create_app(settings, feed=CountingFeed)
    feed = app.state.feed
    assert isinstance(feed, CountingFeed)
    sockets = listen("127.0.0.1", 0)
    for listening in sockets:
        # Inherited by each connection: what the kernel does not hide is the server's to deal with.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    server = server_of(app, settings)

    def stats() -> dict[str, object]:
        gc.collect()
        lag, feed.lag = feed.lag, 0.0
        return {
            "connections": len(app.state.connections),
            "sockets": len(server.server_state.connections),
            "subscriptions": app.state.hub.subscriptions,
            "topics": len(app.state.hub.topics),
            "tasks": len(asyncio.all_tasks()),
            "rss": int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6,
            "lag": lag,
            "published": feed.published,
        }

    def obey(line: bytes) -> dict[str, object]:
        command = line.decode().strip()
        if command == "stats":
            return stats()
        feed.publishing = command == "start"
        return {"counts": feed.counts}

    async def listen_to_orders() -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            print(json.dumps(obey(line)), flush=True)
        server.should_exit = True

    print(json.dumps({"url": url_of(sockets)}), flush=True)
    orders = asyncio.create_task(listen_to_orders())
    await server.serve(sockets=sockets)
    orders.cancel()


if __name__ == "__main__":
    chosen = Settings.model_validate(json.loads(sys.argv[1]))
    logs.configure(chosen.log_level)
    import uvloop

    uvloop.run(_main(chosen))
