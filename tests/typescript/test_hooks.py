"""The hooks of the React and Vue entry points, in a browser, against a server that does what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from generated.publisher import Publisher
from service.feeds.simulate import Simulation
from tests.service.running import service
from tests.typescript.pages import FRAMEWORKS, Widgets, grant, page_script, update, widgets

A = {"symbol": "A"}
B = {"symbol": "B"}


@pytest.fixture(params=FRAMEWORKS)
async def page(request: pytest.FixtureRequest, trading: Path, devtools: str) -> AsyncIterator[Widgets]:
    """A started page of widgets, for each framework."""
    async with widgets(await page_script(trading, request.param), devtools) as shown:
        await shown.start()
        yield shown


async def test_from_nothing_to_live(page: Widgets) -> None:
    """Nothing is asked for until something is chosen; then a hook is `loading`, with the first update `live`."""
    await page.show(a=("useQuote", None))
    assert await page.until("a", "view.status === 'idle'") == {"status": "idle"}
    await page.show(a=("useQuote", A))
    peer = await page.peer()
    request = await grant(peer, "quotes", "quotes:A")
    assert request["payload"] == A
    await page.until("a", "view.status === 'loading'")
    await update(peer, "quotes:A", 1, bid=1)
    assert await page.until("a", "view.data") == {"status": "live", "data": {"bid": 1}}
    await update(peer, "quotes:A", 2, bid=2)
    await page.until("a", "view.data.bid === 2")
    await page.show(a=("useQuote", None))
    await peer.expect("quotes.unsubscribe")
    assert await page.until("a", "view.status === 'idle'") == {"status": "idle"}


async def test_two_components_share(page: Widgets) -> None:
    """Two that show the same share one subscription; what the one has is the first that one sees of the other."""
    await page.show(a=("useQuote", A))
    peer = await page.peer()
    await grant(peer, "quotes", "quotes:A")
    await update(peer, "quotes:A", 1, bid=1)
    await page.until("a", "view.data")
    await page.page.evaluate("""void (function look() {
        const text = document.getElementById("b")?.textContent;
        globalThis.painted ??= [];
        if (text) painted.push(JSON.parse(text).status);
        if (painted.length < 3) requestAnimationFrame(look);
    })()""")
    await page.show(b=("useQuote", A))
    await page.page.until("painted.length === 3")
    assert await page.page.evaluate("painted") == ["live"] * 3
    await page.show(a=None)
    await update(peer, "quotes:A", 2, bid=2)
    await page.until("b", "view.data.bid === 2")
    await page.show(b=None)
    await peer.expect("quotes.unsubscribe")
    assert [frame["type"] for frame in peer.received] == ["quotes.subscribe", "quotes.unsubscribe"]


async def test_another_selection(page: Widgets) -> None:
    """Who chooses another topic never sees the one's data under the other's name, not even for one picture."""
    await page.show(a=("useQuote", A))
    peer = await page.peer()
    await grant(peer, "quotes", "quotes:A")
    await update(peer, "quotes:A", 1, symbol="A")
    await page.until("a", "view.data")
    for _ in range(3):
        for chosen, other in ((B, "A"), (A, "B")):
            symbol = chosen["symbol"]
            await page.show(a=("useQuote", chosen))
            await grant(peer, "quotes", f"quotes:{symbol}")
            await update(peer, f"quotes:{symbol}", 1, symbol=symbol)
            left = await peer.expect("quotes.unsubscribe")
            assert left["payload"] == {"symbol": other}
            await peer.answer(left)
            await page.until("a", f"view.data?.symbol === '{symbol}'")
    pictures = await page.seen("a")
    assert {(one["given"][0]["symbol"], one["data"]["symbol"]) for one in pictures if one.get("data")} == {
        ("A", "A"),
        ("B", "B"),
    }


async def test_coming_back_at_once(page: Widgets) -> None:
    """What is replaced by what shows the same costs nothing on the wire; nor does an equal selection."""
    await page.show(a=("useOrderBook", {"symbol": "A", "depth": 10}))
    peer = await page.peer()
    await grant(peer, "orderbook", "orderbook:A:10")
    for _ in range(5):
        await page.show(a=None, b=("useOrderBook", {"depth": 10, "symbol": "A"}))
        await page.show(b=("useOrderBook", {"symbol": "A", "depth": 10}))
        await page.show(b=None, a=("useOrderBook", {"symbol": "A", "depth": 10}))
    await page.show(c=("useQuote", A))
    await grant(peer, "quotes", "quotes:A")
    assert [frame["type"] for frame in peer.received] == ["orderbook.subscribe", "quotes.subscribe"]


async def test_a_tape(page: Widgets) -> None:
    """A channel that leaves nothing out gives the last ones, the newest first; a burst of them costs few pictures."""
    await page.show(a=("useTrades", A, {"limit": 3}), b=("useTrades", A))
    peer = await page.peer()
    await grant(peer, "trades", "trades:A")
    assert (await page.until("a", "view.status === 'live'"))["data"] == []
    before = len(await page.seen("b"))
    await asyncio.gather(*(update(peer, "trades:A", number, id=number) for number in range(1, 501)))
    await page.until("b", "view.data[0]?.id === 500")
    await page.until("a", "view.data[0]?.id === 500")
    assert [one["id"] for one in (await page.seen("a"))[-1]["data"]] == [500, 499, 498]
    assert [one["id"] for one in (await page.seen("b"))[-1]["data"]] == list(range(500, 400, -1))
    pictures = (await page.seen("b"))[before:]
    assert len(pictures) < 250
    for one in pictures:
        ids = [item["id"] for item in one["data"]]
        assert ids == sorted(ids, reverse=True)


async def test_refused(page: Widgets) -> None:
    """A refusal for good is an `error`; one for now is asked again after the time that the server gives."""
    await page.show(a=("useQuote", A), b=("useQuote", B))
    peer = await page.peer()
    await peer.refuse(await peer.expect("quotes.subscribe"), code="unknown_symbol", retryable=False)
    await peer.refuse(await peer.expect("quotes.subscribe"), retryable=True, retry_after_ms=20)
    refused = await page.until("a", "view.error")
    assert refused == {"status": "error", "error": {"name": "RequestError", "message": "Not now"}}
    again = await grant(peer, "quotes", "quotes:B")
    assert again["payload"] == B
    await update(peer, "quotes:B", 1, bid=1)
    assert await page.until("b", "view.data") == {"status": "live", "data": {"bid": 1}}
    assert [one["status"] for one in await page.seen("b") if one.get("error")][-1] == "loading"


async def test_coming_back(page: Widgets) -> None:
    """Data stay while the client reconnects, and go on where they were; what is lost for good is told as a hole."""
    await page.show(a=("useTrades", A), c=("useConnectionState",))
    peer = await page.peer()
    await grant(peer, "trades", "trades:A")
    await update(peer, "trades:A", 1, id=1)
    await page.until("a", "view.data?.length === 1")
    assert await page.until("c", "view.state === 'open'") == {"state": "open"}
    await peer.socket.close(1012)
    peer = await page.peer()
    request = await grant(peer, "trades", "trades:A", seq=1, recovered=True)
    assert request["recover"] == {"epoch": "e", "seq": 1}
    await update(peer, "trades:A", 2, id=2)
    assert await page.until("a", "view.data?.length === 2") == {
        "status": "live",
        "data": [{"id": 2}, {"id": 1}],
    }
    await peer.socket.close(1012)
    peer = await page.peer()
    await grant(peer, "trades", "trades:A", seq=9, epoch="f", recovered=False)
    await update(peer, "trades:A", 10, id=10)
    shown = await page.until("a", "view.data?.length === 3")
    assert shown["hole"] == {"topic": "trades:A", "reason": "reconnect", "after": 2, "seq": 9}
    assert {one["status"] for one in (await page.seen("a"))[-2:]} == {"live"}
    states = [one["state"] for one in await page.seen("c")]
    assert [one for one in ("idle", "connecting", "open", "reconnecting") if one not in states] == []
    reasons = {one["reason"]["code"] for one in await page.seen("c") if one.get("reason")}
    assert reasons == {1012}


async def test_a_topic_begins_anew(page: Widgets) -> None:
    """What was shown of a topic that the server begins anew is void: it is `loading`, or empty, with the hole."""
    await page.show(a=("useQuote", A), b=("useTrades", A))
    peer = await page.peer()
    await grant(peer, "quotes", "quotes:A")
    await grant(peer, "trades", "trades:A")
    await update(peer, "quotes:A", 1, bid=1)
    await update(peer, "trades:A", 1, id=1)
    await page.until("a", "view.data")
    await page.until("b", "view.data?.length === 1")
    for topic in ("quotes:A", "trades:A"):
        why = {"code": "unavailable", "message": "The history is lost"}
        await peer.send({"type": "topic.reset", "topic": topic, "epoch": "f", "seq": 7, "payload": why})
    hole = {"topic": "quotes:A", "reason": "reset", "after": 1, "seq": 7}
    assert await page.until("a", "view.hole") == {"status": "loading", "hole": hole}
    empty = {"status": "live", "data": [], "hole": {**hole, "topic": "trades:A"}}
    assert await page.until("b", "view.hole") == empty
    await update(peer, "quotes:A", 8, bid=8)
    assert await page.until("a", "view.data") == {"status": "live", "data": {"bid": 8}, "hole": hole}


async def test_a_topic_is_taken_away(page: Widgets) -> None:
    """A subscription that the server has ended is an `error` with the server's reason; others go on."""
    await page.show(a=("useQuote", A), b=("useTrades", A))
    peer = await page.peer()
    await grant(peer, "quotes", "quotes:A")
    await grant(peer, "trades", "trades:A")
    why = {"code": "forbidden", "message": "Not any more"}
    await peer.send({"type": "topic.closed", "topic": "quotes:A", "payload": why})
    await update(peer, "trades:A", 1, id=1)
    taken = await page.until("a", "view.error")
    assert taken == {"status": "error", "error": {"name": "RequestError", "message": "Not any more"}}
    assert (await page.until("b", "view.data?.length === 1"))["data"] == [{"id": 1}]
    assert [frame["type"] for frame in peer.received] == ["quotes.subscribe", "trades.subscribe"]


async def test_closed_and_opened_again(page: Widgets) -> None:
    """When the client is closed, hooks say so and keep their data; when it connects again, they begin anew."""
    await page.show(a=("useTrades", A), c=("useConnectionState",))
    peer = await page.peer()
    await grant(peer, "trades", "trades:A")
    await update(peer, "trades:A", 1, id=1)
    await page.until("a", "view.data?.length === 1")
    await page.page.evaluate("client.close()")
    closed = await page.until("a", "view.status === 'error'")
    assert (closed["data"], closed["error"]["name"]) == ([{"id": 1}], "ConnectionClosedError")
    await page.until("c", "view.state === 'closed'")
    await page.page.evaluate("client.connect()")
    peer = await page.peer()
    assert "recover" not in await grant(peer, "trades", "trades:A")
    assert await page.until("a", "view.status === 'live'") == {"status": "live", "data": []}


async def test_keyed(page: Widgets) -> None:
    """A channel whose updates are states of several things gives the latest of each, the greatest key first."""
    await page.show(a=("useBars", A, {"limit": 2}))
    peer = await page.peer()
    await grant(peer, "bars", "bars:A:1")
    for number, (time, close) in enumerate([(1, 10), (2, 20), (3, 30), (2, 21), (1, 11), (3, 31)], 1):
        await update(peer, "bars:A:1", number, time=time, close=close)
    shown = await page.until("a", "view.data?.[0]?.close === 31")
    assert shown["data"] == [{"time": 3, "close": 31}, {"time": 2, "close": 21}]


async def test_leaving_before_the_answer(page: Widgets) -> None:
    """Who leaves before the server has answered is subscribed to nothing in the end."""
    await page.show(a=("useQuote", A))
    peer = await page.peer()
    request = await peer.expect("quotes.subscribe")
    await page.show(a=None)
    await peer.send(
        {
            "type": "quotes.subscribe.response",
            "id": request["id"],
            "payload": {"status": "ok", "message": "Done", "topic": "quotes:A"},
        }
    )
    assert (await peer.expect("quotes.unsubscribe"))["payload"] == A


def simulated(publisher: Publisher) -> Simulation:
    """A market that is quick enough for tests."""
    return Simulation(publisher, seed=1, updates_per_second=20, speed=10)


@pytest.mark.parametrize("framework", ["react", "vue"])
async def test_the_service(trading: Path, devtools: str, framework: str) -> None:
    """Against the service everything is live, belongs together, and goes on over a lost connection without a hole."""
    chosen = {"symbol": "BTCUSD"}
    script = await page_script(trading, framework)
    async with service(feed=simulated) as running:
        url = running.url.replace("http", "ws", 1) + "/api/v1/ws"
        async with widgets(script, devtools, url) as page:
            await page.page.evaluate("""void (globalThis.WebSocket = class extends WebSocket {
                constructor(...given) { super(...given); globalThis.socket = this; }
            })""")
            await page.start(reconnect={"minMs": 10, "maxMs": 200})
            await page.show(
                quote=("useQuote", chosen),
                tape=("useTrades", chosen, {"limit": 10}),
                book=("useOrderBook", {**chosen, "depth": 10}),
                bars=("useBars", {**chosen, "resolution": "1S"}),
                state=("useConnectionState",),
            )
            quote = await page.until("quote", "view.status === 'live'")
            assert quote["data"]["bid"] < quote["data"]["ask"]
            await page.until("tape", "view.data?.length === 10")
            await page.until(
                "book", "view.data?.bids.length === 10 && view.data.bids[0].price < view.data.asks[0].price"
            )
            await page.until("bars", "view.data?.length > 3")
            await page.page.evaluate("socket.close(4000)")
            await page.until("state", "page.seen.state.some((one) => one.state === 'reconnecting')")
            await page.until("state", "view.state === 'open'")
            newest = (await page.seen("tape"))[-1]["data"][0]["id"]
            tape = await page.until("tape", f"view.data[9].id > {newest}")
            ids = [trade["id"] for trade in tape["data"]]
            assert ids == sorted(set(ids), reverse=True)
            for name in ("quote", "tape", "book", "bars"):
                assert not [one for one in await page.seen(name) if one.get("hole") or one.get("error")]
            times = [bar["time"] for bar in (await page.seen("bars"))[-1]["data"]]
            assert times == sorted(set(times), reverse=True)
