"""What a mock answers."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from codegen.mock import Failure, Scenario, connections
from tests.codegen.mock.mocked import PATIENCE, mocked, raw, understood

REQUESTS: list[Any] = [
    example.payload
    for channel in understood().contract.channels
    for message in channel.client_to_server
    for example in message.examples
]
AUTHENTICATE = {"type": "session.authenticate", "payload": {"token": "whatever"}}
ACCOUNT = {"type": "account.subscribe", "payload": {"account_id": "demo"}}


async def test_who_has_not_said_who_it_is_is_refused_what_is_not_for_everybody() -> None:
    """A channel that asks for a token is served after one, whatever it is; the others always are."""
    async with mocked() as mock, raw(mock) as client:
        refused = await client.ask(ACCOUNT)
        assert refused["payload"]["code"] == "unauthenticated"
        await client.ask({"type": "quotes.subscribe", "payload": {"symbol": "AAPL"}})
        await client.ask(AUTHENTICATE)
        assert (await client.ask(ACCOUNT))["payload"]["status"] == "ok"


async def test_every_request_of_the_document_is_answered_with_what_is_valid() -> None:
    """Each example is answered by the response that the document names, in success, with its id or without one."""
    responses = {
        str(m.tag.value): str(understood().contract.message(m.response).tag.value)  # type: ignore[union-attr]
        for m in understood().contract.messages
        if m.tag is not None and m.response is not None
    }
    async with mocked(rate=1) as mock, raw(mock) as client:
        await client.ask(AUTHENTICATE)
        for request in REQUESTS:
            for identity in ({"id": "mine"}, {"id": 17}, {}):
                sent = {**{key: value for key, value in request.items() if key != "id"}, **identity}
                answer = await client.ask(sent)
                assert answer["type"] == responses[sent["type"]]
                assert answer.get("id") == identity.get("id")
                assert answer.get("payload", {}).get("status", "ok") == "ok"


async def test_the_documents_own_answer_comes_to_the_request_that_it_belongs_to() -> None:
    """A request like an example's gets that example's answer as it stands, by the id that both have."""
    async with mocked() as mock, raw(mock) as client:
        answer = await client.ask(
            {
                "type": "bars.history",
                "payload": {"symbol": "AAPL", "resolution": "1D", "to": 1767657600000, "limit": 2},
            }
        )
        assert [bar["close"] for bar in answer["payload"]["bars"]] == [189.5, 190.18]


async def test_an_answer_says_again_what_the_request_named() -> None:
    """Properties that request and answer share have the request's values, parameters in the topic's spelling."""
    async with mocked() as mock, raw(mock) as client:
        answer = await client.ask({"type": "bars.history", "payload": {"symbol": "MSFT", "resolution": "W"}})
        assert (answer["payload"]["symbol"], answer["payload"]["resolution"]) == ("MSFT", "1W")


async def test_a_list_of_what_there_is_has_more_than_the_example() -> None:
    """All that the examples tell of and more, in order, each once; and what a request asks for, of that."""
    async with mocked() as mock, raw(mock) as client:

        async def listed(**asked: object) -> list[dict[str, Any]]:
            answer = await client.ask({"type": "symbols.list", "payload": asked})
            return list(answer["payload"]["symbols"])

        everything = await listed()
        names = [one["symbol"] for one in everything]
        assert {"AAPL", "BTCUSD"} < set(names)
        assert len(names) == 12
        assert names == sorted(set(names))
        assert await listed(limit=2) == everything[:2]
        assert [one["symbol"] for one in await listed(query="aap")] == ["AAPL"]
        assert await listed(query="nothing of the kind") == []
        assert await listed() == everything


async def test_pages_of_the_past_are_what_updates_would_have_been() -> None:
    """As many as asked for, before the moment asked for, a span apart, the same at each request, and no noise."""
    request = {"type": "bars.history", "payload": {"symbol": "MSFT", "resolution": "5", "limit": 40}}
    async with mocked() as mock, raw(mock) as client:
        bars = (await client.ask(request))["payload"]["bars"]
        assert len(bars) == 40
        for earlier, later in pairwise(bars):
            assert later["time"] - earlier["time"] == 300_000
            assert later["open"] == earlier["close"]
        for bar in bars:
            assert (
                bar["low"] <= min(bar["open"], bar["close"]) <= max(bar["open"], bar["close"]) <= bar["high"]
            )
        before: dict[str, Any] = {**request, "payload": {**request["payload"], "to": bars[10]["time"]}}  # type: ignore[dict-item]
        older = (await client.ask(before))["payload"]["bars"]
        assert older[-1]["time"] < bars[10]["time"]
        assert older[-10:] == bars[:10]
        assert [bar["time"] for bar in older] == [older[0]["time"] + 300_000 * index for index in range(40)]
        long_ago: dict[str, Any] = {**request, "payload": {**request["payload"], "to": 10**12, "limit": 5000}}  # type: ignore[dict-item]
        assert len((await client.ask(long_ago))["payload"]["bars"]) == 5000


async def test_what_is_invalid_is_refused_as_the_real_one_does() -> None:
    """No JSON, no type, an unknown type, a bad payload and a binary frame: each with its code, none costs the line."""
    async with mocked() as mock, raw(mock) as client:
        for frame, type_, code in [
            ("{", "error", "bad_json"),
            ("[]", "error", "bad_envelope"),
            ({"type": "nothing", "id": 4}, "error", "unknown_type"),
            (b"\x00", "error", "bad_frame"),
            ({"type": "bars.subscribe", "payload": {}}, "bars.subscribe.response", "bad_payload"),
            (
                {"type": "orderbook.subscribe", "payload": {"symbol": "A", "depth": 7}},
                "orderbook.subscribe.response",
                "bad_payload",
            ),
        ]:
            answer = await client.ask(frame)
            assert (answer["type"], answer["payload"]["code"]) == (type_, code)
        assert (await client.ask({"type": "ping"}))["type"] == "pong"


async def test_limits_of_the_document_are_kept() -> None:
    """More than a burst of messages at once is refused, with the time after which they are welcome."""
    async with mocked() as mock, raw(mock) as client:
        for _ in range(390):
            await client.send({"type": "ping"})
        answers = [await client.receive() for _ in range(390)]
        refused = [answer["payload"] for answer in answers if answer["type"] == "error"]
        assert 0 < len(refused) <= 190
        assert all(problem["code"] == "rate_limited" and problem["retry_after_ms"] > 0 for problem in refused)


async def test_who_goes_on_though_refused_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of messages beyond the burst that is allowed ends the connection with 4006."""
    # No time passes for the limit, however slow the machine is.
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: 1.0))
    async with mocked() as mock, raw(mock) as client:
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                for _ in range(450):
                    await client.send({"type": "ping"})
                while True:
                    await client.socket.recv()
        assert client.socket.close_code == 4006


async def test_a_socket_that_is_not_there_is_told_of() -> None:
    """A wrong path is a line in the log, with the paths that there are."""
    lines: list[str] = []
    async with mocked(log=lines.append) as mock:
        with pytest.raises(InvalidStatus):
            async with connect(f"{mock.base}/api/ws"):
                pass
    assert lines == ["refused a connection to /api/ws: the sockets are at /api/v1/ws"]


async def test_clients_are_told_that_the_mock_ends() -> None:
    """Who has asked for something is sent the document's message, then 4000; who has not, the code alone."""
    async with mocked() as mock, raw(mock) as client, raw(mock) as silent:
        await client.ask({"type": "ping"})
        await mock.drain()
        assert (await client.receive())["type"] == "server.shutdown"
        for one in (client, silent):
            with pytest.raises(ConnectionClosed):
                await one.receive()
            assert one.socket.close_code == 4000


async def test_the_answer_comes_before_the_end_that_it_speaks_of() -> None:
    """Who goes on with mistakes is closed with 4501, after an answer to each of them."""
    async with mocked() as mock, raw(mock) as client:
        for _ in range(110):
            await client.send("{")
        answers = []
        with suppress(ConnectionClosed):
            while True:
                answers.append((await client.receive())["payload"]["code"])
        assert client.socket.close_code == 4501
        assert 100 < len(answers) <= 110
        assert set(answers) == {"bad_json"}


@pytest.mark.parametrize("chance", [1.0, 0.5])
async def test_failures_come_as_asked_for(chance: float) -> None:
    """A request fails with the code asked for, in the document's words, as often as asked for; others do not."""
    scenario = Scenario(failures=(Failure("orderbook.subscribe", "unknown_symbol", chance=chance),))
    request = {"type": "orderbook.subscribe", "payload": {"symbol": "BTCUSD"}}
    async with mocked(scenario=scenario) as mock, raw(mock) as client:
        answers = [(await client.ask(request))["payload"] for _ in range(20)]
        failed = [answer for answer in answers if answer["status"] == "error"]
        assert len(failed) == 20 if chance == 1 else 0 < len(failed) < 20
        assert all(answer["code"] == "unknown_symbol" for answer in failed)
        assert failed[0]["message"].startswith('There is no symbol "ZZZ"')
        assert (await client.ask({"type": "quotes.subscribe", "payload": {"symbol": "A"}}))["payload"][
            "status"
        ] == "ok"


async def test_silence_and_closing_come_as_asked_for() -> None:
    """One request is not answered, and the next one is; another ends the connection with the code asked for."""
    scenario = Scenario(failures=(Failure.parse("symbols.list=silence"), Failure.parse("ping=close:4003")))
    async with mocked(scenario=scenario) as mock, raw(mock) as client:
        await client.send({"type": "symbols.list", "id": 1, "payload": {}})
        answer = await client.ask({"type": "bars.history", "id": 2, "payload": {"symbol": "A"}})
        assert answer["id"] == 2
        await client.send({"type": "ping"})
        await client.socket.wait_closed()
        assert client.socket.close_code == 4003


@pytest.mark.parametrize("code", [1004, 1005, 1006, 1015, 2999, 5000])
def test_codes_that_cannot_be_sent_are_refused(code: int) -> None:
    """A connection cannot be closed with what a client finds out by itself, nor with what is no code."""
    with pytest.raises(ValueError, match=f"{code} is no code that a server may close with"):
        Failure.parse(f"ping=close:{code}")
    assert Failure.parse("ping=close:4999").close_code == 4999


NO_FAILURES = ["ping", "ping=", "=x", "ping=close:1", "ping=slow:1000", "ping=x@2.5", "ping=silence@200%"]


@pytest.mark.parametrize("text", NO_FAILURES)
def test_what_is_no_failure_is_refused(text: str) -> None:
    """A failure that cannot be read raises, and says what can."""
    with pytest.raises(ValueError, match="silence"):
        Failure.parse(text)


def test_failures_have_chances() -> None:
    """A chance is a share of one, or in percent."""
    assert Failure.parse("a.b=x@20%") == Failure("a.b", "x", chance=0.2)
    assert Failure.parse("*=x@0.5") == Failure("*", "x", chance=0.5)
    assert Failure.parse("*=x@100%") == Failure("*", "x", chance=1.0)


async def test_a_browser_is_shown_what_this_is() -> None:
    """The root is a page that names the socket and the document, and the document is there for any page to fetch."""
    async with mocked() as mock, httpx.AsyncClient(base_url=mock.base.replace("ws", "http", 1)) as client:
        page = await client.get("/")
        assert mock.url in page.text
        assert "orderbook:{symbol}:{depth}" in page.text
        document = await client.get("/asyncapi.json", headers={"Origin": "http://elsewhere.example"})
        assert document.headers["access-control-allow-origin"] == "*"
        assert json.loads(document.text)["info"]["title"] == "Tapewire Trading API"


async def test_the_log_names_connections_and_requests() -> None:
    """A line for each connection and request, with the topic, and one for each refusal."""
    lines: list[str] = []
    async with mocked(log=lines.append) as mock, raw(mock) as client:
        await client.ask({"type": "bars.subscribe", "payload": {"symbol": "AAPL", "resolution": "D"}})
        await client.ask({"type": "bars.subscribe", "payload": {}})
    assert any("#1 connected to /api/v1/ws" in line for line in lines)
    assert any("#1 → bars.subscribe bars:AAPL:1D → ok" in line for line in lines)
    assert any("#1 refused, bad_payload" in line for line in lines)
    assert lines[-1] == "#1 is gone"
