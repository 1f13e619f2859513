"""The project's own package, compiled once for all tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.typescript.packages import SPEC, compile_package, run_program, write_package
from tests.typescript.server import Script, scripted

HEAD = """
import assert from "node:assert/strict";
import * as api from "package";
const { TradingClient } = api;
const url = process.argv[2];
const options = { timeoutMs: Number(process.argv[3] ?? 5000), reconnect: { minMs: 5, maxMs: 20 } };
const client = new TradingClient(url, options);
const AAPL = { symbol: "AAPL", resolution: "1" };
const seen = [];
/** Resolves when something is so. */
const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};
/** Resolves when `seen` holds so many items. */
const count = (wanted) => until(() => seen.length >= wanted);
const caught = (promise) => promise.then(() => assert.fail("nothing was thrown"), (error) => error);
"""
"""What every program begins with; it ends of itself when nothing is left of its client."""

Play = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the project's own document, compiled."""
    package = write_package(SPEC, tmp_path_factory.mktemp("trading"))
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


@pytest.fixture
def play(trading: Path, tmp_path: Path) -> Play:
    """Runs a program against a server's scripts, one for each connection."""

    async def run(*scripts: Script, program: str, arguments: tuple[str, ...] = ()) -> None:
        async with scripted(*scripts) as url:
            await run_program(trading, tmp_path, HEAD + program, url, *arguments)

    return run
