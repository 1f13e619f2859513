"""The generated client of a document whose channels are sockets of their own, under Node."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.typescript.packages import compile_package, run_program, write_package
from tests.typescript.server import Peer, scripted

HEAD = """
import assert from "node:assert/strict";
import * as api from "package";
const client = new api.SmallExchangeClient(process.argv[2]);
const seen = [];
const caught = (promise) => promise.then(() => assert.fail("nothing was thrown"), (error) => error);
"""


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, compiled."""
    document = Path(__file__).parent / "cases" / "exchange.yaml"
    package = write_package(document, tmp_path_factory.mktemp("exchange"))
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


Play = Callable[[Callable[[Peer], Awaitable[None]], str], Awaitable[None]]


@pytest.fixture
def play(exchange: Path, tmp_path: Path) -> Play:
    """Runs a program against a server's script."""

    async def run(script: Callable[[Peer], Awaitable[None]], program: str) -> None:
        async with scripted(script) as url:
            await run_program(exchange, tmp_path, HEAD + program, url)

    return run


async def receive(peer: Peer) -> dict[str, object]:
    """The `meta` of the next message."""
    message = json.loads(await peer.socket.recv())
    assert isinstance(message, dict)
    return dict(message["meta"])


async def test_the_address(play: Play) -> None:
    """Parameters are encoded, the query added; the contract's own path is there, once, whoever gives it."""
    paths = []

    async def script(peer: Peer) -> None:
        assert peer.socket.request is not None
        paths.append(peer.socket.request.path)

    await play(
        script,
        """
        const query = { depth: 5, all: true, none: undefined };
        const socket = client.v1Feed({ market: "EUR/USD" }, { query });
        await socket.open();
        assert.equal(socket.state, "open");
        socket.close();
        const far = new api.SmallExchangeClient().v1Feed({ market: "A" });
        assert.equal(far.url, "wss://exchange.example/base/v1/A/feed");
        const proxied = new api.SmallExchangeClient("https://proxy.example/x/?key=1").v1Feed({ market: "A" });
        assert.equal(proxied.url, "wss://proxy.example/x/base/v1/A/feed?key=1");
        """,
    )
    assert paths == ["/base/v1/EUR%2FUSD/feed?depth=5&all=true"]


async def test_requests(play: Play) -> None:
    """Requests carry their tag and id, also nested ones; answers find them by id, else by tag."""

    async def script(peer: Peer) -> None:
        asked = [await receive(peer), await receive(peer)]
        assert [meta["event"] for meta in asked] == ["ask", "ask"]
        for meta in reversed(asked):
            await peer.send({"meta": {"event": "told", "req": meta["req"]}})
        assert await receive(peer) == {"event": "hello"}
        await peer.send({"meta": {"event": "tick", "n": 1}})
        await peer.send({"meta": {"event": "welcome"}})
        meta = await receive(peer)
        await peer.send({"meta": {"event": "tick", "req": meta["req"]}})

    await play(
        script,
        """
        const socket = client.v1Feed({ market: "A" });
        socket.on("tick", ({ meta }) => seen.push(meta.n));
        const both = await Promise.all([socket.ask({ what: "x" }), socket.ask({ what: "y" })]);
        assert.deepEqual(both.map(({ meta }) => [meta.event, meta.req]), [["told", 1], ["told", 2]]);
        assert.equal((await socket.hello({})).meta.event, "welcome");
        assert.deepEqual(seen, [1]);
        const error = await caught(socket.ask({}));
        assert.ok(error instanceof api.RequestError);
        socket.close();
        """,
    )


async def test_messages(play: Play) -> None:
    """Listeners and iterations get every message, rubbish goes to `onError`, closing ends the iteration."""

    async def script(peer: Peer) -> None:
        assert await receive(peer) == {"event": "hello"}
        await peer.socket.send("rubbish")
        for n in range(3):
            await peer.send({"meta": {"event": "tick", "n": n}})
        await peer.send([1, "array"])
        await peer.socket.close(4503, "no more")

    await play(
        script,
        """
        const socket = client.v1Feed({ market: "A" });
        const errors = [];
        socket.onError((error) => errors.push(error.name));
        socket.onMessage(() => { throw new TypeError("listener"); });
        const iteration = socket[Symbol.asyncIterator]();
        await socket.send({ meta: { event: "hello" } });
        const error = await caught((async () => {
          for await (const message of iteration) seen.push(message.meta?.n ?? message);
        })());
        assert.deepEqual(seen, [0, 1, 2, [1, "array"]]);
        assert.deepEqual(errors, ["ProtocolError", ...Array(4).fill("TypeError")]);
        assert.deepEqual([error.code, error.reason, error.retryable], [4503, "no more", false]);
        """,
    )
