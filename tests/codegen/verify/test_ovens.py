"""A contract under an envelope whose messages say no more than they must: no correlation, no positions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from codegen.contract import Json
from codegen.pipeline import understand
from codegen.verify import Options, tried
from codegen.verify.sight import Sight
from codegen.verify.tries import valid
from codegen.verify.watching import Asked, Expect, Watcher, identity_of

OVENS = understand(Path(__file__).with_name("ovens.yaml"))


def watcher() -> Watcher:
    """Of one connection."""
    sight = Sight(OVENS)
    assert sight.contract.envelope is not None
    return Watcher(sight, sight.contract.envelope)


def ask(watcher: Watcher, kind: str, expect: Expect = "answer", **fields: Json) -> None:
    """Send a request with id 7."""
    frame: Json = {"do": kind, "ref": 7, **fields}
    message = watcher.sight.message(kind)
    asked = Asked(message, json.dumps(frame), frame, expect)
    asked.identity = identity_of(watcher.sight, watcher.envelope, message, frame)
    watcher.sent(asked)


def come(watcher: Watcher, **frame: Json) -> list[str]:
    """Receive a frame; the rules broken so far."""
    watcher.arrived(json.dumps(frame))
    return [finding.rule for finding in watcher.findings]


def test_the_id_is_the_envelopes() -> None:
    """An answer that loses it is told, though no message has a correlation of its own."""
    one = watcher()
    ask(one, "bake", body={"loaves": [1]})
    assert come(one, do="yes", ref=7, body={"status": "ok"}) == []
    ask(one, "bake", body={"loaves": [1]})
    assert come(one, do="yes", body={"status": "ok"}) == ["id-echo"]


def test_a_topic_granted_to_a_broken_request_is_told_once() -> None:
    """As what was accepted; its updates are then expected."""
    one = watcher()
    ask(one, "watch", "refusal", body={"oven": "LEFT!"})
    assert come(one, do="yes", ref=7, body={"status": "ok"}) == ["broken-accepted"]
    assert come(one, do="heat", topic="ovens/LEFT!", body={"degrees": 200}) == ["broken-accepted"]
    rules = come(one, do="heat", topic="ovens/right", body={"degrees": 200})
    assert rules == ["broken-accepted", "update-unsubscribed"]
    assert "update-unsubscribed" in come(one, do="heat", topic=["ovens"], body={"degrees": 200})


async def test_a_server_that_dies_leaves_numbers_and_what_was_left_out() -> None:
    """What came until then is counted; what was not reached is listed; so is that there was no token."""
    heard = 0

    async def talk(socket: ServerConnection) -> None:
        nonlocal heard
        async for data in socket:
            heard += 1
            frame = json.loads(data)
            if heard > 4:
                server.close()
                return
            said = {"status": "ok"}
            await socket.send(json.dumps({"do": "yes", "ref": frame.get("ref"), "body": said}))

    async with serve(talk, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/o"
        report = await tried(OVENS, url, Options(examples=3, patience=0.5, listen=0.1))
    assert "server-gone" in report.rules
    numbers = {one.message: one for one in report.tried}
    assert numbers["yes"].received > 0
    assert "the server was gone before it was tried" in numbers["bake"].undone
    assert any("--token" in line for line in report.undone)


def test_valid_frames_reach_the_ends() -> None:
    """The longest and the shortest list, the bounds of its numbers; all of them valid."""
    sight = Sight(OVENS)
    message = sight.message("bake")
    tries = [*valid(sight, Options(examples=1), sight.channel_of["bake"], message)]
    frames: Any = [one.frame for one in tries]
    assert all(map(sight.judge(message).accepts, frames))
    loaves = [frame["body"]["loaves"] for frame in frames]
    assert {1, 3, 6} <= {len(one) for one in loaves}
    assert {1, 9} <= {number for one in loaves for number in one}
