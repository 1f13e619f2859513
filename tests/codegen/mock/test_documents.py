"""Mocks of documents of all shapes: every frame that they send is valid, and they refuse what is not."""

from __future__ import annotations

import asyncio
import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from codegen.contract import Channel, Endpoint, Json, Message
from codegen.diagnostics import DocumentError
from codegen.mock import serving
from codegen.pipeline import Understood, understand
from codegen.values import Maker, make
from codegen.written import Judge, judge, standalone
from tests.codegen.mock.mocked import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
OURS = [*sorted((ROOT / "tests/codegen/documents").glob("*.*")), ROOT / "tests/codegen/features.yaml"]
DATA = Path(os.environ.get("TAPEWIRE_DATA", ROOT.parent / "shared" / "data")) / "documents"
THEIRS = [
    *(DATA / name for name in ("slack-rtm.yml", "websocket-gemini.yml")),
    *(DATA / "social-media" / name / "asyncapi.yaml" for name in ("frontend", "notification-service")),
]


def known(path: Path) -> Understood:
    """A document, or a skip where it is not here, or is none for WebSockets."""
    if not path.exists():
        pytest.skip(f"{path} is not here")
    try:
        return understand(path)
    except DocumentError as error:
        pytest.skip(f"{error.diagnostics[0]}")


def path_of(understood: Understood, endpoint: Endpoint) -> str:
    """The endpoint's path, with values for its parameters."""
    path = endpoint.path
    for parameter in endpoint.parameters:
        schema: dict[str, Json] = {"type": "string", "minLength": 1}
        if parameter.place is not None:
            schema |= standalone(understood.document, parameter.place)
        value = parameter.enum[0] if parameter.enum else str(make(schema, Random(0)))
        path = path.replace(f"{{{parameter.name}}}", value)
    return re.sub(r"[{}]", "", path)


def judges(understood: Understood, messages: tuple[Message, ...]) -> list[Judge]:
    """A judge for each message; without a schema it may be anything."""
    return [Judge({}) if m.payload is None else judge(understood.document, m.payload) for m in messages]


def pushed(understood: Understood, channel: Channel) -> bool:
    """Whether something is sent unasked."""
    answers = {message.response for message in understood.contract.messages}
    return any(message.key not in answers for message in channel.server_to_client)


async def received(socket: ClientConnection, judged: list[Judge]) -> Json:
    """The next frame, which has to be valid for one of the channel's messages."""
    async with asyncio.timeout(PATIENCE):
        frame: Json = json.loads(await socket.recv())
    assert any(one.accepts(frame) for one in judged), frame
    return frame


@pytest.mark.parametrize("path", [*OURS, *THEIRS], ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_every_socket_of_every_document_is_served(path: Path) -> None:
    """What comes unasked is valid, so are answers to valid requests, and what is no JSON ends the socket with 1003."""
    understood = known(path)
    if understood.contract.envelope is not None:
        pytest.skip("one socket for all channels has tests of its own")
    async with serving(understood, rate=100) as mock:
        for endpoint in understood.contract.endpoints:
            [channel] = endpoint.channels
            judged = judges(understood, channel.server_to_client)
            async with connect(mock.base + path_of(understood, endpoint)) as socket:
                if pushed(understood, channel):
                    for _ in range(3 * len(judged)):
                        await received(socket, judged)
                for request in channel.requests:
                    assert request.payload is not None
                    assert request.response is not None
                    maker = Maker(standalone(understood.document, request.payload))
                    answer = judges(understood, (understood.contract.message(request.response),))
                    await socket.send(json.dumps(maker.make(Random(1))))
                    for _ in range(50):
                        if answer[0].accepts(await received(socket, judged)):
                            break
                    else:
                        pytest.fail(f"{request.key} was not answered")
                await socket.send("{")
                async with asyncio.timeout(PATIENCE):
                    with suppress(ConnectionClosed):
                        while True:
                            await socket.recv()
                assert socket.close_code == 1003


async def test_an_envelope_may_have_other_fields_and_no_examples() -> None:
    """Names of fields come from the document; values from its schemas, kept within their bounds, and alive."""
    understood = understand(Path(__file__).parent / "weather.yaml")
    judged = judges(understood, understood.contract.messages)
    async with serving(understood, rate=200) as mock, connect(mock.url) as socket:
        await socket.send(json.dumps({"kind": "watch", "ref": "a", "data": {"station": "north"}}))
        answer = await received(socket, judged)
        assert isinstance(answer, dict)
        assert (answer["kind"], answer["ref"], answer["n"], answer["data"]) == (
            "watching",
            "a",
            0,
            {"ok": True},
        )
        updates = [await received(socket, judged) for _ in range(50)]
        bodies: list[Any] = [update["data"] for update in updates if isinstance(update, dict)]
        assert {update["about"] for update in updates if isinstance(update, dict)} == {"weather/north"}
        assert [update["n"] for update in updates if isinstance(update, dict)] == list(range(1, 51))
        assert len({body["degrees"] for body in bodies}) > 5
        assert {body["sky"] for body in bodies} == {"clear", "cloudy"}
        assert bodies[-1]["at"] > bodies[0]["at"]
        await socket.send(json.dumps({"kind": "watch", "data": {}}))
        while True:
            refused = await received(socket, judged)
            if isinstance(refused, dict) and refused["kind"] == "watching":
                break
        problem: Any = refused["data"]
        assert (problem["ok"], problem["code"]) == (False, "bad_payload")


async def test_a_message_is_sent_with_what_it_is_told_by() -> None:
    """A tag that the schema does not require is there all the same: without it no client could tell the message."""
    understood = understand(ROOT / "tests/codegen/documents/discriminators.yaml")
    async with serving(understood, rate=200) as mock, connect(f"{mock.base}/op") as socket:
        async with asyncio.timeout(PATIENCE):
            kinds = [json.loads(await socket.recv())["header"]["kind"] for _ in range(20)]
    assert set(kinds) == {"a", "b"}


async def test_every_arm_of_a_schema_is_sent() -> None:
    """What no valid example shows is made up, so that a front end meets every kind of message that it has to read."""
    understood = understand(Path(__file__).parent / "arms.yaml")
    judged = judges(understood, understood.contract.messages)
    async with serving(understood, rate=200) as mock, connect(f"{mock.base}/gauges") as socket:
        frames: list[Any] = [await received(socket, judged) for _ in range(10)]
    assert [frame["kind"] for frame in frames] == ["alive", "measured"] * 5
    measured = frames[1]
    assert datetime.fromisoformat(measured["measured_at"])
    assert isinstance(measured["code"], int)
