"""The generated client against the generated server, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from generated.client import TradingClient
from generated.constants import ENVELOPE, reconnect
from generated.models import Bar, BarsSelection, ServerShutdown, Shutdown
from generated.runtime.backoff import Backoff
from generated.runtime.errors import (
    ConnectionLost,
    InvalidMessage,
    RequestError,
    ResponseTimeout,
    SubscriptionOverflow,
    TopicError,
)
from generated.runtime.exchange import Pair
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from generated.runtime.session import Session
from generated.topics import BarsTopic
from tests.generated.market import Bars, bar, market_route
from tests.generated.scripting import PATIENCE
from tests.generated.serving import served

AAPL = BarsSelection(symbol="AAPL")


@asynccontextmanager
async def market(options: ClientOptions | None = None) -> AsyncIterator[tuple[Bars, TradingClient]]:
    """A served handler and a client connected to it."""
    bars = Bars()
    async with (
        served(market_route(bars)) as url,
        TradingClient(f"{url}/api/v1/ws", options=options) as client,
    ):
        yield bars, client


async def take(count: int, items: AsyncIterator[Bar]) -> list[int]:
    """The times of the next bars."""
    return [(await anext(items)).time for _ in range(count)]


async def test_updates_reach_the_subscription_in_order() -> None:
    """What is published after the answer is iterated, typed, in order, each once."""
    async with market() as (bars, client):
        subscription = await client.bars.subscribe(AAPL)
        assert subscription.topic == "bars:AAPL:1"
        await bars.publish(BarsTopic("AAPL"), *map(bar, range(100)))
        assert await take(100, subscription) == list(range(100))


async def test_topics_are_told_apart() -> None:
    """Two subscriptions on one connection get their own topics' updates only."""
    async with market() as (bars, client):
        apple = await client.bars.subscribe(AAPL)
        google = await client.bars.subscribe(BarsSelection(symbol="GOOGL", resolution="D"))
        await bars.publish(BarsTopic("GOOGL", "1D"), bar(1))
        await bars.publish(BarsTopic("AAPL"), bar(2))
        assert await take(1, apple) == [2]
        assert await take(1, google) == [1]


async def test_whole_messages_can_be_iterated() -> None:
    """`updates()` yields messages with sequence number and time."""
    async with market() as (bars, client):
        subscription = await client.bars.subscribe(AAPL)
        await bars.publish(BarsTopic("AAPL"), bar(1), bar(2))
        updates = subscription.updates()
        assert [(await anext(updates)).seq, (await anext(updates)).seq] == [1, 2]


async def test_a_callback_gets_the_items() -> None:
    """With a callback nothing is queued; a callback that fails does not end the subscription."""
    async with market() as (bars, client):
        got: asyncio.Queue[int] = asyncio.Queue()

        def heard(item: Bar) -> None:
            got.put_nowait(item.time)
            if item.time == 1:
                raise ZeroDivisionError

        await client.bars.subscribe(AAPL, heard)
        await bars.publish(BarsTopic("AAPL"), bar(1), bar(2))
        assert [await got.get(), await got.get()] == [1, 2]


async def test_subscriptions_to_one_topic_share_the_servers() -> None:
    """The server is asked once however often a topic is subscribed to, and told when the last one leaves."""
    async with market() as (bars, client):
        first, second = await asyncio.gather(
            client.bars.subscribe(BarsSelection(symbol="AAPL", resolution="D")),
            client.bars.subscribe(BarsSelection(symbol="AAPL", resolution="1D")),
        )
        assert bars.subscribed == ["bars:AAPL:1D"]
        await bars.publish(BarsTopic("AAPL", "D"), bar(1))
        assert await take(1, first) == await take(1, second) == [1]
        await first.unsubscribe()
        assert bars.unsubscribed == []
        await second.unsubscribe()
        await second.unsubscribe()
        assert bars.unsubscribed == ["bars:AAPL:1D"]


async def test_a_subscription_ends_with_its_context() -> None:
    """Leaving `async with` unsubscribes; what was received is still iterated, then iterating ends."""
    async with market() as (bars, client):
        async with await client.bars.subscribe(AAPL) as subscription:
            await bars.publish(BarsTopic("AAPL"), bar(1))
            await client.session.ping()
        assert bars.unsubscribed == ["bars:AAPL:1"]
        assert [item.time async for item in subscription] == [1]


async def test_requests_return_their_answers() -> None:
    """A request without payload in its answer returns the whole message."""
    async with market() as (_, client):
        pong = await client.session.ping()
        assert pong.ts == 12


async def test_a_server_tells_of_its_shutdown() -> None:
    """What a connection sends as a model is heard by the client as that model."""
    heard: asyncio.Queue[ServerShutdown] = asyncio.Queue()
    async with market() as (bars, client):
        client.session.on_server_shutdown(heard.put_nowait)
        await client.bars.subscribe(AAPL)
        [connection] = bars.connections["bars:AAPL:1"]
        told = ServerShutdown(payload=Shutdown(reconnect_in_ms_max=500))
        await connection.send(told)
        async with asyncio.timeout(PATIENCE):
            assert await heard.get() == told


async def test_refusals_are_raised() -> None:
    """A refused request raises what the server said; the topic can be asked for again."""
    async with market() as (bars, client):
        for _ in range(2):
            with pytest.raises(RequestError, match="feed is down") as caught:
                await client.bars.subscribe(BarsSelection(symbol="DOWN"))
            assert (caught.value.code, caught.value.retryable) == ("unavailable", True)
        with pytest.raises(RequestError) as failed:
            await client.bars.subscribe(BarsSelection(symbol="CRASH"))
        assert failed.value.code == "internal"
        assert bars.subscribed == []
        assert (await client.session.ping()).ts == 12


async def test_a_topic_that_cannot_be_is_refused_before_sending() -> None:
    """A selection that names no topic is a TopicError here, and the server hears nothing."""
    async with market() as (bars, client):
        with pytest.raises(TopicError, match="symbol"):
            await client.bars.subscribe(BarsSelection.model_construct(symbol="a b", resolution="1"))
        assert bars.subscribed == []


async def test_a_slow_reader_is_told() -> None:
    """Beyond its capacity a subscription ends with SubscriptionOverflow, after what it held."""
    async with market() as (bars, client):
        subscription = await client.bars.subscribe(AAPL, capacity=3)
        await bars.publish(BarsTopic("AAPL"), *map(bar, range(5)))
        await client.session.ping()
        assert await take(3, subscription) == [0, 1, 2]
        with pytest.raises(SubscriptionOverflow, match="more than 3"):
            await anext(subscription)
        await client.session.ping()
        assert bars.unsubscribed == ["bars:AAPL:1"]


@pytest.mark.parametrize("code", [4500, 1003, 4999])
async def test_a_code_that_says_stop_closes_the_client(code: int) -> None:
    """Subscriptions and requests end with the close code; nothing is tried again."""
    async with market() as (bars, client):
        subscription = await client.bars.subscribe(AAPL)
        await bars.connections["bars:AAPL:1"][0].close(code, "why")
        with pytest.raises(ConnectionLost, match="why") as caught:
            await anext(subscription)
        assert (caught.value.code, caught.value.reconnect) == (code, False)
        with pytest.raises(ConnectionLost):
            await client.session.ping()
        assert client.lost is caught.value
        assert client.state == "closed"


@pytest.mark.parametrize("code", [4001, 4499, 1012])
async def test_a_code_that_says_reconnect_costs_a_subscription_nothing(code: int) -> None:
    """The client comes back, asks for the topic from where it was, and the same iteration goes on."""
    async with market(ClientOptions(reconnect=Backoff(0, 0))) as (bars, client):
        subscription = await client.bars.subscribe(AAPL)
        await bars.publish(BarsTopic("AAPL"), bar(1))
        assert await take(1, subscription) == [1]
        states: asyncio.Queue[str] = asyncio.Queue()
        client.on_state(lambda state, _: states.put_nowait(state))
        [first] = bars.connections.pop("bars:AAPL:1")
        await first.close(code, "why")
        assert [await states.get(), await states.get()] == ["reconnecting", "open"]
        await client.session.ping()
        await bars.publish(BarsTopic("AAPL"), bar(2))
        assert await take(1, subscription) == [2]
        assert bars.subscribed == ["bars:AAPL:1"] * 2
        assert client.lost is None


async def test_requests_under_way_end_with_the_connection() -> None:
    """Nobody waits for an answer that cannot come."""
    async with market() as (_, client):
        with pytest.raises(ConnectionLost) as caught:
            await client.bars.subscribe(BarsSelection(symbol="GONE"))
        assert (caught.value.code, caught.value.reconnect) == (4500, False)


async def test_closing_ends_subscriptions_quietly() -> None:
    """`close()` is no error to those who iterate."""
    async with market() as (_, client):
        subscription = await client.bars.subscribe(AAPL)
        await client.close()
        assert [item async for item in subscription] == []


async def test_a_server_that_is_not_there() -> None:
    """`open()` waits for one for so long, then says where it is not, and that it may be later."""
    options = ClientOptions(open_timeout=0.3, reconnect=Backoff(0.01, 0.01))
    client = TradingClient("ws://127.0.0.1:9/api/v1/ws", options=options)
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:9") as caught:
        await client.open()
    assert caught.value.reconnect is True
    assert client.state == "reconnecting"
    await client.close()


async def test_a_path_that_is_not_there() -> None:
    """A refused handshake is not worth another try."""
    async with served(market_route(Bars())) as url:
        client = TradingClient(f"{url}/elsewhere")
        with pytest.raises(ConnectionLost, match="HTTP 40") as caught:
            await client.open()
        assert caught.value.reconnect is False
        assert client.state == "closed"


class Frames(list[dict[str, object]]):
    """What a server has received."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Condition()

    async def add(self, frame: dict[str, object]) -> None:
        """Keep one more."""
        async with self._more:
            self.append(frame)
            self._more.notify_all()

    async def reach(self, count: int) -> None:
        """Wait until there are so many."""
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: len(self) >= count)


@asynccontextmanager
async def scripted(*answers: str | None) -> AsyncIterator[tuple[str, Frames]]:
    """A server that says what it is told to, one text after each frame; None says nothing."""
    frames = Frames()

    async def play(socket: ServerConnection) -> None:
        script = iter(answers)
        async for frame in socket:
            await frames.add(json.loads(frame))
            answer = next(script, None)
            if answer is not None:
                for line in answer.replace("$ID", str(frames[-1].get("id"))).splitlines():
                    await socket.send(line)

    async with serve(play, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}", frames


OK = (
    '{"type":"bars.subscribe.response","id":$ID,"payload":{"status":"ok","message":"","topic":"bars:AAPL:1"}}'
)


async def test_no_answer_is_a_timeout() -> None:
    """A silent server costs a request ResponseTimeout; its late answer is nobody else's."""
    late = '{"type":"pong","id":1,"ts":1}\n{"type":"pong","id":$ID,"ts":2}'
    async with scripted(None, late) as (url, _), TradingClient(url) as client:
        with pytest.raises(ResponseTimeout, match="ping"):
            await client.session.ping(response_timeout=0.05)
        assert (await client.session.ping()).ts == 2


async def test_servers_that_do_not_echo_ids_are_understood() -> None:
    """An answer without id is the oldest request's of that type."""
    async with scripted('{"type":"pong","ts":3}') as (url, _), TradingClient(url) as client:
        assert (await client.session.ping()).ts == 3


async def test_an_error_with_an_id_is_that_requests() -> None:
    """The error message refuses the request whose id it carries."""
    error = (
        '{"type":"error","id":$ID,"payload":{"status":"error","code":"bad_payload","message":"m",'
        '"retryable":false,"errors":[{"path":"/id","message":"why"}]}}'
    )
    async with scripted(error) as (url, _), TradingClient(url) as client:
        with pytest.raises(RequestError) as caught:
            await client.session.ping()
        assert [(detail.path, detail.message) for detail in caught.value.errors] == [("/id", "why")]


async def test_frames_that_mean_nothing_are_survived() -> None:
    """Garbage, unknown types and updates of topics that nobody wants do not disturb what follows."""
    noise = '[]\nnope\n{"type":[]}\n{"type":"new"}\n{"type":"bars.update","topic":"bars:X:1","payload":{}}\n'
    async with scripted(noise + '{"type":"pong","id":$ID,"ts":4}') as (url, _), TradingClient(url) as client:
        assert (await client.session.ping()).ts == 4


async def test_an_update_that_breaks_the_contract_is_a_hole(caplog: pytest.LogCaptureFixture) -> None:
    """An update that cannot be read is logged and told as missed; those after it are taken."""
    body = '"payload":{"time":%s,"open":1,"high":1,"low":1,"close":1,"volume":1}}'
    update = '\n{"type":"bars.update","topic":"bars:AAPL:1","seq":%d,' + body
    answers = (
        OK.replace('"id":$ID', '"id":$ID,"seq":3,"epoch":"e"') + update % (4, '"soon"') + update % (5, 7)
    )
    holes: list[Hole] = []
    async with scripted(answers) as (url, _), TradingClient(url) as client:
        subscription = await client.bars.subscribe(AAPL, on_hole=holes.append)
        assert await take(1, subscription) == [7]
    assert holes == [Hole("bars:AAPL:1", "gap", 3, 4)]
    assert "/payload/time" in caplog.text or "payload.time" in caplog.text


async def test_an_answer_that_breaks_the_contract_is_told() -> None:
    """An answer that is not what the contract says raises InvalidMessage."""
    async with scripted('{"type":"pong","id":$ID}') as (url, _), TradingClient(url) as client:
        with pytest.raises(InvalidMessage):
            await client.session.ping()


async def test_updates_before_the_answer_are_not_ours() -> None:
    """What comes before the answer belongs to an earlier subscription of the topic."""
    body = '"payload":{"time":%d,"open":1,"high":1,"low":1,"close":1,"volume":1}}'
    update = '{"type":"bars.update","topic":"bars:AAPL:1",' + body
    async with scripted(f"{update % 1}\n{OK}\n{update % 2}") as (url, _), TradingClient(url) as client:
        subscription = await client.bars.subscribe(AAPL)
        assert await take(1, subscription) == [2]


async def test_a_refusal_says_when_to_try_again() -> None:
    """RequestError has the server's `retry_after_ms`; None where the server does not say, or no number."""
    refused = (
        '{"type":"bars.subscribe.response","id":$ID,"payload":{"status":"error","code":"rate_limited",'
        '"message":"m","retryable":true%s}}'
    )
    waits = [',"retry_after_ms":250', "", ',"retry_after_ms":"soon"', ',"retry_after_ms":0']
    heard = []
    async with scripted(*(refused % wait for wait in waits)) as (url, _), TradingClient(url) as client:
        for _ in waits:
            with pytest.raises(RequestError, match="rate_limited") as caught:
                await client.bars.subscribe(AAPL)
            heard.append(caught.value.retry_after_ms)
    assert heard == [250, None, None, 0]


async def test_the_servers_shutdown_is_heard() -> None:
    """A callback gets the typed message until it is called off; one that fails harms nobody."""
    pong = '{"type":"pong","id":$ID,"ts":1}'
    told = '{"type":"server.shutdown","payload":{"reconnect_in_ms_max":%d}}\n' + pong
    heard: list[int] = []

    def fail(message: ServerShutdown) -> None:
        raise ZeroDivisionError

    async with scripted(told % 4000, told % 5000) as (url, _), TradingClient(url) as client:
        client.session.on_server_shutdown(fail)
        off = client.session.on_server_shutdown(lambda m: heard.append(m.payload.reconnect_in_ms_max))
        await client.session.ping()
        off()
        await client.session.ping()
    assert heard == [4000]


async def test_nothing_is_sent_before_the_first_request() -> None:
    """Opening is silent, and the first frame is the first request."""
    async with scripted(OK) as (url, frames), TradingClient(url) as client:
        await client.bars.subscribe(AAPL)
        assert frames == [
            {"type": "bars.subscribe", "id": 1, "payload": {"symbol": "AAPL", "resolution": "1"}}
        ]


async def test_a_silent_client_keeps_its_connection() -> None:
    """Without anything to say, a client sends the contract's ping before the interval is over."""
    async with scripted(*['{"type":"pong","id":$ID,"ts":1}'] * 9) as (url, frames):
        heartbeat = (0.15, Pair("ping", "pong"))
        session = Session(url, ENVELOPE, reconnect, options=ClientOptions(), heartbeat=heartbeat)
        await session.open()
        await frames.reach(3)
        await session.close()
        assert [frame["type"] for frame in frames] == ["ping"] * len(frames)


async def test_cancelled_subscribing_leaves_nothing_behind() -> None:
    """A subscribe that is given up is taken back at the server, and a later one asks anew."""
    done = OK.replace("bars.subscribe.response", "bars.unsubscribe.response")
    async with scripted(None, done, OK) as (url, frames), TradingClient(url) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.bars.subscribe(AAPL)
        await frames.reach(2)
        await client.bars.subscribe(AAPL)
        assert [frame["type"] for frame in frames] == ["bars.subscribe", "bars.unsubscribe", "bars.subscribe"]
