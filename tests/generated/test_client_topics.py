"""What becomes of topics: shared, asked for again, recovered, or told of as missed."""

from __future__ import annotations

import asyncio

import pytest

from generated.models import BarsSelection, SymbolSelection
from generated.runtime.backoff import Backoff
from generated.runtime.errors import ConnectionLost, RequestError, ResponseTimeout
from generated.runtime.hole import Hole
from tests.generated.scripting import PATIENCE, Play, begun, played

AAPL = SymbolSelection(symbol="AAPL")
TRADES = "trades:AAPL"


async def subscribed(play: Play, seq: int = 3, **fields: object) -> tuple[list[int], list[Hole]]:
    """A subscription to trades after this one; the ids and the holes that it is told of."""
    ids: list[int] = []
    holes: list[Hole] = []
    asking = asyncio.create_task(
        play.client.trades.subscribe(AAPL, lambda trade: ids.append(trade.id), on_hole=holes.append)
    )
    await play.peer.grant(**{"seq": seq, "epoch": "e", **fields})
    await asking
    return ids, holes


async def test_a_reconnect_goes_on_where_it_was() -> None:
    """The last position is named; what was missed is taken in order, nothing twice, and nothing is told."""
    async with played() as play:
        ids, holes = await subscribed(play)
        await play.peer.trade(4, 5)
        await play.settle()
        await play.lose()
        await play.back()
        request = await play.peer.grant(seq=5, epoch="e", recovered=True)
        assert request["recover"] == {"epoch": "e", "seq": 5}
        await play.peer.trade(5, 6, 7)
        await play.settle()
        assert (ids, holes) == ([4, 5, 6, 7], [])


@pytest.mark.parametrize(
    "answer",
    [
        {"seq": 9, "epoch": "e", "recovered": False},
        {"seq": 9, "epoch": "f", "recovered": False},
        {"seq": 9, "epoch": "e"},
        {"seq": 9, "epoch": "f", "recovered": True},
        {"seq": 9, "epoch": "e", "recovered": "true"},
    ],
)
async def test_what_is_not_proved_is_a_hole(answer: dict[str, object]) -> None:
    """Unless the server says that it recovers this epoch, the hole is told, and the topic goes on after it."""
    async with played() as play:
        ids, holes = await subscribed(play)
        told: list[Hole] = []
        play.client.on_hole(told.append)
        await play.peer.trade(4)
        await play.settle()
        await play.lose(4004)
        await play.back()
        await play.peer.grant(**answer)
        await play.peer.trade(10)
        await play.settle()
        assert ids == [4, 10]
        assert holes == told == [Hole(TRADES, "reconnect", 4, 9)]


async def test_a_snapshot_that_never_came() -> None:
    """Until it has come the old position is named, so that the server sends it again; the hole is told once."""
    async with played() as play:
        holes: list[Hole] = []
        selection = BarsSelection(symbol="AAPL")
        asking = await begun(play.client.bars.subscribe(selection, on_hole=holes.append))
        await play.peer.grant(seq=3, epoch="e")
        subscription = await asking
        for _ in range(2):
            await play.lose()
            await play.back()
            request = await play.peer.grant(seq=9, epoch="f", recovered=False)
            assert request["recover"] == {"epoch": "e", "seq": 3}
            await play.settle()
        body = {"time": 7, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}
        await play.peer.send(type="bars.update", topic="bars:AAPL:1", seq=9, snapshot=True, payload=body)
        assert (await anext(subscription)).time == 7
        assert holes == [Hole("bars:AAPL:1", "reconnect", 3, 9)]
        await play.lose()
        await play.back()
        request = await play.peer.expect("bars.subscribe")
        assert request["recover"] == {"epoch": "f", "seq": 9}


async def test_a_hole_that_nobody_hears_of_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No hole is silent; a callback for it that fails is logged too."""

    def fail(hole: Hole) -> None:
        raise ZeroDivisionError

    async with played() as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=3, epoch="e")
        await asking
        for listens in (False, True):
            if listens:
                play.client.on_hole(fail)
            await play.lose()
            await play.back()
            await play.peer.grant(seq=7, epoch="e", recovered=False)
            await play.settle()
    assert caplog.text.count("were missed") == 1
    assert caplog.text.count("the callback for holes failed") == 1


async def test_a_gap_is_asked_for_on_the_same_connection() -> None:
    """What comes between the gap and the answer is of no use; the answer's replay fills it."""
    async with played() as play:
        ids, holes = await subscribed(play)
        await play.peer.trade(4, 6, 7)
        request = await play.peer.expect("trades.subscribe")
        assert request["recover"] == {"epoch": "e", "seq": 4}
        await play.peer.trade(8)
        await play.peer.answer(request, seq=4, epoch="e", recovered=True)
        await play.peer.trade(5, 6, 7, 8, 9)
        await play.settle()
        assert (ids, holes) == ([4, 5, 6, 7, 8, 9], [])


async def test_trouble_that_repeats_is_not_asked_about_in_a_flood() -> None:
    """The first gap is asked about at once, those that follow after growing waits, until it was quiet for long."""
    async with played(reconnect=Backoff(1, 4)) as play:
        ids, _ = await subscribed(play)
        for number, expected in enumerate([None, 2.0, 4.0, 4.0, None]):
            if number == 4:
                play.clock.advance(5)
            seq = 4 + number
            await play.peer.trade(seq, seq + 2)
            if expected is not None:
                assert await play.clock.next() == expected
            request = await play.peer.expect("trades.subscribe")
            assert request["recover"] == {"epoch": "e", "seq": seq}
            await play.peer.answer(request, seq=seq, epoch="e", recovered=True)
        await play.settle()
        assert ids == [4, 5, 6, 7, 8]
        assert play.clock.waiting == 0


async def test_a_gap_whose_connection_is_lost() -> None:
    """What was not answered on one connection is asked for on the next; the old answer is nobody's."""
    async with played() as play:
        ids, holes = await subscribed(play)
        await play.peer.trade(4, 9)
        old = await play.peer.expect("trades.subscribe")
        await play.lose()
        await play.back()
        request = await play.peer.expect("trades.subscribe")
        await play.peer.answer(old, seq=99, epoch="z", recovered=False)
        await play.peer.trade(100)
        await play.peer.answer(request, seq=4, epoch="e", recovered=True)
        await play.peer.trade(5)
        await play.settle()
        assert (ids, holes) == ([4, 5], [])


async def test_a_topic_that_is_refused_for_now() -> None:
    """It is asked for again after a wait of at least the server's advice, which grows; others go on meanwhile."""
    async with played(reconnect=Backoff(1, 60)) as play:
        ids, holes = await subscribed(play)
        await play.lose()
        await play.back()
        for advice, expected in ((None, 1.0), (9000, 9.0), (None, 4.0)):
            request = await play.peer.expect("trades.subscribe")
            told = {} if advice is None else {"retry_after_ms": advice}
            await play.peer.refuse(request, "unavailable", retryable=True, **told)
            await play.settle()
            assert await play.clock.next() == expected
        await play.peer.grant(seq=3, epoch="e", recovered=True)
        await play.peer.trade(4)
        await play.settle()
        assert (ids, holes) == ([4], [])


async def test_a_topic_that_is_refused_for_good(caplog: pytest.LogCaptureFixture) -> None:
    """Its subscriptions end with the error; that is logged where nobody may iterate; it can be asked for again."""
    async with played() as play:
        await subscribed(play)
        iterated = await play.client.trades.subscribe(AAPL)
        await play.lose()
        await play.back()
        request = await play.peer.expect("trades.subscribe")
        await play.peer.refuse(request, "unknown_symbol", retryable=False)
        with pytest.raises(RequestError, match="unknown_symbol"):
            await anext(iterated)
        assert iterated.ended
        assert caplog.text.count("is over: unknown_symbol") == 1
        ids, _ = await subscribed(play)
        await play.peer.trade(4)
        await play.settle()
        assert ids == [4]


async def test_an_answer_that_does_not_come() -> None:
    """Where asking again is not answered in time, it is repeated; the client does not wait for ever."""
    async with played(response_timeout=0.3) as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL, response_timeout=PATIENCE))
        await play.peer.grant(seq=3, epoch="e")
        subscription = await asking
        await play.peer.trade(9)
        await play.peer.expect("trades.subscribe")
        await play.clock.next()
        request = await play.peer.expect("trades.subscribe")
        await play.peer.answer(request, seq=3, epoch="e", recovered=True)
        await play.peer.trade(4)
        assert (await anext(subscription)).id == 4


async def test_no_more_topics_at_once_than_a_server_may_like() -> None:
    """After a reconnect a few topics are asked for at a time; being too fast stops all until one is granted."""
    async with played() as play:
        symbols = [f"S{number}" for number in range(40)]
        for symbol in symbols:
            asking = asyncio.create_task(play.client.trades.subscribe(SymbolSelection(symbol=symbol)))
            await play.peer.grant(seq=0, epoch="e")
            await asking
        await play.lose()
        await play.back()
        at_once = [await play.peer.expect("trades.subscribe") for _ in range(16)]
        await play.settle()
        for request in at_once:
            await play.peer.refuse(request, "rate_limited", retryable=True, retry_after_ms=20)
        granted = set()
        for _ in at_once:
            assert await play.clock.next() == 0.02
            assert play.clock.waiting == 0
            request = await play.peer.grant(seq=0, epoch="e", recovered=True)
            granted.add(request["payload"]["symbol"])
        while len(granted) < len(symbols):
            request = await play.peer.grant(seq=0, epoch="e", recovered=True)
            granted.add(request["payload"]["symbol"])
        assert granted == set(symbols)


async def test_one_of_two_waiting_subscribers_gives_up() -> None:
    """The other one gets the answer to the request of both; the server hears of nothing."""
    async with played() as play:
        first = await begun(play.client.trades.subscribe(AAPL))
        second = await begun(play.client.trades.subscribe(AAPL))
        request = await play.peer.expect("trades.subscribe")
        first.cancel()
        await asyncio.wait([first])
        await play.peer.answer(request, seq=0, epoch="e")
        await play.peer.trade(1)
        assert (await anext(await second)).id == 1
        await play.settle()


async def test_both_waiting_subscribers_give_up() -> None:
    """The topic is given back; the late answer, and what follows it, is nobody's, and a later one asks anew."""
    async with played() as play:
        both = [await begun(play.client.trades.subscribe(AAPL, response_timeout=0.01)) for _ in range(2)]
        late = await play.peer.expect("trades.subscribe")
        for task in both:
            with pytest.raises(ResponseTimeout):
                await task
        leaving = await play.peer.expect("trades.unsubscribe")
        await play.peer.answer(late, seq=0, epoch="e")
        await play.peer.trade(1)
        await play.peer.answer(leaving)
        ids, _ = await subscribed(play, 1)
        await play.peer.trade(2)
        await play.settle()
        assert ids == [2]


async def test_leaving_and_coming_back_at_once() -> None:
    """An unsubscribe and a subscribe leave in the order in which they were asked for."""
    async with played() as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        subscription = await asking
        leaving = asyncio.create_task(subscription.unsubscribe())
        request = await play.peer.expect("trades.unsubscribe")
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        again = await play.peer.expect("trades.subscribe")
        await play.peer.trade(1)
        await play.peer.answer(request)
        await leaving
        await play.peer.answer(again, seq=1, epoch="e")
        await play.peer.trade(2)
        assert (await anext(await asking)).id == 2


async def test_leaving_while_there_is_no_connection() -> None:
    """It is forgotten, without a word to the server then or later."""
    async with played() as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        subscription = await asking
        await play.lose()
        await subscription.unsubscribe()
        await play.back()
        await play.settle()


async def test_leaving_before_the_topic_was_asked_for_again() -> None:
    """After a reconnect, what the server was not asked for yet, or has refused for now, is not asked for any more."""
    async with played() as play:
        subscriptions = []
        for number in range(17):
            asking = await begun(play.client.trades.subscribe(SymbolSelection(symbol=f"S{number}")))
            await play.peer.grant(seq=0, epoch="e")
            subscriptions.append(await asking)
        await play.lose()
        await play.back()
        requests = [await play.peer.expect("trades.subscribe") for _ in range(16)]
        await subscriptions[16].unsubscribe()
        await play.peer.refuse(requests[0], "unavailable", retryable=True)
        for request in requests[1:]:
            await play.peer.answer(request, seq=0, epoch="e", recovered=True)
        await play.settle()
        assert play.clock.waiting == 1
        leaving = await begun(subscriptions[0].unsubscribe())
        await play.peer.answer(await play.peer.expect("trades.unsubscribe"))
        await leaving
        await play.clock.next()
        await play.settle()


async def test_leaving_while_a_gap_is_asked_about() -> None:
    """The server is told, since it sends the topic; the answer to the gap is nobody's."""
    async with played() as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        subscription = await asking
        await play.peer.trade(5)
        gap = await play.peer.expect("trades.subscribe")
        leaving = asyncio.create_task(subscription.unsubscribe())
        request = await play.peer.expect("trades.unsubscribe")
        await play.peer.answer(gap, seq=0, epoch="e", recovered=True)
        await play.peer.answer(request)
        await leaving
        await play.settle()


async def test_an_unsubscribe_that_is_refused_for_now(caplog: pytest.LogCaptureFixture) -> None:
    """It is repeated, for else the server would go on sending; unless the topic is wanted again."""
    async with played(reconnect=Backoff(1, 60)) as play:
        for wanted_again in (False, True):
            asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
            await play.peer.grant(seq=0, epoch="e")
            leaving = asyncio.create_task((await asking).unsubscribe())
            request = await play.peer.expect("trades.unsubscribe")
            await play.peer.refuse(request, "rate_limited", retryable=True, retry_after_ms=5000)
            if wanted_again:
                asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
                await play.peer.grant(seq=0, epoch="e")
                await asking
            assert await play.clock.next() == 5.0
            if not wanted_again:
                await play.peer.answer(await play.peer.expect("trades.unsubscribe"))
            await leaving
            await play.settle()


async def test_a_late_joiner_is_told_how_things_are() -> None:
    """On a channel that conflates it gets the last update at once; on others only what comes."""
    async with played() as play:
        asking = asyncio.create_task(play.client.bars.subscribe(BarsSelection(symbol="AAPL")))
        await play.peer.grant(seq=0, epoch="e")
        first = await asking
        assert first.latest is None
        body = {"time": 7, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}
        await play.peer.send(type="bars.update", topic="bars:AAPL:1", seq=1, ts=1, payload=body)
        assert (await anext(first)).time == 7
        heard: list[int] = []
        second = await play.client.bars.subscribe(
            BarsSelection(symbol="AAPL"), lambda bar: heard.append(bar.time)
        )
        third = await play.client.bars.subscribe(BarsSelection(symbol="AAPL"))
        assert heard == [7]
        assert second.latest == first.latest == await anext(third)
        ids, _ = await subscribed(play)
        await play.peer.trade(4)
        await play.settle()
        late: list[int] = []
        await play.client.trades.subscribe(AAPL, lambda trade: late.append(trade.id))
        assert (ids, late) == ([4], [])


async def test_a_late_joiner_while_the_topic_is_asked_for_again() -> None:
    """It waits for the answer; after a hole it is not given what was before."""
    async with played() as play:
        body = {"time": 7, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}
        asking = asyncio.create_task(play.client.bars.subscribe(BarsSelection(symbol="AAPL")))
        await play.peer.grant(seq=0, epoch="e")
        await asking
        await play.peer.send(type="bars.update", topic="bars:AAPL:1", seq=1, ts=1, payload=body)
        for recovered, expected in ((True, [7]), (False, [8])):
            await play.settle()
            await play.lose()
            await play.back()
            request = await play.peer.expect("bars.subscribe")
            heard: list[int] = []
            holes: list[Hole] = []
            joining = await begun(
                play.client.bars.subscribe(
                    BarsSelection(symbol="AAPL"),
                    lambda bar, heard=heard: heard.append(bar.time),  # type: ignore[misc]
                    on_hole=holes.append,
                )
            )
            await play.peer.answer(request, seq=1, epoch="e", recovered=recovered)
            if not recovered:
                whole = {**body, "time": 8}
                await play.peer.send(
                    type="bars.update", topic="bars:AAPL:1", seq=1, snapshot=True, ts=1, payload=whole
                )
            await joining
            await play.settle()
            assert (heard, holes) == (expected, [])


async def test_a_late_joiner_of_a_topic_that_is_refused_for_now() -> None:
    """It is told so, as whoever asks first is; those before it go on waiting for the topic."""
    async with played() as play:
        ids, _ = await subscribed(play)
        await play.lose()
        await play.back()
        request = await play.peer.expect("trades.subscribe")
        joining = await begun(play.client.trades.subscribe(AAPL))
        await play.peer.refuse(request, "unavailable", retryable=True)
        with pytest.raises(RequestError, match="unavailable"):
            await joining
        await play.clock.next()
        await play.peer.grant(seq=3, epoch="e", recovered=True)
        await play.peer.trade(4)
        await play.settle()
        assert ids == [4]


async def test_a_subscribe_under_way_is_asked_again_on_the_next_connection() -> None:
    """Asking twice harms nobody: it goes on waiting, for as long as its own time allows."""
    async with played() as play:
        asking = await begun(play.client.trades.subscribe(AAPL))
        await play.peer.expect("trades.subscribe")
        await play.lose()
        await play.back()
        request = await play.peer.grant(seq=3, epoch="e")
        assert "recover" not in request
        await play.peer.trade(4)
        assert (await anext(await asking)).id == 4


async def test_a_subscribe_that_waits_when_the_client_is_closed() -> None:
    """Who is not subscribed yet gets an error, also where others end quietly."""
    async with played() as play:
        asking = await begun(play.client.trades.subscribe(AAPL))
        await play.peer.expect("trades.subscribe")
        await play.client.close()
        with pytest.raises(ConnectionLost, match="closed by this client"):
            await asking


async def test_iterating_goes_on_over_connections() -> None:
    """One `async for` sees what comes before and after, in order."""
    async with played() as play:
        asking = asyncio.create_task(play.client.trades.subscribe(AAPL))
        await play.peer.grant(seq=0, epoch="e")
        subscription = await asking

        async def read() -> list[int]:
            return [(await anext(subscription)).id for _ in range(4)]

        got = asyncio.create_task(read())
        await play.peer.trade(1, 2)
        await play.settle()
        await play.lose()
        await play.back()
        await play.peer.grant(seq=2, epoch="e", recovered=True)
        await play.peer.trade(3, 4)
        assert await got == [1, 2, 3, 4]
