"""The interactive documentation, in a real browser: our own document, and somebody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from litestar import Litestar, get

from service.server import listen, url_of
from service.web import web_routes
from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.service.running import service

PATH = "/api/v1/ws/asyncapi"
READY = "document.querySelector('#reference h1')"

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
async def serving(document: dict[str, Any]) -> AsyncIterator[str]:
    """The pages beside a document of somebody else's; the address of the host."""

    @get(f"{PATH}.json", sync_to_thread=False)
    def contract() -> dict[str, Any]:
        return document

    app = Litestar([contract, *web_routes()], openapi_config=None, logging_config=None)
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


async def test_reference_shows_the_whole_contract(visit: Visit) -> None:
    """Every channel, message and schema of the document stands in the page, and no other host was asked."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        async with httpx.AsyncClient() as http:
            document = (await http.get(f"{running.url}{PATH}.json")).json()
        shown = await page.evaluate("document.querySelector('#reference').textContent")
        for channel in document["channels"]:
            assert channel in shown
        for message in document["components"]["messages"].values():
            assert message["title"] in shown
        for name in document["components"]["schemas"]:
            assert name in shown


async def test_links_of_the_contents_lead_somewhere(visit: Visit) -> None:
    """Each link in the table of contents names a place in the page."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        dead = await page.evaluate(
            "[...document.querySelectorAll('.sidebar a')].map((a) => a.getAttribute('href'))"
            ".filter((href) => !document.getElementById(href.slice(1)))"
        )
        assert dead == []


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
        async with httpx.AsyncClient() as http:
            messages = (await http.get(f"{running.url}{PATH}.json")).json()["components"]["messages"]
        expected = {
            f"{message['name']}: {example['summary']}"
            for message in messages.values()
            if "x-response" in message
            for example in message["examples"]
        }
        options = "[...document.querySelectorAll('#console-example option')].map((one) => one.textContent)"
        assert set(await page.evaluate(options)) == expected


async def test_document_of_somebody_else(visit: Visit) -> None:
    """Channels that are paths, traits, a schema that contains itself: shown and offered all the same."""
    async with serving(FOREIGN) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        shown = await page.evaluate("document.querySelector('#reference').textContent")
        assert "/grow/{kind}" in shown
        assert "Water the tree" in shown
        assert "Make it grow." in shown
        assert await page.evaluate("JSON.parse(document.querySelector('#console-frame').value)") == {
            "op": "grow",
            "$ref": "as it is",
        }
        host = url.removeprefix("http://")
        assert (
            await page.evaluate("document.querySelector('#console-url').value")
            == f"ws://{host}/base/grow/{{kind}}"
        )


async def test_fits_a_telephone(visit: Visit) -> None:
    """At 390 pixels nothing of the page or of its column reaches beyond the right edge."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.resize(390, 844, mobile=True)
        await page.until(READY)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        assert await page.evaluate("document.querySelector('main').scrollWidth") == 390


async def test_policy_of_the_page(visit: Visit) -> None:
    """The page is sent with a policy that allows nothing inline and nothing from elsewhere."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        policy = page.headers[f"{running.url}{PATH}"]["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
