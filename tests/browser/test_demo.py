"""The demo, in a real browser, against the real service."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from generated.models import Bar, Book, Level, Trade
from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, TradesTopic
from service.feeds.simulate import Simulation
from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.service.running import Running, eventually, service

PIXELS = "[...document.querySelectorAll('#chart canvas')].map((canvas) => canvas.toDataURL()).join()"
RECORDED = Path(__file__).resolve().parents[1] / "data" / "madeup-1h.csv"
CHOSEN = "document.querySelector('#symbols :checked').value"


def simulated(publisher: Publisher) -> Simulation:
    """A market that is quick enough for tests."""
    return Simulation(publisher, seed=1, updates_per_second=10, speed=10)


def lively(publisher: Publisher) -> Simulation:
    """A market whose quotes the server remembers for half a minute, so that no slow machine is away for longer."""
    return Simulation(publisher, seed=1, updates_per_second=2, speed=10)


def bar(time: int, close: float) -> Bar:
    """A bar that begins at `time`, in Unix seconds."""
    return Bar(time=time * 1000, open=1.0, high=9.0, low=0.5, close=close, volume=3.0)


def trade(running: Running, number: int) -> None:
    """Publish a trade of the symbol that is shown where nothing is said."""
    body = Trade(id=number, price=100.0 + number, size=1.0, side="buy", time=number * 1000)
    running.publisher.trades_update(TradesTopic("BTCUSD"), body)


def book(running: Running, bid: float, *, snapshot: bool = False) -> None:
    """Publish a book, or a change of it."""
    body = Book(bids=[Level(price=bid, size=1.5)], asks=[Level(price=101.5, size=bid)])
    running.publisher.orderbook_update(OrderbookTopic("BTCUSD", "25"), body, snapshot=snapshot)


async def text(page: Page, selector: str) -> str:
    """What an element says."""
    return str(await page.evaluate(f"document.querySelector('{selector}').textContent"))


async def says(page: Page, selector: str, pattern: str) -> None:
    """Return once an element says what a regular expression matches."""
    await page.until(f"/{pattern}/.test(document.querySelector('{selector}').textContent)")


async def subscribed(page: Page, topic: str) -> None:
    """Return once the service has subscribed the page to a topic of bars."""
    await page.until(f"tapewire.topic === '{topic}'")


async def told(page: Page, kind: str) -> None:
    """Return once the page has told of such an event."""
    await page.until(f"tapewire.events.some((event) => event.kind === '{kind}')")


def sent(page: Page, kind: str) -> list[str]:
    """The frames of a type that the page has sent."""
    return [frame for way, frame in page.frames if way == "sent" and f'"{kind}"' in frame]


async def test_candles_move(visit: Visit) -> None:
    """The chart begins with the bars of the past, and goes on with those that come."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.bars.length >= 3 && tapewire.shown >= 500")
        before = await page.evaluate(f"window.before = {PIXELS}")
        assert "data:image/png" in before
        await page.until(f"{PIXELS} !== window.before")
        assert await page.evaluate("document.querySelector('#chart-note').hidden")


async def test_all_panels_fill(visit: Visit) -> None:
    """Markets, last quote, order book and tape show the market; state, latency and rate are told."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await says(page, "#state", "^Connected$")
        for place in ("price", "bid", "ask"):
            await says(page, f"#{place}", r"^\d[\d,]+\.\d$")
        await says(page, "#change", r"^\D?[\d.,]+ \D?[\d.]+ %$")
        await page.until(
            "[...document.querySelectorAll('#symbols .last')].every((last) => last.textContent !== '—')"
        )
        assert await page.evaluate("document.querySelectorAll('#symbols label').length") == 14
        await page.until("document.querySelectorAll('#bids li').length >= 5")
        await page.until(
            "[...document.querySelectorAll('.ladder li')].every((row) => row.textContent !== '')"
        )
        await page.until("document.querySelectorAll('#tape li').length > 2")
        await says(page, "#latency", r"^\d+$")
        await says(page, "#rate", r"^[\d.]+$")
        await says(page, "#trades-check", r"^Trades\d+ in order, none missing · seq \d+ to \d+$")
        await says(page, "#book-check", r"^Book\d+ compared, all agree · checksum [0-9a-f]{8}$")


async def test_a_topic_is_subscribed_once_for_two_panels(visit: Visit) -> None:
    """The quote of the symbol that is shown stands in two places, and is asked for once."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await says(page, "#bid", r"\d")
        assert sum('"BTCUSD"' in frame for frame in sent(page, "quotes.subscribe")) == 1


async def test_older_bars_are_fetched_when_the_chart_is_moved(visit: Visit) -> None:
    """Who scrolls back comes to bars that were not there at first, in pages."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.shown >= 500")
        for least in (1000, 1500):
            while await page.evaluate("tapewire.shown") < least:
                await page.call(
                    "Input.dispatchMouseEvent", type="mouseWheel", x=500, y=300, deltaX=-900, deltaY=0
                )
                await page.evaluate("new Promise(requestAnimationFrame)")
        earlier = [frame for frame in sent(page, "bars.history") if '"to"' in frame]
        assert len(earlier) >= 2
        assert len(set(earlier)) == len(earlier)


async def test_another_symbol_and_resolution(visit: Visit) -> None:
    """A market and a resolution change the topics; the server is told, and what was shown before is gone."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await subscribed(page, "bars:BTCUSD:1")
        await page.click("#symbols label:nth-child(1)")
        await subscribed(page, "bars:AAPL:1")
        assert await text(page, "h1") == "AAPL"
        await page.click("#resolutions label:nth-child(1)")
        await subscribed(page, "bars:AAPL:1S")
        assert await page.evaluate("location.hash") == "#symbol=AAPL&resolution=1S"
        assert await page.evaluate("document.querySelectorAll(':checked').length") == 2
        assert len(sent(page, "bars.unsubscribe")) == 2
        await says(page, "#price", r"^\d{3}\.\d\d$")
        await page.until("tapewire.trades.received > 0 && tapewire.book.checked > 0")


async def test_by_keyboard(visit: Visit) -> None:
    """Symbols are found by a part of their name or description, and gone through by arrow keys."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await subscribed(page, "bars:BTCUSD:1")
        await page.evaluate("document.querySelector('#symbol').focus()")
        await page.type("yen")
        assert await page.evaluate("document.querySelectorAll('#symbols label:not([hidden])').length") == 1
        await page.press("Enter")
        await subscribed(page, "bars:USDJPY:1")
        assert await page.evaluate("document.querySelectorAll('#symbols label:not([hidden])').length") == 14
        await page.press("Tab")
        await page.press("ArrowDown")
        await subscribed(page, "bars:EURCHF:1")
        assert await page.evaluate(CHOSEN) == "EURCHF"


async def test_any_symbol_where_none_are_listed(visit: Visit) -> None:
    """A service that knows no symbols takes any: what is typed is subscribed to, and listed."""
    async with service() as running, visit(f"{running.url}/demo") as page:
        await says(page, "#chart-note", "^No bars are recorded here")
        await page.evaluate("document.querySelector('#symbol').focus()")
        await page.type("EUR/CHF")
        await page.press("Enter")
        await subscribed(page, "bars:EUR/CHF:1")
        assert await page.evaluate(CHOSEN) == "EUR/CHF"


async def test_the_address_keeps_the_selection(visit: Visit) -> None:
    """A page opened with a symbol and a resolution in its address shows these."""
    async with service(feed=simulated) as running:
        url = f"{running.url}/demo#symbol=EURUSD&resolution=5S"
        async with visit(url) as page:
            await subscribed(page, "bars:EURUSD:5S")
            assert await page.evaluate(CHOSEN) == "EURUSD"


async def test_a_refusal_is_a_sentence(visit: Visit) -> None:
    """What the service refuses is said where it would have stood; the next choice works, and the sentence goes."""
    async with (
        service(feed=simulated) as running,
        visit(f"{running.url}/demo#symbol=NOPE&resolution=1S") as page,
    ):
        await says(page, "#chart-note", '^There is no symbol "NOPE"; known: AAPL')
        await says(page, "#book-note", '^There is no symbol "NOPE"')
        await page.click("#symbols label:nth-child(1)")
        await subscribed(page, "bars:AAPL:1S")
        await page.until("document.querySelector('#chart-note').hidden")
        await page.until("document.querySelector('#book-note').hidden")
        assert await page.evaluate("tapewire.refused") == {}


async def test_a_recording_of_bars(visit: Visit) -> None:
    """A replay of bars is charted in the resolutions that it folds into; the other panels say why they are empty."""
    async with (
        service(file=str(RECORDED), symbol="EURUSD", rate=100) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await subscribed(page, "bars:EURUSD:60")
        offered = "[...document.querySelectorAll('#resolutions label')].map((label) => label.textContent)"
        assert await page.evaluate(offered) == ["1h", "4h", "1D", "1W", "1M"]
        for panel in ("quote", "book", "tape"):
            await says(page, f"#{panel}-note", "^The recording of EURUSD holds only bars")
        assert set(await page.evaluate("tapewire.refused")) == {"quotes", "trades", "orderbook"}
        await page.until("tapewire.bars.length > 20")
        await says(page, "#price", r"^1\.\d+$")
        assert await text(page, "#symbols .move") == "no quotes"


async def test_received_bars_can_be_read(visit: Visit) -> None:
    """`tapewire.bars` has every bar in the order of arrival, unchanged, and `tapewire:bar` announces each."""
    published = [bar(60, 1.25), bar(60, 2.5), bar(120, 3.75), bar(180, 1.0625)]
    async with service() as running, visit(f"{running.url}/demo") as page:
        await page.evaluate(
            "window.heard = []; addEventListener('tapewire:bar', (e) => heard.push(e.detail.bar))"
        )
        await subscribed(page, "bars:BTCUSD:1")
        for one in published:
            running.publisher.bars_update(BarsTopic("BTCUSD", "1"), one)
            # Bars are conflated: one that has not arrived when the next is sent may rightly be left out.
            await page.until(f"tapewire.bars.at(-1)?.close === {one.close}")
        expected = [one.model_dump() for one in published]
        assert await page.evaluate("tapewire.bars") == expected
        assert await page.evaluate("heard") == expected
        sequence = await page.evaluate("tapewire.updates.map((update) => update.seq)")
        assert sequence == list(range(sequence[0], sequence[0] + 4))


async def test_an_older_bar_takes_its_place(visit: Visit) -> None:
    """A bar older than the newest is drawn among the others: the chart's library alone would throw."""
    async with service() as running, visit(f"{running.url}/demo") as page:
        await subscribed(page, "bars:BTCUSD:1")
        for time, close in ((60, 1.0), (240, 2.0), (180, 3.0), (60, 4.0), (300, 5.0)):
            running.publisher.bars_update(BarsTopic("BTCUSD", "1"), bar(time, close))
            await page.until(f"tapewire.bars.at(-1)?.close === {close}")
        await page.until("tapewire.shown === 4")
        await says(page, "#price", r"^5\.00$")


async def test_a_cut_connection_recovers(visit: Visit) -> None:
    """Cut, and mended after updates were missed, the page reconnects by itself and is sent them all, once, in order."""
    async with service() as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.topic && tapewire.state === 'open'")
        await eventually(lambda: {"trades:BTCUSD", "orderbook:BTCUSD:25"} <= set(running.hub.topics))
        book(running, 90.0, snapshot=True)
        for number in range(5):
            trade(running, number)
        await page.until("tapewire.trades.received === 5 && tapewire.book.checked === 1")
        await page.click("#cut")
        await told(page, "lost")
        assert await text(page, "#state") == "Reconnecting"
        await says(page, "#state-detail", r"1006.*(Next attempt within \d+\.\d s|Trying now)")
        for number in range(5, 42):
            trade(running, number)
        for bid in (91.0, 92.0):
            book(running, bid)
        await says(page, "#cut", "^Mend it")
        await page.click("#cut")
        await told(page, "recovered")
        assert await page.evaluate("tapewire.events.map((event) => event.kind)") == [
            *("open", "cut", "lost", "open", "recovered")
        ]
        assert await page.evaluate("tapewire.events.at(-1).caughtUp") == 39
        assert await page.evaluate("tapewire.trades") == {
            **{"received": 42, "first": 1, "last": 42, "missing": 0, "disordered": 0, "holes": 0}
        }
        assert await page.evaluate("[tapewire.book.checked, tapewire.book.wrong]") == [3, 0]
        await says(page, "#bids li", r"^92\.00")
        await says(page, "#tape li", r"^141\.00")
        assert await page.evaluate("document.querySelector('#trades-check').dataset.verdict") == "ok"
        assert any('"recover"' in frame for frame in sent(page, "trades.subscribe"))


async def test_the_whole_market_recovers(visit: Visit) -> None:
    """With every topic of a lively market missed for a while, no topic has a hole, and what is checked is right."""
    async with service(feed=lively) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.trades?.received > 3 && tapewire.book.checked > 3")
        before = await page.evaluate("({ ...tapewire.trades })")
        await page.click("#cut")
        await told(page, "recovered")
        await page.until(f"tapewire.trades.received > {before['received'] + 3}")
        after = await page.evaluate("({ ...tapewire.trades, wrong: tapewire.book.wrong })")
        assert after["received"] == after["last"] - after["first"] + 1
        assert (after["missing"], after["disordered"], after["holes"], after["wrong"]) == (0, 0, 0, 0)
        assert await page.evaluate("tapewire.events.at(-1).caughtUp") > 0


async def test_a_hole_is_told(visit: Visit) -> None:
    """Away for longer than the server remembers, the page is told of the hole: in words, on the tape, in the check."""
    async with service(topic_grace=0) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.topic && tapewire.state === 'open'")
        await eventually(lambda: "trades:BTCUSD" in running.hub.topics)
        trade(running, 1)
        await page.until("tapewire.trades.received === 1")
        await page.click("#cut-long")
        await told(page, "lost")
        await eventually(lambda: not running.hub.topics)
        await page.click("#cut")
        await told(page, "hole")
        assert "trades:BTCUSD" in await page.evaluate("tapewire.events.at(-1).holes")
        await eventually(lambda: "trades:BTCUSD" in running.hub.topics)
        trade(running, 2)
        await page.until("tapewire.trades.received === 2")
        await page.until("document.querySelectorAll('#tape li').length === 3")
        assert await page.evaluate(
            "[...document.querySelectorAll('#tape li')].map((row) => row.dataset.side)"
        ) == ["buy", "hole", "buy"]
        await says(page, "#trades-check", "^Trades2 in order, 1 hole told")
        assert await page.evaluate("tapewire.trades.missing") == 0


async def test_a_connection_that_the_server_ends_is_replaced(visit: Visit) -> None:
    """When the server ends the connection the page says why, in the contract's words, and comes back by itself."""
    async with service(feed=simulated, lifespan=2) as running, visit(f"{running.url}/demo") as page:
        await told(page, "recovered")
        lost = await page.evaluate("tapewire.events.find((event) => event.kind === 'lost').text")
        assert "4001: The connection has lived as long as connections may" in lost


async def test_closed_for_good(visit: Visit) -> None:
    """A connection that is refused for good is not tried again, until the reader wants it."""
    async with service(feed=simulated, connections=1) as running, running.client() as other:
        assert await other.silent()
        async with visit(f"{running.url}/demo") as page:
            await says(page, "#state", "^Disconnected$")
            assert "4504" in await text(page, "#state-detail")
            await other.socket.close()
            await eventually(lambda: len(running.connections) == 0)
            await page.click("#reconnect")
            await page.until("tapewire.bars.length > 0 && tapewire.trades.received > 0")
            await says(page, "#state", "^Connected$")
            assert await page.evaluate("document.querySelector('#reconnect').hidden")


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_both_colour_schemes(visit: Visit, scheme: str) -> None:
    """The page follows the system's colours, and its button overrides them."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        background = "getComputedStyle(document.body).backgroundColor"
        await page.prefer(scheme)
        first = await page.evaluate(background)
        await page.click("#theme")
        second = await page.evaluate(background)
        assert first != second
        assert (first == "rgb(10, 13, 19)") is (scheme == "dark")


@pytest.mark.parametrize("width", [390, 900, 1280])
async def test_fits_the_view(visit: Visit, width: int) -> None:
    """From a telephone to a desk, nothing reaches beyond the right edge."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.resize(width, 844, mobile=width < 700)
        await page.until("tapewire.bars.length > 0 && document.querySelectorAll('#tape li').length > 0")
        root = "document.documentElement"
        assert await page.evaluate(f"{root}.scrollWidth === {root}.clientWidth")


async def test_policy_of_the_page(visit: Visit) -> None:
    """The page is sent with a policy that allows nothing inline and nothing from elsewhere."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.bars.length > 0")
        policy = page.headers[f"{running.url}/demo"]["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
        assert {urlsplit(url).scheme for url in page.requests} <= {"http", "ws", "data"}
