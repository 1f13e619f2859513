"""Servers that check all of a schema but one keyword: each is found out."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.validators import extend
from websockets.asyncio.server import ServerConnection, serve

from codegen.contract import Json
from codegen.keywords import OWN
from codegen.pipeline import understand
from codegen.verify import Options, Report, tried
from codegen.verify.sight import Sight
from codegen.verify.tries import broken

PARCELS = understand(Path(__file__).with_name("parcels.yaml"))
SIGHT = Sight(PARCELS)
SEND = SIGHT.message("send")

KEYWORDS = (
    *("type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if"),
    *("required", "properties", "additionalProperties", "patternProperties", "propertyNames"),
    *("minProperties", "maxProperties", "dependencies"),
    *("items", "additionalItems", "contains", "minItems", "maxItems", "uniqueItems"),
    *("minLength", "maxLength", "pattern"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)


@cache
def ignoring(keyword: str | None) -> Any:  # noqa: ANN401 - jsonschema has no types
    """What a server checks that knows every keyword but one."""
    own: dict[str, Any] = {**OWN, keyword: lambda *_: None} if keyword else dict(OWN)
    return extend(Draft7Validator, own)(SIGHT.schema(SEND))  # type: ignore[no-untyped-call]


@cache
def frames() -> list[tuple[str, Json]]:
    """What is sent broken, and what of it."""
    return [(one.kind, one.frame) for one in broken(SIGHT, Options(), SEND)]  # type: ignore[misc]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_frame_breaks_a_keyword_and_nothing_else(keyword: str) -> None:
    """Who ignores it takes the frame for right, whatever bounds stand beside it."""
    taken = [kind for kind, frame in frames() if ignoring(keyword).is_valid(frame)]
    assert taken
    if keyword not in {
        "properties",
        "allOf",
        "anyOf",
        "if",
        "patternProperties",
    }:  # those are broken by others' means
        assert any(kind.startswith(f"{keyword} ") for kind in taken), taken


def test_there_are_not_too_many() -> None:
    """A contract is tried within seconds."""
    assert len(frames()) < 500


async def report_on(keyword: str | None, examples: int = 0) -> Report:
    """What trying the contract on a server that ignores a keyword tells."""

    async def talk(socket: ServerConnection) -> None:
        async for data in socket:
            try:
                frame = json.loads(data)
            except (ValueError, RecursionError):
                frame = None
            known = {"ref": frame["ref"]} if isinstance(frame, dict) and type(frame.get("ref")) is int else {}
            problem = {"status": "error", "code": "bad", "message": "No.", "retryable": False}
            answer: dict[str, Any] = {"do": "no", "body": problem}
            if isinstance(frame, dict) and frame.get("do") == "send" and ignoring(keyword).is_valid(frame):
                answer = {"do": "sent", "body": {}}
            await socket.send(json.dumps({**answer, **known}))

    async with serve(talk, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/p"
        options = Options(examples=examples, patience=10.0, listen=0.1, only=("send",))
        return await tried(PARCELS, url, options)


async def test_who_checks_everything_is_not_blamed() -> None:
    """Whatever is broken is refused, and what is right is not."""
    report = await report_on(None, examples=10)
    assert report.violations == (), str(report)
    (numbers,) = (one for one in report.tried if one.message == "send")
    assert numbers.answers == numbers.valid
    assert numbers.refusals == numbers.broken


@pytest.mark.parametrize("keyword", ["multipleOf", "contains"])
async def test_who_ignores_a_keyword_is_found(keyword: str) -> None:
    """It is told with a frame that breaks that keyword alone."""
    report = await report_on(keyword)
    assert set(report.rules) == {"broken-accepted"}, str(report)
    for violation in report.violations:
        frame = json.loads(violation.sent)
        assert not SIGHT.judge(SEND).accepts(frame)
        assert ignoring(keyword).is_valid(frame)
