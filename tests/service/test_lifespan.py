"""A service that cannot start leaves nothing of what had been started before."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from generated.publisher import Publisher
from service.app import create_app
from service.feeds.base import Feed, FeedStatus
from service.leading.lease import LEASE_KEY
from service.metrics.admin import AdminUnusable
from service.settings import Settings
from tests.service.access.issuing import issuer, jwks
from tests.valkey import ValkeyServer


class Noting(Feed):
    """Writes down what it is told, and fails where it is to."""

    def __init__(self, fails: str = "") -> None:
        self.told: list[str] = []
        self.fails = fails

    def __call__(self, _: Publisher) -> Feed:
        """The feed, made."""
        return self

    def status(self) -> FeedStatus:
        """Idle."""
        return FeedStatus("noting", "idle")

    async def start(self) -> None:
        """Note it."""
        self._note("start")

    async def stop(self) -> None:
        """Note it."""
        self._note("stop")

    async def leave(self) -> None:
        """Note it."""
        self._note("leave")

    def _note(self, what: str) -> None:
        self.told.append(what)
        if what == self.fails:
            raise RuntimeError(f"{what} fails")


def _tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def _keys(folder: Path) -> Path:
    path = folder / "keys.json"
    path.write_bytes(jwks(issuer("ES256", "one")))
    return path


async def test_a_feed_that_does_not_start(tmp_path: Path) -> None:
    """Keys are kept up to date no more; what has not started is not stopped, but may leave."""
    feed = Noting("start")
    app = create_app(Settings(jwks_file=_keys(tmp_path)), feed=feed)
    before = _tasks()
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="start fails")):
        async with app.lifespan():
            pytest.fail("it does not start")
    assert _tasks() == before
    assert feed.told == ["start", "leave"]


async def test_an_admin_listener_whose_place_is_taken(valkey: ValkeyServer, tmp_path: Path) -> None:
    """The broker is left, and who feeds is free to be another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = Settings(jwks_file=_keys(tmp_path), broker=valkey.url, admin=place)
        feed = Noting()
        app = create_app(settings, feed=feed)
        before = _tasks()
        with pytest.RaisesGroup(AdminUnusable):
            async with app.lifespan():
                pytest.fail("it does not start")
    assert _tasks() == before
    assert valkey.command("GET", LEASE_KEY) is None
    clients = valkey.command("CLIENT", "LIST")
    assert str(clients).count(" laddr=") == 1, "who asks is the only one"


async def test_a_feed_that_does_not_stop(tmp_path: Path) -> None:
    """Everything else ends all the same, and the fault is told."""
    feed = Noting("stop")
    app = create_app(Settings(jwks_file=_keys(tmp_path)), feed=feed)
    before = _tasks()
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="stop fails")):
        async with app.lifespan():
            pass
    assert _tasks() == before
    assert feed.told == ["start", "stop", "leave"]
