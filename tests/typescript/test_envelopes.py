"""The generated client of a contract whose envelope is another: names of fields, ids, events, updates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.typescript.packages import COMPILERS, check_types, compile_package, run_program, write_package
from tests.typescript.server import Peer, scripted

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, compiled."""
    package = write_package(CASES / "desk.yaml", tmp_path_factory.mktemp("desk"))
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


@pytest.mark.parametrize("compiler", COMPILERS)
def test_types(desk: Path, tmp_path: Path, compiler: str) -> None:
    """Answers without their problem, optional payloads, unions of updates and events have their own types."""
    assert check_types(desk, tmp_path, (CASES / "desk.ts").read_text(), compiler) == ""


async def test_the_wire(desk: Path, tmp_path: Path) -> None:
    """Frames use the document's field names; ids are strings; leaving sends only what the request takes."""
    received = []

    async def script(peer: Peer) -> None:
        async def take() -> dict[str, object]:
            frame: dict[str, object] = json.loads(await peer.socket.recv())
            received.append(frame)
            return frame

        ref = (await take())["ref"]
        await peer.send({"kind": "followed", "ref": ref, "data": {"ok": True, "about": "news/world"}})
        await peer.send({"kind": "headline", "about": "news/world", "data": {"text": "Rain"}})
        await peer.send({"kind": "other", "about": "news/world", "data": {}})
        await peer.send({"kind": "retracted", "about": "news/world", "data": {"id": 4}})
        ref = (await take())["ref"]
        await peer.send({"kind": "unfollowed", "ref": ref, "data": {"ok": True, "about": "news/world"}})
        await take()
        ref = (await take())["ref"]
        await peer.send({"kind": "leaving", "data": {"in": 5}})
        await peer.send({"kind": "counted", "ref": ref, "data": {"ok": False, "code": "b"}})
        ref = (await take())["ref"]
        await peer.send({"kind": "watched", "ref": ref, "data": {"ok": True, "about": "clock"}})
        await peer.send({"kind": "struck", "about": "clock", "hour": 12})

    async with scripted(script) as url:
        await run_program(
            desk,
            tmp_path,
            """
            import assert from "node:assert/strict";
            import { DeskClient, RequestError } from "package";
            const client = new DeskClient(process.argv[2]);
            const news = await client.news.subscribe({ section: "world", since: 3 });
            const seen = [];
            for await (const item of news) {
              if (seen.push(item) === 2) await news.unsubscribe();
            }
            assert.deepEqual(seen, [{ text: "Rain" }, { id: 4 }]);
            client.stateChannel.onLeaving(({ data }) => seen.push(data.in));
            await client.stateChannel.mood({ mood: "fine" });
            await client.stateChannel.count().then(assert.fail, (error) => {
              assert.ok(error instanceof RequestError);
              assert.equal(error.code, "b");
            });
            assert.equal(seen[2], 5);
            const clock = await client.clock.subscribe();
            for await (const struck of clock) {
              assert.equal(struck.hour, 12);
              break;
            }
            client.close();
            """,
            url,
        )
    assert received == [
        {"kind": "follow", "ref": "1", "data": {"section": "world", "since": 3}},
        {"kind": "unfollow", "ref": "2", "data": {"section": "world"}},
        {"kind": "mood", "data": {"mood": "fine"}},
        {"kind": "count", "ref": "3", "data": {}},
        {"kind": "watch", "ref": "4"},
    ]


@pytest.mark.parametrize(("code", "retryable"), [(4700, True), (4701, False), (4100, True), (1008, False)])
async def test_close_codes(desk: Path, tmp_path: Path, code: int, retryable: bool) -> None:
    """What the contract says of a code goes before the rule that 4500 to 4999 mean stop."""

    async def script(peer: Peer) -> None:
        await peer.socket.recv()
        await peer.socket.close(code)

    async with scripted(script) as url:
        await run_program(
            desk,
            tmp_path,
            f"""
            import assert from "node:assert/strict";
            import {{ DeskClient }} from "package";
            const client = new DeskClient(process.argv[2]);
            const error = await client.stateChannel.alive().then(assert.fail, (error) => error);
            assert.deepEqual([error.code, error.retryable], [{code}, {str(retryable).lower()}]);
            assert.equal(client.state, "{"reconnecting" if retryable else "closed"}");
            client.close();
            """,
            url,
        )
