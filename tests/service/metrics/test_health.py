"""Probes: live while the process works, ready while newcomers would be served, and why not."""

from __future__ import annotations

import math

import pytest

from generated.publisher import Publisher
from service.broker import BrokerState, BrokerStatus, MemoryBroker
from service.clients import Drain
from service.feeds.base import Feed, FeedStatus
from tests.service.metrics.asked import get, scrape
from tests.service.running import Running, service

NOW = Drain(window=1.0, batch=10, pause=0.0, deadline=1.0)


class Failed(Feed):
    """A feed that has stopped."""

    def __init__(self, publisher: Publisher) -> None:
        pass

    def status(self) -> FeedStatus:
        """Failed."""
        return FeedStatus("test", "failed")


class Broker(MemoryBroker):
    """A broker that is as a test says."""

    def __init__(self, state: BrokerState) -> None:
        super().__init__()
        self.state = state

    def status(self) -> BrokerStatus:
        """So."""
        return BrokerStatus(
            "redis://10.0.0.7:6379", self.state, 0.0, "connection refused by 10.0.0.7", 12.5, 3, 4, 5, 6
        )


async def ready(running: Running) -> tuple[int, list[str]]:
    """The status of the probe, and the codes of its reasons."""
    answer = await get(running, "/api/v1/health/ready")
    body = answer.json()
    assert (answer.status_code == 200) == body["ready"]
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, [reason["code"] for reason in body["reasons"]]


async def test_a_service_that_is_well_is_live_and_ready() -> None:
    """200 and no reasons; the answer that was there before has all its fields still."""
    async with service() as running:
        assert (await get(running, "/api/v1/health/live")).json() == {"live": True}
        assert await ready(running) == (200, [])
        health = (await get(running, "/api/v1/health")).json()
        assert (health["status"], health["live"], health["ready"], health["reasons"]) == (
            "ok",
            True,
            True,
            [],
        )
        assert health["feed"] == {"name": "none", "state": "idle", "detail": {}}
        assert {"uptime_seconds", "connections", "topics", "subscriptions"} <= set(health)
        assert (await scrape(running))["tapewire_ready"] == 1


async def test_who_drains_lives_and_is_not_ready() -> None:
    """Newcomers are to go elsewhere; whoever restarts what is not live must not restart this."""
    async with service() as running:
        await running.connections.drain(NOW)
        assert await ready(running) == (503, ["draining"])
        assert (await get(running, "/api/v1/health/live")).status_code == 200
        assert (await get(running, "/api/v1/health")).json()["status"] == "degraded"


async def test_a_feed_that_failed_makes_it_not_ready() -> None:
    """Who comes would be told nothing new."""
    async with service(feed=Failed) as running:
        assert await ready(running) == (503, ["feed_failed"])
        scraped = await scrape(running)
        assert scraped["tapewire_feed_state", {"state": "failed"}] == 1
        assert scraped["tapewire_unwell", {"reason": "feed_failed"}] == 1


async def test_how_fast_a_lost_broker_is_nobody_knows() -> None:
    """Its lag is no number then, since 0 would be the best there is; without a broker it is 0."""
    async with service() as running:
        assert (await scrape(running))["tapewire_broker_lag_seconds"] == 0
    async with service() as running:
        lost = BrokerStatus("redis://10.0.0.7:6379", "down", 0.0)
        broker = Broker("down")
        broker.status = lambda: lost  # type: ignore[method-assign]
        running.app.state.monitor.sources.broker = broker
        assert math.isnan((await scrape(running))["tapewire_broker_lag_seconds"])


@pytest.mark.parametrize(
    ("name", "detail", "leads"),
    [
        ("simulate", {"role": "leader"}, 1.0),
        ("simulate", {"role": "follower"}, 0.0),
        ("simulate", {}, 1.0),
        ("none", {}, None),
    ],
)
async def test_whether_a_process_feeds_is_a_metric(
    name: str, detail: dict[str, str | int | float], leads: float | None
) -> None:
    """1 for who leads or is alone, 0 for who follows, no number for who never would."""

    class Fed(Feed):
        def __init__(self, publisher: Publisher) -> None:
            pass

        def status(self) -> FeedStatus:
            return FeedStatus(name, "running", detail)

    async with service(feed=Fed) as running:
        found = (await scrape(running))["tapewire_feed_leader"]
    assert math.isnan(found) if leads is None else found == leads


@pytest.mark.parametrize(
    ("state", "status", "reasons"),
    [
        ("up", 200, []),
        ("degraded", 200, ["broker_degraded"]),
        ("connecting", 503, ["broker_connecting"]),
        ("down", 503, ["broker_down"]),
    ],
)
async def test_without_its_broker_it_is_not_ready(
    state: BrokerState, status: int, reasons: list[str]
) -> None:
    """Who is connected is served; who came could not be told where a topic stands. No address is given away."""
    async with service() as running:
        running.app.state.monitor.sources.broker = Broker(state)
        assert await ready(running) == (status, reasons)
        assert "10.0.0.7" not in (await get(running, "/api/v1/health")).text
        scraped = await scrape(running)
        assert scraped["tapewire_broker_up", {"broker": "redis"}] == (state == "up")
        assert scraped["tapewire_broker_state", {"state": state}] == 1
        assert scraped["tapewire_broker_lag_seconds"] == 0.0125
        assert scraped["tapewire_broker_queued_bytes"] == 3
        assert scraped["tapewire_broker_publications_dropped_total"] == 4
        assert scraped["tapewire_broker_topic_resets_total"] == 5
        assert scraped["tapewire_broker_reconnects_total"] == 6
