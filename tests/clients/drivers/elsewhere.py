"""Drivers whose clients are not in this process: under Node, and in a page."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page, attach, chromium
from tests.clients.driving import Language
from tests.clients.scripted import PATIENCE
from tests.typescript.packages import NODE, SPEC, install, write_package

HERE = Path(__file__).resolve().parent
GENERATED = HERE.parents[2] / "generated" / "typescript"
Json = Any
Tell = Callable[[Json], None]


def bundle(package: Path, out: Path) -> None:
    """Bundle the driver with a package's sources: `node.mjs` and `page.js`."""
    esbuild = install() / "esbuild" / "bin" / "esbuild"
    for entry, output, platform in (("node.ts", "node.mjs", "node"), ("page.ts", "page.js", "browser")):
        command = [
            *(str(NODE), str(esbuild), str(HERE / entry), f"--outfile={out / output}", "--bundle"),
            *(f"--platform={platform}", f"--format={'esm' if platform == 'node' else 'iife'}"),
            *("--target=es2022", "--log-level=warning", f"--alias:trading-client={package}/src/index.ts"),
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


def hurried(folder: Path, interval_ms: int) -> Path:
    """The package of the contract with a shorter heartbeat."""
    spec = shutil.copytree(SPEC.parent, folder / "spec", ignore=shutil.ignore_patterns("node_modules"))
    document = spec / SPEC.name
    text = document.read_text(encoding="utf-8")
    assert "  interval_ms: 30000\n" in text
    document.write_text(
        text.replace("  interval_ms: 30000\n", f"  interval_ms: {interval_ms}\n"), encoding="utf-8"
    )
    return write_package(document, folder)


class Node:
    """A process of Node that does what one client after another is told."""

    def __init__(self, bundles: Path) -> None:
        self.process = subprocess.Popen(
            [str(NODE), str(bundles / "node.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def send(self, command: Json) -> None:
        """Hand a command over."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    @asynccontextmanager
    async def events(self, tell: Tell) -> AsyncIterator[None]:
        """Hear the events, while the context lasts; what is written beside them is a complaint."""

        def hear(line: bytes) -> None:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "complaint", "text": line.decode()}
            tell(event)

        assert self.process.stdout is not None
        # One of our own, which may be closed: the process is there for other event loops too.
        pipe = os.fdopen(os.dup(self.process.stdout.fileno()), "rb")
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: _Lines(hear), pipe)
        try:
            yield
        finally:
            transport.close()

    def end(self) -> int | None:
        """Let the process end, which it must do by itself; its exit code, None where it does not."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()


class _Lines(asyncio.Protocol):
    """Cuts what comes into lines."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._hear(line)


class NodeDriver:
    """A client under Node."""

    language: Language = "node"

    def __init__(self, node: Node, tell: Tell) -> None:
        self._node = node
        self._tell = tell
        self._left: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    @classmethod
    @asynccontextmanager
    async def open(cls, node: Node, tell: Tell) -> AsyncIterator[NodeDriver]:
        """Use a process."""
        driver = cls(node, tell)
        async with node.events(driver._hear):
            yield driver

    def send(self, command: Json) -> None:
        """Hand a command over."""
        self._node.send(command)

    async def finish(self) -> list[str]:
        """What would keep the process alive."""
        self.send({"do": "reset", "re": 0})
        async with asyncio.timeout(PATIENCE):
            return await self._left

    def _hear(self, event: Json) -> None:
        if event.get("re") == 0:
            self._left.set_result(event["value"])
        else:
            self._tell(event)

    async def offline(self, lost: bool) -> None:
        """There is no such event under Node."""
        raise NotImplementedError

    @property
    def attempts(self) -> int:
        """Nobody asks."""
        raise NotImplementedError


class PageDriver:
    """One tab for one client after another; each begins with an empty page."""

    language: Language = "chromium"

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sending: set[asyncio.Task[Json]] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, browsing: Browsing, bundles: Path, tell: Tell) -> AsyncIterator[PageDriver]:
        """Load the driver into the browser's tab."""
        script = (bundles / "page.js").read_text(encoding="utf-8")
        async with attach(browsing.devtools) as browser, browser.tab() as page:
            page.told = lambda text: tell(json.loads(text))
            for domain in ("Page", "Runtime"):
                await page.call(f"{domain}.enable")
            await page.call("Runtime.addBinding", name="tell")
            await page.goto(browsing.page)
            await page.evaluate(script)
            yield cls(page)

    def send(self, command: Json) -> None:
        """Hand a command over; commands reach the page in the order of the calls."""
        task = asyncio.create_task(self._page.evaluate(f"obey({json.dumps(command)})"))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def finish(self) -> list[str]:
        """What still waits in the page, and what it threw."""
        await asyncio.gather(*self._sending)
        left: list[str] = await self._page.evaluate("leftovers()")
        return left + self._page.complaints

    @property
    def attempts(self) -> int:
        """How many connections were tried since the network was first taken away."""
        return len(self._page.requests)

    async def offline(self, lost: bool) -> None:
        """Take the network away, or give it back."""
        await self._page.call("Network.enable")
        await self._page.call(
            "Network.emulateNetworkConditions",
            offline=lost,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )


@dataclass(frozen=True, slots=True)
class Browsing:
    """A browser that runs."""

    devtools: str
    """The address of its DevTools."""
    page: str
    """The address of an empty page: one from nowhere may not connect to this machine."""


class _EmptyPage(BaseHTTPRequestHandler):
    """Answers everything with a page that is empty."""

    def do_GET(self) -> None:
        """An empty page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b"<!doctype html>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def browsing(program: str) -> Iterator[Browsing]:
    """A browser, and somebody who serves it an empty page, for as long as it takes."""
    with chromium(program) as devtools, ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        try:
            yield Browsing(devtools, f"http://127.0.0.1:{pages.server_port}/")
        finally:
            pages.shutdown()
