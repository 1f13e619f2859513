"""The interactive documentation, in a real browser: our own document, and somebody else's."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar, WebSocket, get, websocket
from litestar.params import FromPath

from codegen.pipeline import understand
from codegen.render.reference import Reference
from service.server import listen, url_of
from service.web import web_routes
from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.service.running import service

PATH = "/api/v1/ws/asyncapi"
READY = "document.querySelector('#reference').dataset.ready"
FOCUSED = "document.activeElement.id"

FOREIGN: dict[str, Any] = {
    "asyncapi": "2.6.0",
    "info": {"title": "Trees", "version": "7"},
    "servers": {"main": {"url": "{h}/base", "protocol": "wss", "variables": {"h": {"default": "a.example"}}}},
    "channels": {
        "/grow/{kind}": {
            "parameters": {"kind": {"schema": {"type": "string"}}},
            "publish": {
                "operationId": "grow",
                "traits": [{"summary": "Make it grow."}],
                "message": {
                    "name": "water",
                    "traits": [{"title": "Water the tree"}],
                    "payload": {"$ref": "#/components/schemas/Tree"},
                    "examples": [{"name": "leaf", "payload": {"op": "grow", "$ref": "as it is"}}],
                },
            },
            "subscribe": {"message": {"payload": {"$ref": "#/components/schemas/Tree"}}},
        }
    },
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "properties": {
                    "op": {"const": "grow"},
                    "branches": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            }
        }
    },
}  # fmt: skip


@asynccontextmanager
async def serving(folder: Path, document: dict[str, Any]) -> AsyncIterator[str]:
    """The pages beside a document of somebody else's, whose socket answers with what it is sent; the host's address."""
    path = folder / "theirs.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    data = Reference(understand(path).contract).data

    @get("/api/v1/ws/reference.json", sync_to_thread=False)
    def reference() -> dict[str, Any]:
        return data

    @websocket("/base/grow/{kind:str}")
    async def grow(socket: WebSocket[Any, Any, Any], kind: FromPath[str]) -> None:
        await socket.accept()
        async for text in socket.iter_data("text"):
            await socket.send_data(text)
            await socket.send_data('{"branches": 1}')

    app = Litestar([reference, grow, *web_routes()], openapi_config=None, logging_config=None)
    sockets = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield url_of(sockets)
    finally:
        server.should_exit = True
        await task


async def frames(page: Page, way: str) -> list[dict[str, Any]]:
    """What the console shows as sent or received, oldest first."""
    rows = f"document.querySelectorAll('#console-frames [data-way={way}] code')"
    texts = await page.evaluate(f"[...{rows}].map((one) => one.textContent)")
    return [json.loads(text) for text in reversed(texts)]


async def contract_of(url: str) -> dict[str, Any]:
    """The document that a service serves."""
    async with httpx.AsyncClient() as http:
        document: dict[str, Any] = (await http.get(f"{url}{PATH}.json")).json()
    return document


async def test_page_shows_the_whole_contract(visit: Visit) -> None:
    """Every channel, message, type, limit and close code of the document stands in the page."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        document = await contract_of(running.url)
        shown = await page.evaluate("document.querySelector('#reference').textContent")
        for channel in document["channels"]:
            assert channel in shown
        for message in document["components"]["messages"].values():
            assert message["name"] in shown
        for name in document["components"]["schemas"]:
            assert name in shown
        for code in document["x-close-codes"]:
            assert code["description"] in shown
        for limit in document["x-limits"]:
            assert limit in shown


async def test_every_link_within_the_page_leads_somewhere(visit: Visit) -> None:
    """Each link of the contents and of the text names a place in the page, and no place has the name of another."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        dead = await page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href'))"
            ".filter((href) => !document.getElementById(decodeURIComponent(href.slice(1))))"
        )
        assert dead == []
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert len(ids) == len(set(ids))


async def test_a_deep_link_opens_its_place(visit: Visit) -> None:
    """An address with an anchor shows that part, has the focus there, and marks it in the contents."""
    async with service() as running, visit(f"{running.url}{PATH}#close-codes") as page:
        await page.until(READY)
        assert await page.evaluate(FOCUSED) == "close-codes"
        top = await page.evaluate("document.getElementById('close-codes').getBoundingClientRect().top")
        assert 0 <= top < 400
        await page.until("document.querySelector('#contents [aria-current]')?.textContent === 'Close codes'")


async def test_contents_lead_through_the_page(visit: Visit) -> None:
    """A press on an entry goes there, and the entry is marked."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        entry = "#contents-list a[href='#tradesupdate']"
        await page.click(entry)
        await page.until("document.activeElement.id === 'tradesupdate'")
        await page.until(f"document.querySelector(\"{entry}\").getAttribute('aria-current') === 'location'")
        assert await page.evaluate("document.querySelectorAll('#contents [aria-current]').length") == 1


async def test_search_by_keyboard(visit: Visit) -> None:
    """A slash starts a search; what is found can be walked through and opened without a mouse."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.press("/")
        assert await page.evaluate(FOCUSED) == "search"
        await page.type("slow_consumer")
        await page.until("document.querySelector('#found-count').textContent.endsWith('found')")
        assert "4004 slow_consumer" in await page.evaluate("document.querySelector('#found').textContent")
        await page.press("ArrowDown")
        assert await page.evaluate("document.activeElement.closest('#found') !== null")
        await page.press("Enter")
        await page.until("location.hash === '#close-codes'")
        assert await page.evaluate("document.querySelector('#found').hidden")
        assert await page.evaluate("document.querySelector('#search').value") == ""


async def test_search_says_when_nothing_is_found(visit: Visit) -> None:
    """Who looks for what there is not is told, and Escape brings the contents back."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#search")
        await page.type("unheard-of")
        await page.until("document.querySelector('#found-count').textContent === 'Nothing found'")
        await page.press("Escape")
        await page.until("!document.querySelector('#contents-list').hidden")


async def test_examples_can_be_copied(visit: Visit) -> None:
    """The button beside an example puts it on the clipboard, and says so."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.evaluate(
            "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }"
        )
        await page.click(".message[aria-labelledby=ping] .example .small")
        await page.until("window.copied")
        assert json.loads(await page.evaluate("window.copied"))["type"] == "ping"
        await page.until("document.querySelector('#said').textContent.startsWith('Copied')")


async def test_examples_can_be_copied_without_a_clipboard(visit: Visit) -> None:
    """Where the browser gives the page no clipboard, the text is copied by selecting it."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
        await page.evaluate(
            "document.addEventListener('copy', () => (window.copied = document.activeElement.value)), 0"
        )
        await page.click(".message[aria-labelledby=ping] .example .small")
        await page.until("window.copied")
        assert json.loads(await page.evaluate("window.copied"))["type"] == "ping"


async def test_an_example_can_be_tried_where_it_stands(visit: Visit) -> None:
    """One press sends the example on the live socket; what comes back is held against the contract."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click(".message[aria-labelledby=quotessubscribe] .primary")
        await page.until("document.querySelector('#console-frames [data-way=received]')")
        (sent,) = await frames(page, "sent")
        answer, *_ = await frames(page, "received")
        assert (sent["type"], answer["type"]) == ("quotes.subscribe", "quotes.subscribe.response")
        assert answer["payload"]["status"] == "ok"
        assert await page.evaluate(
            "[...document.querySelectorAll('#console-frames li')].every((one) => one.dataset.fits === 'true')"
        )
        assert (
            await page.evaluate("document.querySelector('#console-fit').textContent")
            == "Fits quotes.subscribe."
        )


async def test_what_is_written_is_held_against_the_contract(visit: Visit) -> None:
    """The editor says what does not fit and where; it is sent all the same, and the answer fits."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#console-toggle")
        await page.evaluate("document.querySelector('#console-frame').value = ''")
        await page.click("#console-frame")
        await page.type('{"type": "quotes.subscribe", "id": 1, "payload": {"symbol": 5}}')
        await page.until("document.querySelector('#console-fit').textContent.startsWith('Does not fit')")
        said = await page.evaluate("document.querySelector('#console-fit').textContent")
        assert said == 'Does not fit: /payload/symbol: Instance type "number" is invalid. Expected "string".'
        await page.click("#console-send")
        await page.until("document.querySelector('#console-frames [data-way=received]')")
        (answer,) = await frames(page, "received")
        assert answer["payload"]["code"] == "bad_payload"
        fits = "[...document.querySelectorAll('#console-frames li')].map((one) => one.dataset.fits)"
        assert await page.evaluate(fits) == ["true", "false"]
        assert "1 does not fit" in await page.evaluate("document.querySelector('#console-count').textContent")


async def test_console_sends_and_receives(visit: Visit) -> None:
    """An example of the document, sent with one press, is answered on a socket of this host."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#console-toggle")
        await page.click("#console-send")
        await page.until("document.querySelector('#console-frames [data-way=received]')")
        (sent,) = await frames(page, "sent")
        (answer,) = await frames(page, "received")
        assert [(way, json.loads(frame)) for way, frame in page.frames] == [
            ("sent", sent),
            ("received", answer),
        ]
        assert answer["type"] == f"{sent['type']}.response"
        assert answer["id"] == sent["id"]
        assert answer["payload"]["status"] == "ok"
        assert await page.evaluate("document.querySelector('#console-state').textContent") == "Connected"


async def test_console_sends_what_was_edited(visit: Visit) -> None:
    """The frame in the editor is what goes out, over the connection that is open."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#console-connect")
        await page.until("document.querySelector('#console-state').textContent === 'Connected'")
        await page.evaluate("document.querySelector('#console-frame').value = ''")
        await page.click("#console-frame")
        await page.type('{"type": "ping", "id": "mine"}')
        await page.click("#console-send")
        await page.until("document.querySelector('#console-frames [data-way=received]')")
        (answer,) = await frames(page, "received")
        assert (answer["type"], answer["id"]) == ("pong", "mine")
        await page.click("#console-connect")
        await page.until("document.querySelector('#console-state').textContent === 'Closed'")


async def test_console_does_not_send_what_is_no_json(visit: Visit) -> None:
    """A frame that cannot be parsed is answered in the page, and nothing leaves it."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#console-toggle")
        await page.evaluate("document.querySelector('#console-frame').value = '{'")
        await page.click("#console-send")
        await page.until(
            "document.querySelector('#console-problem').textContent.startsWith('This is no JSON')"
        )
        assert page.frames == []


async def test_console_offers_every_request(visit: Visit) -> None:
    """The list of messages is made of the examples of what clients send."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        messages = (await contract_of(running.url))["components"]["messages"]
        expected = {
            f"{message['name']}: {example['summary']}"
            for message in messages.values()
            if "x-response" in message
            for example in message["examples"]
        }
        options = "[...document.querySelectorAll('#console-example option')].map((one) => one.textContent)"
        assert set(await page.evaluate(options)) == expected


async def test_document_of_somebody_else(visit: Visit, tmp_path: Path) -> None:
    """Channels that are paths, traits, a schema that contains itself: shown, and tried on the channel's own socket."""
    async with serving(tmp_path, FOREIGN) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        shown = await page.evaluate("document.querySelector('#reference').textContent")
        assert "/grow/{kind}" in shown
        assert "Water the tree" in shown
        assert await page.evaluate("JSON.parse(document.querySelector('#console-frame').value)") == {
            "op": "grow",
            "$ref": "as it is",
        }
        host = url.removeprefix("http://")
        address = f"ws://{host}/base/grow/{{kind}}"
        assert await page.evaluate("document.querySelector('#console-url').value") == address
        await page.click(".message .primary")
        problem = "document.querySelector('#console-problem').textContent"
        assert await page.evaluate(problem) == "Write a value for {kind} into the socket's address first."
        assert await page.evaluate(FOCUSED) == "console-url"
        filled = json.dumps(address.replace("{kind}", "oak"))
        await page.evaluate(f"document.querySelector('#console-url').value = {filled}")
        await page.click("#console-send")
        await page.until("document.querySelectorAll('#console-frames [data-way=received]').length === 2")
        fits = "[...document.querySelectorAll('#console-frames li')].map((one) => one.dataset.fits)"
        assert await page.evaluate(fits) == ["false", "true", "true"]


async def test_a_message_without_examples_can_be_drafted(visit: Visit, tmp_path: Path) -> None:
    """The console offers what is required of it, and says what is still to be filled in."""
    payload = {
        "type": "object",
        "required": ["op", "kind", "height"],
        "properties": {
            "op": {"const": "plant"},
            "kind": {"enum": ["oak", "elm"]},
            "height": {"type": "number", "minimum": 2},
            "name": {"type": "string"},
        },
    }
    document = {
        **FOREIGN,
        "channels": {"/plant": {"publish": {"message": {"name": "plant", "payload": payload}}}},
    }
    async with serving(tmp_path, document) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        assert await page.evaluate("JSON.parse(document.querySelector('#console-frame').value)") == {
            "op": "plant",
            "kind": "oak",
            "height": 2,
        }
        assert await page.evaluate("document.querySelector('#console-fit').textContent") == "Fits plant."
        option = await page.evaluate("document.querySelector('#console-example option').textContent")
        assert option == "plant: a draft, to be filled in"


async def test_changes_are_shown_by_release(visit: Visit) -> None:
    """Every release of the contract has its changes in the page, each with its verdict and its reason."""
    async with service() as running, visit(f"{running.url}{PATH}#changes") as page:
        await page.until(READY)
        assert await page.evaluate(FOCUSED) == "changes"
        async with httpx.AsyncClient() as http:
            changelog = (await http.get(f"{running.url}/api/v1/ws/changelog.md")).text
        releases = "[...document.querySelectorAll('.release h3')].map((one) => one.firstChild.textContent)"
        assert await page.evaluate(releases) == re.findall("^## (.*)$", changelog, re.MULTILINE)
        assert await page.evaluate("document.querySelectorAll('.release li').length") == changelog.count(
            "\n- "
        )
        verdicts = "[...document.querySelectorAll('.verdict span')].map((one) => one.textContent)"
        assert await page.evaluate(verdicts) == [
            title.lower() for title in re.findall("^### (.*)$", changelog, re.MULTILINE)
        ]


async def test_a_contract_without_releases_says_so(visit: Visit, tmp_path: Path) -> None:
    """Where nothing was released there is nothing to compare with, and the page says that."""
    async with serving(tmp_path, FOREIGN) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        said = await page.evaluate("document.querySelector('.changelog').textContent")
        assert "No release of this contract came before this one." in said


async def test_words_of_a_document_are_never_taken_for_html(visit: Visit, tmp_path: Path) -> None:
    """Tags in a description are shown as they were written, and a link that is code leads nowhere."""
    described = (
        "<b>bold</b> <img src=x onerror=alert(1)> [press](javascript:alert(1)) ![pic](http://other/a.png)"
    )
    document = {**FOREIGN, "info": {"title": "<i>Trees</i>", "version": "7", "description": described}}
    async with serving(tmp_path, document) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        said = await page.evaluate("document.querySelector('.opening').textContent")
        assert "<b>bold</b> <img src=x onerror=alert(1)> press pic" in said
        assert (
            await page.evaluate("document.querySelectorAll('.opening :is(b, i, img, a:not(.here))').length")
            == 0
        )


async def test_everything_has_a_name_for_those_who_hear_the_page(visit: Visit) -> None:
    """Each button, field and region has a name; headings follow each other without a gap."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#console-toggle")
        await page.call("Accessibility.enable")
        nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        roles = {
            "button",
            "textbox",
            "searchbox",
            "combobox",
            "checkbox",
            "link",
            "navigation",
            "article",
            "table",
        }
        nameless = [
            node
            for node in nodes
            if not node["ignored"]
            and node["role"]["value"] in roles
            and not node.get("name", {}).get("value", "").strip()
        ]
        assert nameless == []
        levels = await page.evaluate(
            "[...document.querySelectorAll('#reference :is(h1, h2, h3, h4, h5)')].map((one) => Number(one.tagName[1]))"
        )
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


async def test_fits_a_telephone(visit: Visit) -> None:
    """At 390 pixels nothing of the page or of its column reaches beyond the right edge."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.resize(390, 844, mobile=True)
        await page.until(READY)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        assert await page.evaluate("document.querySelector('main').scrollWidth") == 390


async def test_contents_open_over_the_page_on_a_telephone(visit: Visit) -> None:
    """The contents are folded away there; they open with their button, and close with a choice or Escape."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.resize(390, 844, mobile=True)
        await page.until(READY)
        shown = "document.querySelector('#contents').getBoundingClientRect().width > 0"
        assert not await page.evaluate(shown)
        await page.click("#contents-toggle")
        assert await page.evaluate(shown)
        await page.click("#contents-list a[href='#limits']")
        await page.until("document.activeElement.id === 'limits'")
        assert not await page.evaluate(shown)
        await page.click("#contents-toggle")
        await page.click("#search")
        await page.press("Escape")
        await page.until(f"!({shown})")


async def test_policy_of_the_page(visit: Visit) -> None:
    """The page is sent with a policy that allows nothing inline and nothing from elsewhere."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        policy = page.headers[f"{running.url}{PATH}"]["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
