"""The interactive documentation, read in a real browser: links, search, copying, changes, and who hears the page."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import httpx

from tests.browser.conftest import Visit
from tests.browser.documented import FOCUSED, FOREIGN, PATH, READY, contract_of, serving
from tests.service.running import service


async def test_page_shows_the_whole_contract(visit: Visit) -> None:
    """Every channel, message, type, limit and close code of the document stands in the page."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        document = await contract_of(running.url)
        shown = await page.evaluate("document.querySelector('#pageReference').textContent")
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
        await page.until(
            "document.querySelector('#pageContents [aria-current]')?.textContent === 'Close codes'"
        )


async def test_contents_lead_through_the_page(visit: Visit) -> None:
    """A press on an entry goes there, and the entry is marked."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        entry = "#contentsList a[href='#tradesupdate']"
        await page.click(entry)
        await page.until("document.activeElement.id === 'tradesupdate'")
        await page.until(f"document.querySelector(\"{entry}\").getAttribute('aria-current') === 'location'")
        assert await page.evaluate("document.querySelectorAll('#pageContents [aria-current]').length") == 1


async def test_contents_mark_the_message_below_its_section(visit: Visit) -> None:
    """Where the title of a section is at the top, the message that follows it is read, and not the one before."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.resize(1280, 900)
        await page.until(READY)
        await page.evaluate("document.getElementById('what-is-pushed-orderbook').scrollIntoView()")
        await page.until(
            "document.querySelector('#pageContents [aria-current]')?.getAttribute('href') === '#orderbookupdate'"
        )


async def test_search_by_keyboard(visit: Visit) -> None:
    """A slash starts a search; what is found can be walked through and opened without a mouse."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.press("/")
        assert await page.evaluate(FOCUSED) == "searchBox"
        await page.type("slow_consumer")
        await page.until("document.querySelector('#foundCount').textContent.endsWith('found')")
        assert "4004 slow_consumer" in await page.evaluate("document.querySelector('#foundList').textContent")
        await page.press("ArrowDown")
        assert await page.evaluate("document.activeElement.closest('#foundList') !== null")
        await page.press("Enter")
        await page.until("location.hash === '#close-codes'")
        assert await page.evaluate("document.querySelector('#foundList').hidden")
        assert await page.evaluate("document.querySelector('#searchBox').value") == ""


async def test_search_says_when_nothing_is_found(visit: Visit) -> None:
    """Who looks for what there is not is told, and Escape brings the contents back."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.until(READY)
        await page.click("#searchBox")
        await page.type("unheard-of")
        await page.until("document.querySelector('#foundCount').textContent === 'Nothing found'")
        await page.press("Escape")
        await page.until("!document.querySelector('#contentsList').hidden")


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
        await page.until("document.querySelector('#pageSaid').textContent.startsWith('Copied')")


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


async def test_names_of_a_contract_do_not_clash_with_those_of_the_page(visit: Visit, tmp_path: Path) -> None:
    """Whatever messages are called, the page finds its own parts, and each message has a place of its own."""
    names = [
        "search",
        "main",
        "said",
        "status",
        "console",
        "console-url",
        "contents",
        "top",
        "page-main",
        "theme",
    ]
    message = {"oneOf": [{"name": name, "payload": {"const": name}} for name in names]}
    document = {**FOREIGN, "channels": {"/reference": {"publish": {"message": message}}}}
    async with serving(tmp_path, document) as url, visit(f"{url}{PATH}#search") as page:
        await page.until(READY)
        assert await page.evaluate("document.activeElement.tagName") == "H4"
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert len(ids) == len(set(ids))
        assert set(names) - {"contents"} <= set(ids)


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
        await page.click("#consoleToggle")
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
            "[...document.querySelectorAll('#pageReference :is(h1, h2, h3, h4, h5)')]"
            ".map((one) => Number(one.tagName[1]))"
        )
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


async def test_names_in_tables_stand_in_one_piece(visit: Visit) -> None:
    """A message's name is not broken at the end of a line while there is room beside it."""
    async with service() as running, visit(f"{running.url}{PATH}") as page:
        await page.resize(1280, 900)
        await page.until(READY)
        broken = await page.evaluate(
            "[...document.querySelectorAll('#pageReference td code')]"
            '.filter((code) => /^[\\w."]+$/.test(code.textContent) && code.getClientRects().length > 1)'
            ".map((code) => code.textContent)"
        )
        assert broken == []
        wide = await page.evaluate(
            "[...document.querySelectorAll('.table-scroller')]"
            ".filter((one) => one.scrollWidth > one.clientWidth).length"
        )
        assert wide == 0


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
        shown = "document.querySelector('#pageContents').getBoundingClientRect().width > 0"
        assert not await page.evaluate(shown)
        await page.click("#contentsToggle")
        assert await page.evaluate(shown)
        await page.click("#contentsList a[href='#limits']")
        await page.until("document.activeElement.id === 'limits'")
        assert not await page.evaluate(shown)
        await page.click("#contentsToggle")
        await page.click("#searchBox")
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
