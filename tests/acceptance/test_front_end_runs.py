"""The sample front end in a real browser: the same files show a mock of the contract, and the service behind it."""

from __future__ import annotations

import asyncio
import functools
import http.server
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.acceptance.front_end import ROOT, bundled, installed
from tests.browser.chromium import Page, attach

SERVERS = {
    "mock": ("codegen", "mock", "spec/asyncapi.yaml", "--rate", "10"),
    "service": ("service", "serve", "--updates-per-second", "20"),
}
CHOSEN = "document.querySelector('#rows [aria-pressed=true] .last')?.textContent"


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing about it."""

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads a log here."""


@pytest.fixture(scope="module")
def address(trading: Path, devtools: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server of files shows the front end, as its own build made it."""
    dist = bundled(installed(trading, tmp_path_factory.mktemp("front-end")))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(dist)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine that nobody listens on, and that nobody else is given meanwhile."""
    with socket.socket() as holding:
        # Whoever says so too may listen on it all the same.
        holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holding.bind(("127.0.0.1", 0))
        number: int = holding.getsockname()[1]
        yield number


@asynccontextmanager
async def serving(name: str, port: int) -> AsyncIterator[None]:
    """One of the two servers as its own command starts it, from its greeting to the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", *SERVERS[name], "--port", str(port)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            # Both say where they listen; one has told more before that.
            while str(port).encode() not in (line := await process.stdout.readline()):
                assert line, "it ended before it listened"
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def alive(page: Page) -> None:
    """Return once everything moves: the chosen price, the chart, the book's levels, the trades."""
    await page.until("document.querySelector('#state').dataset.state === 'open'")
    await page.until(f"/\\d/.test({CHOSEN})")
    for side in ("bids", "asks"):
        await page.until(f"document.querySelectorAll('#{side} li').length > 0")
    await page.until("document.querySelectorAll('#trades li').length > 2")
    await page.until("document.querySelector('#line').getAttribute('d') !== ''")
    for moving in (CHOSEN, "document.querySelector('#book').textContent"):
        await page.evaluate(f"window.before = {moving}")
        await page.until(f"{moving} !== window.before")


@pytest.mark.parametrize("name", SERVERS)
async def test_it_shows_the_market(address: str, devtools: str, port: int, name: str) -> None:
    """Prices move, the book is drawn, trades come, a symbol that cannot be is refused; nothing is complained of."""
    async with serving(name, port), attach(devtools) as browser, browser.page() as page:
        await page.goto(f"{address}?socket=ws://127.0.0.1:{port}/api/v1/ws")
        await alive(page)
        await page.click("#symbol")
        await page.type("no such")
        await page.press("Enter")
        await page.until("/refused \\(bad_payload\\)/.test(document.querySelector('#notice').textContent)")
        await page.click("#rows button")
        await alive(page)
        assert await page.evaluate("document.querySelector('#notice').hidden")
        assert page.complaints == []


async def test_the_service_takes_the_mocks_place(address: str, devtools: str, port: int) -> None:
    """A page that is open goes on when the mock ends and the service starts where it was; it says so meanwhile."""
    async with attach(devtools) as browser, browser.page() as page:
        async with serving("mock", port):
            await page.goto(f"{address}?socket=ws://127.0.0.1:{port}/api/v1/ws")
            await alive(page)
        await page.until("document.querySelector('#state').textContent === 'Reconnecting…'")
        async with serving("service", port):
            await page.until("document.querySelector('#state').dataset.state === 'open'")
            await alive(page)
