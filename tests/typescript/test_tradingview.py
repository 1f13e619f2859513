"""The datafeed for TradingView's library, called as the library would call it, under Node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from generated.publisher import Publisher
from service.feeds.simulate import Simulation
from tests.service.running import service
from tests.typescript.packages import run_program
from tests.typescript.server import Frame, Peer, scripted

HEAD = """
import assert from "node:assert/strict";
import { TradingClient } from "package";
import { createDatafeed } from "package/tradingview";
const client = new TradingClient(process.argv[2], { timeoutMs: 5000, reconnect: { minMs: 1, maxMs: 20 } });
const resets = [];
const datafeed = createDatafeed(client, {
  exchange: "Somewhere",
  onReset: (symbol, resolution) => resets.push([symbol, resolution]),
});
const AAPL = { name: "AAPL", ticker: "AAPL" };
const MINUTE = 60_000;
/** Calls a method of the datafeed; what it calls back, and never before the method has returned. */
const call = (method, ...args) => new Promise((resolve, reject) => {
  let returned = false;
  const back = (then) => (...values) => {
    assert.ok(returned, `${method} called back at once`);
    then(values.length > 1 ? values : values[0]);
  };
  const errors = ["resolveSymbol", "getBars"].includes(method) ? [back((reason) => reject(new Error(reason)))] : [];
  assert.equal(datafeed[method](...args, back(resolve), ...errors), undefined);
  returned = true;
});
const period = (from, to, countBack, firstDataRequest = false) => ({ from, to, countBack, firstDataRequest });
const first = (countBack = 3) => call("getBars", AAPL, "1", period(0, 9e9, countBack, true));
const ticks = [];
let cleared = 0;
const subscribe = (guid = "guid", resolution = "1") => datafeed.subscribeBars(
  AAPL, resolution, (bar) => ticks.push([bar.time / MINUTE, bar.volume]), guid, () => { cleared += 1; },
);
const until = async (condition) => {
  for (const end = Date.now() + 30_000; !condition(); ) {
    assert.ok(Date.now() < end, `never true: ${condition}, ${JSON.stringify({ ticks, resets, cleared })}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
"""

SYMBOLS = [
    {
        **{"symbol": "AAPL", "description": "Apple Inc.", "type": "stock", "currency": "USD"},
        **{"price_decimals": 2, "size_decimals": 0, "session": "24x7", "timezone": "Etc/UTC"},
        "resolutions": ["1S", "5S", "1", "5", "60", "1D", "1W", "1M"],
    },
    {
        **{"symbol": "EURUSD", "description": "Euro in dollars", "type": "forex", "currency": "USD"},
        **{"price_decimals": 5, "size_decimals": 2, "session": "24x7", "timezone": "Etc/UTC"},
        "resolutions": ["1", "1D"],
    },
]

Script = Callable[[Peer], Awaitable[None]]
Play = Callable[[Script, str], Awaitable[str]]


@pytest.fixture
def play(trading: Path, tmp_path: Path) -> Play:
    """Runs a program against a server's script."""

    async def run(script: Script, program: str) -> str:
        async with scripted(script) as url:
            return await run_program(trading, tmp_path, HEAD + program, url)

    return run


def bar(minute: int, volume: int = 10, close: float = 1.5) -> Frame:
    """A bar that begins with a minute."""
    return {"time": minute * 60_000, "open": 1, "high": 2, "low": 0.5, "close": close, "volume": volume}


async def history(peer: Peer, bars: list[Frame], *, complete: bool = False) -> Frame:
    """Take the request for bars, and answer with these."""
    request = await peer.expect("bars.history")
    page = {"status": "ok", "symbol": "AAPL", "resolution": "1", "bars": bars, "complete": complete}
    await peer.send({"type": "bars.history.response", "id": request["id"], "payload": page})
    payload: Frame = request["payload"]
    return payload


async def push(peer: Peer, seq: int, body: Frame, **extra: object) -> None:
    """Push an update of a bar."""
    frame = {"type": "bars.update", "topic": "bars:AAPL:1", "seq": seq, "ts": 1, "payload": body}
    await peer.send(frame | extra)


async def symbols(peer: Peer) -> Frame:
    """Take the request for symbols, and answer with all that have what is asked for in their names."""
    request = await peer.expect("symbols.list")
    query = request["payload"].get("query", "").lower()
    found = [symbol for symbol in SYMBOLS if query in f"{symbol['symbol']}".lower()]
    await peer.send(
        {
            "type": "symbols.list.response",
            "id": request["id"],
            "payload": {"status": "ok", "symbols": found},
        }
    )
    payload: Frame = request["payload"]
    return payload


async def test_configuration_and_symbols(play: Play) -> None:
    """What the library is told of the datafeed and of symbols follows from the list of symbols; names in any case."""
    asked = []

    async def script(peer: Peer) -> None:
        asked.extend([await symbols(peer) for _ in range(7)])

    await play(
        script,
        """
        const configuration = await call("onReady");
        assert.deepEqual(configuration.supported_resolutions, ["1S", "5S", "1", "5", "60", "1D", "1W", "1M"]);
        assert.deepEqual(configuration.symbols_types.map(({ value }) => value), ["", "stock", "forex"]);
        const apple = await call("resolveSymbol", "AAPL");
        const { name, ticker, pricescale, minmov, session, timezone, exchange, type, currency_code } = apple;
        assert.deepEqual(
          { name, ticker, pricescale, minmov, session, timezone, exchange, type, currency_code },
          { name: "AAPL", ticker: "AAPL", pricescale: 100, minmov: 1, session: "24x7", timezone: "Etc/UTC",
            exchange: "Somewhere", type: "stock", currency_code: "USD" },
        );
        assert.deepEqual([apple.has_intraday, apple.intraday_multipliers], [true, ["1", "5", "60"]]);
        assert.deepEqual([apple.has_seconds, apple.seconds_multipliers], [true, ["1", "5"]]);
        assert.deepEqual([apple.has_daily, apple.daily_multipliers], [true, ["1"]]);
        assert.deepEqual([apple.weekly_multipliers, apple.monthly_multipliers], [["1"], ["1"]]);
        const euro = await call("resolveSymbol", "Somewhere:eurusd");
        assert.deepEqual([euro.name, euro.pricescale, euro.has_seconds], ["EURUSD", 100_000, false]);
        assert.equal(euro.has_weekly_and_monthly, false);
        await assert.rejects(call("resolveSymbol", "AAP"), /unknown_symbol/);
        assert.deepEqual((await call("searchSymbols", " eur ", "", "")).map(({ symbol }) => symbol), ["EURUSD"]);
        assert.deepEqual((await call("searchSymbols", "", "", "stock")).map(({ ticker }) => ticker), ["AAPL"]);
        assert.deepEqual(await call("searchSymbols", "", "Elsewhere", ""), []);
        client.close();
        """,
    )
    assert [payload.get("query") for payload in asked] == [None, "AAPL", "eurusd", "AAP", "eur", None, None]


async def test_history(play: Play) -> None:
    """The first request is for all up to now, whatever this machine's clock says; others are for [from, to)."""
    asked = []

    async def script(peer: Peer) -> None:
        asked.append(await history(peer, [bar(7), bar(8), bar(9)]))
        asked.append(await history(peer, [bar(4), bar(6)]))
        asked.append(await history(peer, [bar(1), bar(2)], complete=True))
        asked.append(await history(peer, [], complete=True))
        await peer.refuse(await peer.expect("bars.history"), message="No such symbol", retryable=False)

    await play(
        script,
        """
        const minutes = ([bars, { noData }]) => [bars.map(({ time }) => time / MINUTE), noData];
        assert.deepEqual(minutes(await first(3)), [[7, 8, 9], false]);
        // Fewer than wanted lie after `from`: those before it count too, as far as there are any.
        assert.deepEqual(minutes(await call("getBars", AAPL, "1", period(240, 420, 2))), [[4, 6], false]);
        assert.deepEqual(minutes(await call("getBars", AAPL, "1", period(180, 240, 5))), [[1, 2], false]);
        assert.deepEqual(minutes(await call("getBars", AAPL, "1", period(0, 60, 5))), [[], true]);
        await assert.rejects(call("getBars", AAPL, "1", period(0, 60, 5)), /No such symbol/);
        client.close();
        """,
    )
    assert [(one.get("to"), one["limit"], one["resolution"]) for one in asked] == [
        (None, 3, "1"),
        (420_000, 2, "1"),
        (240_000, 5, "1"),
        (60_000, 5, "1"),
    ]


async def test_history_in_pieces(play: Play) -> None:
    """What one request may not ask for is asked for in several; bars before `from` are not given unless wanted."""
    asked = []

    async def script(peer: Peer) -> None:
        asked.append(await history(peer, [bar(minute) for minute in range(5000, 10_000)]))
        asked.append(await history(peer, [bar(minute) for minute in range(4000, 5000)]))
        asked.append(await history(peer, [bar(8), bar(9)]))
        asked.append(await history(peer, [bar(minute) for minute in range(1, 8)]))

    await play(
        script,
        """
        const [many] = await call("getBars", AAPL, "1", period(300_000, 600_000, 6000));
        assert.deepEqual([many.length, many[0].time / MINUTE, many.at(-1).time / MINUTE], [6000, 4000, 9999]);
        const [range] = await call("getBars", AAPL, "1", period(300, 600, 2));
        assert.deepEqual(range.map(({ time }) => time / MINUTE), [5, 6, 7, 8, 9]);
        client.close();
        """,
    )
    assert [(one["to"], one["limit"]) for one in asked] == [
        (600_000_000, 5000),
        (300_000_000, 1000),
        (600_000, 2),
        (480_000, 1000),
    ]


async def test_no_gap_between_history_and_updates(play: Play) -> None:
    """What happened after the history was asked for and before the subscription stood is made up for, in order."""
    asked = []

    async def script(peer: Peer) -> None:
        asked.append(await history(peer, [bar(1), bar(2), bar(3, 10)]))
        await peer.answer(await peer.expect("bars.subscribe"), seq=20, epoch="e")
        # By now bar 3 has got more, and bar 4 has begun and ended. Meanwhile updates come already.
        await push(peer, 21, bar(5, 1))
        await push(peer, 22, bar(5, 2))
        asked.append(await history(peer, [bar(2), bar(3, 15), bar(4, 7), bar(5, 3)], complete=True))
        await push(peer, 23, bar(5, 4))
        await push(peer, 24, bar(6, 1))

    await play(
        script,
        """
        await first();
        subscribe();
        await until(() => ticks.length === 5);
        assert.deepEqual(ticks, [[3, 15], [4, 7], [5, 3], [5, 4], [6, 1]]);
        assert.deepEqual([cleared, resets], [0, []]);
        client.close();
        """,
    )
    assert asked[1]["limit"] >= 4
    assert "to" not in asked[1]


async def test_a_correction_between_history_and_updates(play: Play) -> None:
    """A bar before the last that was corrected meanwhile cannot be told to the library: it has to ask again."""

    async def script(peer: Peer) -> None:
        await history(peer, [bar(1), bar(2, 10), bar(3)])
        await peer.answer(await peer.expect("bars.subscribe"), seq=20, epoch="e")
        await history(peer, [bar(1), bar(2, 11), bar(3), bar(4)], complete=True)

    await play(
        script,
        """
        await first();
        subscribe();
        await until(() => ticks.length === 1);
        assert.deepEqual(ticks, [[4, 10]]);
        assert.deepEqual([cleared, resets], [1, [["AAPL", "1"]]]);
        client.close();
        """,
    )


async def test_a_late_trade(play: Play) -> None:
    """An update of a bar before the last is no tick, but a reset: one for all until the chart has asked again."""

    async def script(peer: Peer) -> None:
        await history(peer, [bar(2, 10), bar(3, 10)])
        await peer.answer(await peer.expect("bars.subscribe"), seq=1, epoch="e")
        await history(peer, [bar(2, 10), bar(3, 10)], complete=True)
        await push(peer, 2, bar(2, 11))
        await push(peer, 3, bar(2, 12))
        await push(peer, 4, bar(2, 12))
        await push(peer, 5, bar(3, 12))
        await history(peer, [bar(2, 12), bar(3, 12)], complete=True)
        await push(peer, 6, bar(2, 13))
        await push(peer, 7, bar(4, 1))

    await play(
        script,
        """
        await first(2);
        subscribe();
        await until(() => ticks.length === 1);
        assert.deepEqual([ticks, cleared, resets.length], [[[3, 12]], 2, 1]);
        await first(2);
        await until(() => ticks.length === 2);
        assert.deepEqual([ticks, cleared, resets.length], [[[3, 12], [4, 1]], 3, 2]);
        client.close();
        """,
    )


async def test_updates_that_stand_for_others(play: Play) -> None:
    """Where updates were folded together, the last state of a bar may have been among them: it is fetched."""

    async def script(peer: Peer) -> None:
        await history(peer, [bar(3, 10)], complete=True)
        await peer.answer(await peer.expect("bars.subscribe"), seq=1, epoch="e")
        await history(peer, [bar(3, 10)], complete=True)
        await push(peer, 2, bar(3, 11))
        await push(peer, 9, bar(5, 1), seq_from=3)
        await push(peer, 10, bar(5, 2))
        await history(peer, [bar(3, 14), bar(4, 8), bar(5, 1)], complete=True)

    await play(
        script,
        """
        await first(1);
        subscribe();
        await until(() => ticks.length === 4);
        assert.deepEqual(ticks, [[3, 11], [3, 14], [4, 8], [5, 2]]);
        assert.deepEqual([cleared, resets], [0, []]);
        client.close();
        """,
    )


async def test_a_hole(play: Play) -> None:
    """What was missed for good is a reset, and is made up for; what was recovered is neither."""
    connections = 0

    async def script(peer: Peer) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            await history(peer, [bar(3, 10)], complete=True)
            await peer.answer(await peer.expect("bars.subscribe"), seq=1, epoch="e")
            await history(peer, [bar(3, 10)], complete=True)
            await push(peer, 2, bar(3, 11))
            await peer.socket.close(1012)
        elif connections == 2:
            request = await peer.expect("bars.subscribe")
            assert request["recover"] == {"epoch": "e", "seq": 2}
            await peer.answer(request, seq=2, epoch="e", recovered=True)
            await push(peer, 3, bar(3, 12))
            await peer.socket.close(1012)
        else:
            request = await peer.expect("bars.subscribe")
            await peer.answer(request, seq=90, epoch="f", recovered=False)
            await push(peer, 90, bar(6, 1), snapshot=True)
            await history(peer, [bar(3, 15), bar(5, 5), bar(6, 1)], complete=True)

    await play(
        script,
        """
        await first(1);
        subscribe();
        await until(() => ticks.length === 2);
        assert.deepEqual([cleared, resets.length], [0, 0]);
        await until(() => ticks.length === 5);
        assert.deepEqual(ticks, [[3, 11], [3, 12], [3, 15], [5, 5], [6, 1]]);
        assert.deepEqual([cleared, resets], [1, [["AAPL", "1"]]]);
        client.close();
        """,
    )


async def test_charts_share_a_subscription(play: Play) -> None:
    """Charts of one topic, `D` and `1D`, subscribe once; the last to leave unsubscribes; others go on."""

    async def script(peer: Peer) -> None:
        await history(peer, [bar(1440, 10)], complete=True)
        request = await peer.expect("bars.subscribe")
        await peer.answer(request, seq=1, epoch="e")
        await history(peer, [bar(1440, 10)], complete=True)
        await history(peer, [bar(1440, 10)], complete=True)
        await push(peer, 2, bar(1440, 11), topic="bars:AAPL:1D")
        await peer.expect("ping")
        await peer.send({"type": "pong", "id": peer.received[-1]["id"], "ts": 1})
        await push(peer, 3, bar(1440, 12), topic="bars:AAPL:1D")
        await peer.answer(await peer.expect("bars.unsubscribe"))
        await peer.send({"type": "server.shutdown", "payload": {"reconnect_in_ms_max": 1}})

    await play(
        script,
        """
        await call("getBars", AAPL, "1D", period(0, 9e9, 1, true));
        subscribe("one", "1D");
        subscribe("two", "D");
        await until(() => ticks.length === 2);
        datafeed.unsubscribeBars("one");
        datafeed.unsubscribeBars("none of ours");
        await call("getServerTime");
        await until(() => ticks.length === 3);
        datafeed.unsubscribeBars("two");
        await new Promise((resolve) => client.session.onServerShutdown(resolve));
        assert.deepEqual(ticks, [[1440, 11], [1440, 11], [1440, 12]]);
        client.close();
        """,
    )


def quick(publisher: Publisher) -> Simulation:
    """A market in which a minute takes a quarter of a second."""
    return Simulation(publisher, seed=7, updates_per_second=40, speed=240)


async def test_a_chart_of_the_service(trading: Path, tmp_path: Path) -> None:
    """A chart filled from history and kept by updates has, over lost connections, just the bars that there were."""
    program = """
    const sockets = [];
    class Socket extends WebSocket {
      constructor(...given) { super(...given); sockets.push(this); }
    }
    const client = new TradingClient(process.argv[2], { WebSocket: Socket, reconnect: { minMs: 10, maxMs: 300 } });
    const problems = [];
    let chart = new Map(), resets = 0, count = 0, last = 0;
    const datafeed = createDatafeed(client, { onReset: () => { resets += 1; void fill(); }, onError: problems.push });
    const ask = (from, to, countBack, first, resolution) => new Promise((resolve, reject) =>
      datafeed.getBars(symbol, resolution, { from, to, countBack, firstDataRequest: first }, resolve, reject));
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const newest = async () => (await client.bars.history({ symbol: "BTCUSD", limit: 1 })).bars.at(-1).time;
    const goesOn = async () => {
      const [bar, ticks] = [last, count];
      while (last === bar || count < ticks + 10) await sleep(2);
    };
    const symbol = await new Promise((resolve, reject) => datafeed.resolveSymbol("BTCUSD", resolve, reject));
    async function fill() {
      const bars = await ask(0, 0, 30, true, "1");
      chart = new Map(bars.map((bar) => [bar.time, bar]));
      last = bars.at(-1).time;
    }
    await fill();
    while ((await newest()) === last) await sleep(10);  // Meanwhile a bar ends and another begins.
    datafeed.subscribeBars(symbol, "1", (bar) => {
      assert.ok(bar.time >= last, "the library would refuse this");
      chart.set(bar.time, bar);
      last = bar.time;
      count += 1;
    }, "guid", () => {});
    for (let cut = 0; cut < 4; cut += 1) {
      await goesOn();
      sockets.at(-1).close(4000);
    }
    await goesOn();
    datafeed.unsubscribeBars("guid");
    const seen = [...chart.values()].sort((one, other) => one.time - other.time).slice(0, -1);
    const truth = await ask(seen[0].time / 1000, (seen.at(-1).time + 1) / 1000, 1, false, "1");
    assert.deepEqual(seen, truth);
    assert.deepEqual(problems, []);
    assert.ok(seen.length >= 34 && count > 40 && sockets.length === 5);
    console.log({ bars: seen.length, ticks: count, resets, sockets: sockets.length });
    client.close();
    """
    imports = "\n".join(HEAD.splitlines()[1:4])
    async with service(feed=quick) as running:
        url = running.url.replace("http", "ws", 1) + "/api/v1/ws"
        print(await run_program(trading, tmp_path, imports + program, url))
