"""Each test that takes `client` runs with the Python client, and with the TypeScript client in Node and in Chromium."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.browser.required import required_chromium
from tests.clients.drivers.elsewhere import (
    GENERATED,
    Browsing,
    Node,
    NodeDriver,
    PageDriver,
    browsing,
    bundle,
    hurried,
)
from tests.clients.drivers.python import Driver as Commands
from tests.clients.driving import Client, Json, Language
from tests.clients.scripted import PATIENCE, ScriptedServer, scripted

HURRIED_MS = 600
"""The heartbeat's interval where tests ask for a quick one."""


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript driver with the generated package."""
    folder = tmp_path_factory.mktemp("driver")
    bundle(GENERATED, folder)
    return folder


@pytest.fixture(scope="session")
def hurried_bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a contract whose heartbeat is quick."""
    folder = tmp_path_factory.mktemp("hurried")
    bundle(hurried(folder, HURRIED_MS), folder)
    return folder


@pytest.fixture(scope="session")
def node(bundles: Path) -> Iterator[Node]:
    """One process of Node for all tests, which has to end by itself."""
    node = Node(bundles)
    yield node
    assert node.end() == 0


@pytest.fixture(scope="session")
def hurried_node(hurried_bundles: Path) -> Iterator[Node]:
    """The same with a contract whose heartbeat is quick."""
    node = Node(hurried_bundles)
    yield node
    assert node.end() == 0


@pytest.fixture(scope="session")
def light_garbage() -> Iterator[None]:
    """What is here before the first test is no garbage, so that looking for what a test leaves behind is quick."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", name="browsing")
def one_browser() -> Iterator[Browsing]:
    """One browser for all tests. Skips where there is none; on CI, where one is installed, that is a failure."""
    with browsing(required_chromium()) as running:
        yield running


class PythonDriver:
    """Clients in this process."""

    language: Language = "python"

    def __init__(self, client: Client, heartbeat_ms: int | None) -> None:
        self._commands = Commands(client.hear, heartbeat_ms)

    def send(self, command: Json) -> None:
        """Hand a command over."""
        self._commands.obey(command)

    async def finish(self) -> list[str]:
        """What is left behind."""
        return await self._commands.finish()

    async def offline(self, lost: bool) -> None:
        """There is no such event in Python."""
        raise NotImplementedError

    @property
    def attempts(self) -> int:
        """Nobody asks."""
        raise NotImplementedError


@pytest.fixture
def heartbeat_ms() -> int | None:
    """The heartbeat's interval; the contract's own unless a module says HURRIED_MS instead."""
    return None


@pytest.fixture(params=["python", "node", "chromium"])
async def client(request: pytest.FixtureRequest, heartbeat_ms: int | None) -> AsyncIterator[Client]:
    """A client, not made yet: `await client.create(url)`. In the end it is closed, and has to leave nothing behind."""
    language: Language = request.param
    hurry = "" if heartbeat_ms is None else "hurried_"
    fixture = request.getfixturevalue
    async with AsyncExitStack() as stack:
        client = Client()
        match language:
            case "python":
                fixture("light_garbage")
                client.driver = PythonDriver(client, heartbeat_ms)
            case "node":
                driving = NodeDriver.open(fixture(f"{hurry}node"), client.hear)
                client.driver = await stack.enter_async_context(driving)
            case "chromium":
                page = PageDriver.open(fixture("browsing"), fixture(f"{hurry}bundles"), client.hear)
                client.driver = await stack.enter_async_context(page)
        yield client
        try:
            async with asyncio.timeout(PATIENCE):
                await client.close()
        finally:
            left = await client.finish()
        assert left == []


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A server that does what the test says."""
    async with scripted() as server:
        yield server
