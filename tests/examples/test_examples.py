"""Each example, run as its reader would run it, prints what it promises."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest_asyncio

from service.access.minting import mint, new_development_key
from tests.typescript.packages import NODE, NPM
from tests.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@asynccontextmanager
async def running(
    *command: str | Path, folder: Path = ROOT, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program with its output on a pipe, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def lines(process: asyncio.subprocess.Process, count: int) -> list[str]:
    """The next lines that a program prints; fails if they do not come."""
    assert process.stdout is not None
    async with asyncio.timeout(90):
        return [(await process.stdout.readline()).decode().rstrip() for _ in range(count)]


@pytest_asyncio.fixture
async def url() -> AsyncIterator[str]:
    """The socket of a service with a simulated market."""
    async with running(sys.executable, "-m", "service", "serve", "--port", "0") as service:
        greeting = (await lines(service, 1))[0]
        yield greeting.split("http://")[1].split()[0].join(["ws://", "/api/v1/ws"])


async def test_python_client(url: str) -> None:
    """client.py prints a line for each update: time, open, high, low, close, volume."""
    async with running(sys.executable, "-u", EXAMPLES / "client.py", "MSFT", "1S", url) as client:
        for line in await lines(client, 3):
            time, *prices = line.split()
            assert len(time.split(":")) == 3
            assert len([float(price) for price in prices]) == 5


async def test_python_client_refused(url: str) -> None:
    """client.py ends with exit code 1 where the service refuses the symbol."""
    async with running(sys.executable, EXAMPLES / "client.py", "no such", "1S", url) as client:
        assert await asyncio.wait_for(client.wait(), 90) == 1


async def test_plain_javascript_client(url: str) -> None:
    """client.mjs names its topic, then prints a line for each update."""
    async with running(NODE, EXAMPLES / "client.mjs", "MSFT", "1S", url) as client:
        subscribed, *updates = await lines(client, 3)
        assert subscribed == "subscribed to bars:MSFT:1S"
        assert all(len(line.split()) == 6 for line in updates)


async def test_account_clients(tmp_path: Path) -> None:
    """account.py and account.mjs print what an account is worth; another's account is refused with exit code 1."""
    key = tmp_path / "development.json"
    token = mint(new_development_key(key), "me", accounts=["DEMO-1"], scopes=["account:read"])
    accounts = ("--accounts", "simulate", "--development-key", key)
    async with running(sys.executable, "-m", "service", "serve", "--port", "0", *accounts) as service:
        greeting = (await lines(service, 1))[0]
        url = greeting.split("http://")[1].split()[0].join(["ws://", "/api/v1/ws"])
        for program in ((sys.executable, EXAMPLES / "account.py"), (NODE, EXAMPLES / "account.mjs")):
            async with running(*program, "DEMO-1", url, TAPEWIRE_TOKEN=token) as client:
                *_, last = await lines(client, 2)
                equity, currency, profit = last.split()
                assert currency == "USD"
                assert Decimal(equity) > abs(Decimal(profit))
            async with running(*program, "DEMO-2", url, TAPEWIRE_TOKEN=token) as client:
                assert await asyncio.wait_for(client.wait(), 90) == 1


async def test_typescript_client(url: str, tmp_path: Path) -> None:
    """typescript/ installs the generated package from its folder, compiles, prints a line for each update."""
    skip = shutil.ignore_patterns("node_modules", "dist")
    app = tmp_path / "examples" / "typescript"
    shutil.copytree(EXAMPLES / "typescript", app, ignore=skip)
    shutil.copytree(ROOT / "generated" / "typescript", tmp_path / "generated" / "typescript", ignore=skip)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "node").symlink_to(NODE)
    npm = programs / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{NODE}" "{NPM}" "$@"\n')
    npm.chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    for step in (["install", "--no-audit", "--no-fund"], ["run", "build"]):
        async with running(npm, *step, folder=app, PATH=path) as process:
            assert await asyncio.wait_for(process.wait(), 100) == 0
    async with running(NODE, "dist/main.js", "MSFT", "1S", url, folder=app) as client:
        subscribed, *updates = await lines(client, 3)
        assert subscribed == "subscribed to bars:MSFT:1S"
        assert all(len(line.split()) == 6 for line in updates)


async def test_publisher() -> None:
    """publisher.py serves a feed of its own: TICK for those who ask, anything else refused."""
    async with running(sys.executable, EXAMPLES / "publisher.py", TAPEWIRE_PORT="0") as service:
        greeting = (await lines(service, 1))[0]
        url = greeting.split("http://")[1].split(";")[0].join(["ws://", "/api/v1/ws"])
        async with running(sys.executable, "-u", EXAMPLES / "client.py", "TICK", "1S", url) as client:
            assert all(len(line.split()) == 6 for line in await lines(client, 2))
        async with running(sys.executable, EXAMPLES / "client.py", "AAPL", "1S", url) as client:
            assert await asyncio.wait_for(client.wait(), 90) == 1


async def test_broker_publisher(valkey: ValkeyServer) -> None:
    """broker_publisher.py publishes from a process of its own to who is subscribed at a node that feeds nothing."""
    node = (sys.executable, "-m", "service", "serve", "--port", "0", "--feed", "none", "--broker", valkey.url)
    async with running(*node) as service:
        greeting = (await lines(service, 1))[0]
        url = greeting.split("http://")[1].split()[0].join(["ws://", "/api/v1/ws"])
        async with running(sys.executable, "-u", EXAMPLES / "broker_publisher.py", valkey.url) as publisher:
            published = (await lines(publisher, 1))[0]
            assert published.startswith("bars:TICK:1S 1 of ")
            async with running(sys.executable, "-u", EXAMPLES / "client.py", "TICK", "1S", url) as client:
                assert all(len(line.split()) == 6 for line in await lines(client, 2))


async def test_broker_publisher_without_a_broker() -> None:
    """broker_publisher.py ends with exit code 1 and a sentence where the broker's URL is none."""
    async with running(sys.executable, EXAMPLES / "broker_publisher.py", "http://localhost") as publisher:
        assert await asyncio.wait_for(publisher.wait(), 90) == 1
