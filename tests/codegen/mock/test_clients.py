"""The generated clients work against a mock unchanged: they cannot tell it from a service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from codegen.mock import Failure, Scenario
from generated.client import TradingClient
from generated.models import BarsHistory, BarsSelection, BookSelection, SymbolSelection, SymbolsQuery
from generated.runtime.errors import RequestError
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from tests.codegen.mock.mocked import PATIENCE, mocked
from tests.typescript.packages import SPEC, compile_package, run_program, write_package

OPTIONS = ClientOptions(response_timeout=10)


async def test_the_python_client_does_all_that_it_can() -> None:
    """It authenticates, asks, subscribes on every channel, and holds books whose checksums are right."""
    holes: list[Hole] = []
    async with mocked() as mock, TradingClient(mock.url, options=ClientOptions(token=lambda: "t")) as client:
        client.on_hole(holes.append)
        assert (await client.session.ping()).ts > 0
        listed = await client.symbols.list(SymbolsQuery(query="bitcoin", limit=10))
        assert [symbol.symbol for symbol in listed.symbols] == ["BTCUSD"]
        page = await client.bars.history(BarsHistory(symbol="AAPL", limit=50))
        assert len(page.bars) == 50
        bars = await client.bars.subscribe(BarsSelection(symbol="AAPL", resolution="D"))
        quotes = await client.quotes.subscribe(SymbolSelection(symbol="AAPL"))
        trades = await client.trades.subscribe(SymbolSelection(symbol="AAPL"))
        books = await client.orderbook.subscribe(BookSelection(symbol="AAPL", depth=10))
        async with asyncio.timeout(PATIENCE):
            for subscription in (bars, quotes, trades):
                for _ in range(10):
                    await anext(subscription)
            for _ in range(60):
                book = await anext(books)
                assert book.bids[0].price < book.asks[0].price
        await bars.unsubscribe()
    assert holes == []


async def test_the_python_client_recovers_from_lost_connections() -> None:
    """Connections last 0.3 s; every trade comes all the same, once, in order, and no hole is told of."""
    holes: list[Hole] = []
    lines: list[str] = []
    async with (
        mocked(scenario=Scenario(drop_every=0.3), log=lines.append) as mock,
        TradingClient(mock.url, options=OPTIONS) as client,
    ):
        client.on_hole(holes.append)
        trades = await client.trades.subscribe(SymbolSelection(symbol="BTCUSD"))
        seqs: list[int] = []
        async with asyncio.timeout(40):
            async for update in trades.updates():
                assert isinstance(update.seq, int)
                seqs.append(update.seq)
                if sum("connected" in line for line in lines) > 2 and len(seqs) > 40:
                    break
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert holes == []


async def test_the_python_client_is_told_of_failures_that_were_asked_for() -> None:
    """A refusal that the scenario wants is the client's RequestError, with the document's words."""
    scenario = Scenario(failures=(Failure("quotes.subscribe", "unknown_symbol"),))
    async with mocked(scenario=scenario) as mock, TradingClient(mock.url, options=OPTIONS) as client:
        with pytest.raises(RequestError, match="There is no symbol") as caught:
            await client.quotes.subscribe(SymbolSelection(symbol="ZZZ"))
    assert caught.value.code == "unknown_symbol"


PROGRAM = """
import assert from "node:assert/strict";
import { TradingClient } from "package";
const client = new TradingClient(process.argv[2], { timeoutMs: 10000, reconnect: { minMs: 5, maxMs: 50 } });
const holes = [];
client.onHole((hole) => holes.push(hole));
assert.ok((await client.session.ping()).ts > 0);
assert.equal((await client.symbols.list({ query: "bitcoin", limit: 10 })).symbols[0].symbol, "BTCUSD");
assert.equal((await client.bars.history({ symbol: "AAPL", limit: 50 })).bars.length, 50);
const take = async (subscription, count, check) => {
  let taken = 0;
  for await (const item of subscription) {
    check(item);
    if (++taken === count) return;
  }
};
const bars = await client.bars.subscribe({ symbol: "AAPL", resolution: "D" });
await take(bars, 10, (bar) => assert.ok(bar.low <= bar.high));
await take(await client.quotes.subscribe({ symbol: "AAPL" }), 10, (quote) => assert.ok(quote.bid < quote.ask));
await take(await client.trades.subscribe({ symbol: "AAPL" }), 30, (trade) => assert.ok(trade.size > 0));
await take(await client.orderbook.subscribe({ symbol: "AAPL", depth: 10 }), 60, (book) => {
  assert.ok(book.bids[0].price < book.asks[0].price);
  assert.ok(book.bids.length <= 10);
});
assert.deepEqual(holes, []);
client.close();
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package of the project's own document, compiled."""
    written = write_package(SPEC, tmp_path_factory.mktemp("package"))
    result = compile_package(written)
    assert result.returncode == 0, result.stdout
    return written


@pytest.mark.parametrize("drop_every", [None, 0.4])
async def test_the_typescript_client_does_all_that_it_can(
    package: Path, tmp_path: Path, drop_every: float | None
) -> None:
    """It asks and subscribes on every channel under Node, whether connections last or not, and misses nothing."""
    async with mocked(scenario=Scenario(drop_every=drop_every)) as mock:
        await run_program(package, tmp_path, PROGRAM, mock.url)
