"""The simulated market, fed: all that it tells of a symbol agrees, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from generated.constants import STATE
from generated.publisher import Publisher
from generated.runtime.state import HeldState
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, TradesTopic
from service.bars.fold import Fold, Forming, Tick
from service.bars.resolution import Resolution
from service.feeds.simulate import Simulation
from service.hub import TopicUnavailable
from service.market.skeleton import DAY_MS, MINUTE_MS
from tests.service.fed import START_MS, fed, trades_of
from tests.service.running import service


def body_of(bar: Forming) -> dict[str, float]:
    """A bar as it is told."""
    return {name: getattr(bar, name) for name in ("time", "open", "high", "low", "close", "volume")}


def changes_of(body: dict[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """A book's update as changes of what is held."""
    return {name: [(one["price"], one["size"]) for one in body[name]] for name in ("bids", "asks")}


@pytest.mark.parametrize("symbol", ["BTCUSD", "EURUSD"])
async def test_all_that_is_told_of_a_symbol_agrees(symbol: str) -> None:
    """At every moment: bars are the fold of the trades told, quotes the top of the book told and the last trade."""
    resolutions = ("1S", "5S", "7S", "1", "2")
    quotes, trades = QuotesTopic(symbol), TradesTopic(symbol)
    depths = [OrderbookTopic(symbol, depth) for depth in ("10", "100", "1000")]
    async with fed() as market:
        bars = [BarsTopic(symbol, resolution) for resolution in resolutions]
        market.open(trades, quotes, *depths, *bars)
        began = market.feed.reached_ms
        await market.run_to(began + 3 * MINUTE_MS)
    folds = {topic.address: Fold(Resolution.parse(topic.resolution)) for topic in bars}
    # What the bars that are forming now are made of so far is told by them alone.
    for fold in folds.values():
        for trade in trades_of(symbol, fold.resolution.floor(began) - 1, began):
            fold.add(Tick(trade["time"], trade["price"], trade["size"], trade["id"]))
    books = {topic.address: HeldState(STATE["orderbook"]) for topic in depths}
    last: dict[str, Any] = {}
    checked = 0
    for topic, body, snapshot in market.tape.told:
        if topic == trades.address:
            assert not last or body["id"] > last["id"]
            last = body
            for fold in folds.values():
                fold.add(Tick(body["time"], body["price"], body["size"], body["id"]))
        elif topic in folds:
            assert body in [body_of(bar) for bar in folds[topic]]
        elif topic == quotes.address:
            assert body["bid"] < body["ask"]
            if last:
                assert body["last"] == last["price"]
            quote = body
        else:
            held = books[topic]
            assert snapshot == (len(held) == 0)
            held.apply(changes_of(body), snapshot=snapshot)
            bids, asks = held.entries("bids"), held.entries("asks")
            assert bids[0] == (quote["bid"], quote["bid_size"])
            assert asks[0] == (quote["ask"], quote["ask_size"])
            depth = int(topic.rsplit(":", 1)[1])
            assert min(depth, 500) <= len(bids) <= depth
            if topic == depths[-1].address:
                checked += 1
                for other in depths[:-1]:
                    for name in ("bids", "asks"):
                        some = books[other.address].entries(name)
                        assert list(some) == list(held.entries(name)[: int(other.depth)])
    assert checked > 100
    for address, fold in folds.items():
        ended = {body["time"]: body for body in market.tape.bodies(address)}
        assert list(ended.values()) == [body_of(bar) for bar in fold]


async def test_every_trade_is_told_once_and_in_order() -> None:
    """What is told of a time are all its trades, those between two publications of the rest too."""
    topic = TradesTopic("AAPL")
    async with fed() as market:
        market.open(topic)
        began = market.feed.reached_ms
        await market.run_to(began + 5 * MINUTE_MS)
        told = market.tape.bodies(topic)
        assert told == trades_of("AAPL", began, market.feed.reached_ms)


async def test_two_services_of_one_seed_send_the_same() -> None:
    """Trades, bars, quotes and books depend on seed, symbol and moment; not on how often they are told."""
    topics = (
        TradesTopic("GOOGL"),
        BarsTopic("GOOGL", "5S"),
        QuotesTopic("GOOGL"),
        OrderbookTopic("GOOGL", "25"),
    )
    ends = START_MS + 3 * MINUTE_MS
    got = []
    for rate, look in ((4.0, 0.3), (1.0, 2.0)):
        async with fed(seed=7, rate=rate, look=look) as market:
            market.open(*topics)
            await market.stop_at(ends)
            book = HeldState(STATE["orderbook"])
            for told in market.tape.told:
                if told.topic == topics[3].address:
                    book.apply(changes_of(told.body), snapshot=told.snapshot)
            trades, bars, quotes = (market.tape.bodies(topic) for topic in topics[:3])
            # They did not begin at the same moment.
            later = [body for body in trades if body["time"] >= START_MS + 10_000]
            ended = {body["time"]: body for body in bars if body["time"] >= START_MS + 10_000}
            got.append((later, ended, quotes[-1], book.payload()))
    assert got[0] == got[1]


async def test_a_subscriber_in_between_is_told_what_one_from_the_beginning_is() -> None:
    """A bar that began before anybody listened is whole, and a second view of a book is that of the first."""
    async with fed() as market:
        first = OrderbookTopic("MSFT", "25")
        market.open(first, BarsTopic("MSFT", "1"))
        await market.run_to(START_MS + 90_000)
        second, five = OrderbookTopic("MSFT", "10"), BarsTopic("MSFT", "5")
        held = HeldState(STATE["orderbook"])
        for body in market.tape.bodies(first):
            held.apply(changes_of(body))
        market.open(second, five)
        (snapshot,) = market.tape.bodies(second)
        assert changes_of(snapshot) == {name: list(held.entries(name))[:10] for name in ("bids", "asks")}
        await market.run_to(START_MS + 120_000)
        fold = Fold(Resolution.parse("5"))
        begins = START_MS // 300_000 * 300_000
        told = market.tape.bodies(five)
        for trade in trades_of("MSFT", begins - 1, market.feed.reached_ms):
            fold.add(Tick(trade["time"], trade["price"], trade["size"], trade["id"]))
        assert told[-1] == body_of(next(iter(fold)))
        assert told[0]["volume"] > 0.2 * told[-1]["volume"]


async def test_a_topic_that_was_closed_begins_anew() -> None:
    """The market rests when nobody listens; who comes then gets the present, and a book from its snapshot on."""
    book, trades = OrderbookTopic("TSLA", "10"), TradesTopic("TSLA")
    async with fed() as market:
        feed = market.feed
        assert feed.status().state == "waiting"
        market.open(book, trades)
        assert feed.status().state == "running"
        await market.run_to(START_MS + 20_000)
        for topic in (book, trades):
            feed.topic_closed(topic)
        assert feed.status().state == "waiting"
        count = len(market.tape.told)
        market.clock.at += 60.0
        await asyncio.sleep(0)
        assert len(market.tape.told) == count
        market.open(trades, book)
        again = feed.reached_ms
        assert again >= START_MS + 80_000
        assert market.tape.told[count].snapshot
        await market.run_to(again + 20_000)
        told = [one.body for one in market.tape.told[count:] if one.topic == trades.address]
        assert told == trades_of("TSLA", again, feed.reached_ms)


async def test_a_bar_that_closes_is_told_as_it_ended() -> None:
    """Before the next bar begins, the last update of a bar is what it ended as; bars follow each other in time."""
    topic = BarsTopic("NVDA", "1S")
    async with fed(rate=1.0, look=2.0) as market:
        market.open(topic)
        await market.run_to(START_MS + MINUTE_MS)
        told = market.tape.bodies(topic)
        page = await market.feed.bars("NVDA", Resolution.parse("1S"), None, 100)
    assert all(before["time"] <= after["time"] for before, after in pairwise(told))
    ended = {body["time"]: body for body in told}
    assert list(ended.values()) == [body_of(bar) for bar in page.bars][-len(ended) :]
    assert len(ended) > 30


async def test_what_has_not_changed_is_not_told_again() -> None:
    """Of a symbol that is hardly traded, a bar is told once for each look that saw a trade, and no more."""
    bars, trades = BarsTopic("EURCHF", "1"), TradesTopic("EURCHF")
    async with fed() as market:
        market.open(bars, trades, QuotesTopic("EURCHF"))
        began = market.feed.reached_ms
        await market.run_to(began + 30 * MINUTE_MS)
        told = market.tape.bodies(bars)
    assert 0 < len(told) <= len(market.tape.bodies(trades)) + 1
    assert len({body["time"] for body in told}) < 25
    for before, after in pairwise(market.tape.bodies(QuotesTopic("EURCHF"))):
        assert {**before, "time": 0} != {**after, "time": 0}


@pytest.mark.parametrize(("rate", "look"), [(20.0, 0.05), (1 / 7, 7.0)])
async def test_change_is_that_of_the_day(rate: float, look: float) -> None:
    """A quote's change counts from the first trade since midnight, UTC; at that trade it is nothing."""
    midnight = START_MS // DAY_MS * DAY_MS
    topic, trades = QuotesTopic("ETHUSD"), TradesTopic("ETHUSD")
    async with fed(start_ms=midnight - 7_000 - int(3_000 * look), rate=rate, look=look) as market:
        market.open(trades, topic)
        assert market.feed.reached_ms < midnight
        await market.run_to(midnight + 20_000)
    yesterday, today = (
        trades_of("ETHUSD", begins - 1, begins + MINUTE_MS)[0]["price"]
        for begins in (midnight - DAY_MS, midnight)
    )
    last: dict[str, Any] = {}
    for told in market.tape.told:
        if told.topic == trades.address:
            last = told.body
        elif last:
            # Until the new day's first trade, nothing has changed on it.
            first = (
                yesterday
                if told.body["time"] < midnight
                else today
                if last["time"] >= midnight
                else last["price"]
            )
            assert Decimal(repr(told.body["change"])) == Decimal(repr(last["price"])) - Decimal(repr(first))
    assert last["time"] >= midnight


async def test_history_ends_with_what_was_told_last() -> None:
    """The last bar of a page is that which subscribers were told, and the one that forms is among them."""
    topic = BarsTopic("SPY", "1D")
    async with fed() as market:
        market.open(topic)
        await market.run_to(START_MS + 10_000)
        page = await market.feed.bars("SPY", Resolution.parse("1D"), None, 3)
        told = market.tape.bodies(topic)[-1]
        assert body_of(page.bars[-1]) == told
        assert [bar.time for bar in page.bars] == [told["time"] - n * DAY_MS for n in (2, 1, 0)]
        assert not page.complete
        earlier = await market.feed.bars("SPY", Resolution.parse("1D"), page.bars[0].time, 2)
        assert [bar.time for bar in earlier.bars] == [told["time"] - n * DAY_MS for n in (4, 3)]
        assert (await market.feed.bars("SPY", Resolution.parse("1M"), None, 5_000)).complete
        none = await market.feed.bars("SPY", Resolution.parse("1M"), 0, 5)
        assert (none.bars, none.complete) == ([], True)


async def test_a_long_history_gives_others_their_turn() -> None:
    """5,000 bars of a second are told in slices; meanwhile the event loop goes round."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with fed() as market:
        counting = asyncio.create_task(count())
        page = await market.feed.bars("AAPL", Resolution.parse("1S"), None, 5_000)
        counting.cancel()
    assert len(page.bars) == 5_000
    assert turns > 3


async def test_prices_have_the_decimals_that_are_told() -> None:
    """No price and no size has more decimal places than its symbol's."""
    async with fed() as market:
        known = {one.symbol: one for one in market.feed.instruments()}
        market.open(*(TradesTopic(symbol) for symbol in known))
        await market.run_to(START_MS + 10 * MINUTE_MS)
        for told in market.tape.told:
            one = known[told.topic.split(":")[1]]
            for name, places in (("price", one.price_decimals), ("size", one.size_decimals)):
                number = Decimal(repr(told.body[name]))
                assert number == round(number, places)
        assert {told.topic for told in market.tape.told} == {f"trades:{symbol}" for symbol in known}


@pytest.mark.parametrize(
    "topic", [BarsTopic("ZZZ"), QuotesTopic("aapl"), TradesTopic("AAPL2"), OrderbookTopic("EUR/USD")]
)
async def test_unknown_symbols_are_refused_by_name(topic: QuotesTopic) -> None:
    """On every channel; the refusal says which symbols there are, and nothing has begun."""
    async with fed() as market:
        with pytest.raises(TopicUnavailable, match="known: AAPL, ") as refused:
            market.open(topic)
        assert topic.symbol in refused.value.message
        assert (refused.value.code, refused.value.retryable) == ("unknown_symbol", False)
        with pytest.raises(TopicUnavailable):
            await market.feed.bars(topic.symbol, Resolution.parse("1"), None, 1)
        assert market.feed.status().state == "waiting"


async def test_resolutions_beyond_a_year_are_refused_by_name() -> None:
    """12M is served, and whatever is longer is not, neither live nor from the past."""
    async with fed() as market:
        market.open(BarsTopic("AAPL", "12M"), BarsTopic("AAPL", "52W"), BarsTopic("AAPL", "9999"))
        for text in ("13M", "53W", "9999D"):
            with pytest.raises(TopicUnavailable, match=f'"{text}"; known: 1S, ') as refused:
                market.open(BarsTopic("AAPL", text))
            assert refused.value.code == "unknown_resolution"
            with pytest.raises(TopicUnavailable):
                await market.feed.bars("AAPL", Resolution.parse(text), None, 1)


async def test_refusals_reach_the_client() -> None:
    """Over the socket a request for an unknown symbol is answered by the code and the message."""
    async with service(feed=at_speed(1)) as running, running.client() as client:
        for kind in ("bars.subscribe", "quotes.subscribe", "bars.history"):
            answer = await client.ask({"type": kind, "payload": {"symbol": "ZZZ"}})
            assert answer["payload"]["code"] == "unknown_symbol"
            assert answer["payload"]["message"].startswith('There is no symbol "ZZZ"; known: AAPL, ')
        answer = await client.ask({"type": "symbols.list", "payload": {"query": "bitcoin"}})
        (bitcoin,) = answer["payload"]["symbols"]
        assert (bitcoin["symbol"], bitcoin["type"], bitcoin["currency"]) == ("BTCUSD", "crypto", "USD")


def at_speed(speed: float, rate: float = 4.0) -> Callable[[Publisher], Simulation]:
    """A feed by the real clock."""
    return lambda publisher: Simulation(publisher, seed=1, updates_per_second=rate, speed=speed)


async def test_a_book_over_the_socket_is_right_at_every_update() -> None:
    """Snapshot, then changes; after each, the checksum is that of what a client holds."""
    async with service(feed=at_speed(20, rate=50)) as running, running.client(max_queue=None) as client:
        payload = {"symbol": "BTCUSD", "depth": 25}
        assert (await client.ask({"type": "orderbook.subscribe", "payload": payload}))["payload"][
            "status"
        ] == "ok"
        held = HeldState(STATE["orderbook"])
        for n in range(60):
            message = await client.receive()
            assert message.get("snapshot", False) == (n == 0)
            body = message["payload"]
            held.apply(changes_of(body), snapshot=n == 0)
            assert held.checksum() == message["checksum"]
            assert len(held) == 50


async def test_all_channels_at_once_over_the_socket() -> None:
    """One connection with every channel of a symbol: quote and book come at once, trades and bars follow."""
    async with service(feed=at_speed(10)) as running, running.client(max_queue=None) as client:
        for channel in ("trades", "quotes", "orderbook", "bars"):
            await client.send({"type": f"{channel}.subscribe", "payload": {"symbol": "BTCUSD"}})
        async with asyncio.timeout(20):
            kinds: set[str] = set()
            while len(kinds) < 8:
                kinds.add((await client.receive())["type"])
