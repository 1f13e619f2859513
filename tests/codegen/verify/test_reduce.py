"""The smallest frame that shows a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from codegen.pipeline import understand
from codegen.verify import Options, tried
from codegen.verify.reduce import smallest_showing
from codegen.verify.session import Try
from codegen.verify.sight import Sight

OVENS = Sight(understand(Path(__file__).with_name("ovens.yaml")))
PARCELS = Sight(understand(Path(__file__).with_name("parcels.yaml")))
LAMPS = understand(Path(__file__).with_name("lamps.yaml"))


def smallest(sight: Sight, key: str, frame: Any, shows: Callable[[Any], bool]) -> tuple[Any, int]:  # noqa: ANN401
    """The smallest frame of a message that a server falls over, and how many were sent to find it."""
    sent = 0

    async def tried(one: Try) -> Any:  # noqa: ANN401
        nonlocal sent
        sent += 1
        return one.frame if shows(one.frame) else None

    one = Try(sight.message(key), "answer", frame)
    return asyncio.run(smallest_showing(sight, one, frame, tried)), sent


@pytest.mark.parametrize("loaves", [[7], [1, 7], [7, 1], [1, 2, 7, 3], [1, 2, 3, 4, 5, 7]])
def test_items_that_have_nothing_to_do_with_it_are_left_out(loaves: list[int]) -> None:
    """Wherever in the list is what the server falls over; and the id."""
    frame = {"do": "bake", "ref": 3, "body": {"loaves": loaves}}
    found, sent = smallest(OVENS, "bake", frame, lambda one: 7 in one["body"]["loaves"])
    assert found == {"do": "bake", "body": {"loaves": [7]}}
    assert sent <= 30


def test_what_is_broken_stays_broken_in_the_same_way() -> None:
    """Its place in the list may be another."""
    frame = {"do": "bake", "body": {"loaves": [1, 2, "x", 3]}}
    found, _ = smallest(OVENS, "bake", frame, lambda one: True)
    assert found == {"do": "bake", "body": {"loaves": ["x"]}}


def test_what_is_inside_of_items_is_left_out() -> None:
    """As deep as it goes."""
    body = {"code": "abcd", "tags": ["red", "blue"], "b": 1, "notes": {"x": 1, "a": "b", "c": "d"}}
    frame = {"do": "send", "body": body}
    found, _ = smallest(PARCELS, "send", frame, lambda one: "c" in one["body"].get("notes", {}))
    assert found["body"]["tags"] in (["red"], ["blue"])
    assert len(found["body"]["notes"]) == 2  # there must be as many


def test_a_server_that_shows_it_in_nothing_smaller_is_not_asked_for_ever() -> None:
    """A long list costs no more than a short one."""
    frame = {"do": "bake", "body": {"loaves": [1] * 5000}}
    found, sent = smallest(OVENS, "bake", frame, lambda one: False)
    assert found == frame
    assert sent <= 30


async def test_where_channels_are_paths() -> None:
    """What a socket is closed for is told by as little as closes it."""

    async def talk(socket: ServerConnection) -> None:
        async for data in socket:
            if isinstance(data, str) and '"level"' in data and data.startswith("{"):
                await socket.close(1011, "KeyError")

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        options = Options(examples=4, patience=0.3, listen=0.1, only=("dim",))
        report = await tried(LAMPS, f"ws://127.0.0.1:{port}", options)
    closed = next(one for one in report.violations if one.rule == "closed")
    assert json.loads(closed.sent).keys() == {"event", "level"}
    assert closed.reproduced
