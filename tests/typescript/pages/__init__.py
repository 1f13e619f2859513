"""Small pages on which the hooks are seen at work, each with one of the frameworks in one of its versions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page, attach
from tests.clients.scripted import PATIENCE
from tests.typescript.packages import NODE, install
from tests.typescript.server import Frame, Peer, scripted

HERE = Path(__file__).resolve().parent
FRAMEWORKS = ("react", "react-18", "vue", "vue-3.3")
"""The newest of each, and the oldest that is supported."""


def aliases(package: Path, framework: str) -> dict[str, str]:
    """Where the imports of a page lead."""
    modules = install()
    name = framework.partition("-")[0]
    found = {"trading": package / "dist" / "index.js", f"trading/{name}": package / "dist" / f"{name}.js"}
    found[name] = modules / framework
    if name == "react":
        found["react-dom"] = modules / framework.replace("react", "react-dom")
    return {alias: str(path) for alias, path in found.items()}


async def bundle(entry: Path, **options: object) -> str:
    """A module and all that it imports as one script."""
    given = {"entryPoints": [str(entry)], **options}
    program = await asyncio.create_subprocess_exec(
        *(NODE, str(HERE / "bundle.mjs"), str(install()) + "/", json.dumps(given)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await program.communicate()
    assert program.returncode == 0, errors.decode()
    return out.decode()


async def page_script(package: Path, framework: str) -> str:
    """The page of widgets, for a tab; made once."""
    key = package, framework
    if key not in _scripts:
        _scripts[key] = await _bundled(package, framework)
    return _scripts[key]


_scripts: dict[tuple[Path, str], str] = {}


async def _bundled(package: Path, framework: str) -> str:
    flags = ("__VUE_OPTIONS_API__", "__VUE_PROD_DEVTOOLS__", "__VUE_PROD_HYDRATION_MISMATCH_DETAILS__")
    return await bundle(
        HERE / f"{framework.partition('-')[0]}.js",
        alias=aliases(package, framework),
        # Not for production: only so does React mount everything twice.
        define={"process.env.NODE_ENV": '"development"', **dict.fromkeys(flags, "false")},
    )


class Widgets:
    """A page of widgets, and the server that its client connects to."""

    def __init__(self, page: Page, url: str, peers: asyncio.Queue[Peer]) -> None:
        self.page = page
        self._url = url
        self._peers = peers

    async def start(self, **options: object) -> None:
        """Make the client, and draw the page."""
        await self.page.evaluate(f"page.start({json.dumps(self._url)}, {json.dumps(options)})")

    async def peer(self) -> Peer:
        """The server's end of the next connection."""
        async with asyncio.timeout(PATIENCE):
            return await self._peers.get()

    async def show(self, **widgets: tuple[object, ...] | None) -> None:
        """Add widgets or change what they show, `a=("useBars", {"symbol": "AAPL"})`; None takes one away."""
        changes = [
            {"id": name, "hook": shown[0], "given": shown[1:]} if shown else {"id": name}
            for name, shown in widgets.items()
        ]
        await self.page.evaluate(f"page.show(...{json.dumps(changes)})")

    async def until(self, widget: str, condition: str) -> dict[str, Any]:
        """Wait until what a widget shows meets a condition on `view`; gives what it shows."""
        text = f"document.getElementById({json.dumps(widget)})?.textContent"
        await self.page.until(
            f"((text) => {{ const view = JSON.parse(text); return {condition}; }})({text} ?? '{{}}')"
        )
        shown: dict[str, Any] = json.loads(await self.page.evaluate(text))
        return shown

    async def seen(self, widget: str) -> list[dict[str, Any]]:
        """All that a widget ever showed, each with what it was given."""
        found: list[dict[str, Any]] = await self.page.evaluate(f"page.seen[{json.dumps(widget)}] ?? []")
        return found


@asynccontextmanager
async def widgets(script: str, devtools: str, url: str | None = None) -> AsyncIterator[Widgets]:
    """An empty page in a browser, for a server at `url`, else for one that does what the test does with its peers."""
    peers: asyncio.Queue[Peer] = asyncio.Queue()
    async with scripted(peers.put) as own, attach(devtools) as browser, browser.page() as page:
        await page.evaluate(script)
        yield Widgets(page, url or own, peers)
        assert page.complaints == []


async def grant(peer: Peer, channel: str, topic: str, **extra: object) -> Frame:
    """Take the request to subscribe to a topic, and say yes."""
    request = await peer.expect(f"{channel}.subscribe")
    payload = {"status": "ok", "message": "Done", "topic": topic}
    answer = {"type": f"{channel}.subscribe.response", "id": request["id"], "payload": payload}
    await peer.send(answer | {"seq": 0, "epoch": "e"} | extra)
    return request


async def update(peer: Peer, topic: str, seq: int, **payload: object) -> None:
    """Push an update of a topic."""
    frame = {
        "type": f"{topic.partition(':')[0]}.update",
        "topic": topic,
        "seq": seq,
        "ts": 1,
        "payload": payload,
    }
    await peer.send(frame)
