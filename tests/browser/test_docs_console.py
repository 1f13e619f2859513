"""The console of the interactive documentation: sending, receiving, and holding frames against the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.browser.documented import FOCUSED, FOREIGN, PATH, READY, contract_of, serving
from tests.service.running import service


async def frames(page: Page, way: str) -> list[dict[str, Any]]:
    """What the console shows as sent or received, oldest first."""
    rows = f"document.querySelectorAll('#consoleFrames [data-way={way}] code')"
    texts = await page.evaluate(f"[...{rows}].map((one) => one.textContent)")
    return [json.loads(text) for text in reversed(texts)]


async def test_an_example_can_be_tried_where_it_stands(visit: Visit) -> None:
    """One press sends the example on the live socket; what comes back is held against the contract."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click(".message[aria-labelledby=quotessubscribe] .primary")
        await page.until("document.querySelector('#consoleFrames [data-way=received]')")
        (sent,) = await frames(page, "sent")
        answer, *_ = await frames(page, "received")
        assert (sent["type"], answer["type"]) == ("quotes.subscribe", "quotes.subscribe.response")
        assert answer["payload"]["status"] == "ok"
        assert await page.evaluate(
            "[...document.querySelectorAll('#consoleFrames li')].every((one) => one.dataset.fits === 'true')"
        )
        assert (
            await page.evaluate("document.querySelector('#consoleFit').textContent")
            == "Fits quotes.subscribe."
        )


async def test_what_is_written_is_held_against_the_contract(visit: Visit) -> None:
    """The editor says what does not fit and where; it is sent all the same, and the answer fits."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#consoleToggle")
        await page.evaluate("document.querySelector('#consoleFrame').value = ''")
        await page.click("#consoleFrame")
        await page.type('{"type": "quotes.subscribe", "id": 1, "payload": {"symbol": 5}}')
        await page.until("document.querySelector('#consoleFit').textContent.startsWith('Does not fit')")
        said = await page.evaluate("document.querySelector('#consoleFit').textContent")
        assert said == 'Does not fit: /payload/symbol: Instance type "number" is invalid. Expected "string".'
        await page.click("#consoleSend")
        await page.until("document.querySelector('#consoleFrames [data-way=received]')")
        (answer,) = await frames(page, "received")
        assert answer["payload"]["code"] == "bad_payload"
        fits = "[...document.querySelectorAll('#consoleFrames li')].map((one) => one.dataset.fits)"
        assert await page.evaluate(fits) == ["true", "false"]
        assert "1 does not fit" in await page.evaluate("document.querySelector('#consoleCount').textContent")


async def test_console_sends_and_receives(visit: Visit) -> None:
    """An example of the document, sent with one press, is answered on a socket of this host."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#consoleToggle")
        await page.click("#consoleSend")
        await page.until("document.querySelector('#consoleFrames [data-way=received]')")
        (sent,) = await frames(page, "sent")
        (answer,) = await frames(page, "received")
        assert [(way, json.loads(frame)) for way, frame in page.frames] == [
            ("sent", sent),
            ("received", answer),
        ]
        assert answer["type"] == f"{sent['type']}.response"
        assert answer["id"] == sent["id"]
        assert answer["payload"]["status"] == "ok"
        assert await page.evaluate("document.querySelector('#consoleState').textContent") == "Connected"


async def test_console_sends_what_was_edited(visit: Visit) -> None:
    """The frame in the editor is what goes out, over the connection that is open."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#consoleConnect")
        await page.until("document.querySelector('#consoleState').textContent === 'Connected'")
        await page.evaluate("document.querySelector('#consoleFrame').value = ''")
        await page.click("#consoleFrame")
        await page.type('{"type": "ping", "id": "mine"}')
        await page.click("#consoleSend")
        await page.until("document.querySelector('#consoleFrames [data-way=received]')")
        (answer,) = await frames(page, "received")
        assert (answer["type"], answer["id"]) == ("pong", "mine")
        await page.click("#consoleConnect")
        await page.until("document.querySelector('#consoleState').textContent === 'Closed'")


async def test_console_does_not_send_what_is_no_json(visit: Visit) -> None:
    """A frame that cannot be parsed is answered in the page, and nothing leaves it."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#consoleToggle")
        await page.evaluate("document.querySelector('#consoleFrame').value = '{'")
        await page.click("#consoleSend")
        await page.until(
            "document.querySelector('#consoleProblem').textContent.startsWith('This is no JSON')"
        )
        assert page.frames == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("wss://elsewhere.example/api/v1/ws", "This page connects to its own server only, HOST."),
        ("http://HOST/api/v1/ws", "A socket's address begins with ws:// or wss://, not http://."),
        ("not a url", "not a url is no address of a socket: write ws://HOST/…."),
        ("", "Nothing is no address of a socket: write ws://HOST/…."),
        ("ws://HOST/nowhere", "ws://HOST/nowhere could not be opened. The frame was not sent."),
    ],
)
async def test_console_says_where_it_cannot_connect(visit: Visit, address: str, said: str) -> None:
    """An address of another server, of no socket, or of none that opens: said at once, and the reader may try again."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        host = running.url.removeprefix("http://")
        await page.until(READY)
        await page.click("#consoleToggle")
        filled = json.dumps(address.replace("HOST", host))
        await page.evaluate(f"document.querySelector('#consoleUrl').value = {filled}")
        await page.click("#consoleSend")
        await page.until("document.querySelector('#consoleProblem').textContent !== ''")
        assert await page.evaluate("document.querySelector('#consoleProblem').textContent") == said.replace(
            "HOST", host
        )
        assert await page.evaluate("document.querySelector('#consoleConnect').textContent") == "Connect"
        assert page.frames == []
        page.complaints.clear()  # the browser tells of the refused handshake too


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
        options = "[...document.querySelectorAll('#consoleExample option')].map((one) => one.textContent)"
        assert set(await page.evaluate(options)) == expected


async def test_document_of_somebody_else(visit: Visit, tmp_path: Path) -> None:
    """Channels that are paths, traits, a schema that contains itself: shown, and tried on the channel's own socket."""
    async with serving(tmp_path, FOREIGN) as url, visit(f"{url}{PATH}") as page:
        await page.until(READY)
        shown = await page.evaluate("document.querySelector('#pageReference').textContent")
        assert "/grow/{kind}" in shown
        assert "Water the tree" in shown
        assert await page.evaluate("JSON.parse(document.querySelector('#consoleFrame').value)") == {
            "op": "grow",
            "$ref": "as it is",
        }
        host = url.removeprefix("http://")
        address = f"ws://{host}/base/grow/{{kind}}"
        assert await page.evaluate("document.querySelector('#consoleUrl').value") == address
        await page.click(".message .primary")
        problem = "document.querySelector('#consoleProblem').textContent"
        assert await page.evaluate(problem) == "Write a value for {kind} into the socket's address first."
        assert await page.evaluate(FOCUSED) == "consoleUrl"
        filled = json.dumps(address.replace("{kind}", "oak"))
        await page.evaluate(f"document.querySelector('#consoleUrl').value = {filled}")
        await page.click("#consoleSend")
        await page.until("document.querySelectorAll('#consoleFrames [data-way=received]').length === 2")
        fits = "[...document.querySelectorAll('#consoleFrames li')].map((one) => one.dataset.fits)"
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
        assert await page.evaluate("JSON.parse(document.querySelector('#consoleFrame').value)") == {
            "op": "plant",
            "kind": "oak",
            "height": 2,
        }
        assert await page.evaluate("document.querySelector('#consoleFit').textContent") == "Fits plant."
        option = await page.evaluate("document.querySelector('#consoleExample option').textContent")
        assert option == "plant: a draft, to be filled in"
