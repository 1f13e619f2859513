"""Changing the contract: one command shows the change everywhere, and the service says what is left to write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from tests.acceptance.editing import Change, Tree, at, edit

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of spec/, generated/ and service/ in which a developer may change what they like."""
    skip = shutil.ignore_patterns("node_modules", "__pycache__", "dist")
    for room in ("spec", "generated", "service"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=skip)
    return tmp_path


@pytest.fixture
def change(checkout: Path) -> Callable[[Change], None]:
    """Change the document of the copy, then run the one command there."""

    def apply(change: Change) -> None:
        edit(checkout / "spec" / "asyncapi.yaml", change)
        run = python(checkout, "-m", "codegen", "generate")
        assert run.returncode == 0, run.stderr

    return apply


def serve(folder: Path) -> tuple[int | None, str]:
    """Start the service of a copy: None and its greeting if it serves, else its exit code and what it says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve", "--port", "0"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        if "listens on" in greeting:
            return None, greeting
        _, complaint = process.communicate(timeout=90)
        return process.returncode, complaint
    finally:
        process.terminate()
        process.communicate()


def environment(folder: Path) -> dict[str, str]:
    """An environment in which a folder's packages come before the checkout's."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder whose packages come before the checkout's."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def add_field(document: dict[str, Tree]) -> None:
    """A bar tells its volume-weighted average price."""
    at(document, "components", "schemas", "Bar", "properties")["vwap"] = {
        "type": "number",
        "description": "The volume-weighted average price.",
    }


def add_message(document: dict[str, Tree]) -> None:
    """Clients may ask for bars of the past."""
    messages = at(document, "components", "messages")
    envelope = {"type": "object", "required": ["type", "payload"]}
    request_id = {"$ref": "#/components/schemas/RequestId"}
    messages["bars.survey"] = cast(
        Tree,
        {
            "summary": "Ask for bars of the past.",
            "correlationId": {"$ref": "#/components/correlationIds/request"},
            "x-response": {"$ref": "#/components/messages/bars.survey.response"},
            "payload": {
                **envelope,
                "properties": {
                    "type": {"type": "string", "const": "bars.survey"},
                    "id": request_id,
                    "payload": {"$ref": "#/components/schemas/BarsSelection"},
                },
            },
        },
    )
    messages["bars.survey.response"] = cast(
        Tree,
        {
            "summary": "The answer to `bars.survey`.",
            "correlationId": {"$ref": "#/components/correlationIds/request"},
            "payload": {
                **envelope,
                "properties": {
                    "type": {"type": "string", "const": "bars.survey.response"},
                    "id": request_id,
                    "payload": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/BarsPage"},
                            {"$ref": "#/components/schemas/Problem"},
                        ]
                    },
                },
            },
        },
    )
    at(document, "components", "schemas")["BarsPage"] = cast(
        Tree,
        {
            "type": "object",
            "required": ["status", "bars"],
            "properties": {
                "status": {"type": "string", "const": "ok"},
                "bars": {"type": "array", "items": {"$ref": "#/components/schemas/Bar"}},
            },
        },
    )
    channel = at(document, "channels", "bars:{symbol}:{resolution}")
    for direction, name in (("publish", "bars.survey"), ("subscribe", "bars.survey.response")):
        arms = at(channel, direction, "message")["oneOf"]
        assert isinstance(arms, list)
        arms.append({"$ref": f"#/components/messages/{name}"})


def add_channel(document: dict[str, Tree]) -> None:
    """Clients may ask how busy a venue is."""
    at(document, "channels")["venue"] = cast(
        Tree,
        {
            "description": "The venue's state.",
            "publish": {"message": {"$ref": "#/components/messages/venue.status"}},
            "subscribe": {"message": {"$ref": "#/components/messages/venue.status.response"}},
        },
    )
    for name, extra in (
        ("venue.status", {"x-response": {"$ref": "#/components/messages/venue.status.response"}}),
        ("venue.status.response", {}),
    ):
        at(document, "components", "messages")[name] = cast(
            Tree,
            {
                **extra,
                "summary": "How busy the venue is.",
                "correlationId": {"$ref": "#/components/correlationIds/request"},
                "payload": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {
                        "type": {"type": "string", "const": name},
                        "id": {"$ref": "#/components/schemas/RequestId"},
                    },
                },
            },
        )


def text(checkout: Path, name: str) -> str:
    """A generated file of the copy."""
    return (checkout / "generated" / name).read_text(encoding="utf-8")


def test_a_new_field_is_typed_everywhere(checkout: Path, change: Callable[[Change], None]) -> None:
    """A field added to a schema is in the model, the TypeScript interface and the reference; the service runs on."""
    change(add_field)
    assert "vwap: " in text(checkout, "models.py")
    assert "vwap?: number" in text(checkout, "typescript/src/models.ts")
    assert "vwap" in text(checkout, "reference.md")
    (checkout / "use.py").write_text(
        "from generated.models import Bar\n"
        "from pydantic import MISSING\n"
        "bar = Bar(time=1, open=1, high=1, low=1, close=1, volume=1, vwap=1.5)\n"
        "assert bar.vwap is not MISSING\n"
        "value: float = bar.vwap\n"
        "print(value)\n"
    )
    assert python(checkout, "use.py").stdout == "1.5\n"
    checked = python(checkout, "-m", "mypy", "--strict", "use.py")
    assert checked.returncode == 0, checked.stdout
    assert serve(checkout)[0] is None


def test_a_new_message_is_typed_everywhere(checkout: Path, change: Callable[[Change], None]) -> None:
    """A request added to a channel is a model, an abstract method, a method of both clients, and in the reference."""
    change(add_message)
    assert "class BarsSurvey(" in text(checkout, "models.py")
    assert "async def survey(self, connection: C, request: BarsSurvey) -> BarsSurveyResponse" in text(
        checkout, "handlers.py"
    )
    assert "async def survey(" in text(checkout, "client.py")
    assert "survey(" in text(checkout, "typescript/src/client.ts")
    assert "`bars.survey`" in text(checkout, "reference.md")
    (checkout / "use.py").write_text(
        "from generated.client import TradingClient\n"
        "from generated.models import BarsSelection\n"
        "async def last_close(client: TradingClient) -> float:\n"
        '    page = await client.bars.survey(BarsSelection(symbol="AAPL"))\n'
        "    return page.bars[-1].close\n"
    )
    checked = python(checkout, "-m", "mypy", "--strict", "use.py")
    assert checked.returncode == 0, checked.stdout


def test_the_service_names_the_missing_method(checkout: Path, change: Callable[[Change], None]) -> None:
    """Until a new request has a handler the service refuses to start and names class and method; then it starts."""
    change(add_message)
    code, complaint = serve(checkout)
    assert code == 1
    assert "Bars" in complaint
    assert "survey" in complaint
    assert "Traceback" not in complaint

    handler = checkout / "service" / "channels" / "bars.py"
    source = handler.read_text(encoding="utf-8")
    marker = "    async def unsubscribe("
    assert marker in source
    method = (
        "    async def survey(self, connection: ClientConnection, request: object) -> object:\n"
        "        raise NotImplementedError\n\n"
    )
    handler.write_text(source.replace(marker, method + marker, 1), encoding="utf-8")
    code, complaint = serve(checkout)
    assert code is None, complaint


def test_the_service_names_the_missing_channel(checkout: Path, change: Callable[[Change], None]) -> None:
    """Until a new channel has a handler class the service refuses to start and names the channel."""
    change(add_channel)
    assert "class VenueHandler(" in text(checkout, "handlers.py")
    assert "venue" in text(checkout, "client.py")
    code, complaint = serve(checkout)
    assert code == 1
    assert "'venue'" in complaint
    assert "Traceback" not in complaint
