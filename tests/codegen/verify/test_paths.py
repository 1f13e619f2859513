"""Documents whose channels are paths: what they say is tried, and nothing more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from codegen.pipeline import Understood, understand
from codegen.verify import Options, Report, tried
from codegen.verify.addresses import address_of, socket_of
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
    hot: bool = False
    """Whether readings follow each other, one of which is none."""
    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    async def __call__(self, socket: ServerConnection) -> None:
        """Serve one client."""
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.tokens.append(socket.request.headers.get("Authorization"))
        await socket.send(json.dumps(self.reading))
        heating = asyncio.create_task(self._heat(socket)) if self.hot else None
        try:
            async for data in socket:
                await self._hear(socket, data)
        except ConnectionClosed:
            pass
        finally:
            if heating is not None:
                heating.cancel()

    async def _heat(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            for watts in (1, 2, 3, 4, 5, -1):
                await asyncio.sleep(0.05)
                await socket.send(json.dumps({"event": "reading", "watts": watts}))

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
        return await tried(LAMPS, url, Options(examples=2, patience=0.3, listen=0.3))


async def test_a_right_server_has_none() -> None:
    """What the document leaves open is no violation: closing with 1003 for what is broken, say."""
    lamps = Lamps()
    report = await report_on(lamps)
    assert report.violations == (), str(report)
    assert set(lamps.paths) == {"/v1/lamps/kitchen", "/v1/lamps/hall"}  # each value of the parameter
    numbers = {one.message: one for one in report.tried}
    assert numbers["switch"].answers >= 1
    assert numbers["switch"].broken > 5
    assert numbers["dim"].valid >= 4  # made up, then the ends of what is allowed
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


async def test_what_is_pushed_is_listened_to_for_as_long_as_was_said() -> None:
    """On a connection that no malformed frame ends: what comes late is looked at, too."""
    async with served(Lamps(hot=True)) as url:
        report = await tried(LAMPS, url, Options(examples=0, listen=0.8, only=("dim",)))
    assert report.rules == ("schema",), str(report)
    assert "watts" in report.violations[0].detail


async def test_a_value_of_a_parameter_that_is_refused_is_told() -> None:
    """As not tried, with what the server said."""

    def turn_away(socket: ServerConnection, request: Request) -> Response | None:
        return socket.respond(404, "") if request.path.endswith("hall") else None

    async with serve(Lamps(), "127.0.0.1", 0, process_request=turn_away) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        report = await tried(LAMPS, f"ws://127.0.0.1:{port}", Options(examples=0, listen=0.1))
    assert report.violations == (), str(report)
    assert any("/v1/lamps/hall" in line and "404" in line for line in report.undone), report.undone


def _odd() -> Understood:
    """A document whose messages have no tag, and the first of which is anything."""
    document = """
      asyncapi: 2.3.0
      info: {title: Odd, version: 1.0.0}
      channels:
        odd:
          subscribe:
            message:
              oneOf:
                - {name: any, payload: true}
                - {name: words, payload: {type: string}}
    """
    with TemporaryDirectory() as folder:
        place = Path(folder, "odd.yaml")
        place.write_text(document)
        return understand(place)


async def test_what_takes_anything_takes_what_nothing_else_does() -> None:
    """Of several messages without a tag."""
    odd = _odd()

    async def talk(socket: ServerConnection) -> None:
        await socket.send('"a"')
        await socket.send("7")
        await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        report = await tried(odd, f"ws://127.0.0.1:{port}", Options(listen=0.2))
    assert {one.message: bool(one.received) for one in report.tried} == {"any": True, "words": True}


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
    [("ws://h:1", "ws://h:1/o"), ("ws://h:1/?a=b", "ws://h:1/o?a=b"), ("ws://h:1/p", "ws://h:1/p")],
)
def test_the_one_socket_of_an_envelope(url: str, address: str) -> None:
    """Is at the document's path, unless the address has one."""
    sight = Sight(understand(Path(__file__).with_name("ovens.yaml")))
    assert socket_of(sight, url) == address


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
