"""The example of a feed of one's own, as its reader would run it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from generated.publisher import Publisher
from service.feeds.base import Feed
from tests.service.running import service

EXAMPLE = Path(__file__).parents[2] / "examples" / "publisher.py"


def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("example_publisher", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_it_publishes_to_whoever_listens_and_stops_when_nobody_does() -> None:
    """Its topic is fed from the first subscriber to the last; other topics are turned away."""
    ticker = example().Ticker

    def feed(publisher: Publisher) -> Feed:
        made: Feed = ticker(publisher)
        return made

    async with service(feed=feed, topic_grace=0.0) as running, running.client() as client:
        assert (await client.subscribe(symbol="TICK"))["payload"]["status"] == "ok"
        assert (await client.receive())["topic"] == "bars:TICK:1"
        assert running.app.state.feed.status().state == "running"
        await client.unsubscribe(symbol="TICK")
        assert running.app.state.feed.status().state == "waiting"
        refused = await client.subscribe(symbol="AAPL")
        assert (refused["payload"]["code"], refused["payload"]["retryable"]) == ("unavailable", False)
