"""Documents whose channels are paths: what they say is tried, and nothing more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from codegen.pipeline import understand
from codegen.verify import Options, Report, tried
from codegen.verify.pathwise import address_of
from codegen.verify.sight import Sight

LAMPS = understand(Path(__file__).with_name("lamps.yaml"))


@dataclass
class Lamps:
    """A server of lamps; each field is something it may do wrong."""

    reading: object = field(default_factory=lambda: {"event": "reading", "watts": 9})
    lenient: bool = False
    silent: bool = False
    rename: Callable[[int], object] = lambda call: call
    afraid_of: int | None = None
    fragile: bool = False
    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    async def __call__(self, socket: ServerConnection) -> None:
        """Serve one client."""
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.tokens.append(socket.request.headers.get("Authorization"))
        await socket.send(json.dumps(self.reading))
        try:
            async for data in socket:
                await self._hear(socket, data)
        except ConnectionClosed:
            pass

    async def _hear(self, socket: ServerConnection, data: str | bytes) -> None:
        try:
            frame = json.loads(data)
            well = frame["event"] == "switch" and frame.keys() == {"event", "call", "on"}
            well = well and type(frame["call"]) is int and type(frame["on"]) is bool
            dim = frame["event"] == "dim" and type(frame["level"]) is int and 0 <= frame["level"] <= 100
        except (ValueError, KeyError, TypeError, RecursionError):
            frame, well, dim = None, False, False
        if dim and self.afraid_of is not None and frame["level"] >= self.afraid_of:
            await socket.close(1008, "too bright")
        elif (
            well or (self.lenient and isinstance(frame, dict) and type(frame.get("call")) is int)
        ) and not self.silent:
            await socket.send(json.dumps({"event": "switched", "call": self.rename(frame["call"])}))
        elif not (well or dim):
            await socket.close(1011 if self.fragile else 1003)


@asynccontextmanager
async def served(lamps: Lamps) -> AsyncIterator[str]:
    """The lamps' server; its address, without a path."""
    async with serve(lamps, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def report_on(lamps: Lamps) -> Report:
    """What trying the lamps' contract tells."""
    async with served(lamps) as url:
        return await tried(LAMPS, url, Options(examples=3, patience=0.5, listen=0.5))


async def test_a_right_server_has_none() -> None:
    """What the document leaves open is no violation: closing with 1003 for what is broken, say."""
    lamps = Lamps()
    report = await report_on(lamps)
    assert report.violations == (), str(report)
    assert set(lamps.paths) == {"/v1/lamps/kitchen"}
    numbers = {one.message: one for one in report.tried}
    assert numbers["switch"].answers >= 1
    assert numbers["switch"].broken > 5
    assert numbers["dim"].valid == 3
    assert numbers["reading"].received > 1


@pytest.mark.parametrize(
    ("lamps", "rule"),
    [
        (Lamps(reading={"event": "reading", "watts": -1}), "schema"),
        (Lamps(reading={"event": "reading", "watts": 1, "volts": 1}), "schema"),
        (Lamps(reading={"event": "weather", "watts": 1}), "push-invalid"),
        (Lamps(lenient=True), "broken-accepted"),
        (Lamps(silent=True), "no-answer"),
        (Lamps(rename=lambda call: call + 1), "no-answer"),
        (Lamps(rename=str), "schema"),
        (Lamps(afraid_of=1), "closed"),
        (Lamps(fragile=True), "broken-closed"),
    ],
)
async def test_a_planted_fault_is_found(lamps: Lamps, rule: str) -> None:
    """What the document does say is looked for."""
    report = await report_on(lamps)
    assert rule in report.rules, str(report)
    assert set(report.rules) <= {rule, "id-type"}, str(report)


async def test_headers_go_with_the_handshake() -> None:
    """On every connection."""
    lamps = Lamps()
    async with served(lamps) as url:
        options = Options(examples=0, listen=0.1, headers=(("Authorization", "Bearer t"),))
        await tried(LAMPS, url, options)
    assert len(lamps.tokens) > 1
    assert set(lamps.tokens) == {"Bearer t"}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ws://h:1", "ws://h:1/v1/lamps/kitchen"),
        ("ws://h:1/", "ws://h:1/v1/lamps/kitchen"),
        ("ws://h:1/v1/lamps/kitchen", "ws://h:1/v1/lamps/kitchen"),
        ("ws://h:1/elsewhere?token=a", "ws://h:1/elsewhere?token=a"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    """A path of one's own wins over the document's; without one, parameters are filled in."""
    assert address_of(Sight(LAMPS), LAMPS.contract.endpoints[0], url) == address
