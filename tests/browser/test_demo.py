"""The demo, in a real browser, against the real service."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from generated.models import Bar
from generated.publisher import Publisher
from generated.topics import BarsTopic
from service.feeds.simulate import Simulation
from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.service.running import service

PIXELS = "[...document.querySelectorAll('#chart canvas')].map((canvas) => canvas.toDataURL()).join()"


def simulated(publisher: Publisher) -> Simulation:
    """A market that is quick enough for tests."""
    return Simulation(publisher, seed=1, updates_per_second=20)


def bar(time: int, close: float) -> Bar:
    """A bar that begins at `time`, in Unix seconds."""
    return Bar(time=time * 1000, open=1.0, high=9.0, low=0.5, close=close, volume=3.0)


async def text(page: Page, selector: str) -> str:
    """What an element says."""
    return str(await page.evaluate(f"document.querySelector('{selector}').textContent"))


async def subscribed(page: Page, topic: str) -> None:
    """Return once the service has subscribed the page to a topic."""
    await page.until(f"tapewire.topic === '{topic}'")


async def test_candles_move(visit: Visit) -> None:
    """Bars arrive through the socket, and each changes what is drawn."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.bars.length >= 3 && document.querySelector('#chart canvas')")
        before = await page.evaluate(f"window.before = {PIXELS}")
        assert "data:image/png" in before
        await page.until(f"{PIXELS} !== window.before")
        assert await text(page, "#price") != "—"
        assert await page.evaluate("document.querySelector('#waiting').hidden")


async def test_state_of_the_connection_is_in_view(visit: Visit) -> None:
    """State, latency, rate, topic and position of the stream are told in words and numbers."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("document.querySelector('#state').textContent === 'Connected'")
        await page.until("/^\\d+$/.test(document.querySelector('#latency').textContent)")
        await page.until("Number(document.querySelector('#rate').textContent) > 1")
        assert await text(page, "#topic") == "bars:BTCUSD:1S"
        assert int((await text(page, "#seq")).replace(",", "")) > 0
        await page.until("document.querySelectorAll('#tape li').length > 2")


async def test_another_symbol_and_resolution(visit: Visit) -> None:
    """A chip and a button change the topic; what was shown before is gone, and the server is told."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await subscribed(page, "bars:BTCUSD:1S")
        await page.click("#symbols button:nth-child(2)")
        await subscribed(page, "bars:EURUSD:1S")
        await page.click("#resolutions button:nth-child(3)")
        await subscribed(page, "bars:EURUSD:1")
        assert await page.evaluate("location.hash") == "#symbol=EURUSD&resolution=1"
        assert await text(page, "h1") == "EURUSD"
        assert await page.evaluate("document.querySelectorAll('[aria-pressed=true]').length") == 2
        sent = [frame for way, frame in page.frames if way == "sent"]
        assert sum("bars.unsubscribe" in frame for frame in sent) == 2


async def test_any_symbol_by_keyboard(visit: Visit) -> None:
    """What is typed into the field and entered is subscribed to, and gets a chip."""
    async with service() as running, visit(f"{running.url}/demo") as page:
        await page.evaluate("document.querySelector('#symbol').focus()")
        await page.type("EUR/CHF")
        await page.press("Enter")
        await subscribed(page, "bars:EUR/CHF:1S")
        assert await text(page, "#symbols [aria-pressed=true]") == "EUR/CHF"


async def test_the_address_keeps_the_selection(visit: Visit) -> None:
    """A page opened with a symbol and a resolution in its address shows these."""
    async with service() as running:
        url = f"{running.url}/demo#symbol=EUR%2FUSD&resolution=5S"
        async with visit(url) as page:
            await subscribed(page, "bars:EUR/USD:5S")


async def test_a_refusal_is_a_sentence(visit: Visit) -> None:
    """What the service refuses is said in the page; the next choice works, and the sentence goes."""
    async with (
        service(feed=simulated) as running,
        visit(f"{running.url}/demo#symbol=%21&resolution=1S") as page,
    ):
        await page.until("!document.querySelector('#problem').hidden")
        assert "symbol" in await text(page, "#problem")
        await page.click("#symbols button:nth-child(1)")
        await subscribed(page, "bars:BTCUSD:1S")
        await page.until("document.querySelector('#problem').hidden")


async def test_received_bars_can_be_read(visit: Visit) -> None:
    """`tapewire.bars` has every bar in the order of arrival, unchanged, and `tapewire:bar` announces each."""
    published = [bar(60, 1.25), bar(60, 2.5), bar(61, 3.75), bar(62, 1.0625)]
    async with service() as running, visit(f"{running.url}/demo") as page:
        await page.evaluate(
            "window.heard = []; addEventListener('tapewire:bar', (e) => heard.push(e.detail.bar))"
        )
        await subscribed(page, "bars:BTCUSD:1S")
        for one in published:
            running.publisher.bars_update(BarsTopic("BTCUSD", "1S"), one)
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
        await subscribed(page, "bars:BTCUSD:1S")
        for time, close in ((60, 1.0), (70, 2.0), (65, 3.0), (60, 4.0), (71, 5.0)):
            running.publisher.bars_update(BarsTopic("BTCUSD", "1S"), bar(time, close))
            await page.until(f"tapewire.bars.at(-1)?.close === {close}")
        await page.until("document.querySelector('#bars').textContent === '4'")
        await page.until("document.querySelector('#price').textContent === '5.00'")


async def test_a_lost_connection_can_be_mended(visit: Visit) -> None:
    """When the server ends the connection the page says so and offers another, which works."""
    async with service(feed=simulated, lifespan=1) as running, visit(f"{running.url}/demo") as page:
        await page.until("document.querySelector('#state').textContent === 'Disconnected'")
        assert "4001" in await text(page, "#problem")
        await page.click("#reconnect")
        await page.until("document.querySelector('#state').textContent === 'Connected' && tapewire.topic")
        assert await page.evaluate("document.querySelector('#reconnect').hidden")
        assert sum(url.startswith("ws:") for url in page.requests) == 2


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


async def test_fits_a_telephone(visit: Visit) -> None:
    """At 390 pixels nothing reaches beyond the right edge."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.resize(390, 844, mobile=True)
        await page.until("tapewire.bars.length > 0")
        assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_policy_of_the_page(visit: Visit) -> None:
    """The page is sent with a policy that allows nothing inline and nothing from elsewhere."""
    async with service(feed=simulated) as running, visit(f"{running.url}/demo") as page:
        await page.until("tapewire.bars.length > 0")
        policy = page.headers[f"{running.url}/demo"]["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
        assert {urlsplit(url).scheme for url in page.requests} <= {"http", "ws", "data"}
