"""A file of rates is played to four kinds of client at once; all of them receive the file, row by row."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from generated.client import TradingClient
from generated.models import BarsSelection
from tests.browser.chromium import attach
from tests.typescript.packages import run_program

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TAPEWIRE_DATA", ROOT.parent / "shared" / "data"))
REAL = DATA / "eurusd-1h.csv"
SAMPLE = ROOT / "tests" / "data" / "madeup-1h.csv"

COLUMNS = ("time", "open", "high", "low", "close", "volume")
Row = tuple[float, ...]

PROGRAM = """
import { TradingClient } from "package";
const [url, count] = process.argv.slice(2);
const client = new TradingClient(url);
const bars = await client.bars.subscribe({ symbol: "EURUSD", resolution: "60" });
const received = [];
for await (const bar of bars) {
  received.push([bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume]);
  if (received.length === Number(count)) break;
}
client.close();
console.log(JSON.stringify(received));
"""


def rows_of(path: Path) -> list[Row]:
    """The file as this test reads it: with the csv module, independently of the service."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        return [
            (
                datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp() * 1000,
                *(float(value) for value in values),
            )
            for time, *values in reader
        ]


@pytest_asyncio.fixture(params=["sample", "real"])
async def played(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, list[Row]]]:
    """A service that waits for four subscribers, then plays a file; its host and port, and the file's rows."""
    path = SAMPLE if request.param == "sample" else REAL
    if not path.exists():
        pytest.skip(f"{path} is not there; TAPEWIRE_DATA names the folder with market data")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", "serve", "--port", "0"),
        *("--file", str(path), "--symbol", "EURUSD", "--rate", "1000", "--wait-for", "4"),
        *("--heartbeat-interval", "3600"),  # one of the four only listens
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        greeting = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert "listens on http://" in greeting
        yield greeting.split("http://")[1].split()[0], rows_of(path)
    finally:
        process.terminate()
        await process.wait()


async def by_python_client(host: str, count: int) -> list[Row]:
    """What the generated Python client receives."""
    received: list[Row] = []
    selection = BarsSelection(symbol="EURUSD", resolution="60")
    async with (
        TradingClient(f"ws://{host}/api/v1/ws") as client,
        await client.bars.subscribe(selection) as bars,
    ):
        async for bar in bars:
            received.append((bar.time, bar.open, bar.high, bar.low, bar.close, bar.volume))
            if len(received) == count:
                break
    return received


async def by_raw_socket(host: str, count: int) -> list[Row]:
    """What somebody receives who speaks the protocol by hand; sequence numbers must be without a gap."""
    received: list[Row] = []
    async with connect(f"ws://{host}/api/v1/ws") as socket:
        request = {"type": "bars.subscribe", "payload": {"symbol": "EURUSD", "resolution": "60"}}
        await socket.send(json.dumps(request))
        answer = json.loads(await socket.recv())
        assert answer["type"] == "bars.subscribe.response"
        assert answer["payload"]["status"] == "ok"
        seq = answer["seq"]
        while len(received) < count:
            update = json.loads(await socket.recv())
            assert update["type"] == "bars.update"
            assert update["topic"] == answer["payload"]["topic"] == "bars:EURUSD:60"
            assert update["seq"] == seq + 1
            seq = update["seq"]
            received.append(tuple(update["payload"][name] for name in COLUMNS))
    return received


async def by_typescript_client(host: str, count: int, package: Path, folder: Path) -> list[Row]:
    """What the generated TypeScript client receives under Node."""
    printed = await run_program(package, folder, PROGRAM, f"ws://{host}/api/v1/ws", str(count))
    return [tuple(row) for row in json.loads(printed)]


async def by_page(host: str, count: int, devtools: str) -> list[Row]:
    """What the demo page receives in headless Chromium."""
    async with attach(devtools) as browser, browser.page() as page:
        await page.goto(f"http://{host}/demo#symbol=EURUSD&resolution=60")
        await page.until(f"window.tapewire.bars.length >= {count}", within=60)
        bars = await page.evaluate("window.tapewire.bars")
        return [tuple(bar[name] for name in COLUMNS) for bar in bars]


async def test_everybody_receives_the_file(
    played: tuple[str, list[Row]], trading: Path, devtools: str, tmp_path: Path
) -> None:
    """Python client, TypeScript client, raw socket and page receive each row of the file once, in order, unchanged."""
    host, rows = played
    count = len(rows)
    python, raw, typescript, page = await asyncio.gather(
        by_python_client(host, count),
        by_raw_socket(host, count),
        by_typescript_client(host, count, trading, tmp_path),
        by_page(host, count, devtools),
    )
    assert raw == rows
    assert python == rows
    assert typescript == rows
    assert page == rows
