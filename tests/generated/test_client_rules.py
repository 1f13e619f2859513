"""What clients refuse or advise without asking a server."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.server import ServerConnection, serve

from generated.client import TradingClient
from generated.constants import ENVELOPE, reconnect
from generated.models import BarsSelection, Pong
from generated.runtime.closing import may_reconnect
from generated.runtime.codec import Codec
from generated.runtime.errors import ConnectionLost, DuplicateRequest, ResponseTimeout
from generated.runtime.exchange import Exchange
from generated.runtime.options import ClientOptions
from generated.runtime.pending import Pending
from generated.runtime.session import Session
from tests.generated.scripting import PATIENCE


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010, 4500, 4999])
def test_unlisted_codes_that_blame_the_client_say_stop(code: int) -> None:
    """Another connection would end the same way."""
    assert not may_reconnect(code)


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 3000, 4000, 4499])
def test_all_other_unlisted_codes_say_reconnect(code: int) -> None:
    """A server that closes normally may be asked again."""
    assert may_reconnect(code)


async def test_an_id_that_waits_cannot_be_used_again() -> None:
    """The second request is refused at once; the first still gets its answer, and the id is free after that."""
    pending: Pending[str] = Pending()
    first = pending.add("a", "answer")
    with pytest.raises(DuplicateRequest, match="'a'"):
        pending.add("a", "answer")
    assert pending.resolve("a", "answer", "yes")
    assert await first == "yes"
    pending.add("a", "answer")


@pytest.mark.parametrize(("string_ids", "expected"), [(False, 1), (True, "1")])
async def test_requests_are_named_as_the_contract_has_it(string_ids: bool, expected: int | str) -> None:
    """Ids are integers, or texts where the contract takes nothing else; the answer is found by either."""
    seen: list[object] = []

    async def answer(socket: ServerConnection) -> None:
        request = json.loads(await socket.recv())
        seen.append(request["id"])
        await socket.send(json.dumps({"type": "pong", "id": request["id"], "ts": 5}))

    async with serve(answer, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        session = Session(
            f"ws://127.0.0.1:{port}", ENVELOPE, reconnect, options=ClientOptions(), string_ids=string_ids
        )
        await session.open()
        pong = await session.request(Exchange("ping", "pong", Codec(Pong), whole=True))
        await session.close()
    assert pong.ts == 5
    assert seen == [expected]


async def test_a_subscription_answered_too_late_is_given_up() -> None:
    """When the answer to a subscribe does not come in time the client unsubscribes, should the server have heard."""
    seen: list[str] = []
    unsubscribed = asyncio.Event()

    async def listen(socket: ServerConnection) -> None:
        async for frame in socket:
            seen.append(json.loads(frame)["type"])
            if seen[-1] == "bars.unsubscribe":
                unsubscribed.set()

    async with serve(listen, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with TradingClient(f"ws://127.0.0.1:{port}") as client:
            with pytest.raises(ResponseTimeout):
                await client.bars.subscribe(BarsSelection(symbol="AAPL"), response_timeout=0.01)
            async with asyncio.timeout(PATIENCE):
                await unsubscribed.wait()
    assert seen == ["bars.subscribe", "bars.unsubscribe"]


async def test_a_url_that_cannot_be_is_a_lost_connection() -> None:
    """A port out of range is answered like any other address where nobody is."""
    with pytest.raises(ConnectionLost):
        await TradingClient("ws://127.0.0.1:99999/").open()


async def test_a_subscription_needs_room_for_a_message() -> None:
    """A capacity below one is refused when it is given."""

    async def answer(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with serve(answer, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with TradingClient(f"ws://127.0.0.1:{port}") as client:
            with pytest.raises(ValueError, match="at least 1"):
                await client.bars.subscribe(BarsSelection(symbol="AAPL"), capacity=0)
