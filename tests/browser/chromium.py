"""Driving a headless Chromium over its DevTools protocol, with nothing but `websockets`.

with chromium(program) as devtools:
    async with attach(devtools) as browser, browser.page() as page:
        await page.goto(url)
        await page.until("document.title !== ''")
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    # A page that asks for another host gets no answer, whatever the machine is connected to.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
Event = dict[str, Any]
Value = Any
"""JSON that the page gives back; who asked knows what it is."""


def find_chromium() -> str | None:
    """The browser's program: `CHROMIUM` from the environment, else the first of its usual names on PATH."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


_PRESSES = 10
"""How often a button that moves is tried."""


class PageError(Exception):
    """What the page threw, or what the browser refused."""


@dataclass
class Page:
    """One tab, and what has happened in it since it was opened."""

    browser: Browser
    session: str
    requests: list[str] = field(default_factory=list)
    """Address of everything that the page has asked for, sockets included."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings on the console, uncaught exceptions, refusals by the content security policy."""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Response headers by address, names in lower case."""
    frames: list[tuple[str, str]] = field(default_factory=list)
    """Text frames of the page's sockets: `sent` or `received`, and the text."""
    told: Callable[[str], None] | None = None
    """Hears what the page says by a function that `Runtime.addBinding` gave it."""

    async def call(self, method: str, **parameters: object) -> Event:
        """One command of the protocol to this tab."""
        return await self.browser.call(method, parameters, self.session)

    async def goto(self, url: str) -> None:
        """Open an address and wait until it has loaded."""
        loaded = self.browser.expect("Page.loadEventFired", self.session)
        answer = await self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise PageError(f"{url}: {answer['errorText']}")
        await loaded

    async def evaluate(self, expression: str) -> Value:
        """The value of an expression, awaited where it is a promise; it must be JSON."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    async def until(self, condition: str, *, within: float = 60) -> Value:
        """Wait until an expression is truthy, looked at in every frame; its value, or true for an object.

        TimeoutError after `within` seconds.
        """
        script = f"""new Promise((resolve) => {{
            const look = () => {{
                const value = ({condition});
                if (value) resolve(typeof value === "object" ? true : value);
                else requestAnimationFrame(look);
            }};
            look();
        }})"""
        try:
            return await asyncio.wait_for(self.evaluate(script), within)
        except TimeoutError:
            seen = await self.evaluate("document.body.innerText")
            events = await self.evaluate("JSON.stringify(window.tapewire?.events ?? [])")
            raise TimeoutError(
                f"never true: {condition}\n{self.complaints}\n{events[-2000:]}\n{seen[:2000]}"
            ) from None

    async def click(self, selector: str) -> None:
        """Press the element that a selector finds, with a real mouse event at its middle, once it stands still.

        Again where it was pressed beside it, since what is above it grew in the meantime.
        """
        for _ in range(_PRESSES):
            x, y = await self.evaluate(f"""(async () => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{block: "center", inline: "center", behavior: "instant"}});
                window.isPressed = false;
                element.addEventListener("click", () => {{ window.isPressed = true; }}, {{capture: true, once: true}});
                for (let before = "", frames = 0; ; frames++) {{
                    const box = element.getBoundingClientRect();
                    const place = [box.x + box.width / 2, box.y + box.height / 2];
                    if (place.join() === before || frames === 100) return place;
                    before = place.join();
                    await new Promise(requestAnimationFrame);
                }}
            }})()""")
            for kind in ("mousePressed", "mouseReleased"):
                await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
            if await self.evaluate("window.isPressed") is not False:
                return
        raise TimeoutError(f"{selector} did not stand still to be pressed")

    async def type(self, text: str) -> None:
        """Write into the element that has the focus."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press one key, named as browsers do: `Enter`, `ArrowDown`."""
        text = {"Enter": "\r"}.get(key, "")
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text, windowsVirtualKeyCode=code
            )

    async def resize(self, width: int, height: int, *, mobile: bool = False, scale: float = 1) -> None:
        """Make the view this large, in CSS pixels."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )

    async def prefer(self, scheme: str) -> None:
        """Let the system prefer `dark` or `light`."""
        await self.call(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    async def screenshot(self) -> bytes:
        """What is in view, as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    def hosts(self) -> set[str]:
        """Host and port of every request so far; data and blob addresses go nowhere."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}

    def take(self, method: str, event: Event) -> None:
        """Note an event of this tab."""
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(event["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(event["url"])
            case "Network.webSocketFrameSent" | "Network.webSocketFrameReceived":
                way = "sent" if method.endswith("Sent") else "received"
                self.frames.append((way, event["response"]["payloadData"]))
            case "Network.responseReceived":
                named = {name.lower(): value for name, value in event["response"]["headers"].items()}
                self.headers[event["response"]["url"]] = named
            case "Runtime.bindingCalled" if self.told is not None:
                self.told(event["payload"])
            case "Runtime.exceptionThrown":
                details = event["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description", details["text"]))
            case "Runtime.consoleAPICalled" if event["type"] in {"error", "warning", "assert"}:
                said = [str(part.get("value", part.get("description"))) for part in event["args"]]
                self.complaints.append(f"console.{event['type']}: {' '.join(said)}")
            case "Log.entryAdded" if event["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")
            case "Audits.issueAdded" if event["issue"]["code"] == "ContentSecurityPolicyIssue":
                self.complaints.append(f"policy: {json.dumps(event['issue']['details'])}")


class Browser:
    """A running Chromium."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = 0
        self._answers: dict[int, asyncio.Future[Event]] = {}
        self._expected: list[tuple[str, str, asyncio.Future[Event]]] = []
        self._pages: dict[str, Page] = {}

    async def call(self, method: str, parameters: dict[str, object], session: str | None = None) -> Event:
        """One command of the protocol; PageError where the browser refuses it."""
        self._ids += 1
        answer = self._answers[self._ids] = asyncio.get_running_loop().create_future()
        message = {"id": self._ids, "method": method, "params": parameters}
        await self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        result: Event = await answer
        return result

    def expect(self, method: str, session: str) -> asyncio.Future[Event]:
        """What the next event of this kind in a tab says."""
        expected: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._expected.append((method, session, expected))
        return expected

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """A new empty tab of 1280 by 800, closed in the end."""
        target = (await self.call("Target.createTarget", {"url": "about:blank"}))["targetId"]
        try:
            async with self._attached(target) as page:
                for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
                    await page.call(f"{domain}.enable")
                await page.resize(1280, 800)
                yield page
        finally:
            await self.call("Target.closeTarget", {"targetId": target})

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Page]:
        """The tab that the browser began with; no event is asked for yet, and it stays open."""
        targets = (await self.call("Target.getTargets", {}))["targetInfos"]
        async with self._attached(next(one["targetId"] for one in targets if one["type"] == "page")) as page:
            yield page

    @asynccontextmanager
    async def _attached(self, target: str) -> AsyncIterator[Page]:
        session = (await self.call("Target.attachToTarget", {"targetId": target, "flatten": True}))[
            "sessionId"
        ]
        page = self._pages[session] = Page(self, session)
        try:
            yield page
        finally:
            del self._pages[session]

    async def listen(self) -> None:
        """Hand answers and events on until the browser goes; then nobody waits for more."""
        try:
            await self._hand_on()
        finally:
            for waiting in (*self._answers.values(), *(entry[2] for entry in self._expected)):
                if not waiting.done():
                    waiting.set_exception(PageError("Chromium is gone"))
                    waiting.exception()  # whoever waits will see it; nobody has to

    async def _hand_on(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            session = message.get("sessionId", "")
            if (answer := self._answers.pop(message.get("id", 0), None)) is not None:
                if answer.done():
                    continue
                if "error" in message:
                    answer.set_exception(PageError(message["error"]["message"]))
                else:
                    answer.set_result(message["result"])
            elif "method" in message:
                self._event(message["method"], session, message.get("params", {}))

    def _event(self, method: str, session: str, event: Event) -> None:
        if (page := self._pages.get(session)) is not None:
            page.take(method, event)
        for entry in self._expected[:]:
            if entry[:2] != (method, session):
                continue
            self._expected.remove(entry)
            if not entry[2].done():
                entry[2].set_result(event)


@contextmanager
def chromium(program: str) -> Iterator[str]:
    """A browser with an empty profile of its own for as long as it takes; the address of its DevTools."""
    with tempfile.TemporaryDirectory(prefix="tapewire-chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _devtools(process, Path(profile) / "DevToolsActivePort")
        finally:
            process.terminate()
            process.wait()


def _devtools(process: subprocess.Popen[bytes], told: Path) -> str:
    """The address that the browser writes down once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            port, path = told.read_text().split()
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.02)
    raise RuntimeError("Chromium did not start")


@asynccontextmanager
async def attach(devtools: str) -> AsyncIterator[Browser]:
    """A browser that runs already, by its DevTools' address."""
    async with connect(devtools, max_size=None, proxy=None, open_timeout=60, ping_interval=None) as socket:
        browser = Browser(socket)
        listener = asyncio.create_task(browser.listen())
        try:
            yield browser
        finally:
            listener.cancel()
