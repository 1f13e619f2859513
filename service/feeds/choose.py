"""From settings to the feed that they name."""

from __future__ import annotations

from generated.publisher import Publisher
from service.broker.address import MEMORY
from service.feeds.accounts import Accounts
from service.feeds.base import Feed, NoFeed
from service.feeds.recording import open_recording
from service.feeds.replay import Pace, Replay
from service.feeds.simulate import Simulation
from service.feeds.together import NoAccounts, Together
from service.settings import Settings

_ROWS_PER_SECOND = 10.0


def feed_of(settings: Settings, publisher: Publisher) -> Feed:
    """The feed that the settings name; TableError where its file cannot be played."""
    if settings.feed == "simulate":
        speed = settings.speed if isinstance(settings.speed, float) else 1.0
        rate = settings.updates_per_second
        market = Simulation(publisher, seed=settings.seed, updates_per_second=rate, speed=speed)
        if settings.accounts == "off":
            return market if settings.broker != MEMORY else Together(market, NoAccounts())
        accounts = Accounts(publisher, seed=settings.seed, updates_per_second=rate, moment=market.moment_ms)
        return Together(market, accounts)
    if settings.feed == "replay" and settings.file is not None:
        recording = open_recording(
            settings.file,
            symbol=settings.symbol,
            resolution=settings.resolution,
            skip_bad=settings.bad_rows == "skip",
        )
        return Replay(
            publisher,
            recording,
            pace=_pace(settings),
            start=settings.start,
            wait_for=settings.wait_for,
            loop=settings.loop,
        )
    return NoFeed()


def _pace(settings: Settings) -> Pace:
    if settings.speed == "max":
        return Pace()
    if settings.speed is not None:
        return Pace(times_real_time=settings.speed)
    return Pace(rows_per_second=settings.rate or _ROWS_PER_SECOND)
