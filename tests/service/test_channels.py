"""Every channel's requests over a real socket: topics, positions, what is refused and by which name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from generated.models import Book, Level, Quote, Trade
from generated.publisher import Publisher
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, Topic, TradesTopic
from service.bars.fold import Forming
from service.bars.resolution import Resolution
from service.feeds.base import Feed, FeedStatus, Instrument, Page
from service.hub import TopicUnavailable
from tests.service.running import AAPL, Client, service

TRADE = Trade(id=1, price=1.5, size=2.0, side="buy", time=5)
QUOTE = Quote(time=5, bid=1.0, ask=2.0, bid_size=3.0, ask_size=4.0, last=1.5, change=0.5)
BOOK = Book(bids=[Level(price=1.0, size=2.0)], asks=[Level(price=2.0, size=1.0)])


class Shelf(Feed):
    """Knows two symbols, and three bars of one of them."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.asked: list[tuple[str, str, int | None, int]] = []

    def status(self) -> FeedStatus:
        """Idle."""
        return FeedStatus("shelf", "idle")

    def topic_opened(self, topic: Topic) -> None:
        """Turn away what it does not know."""
        if isinstance(topic, BarsTopic) and topic.resolution == "7":
            raise TopicUnavailable(
                'There is no resolution "7"; known: 1.', retryable=False, code="unknown_resolution"
            )
        if not isinstance(topic, BarsTopic):
            return
        if topic.symbol not in ("AAPL", "EUR/USD"):
            raise TopicUnavailable(
                f'There is no symbol "{topic.symbol}"; known: AAPL, EUR/USD.',
                retryable=False,
                code="unknown_symbol",
            )

    def instruments(self) -> Sequence[Instrument]:
        """Two."""
        return (
            Instrument("EUR/USD", "Euro in dollars", "forex", "USD", 5, 0, ("1", "1D")),
            Instrument("AAPL", "Apple", "stock", "USD", 2, 0, ("1",)),
        )

    async def bars(self, symbol: str, resolution: Resolution, to_ms: int | None, limit: int) -> Page:
        """The last of three bars."""
        self.asked.append((symbol, str(resolution), to_ms, limit))
        if symbol != "AAPL":
            raise TopicUnavailable(f"No bars of {symbol}.", retryable=False, code="unknown_symbol")
        bars = [Forming(time * 60_000, 1.0, 3.0, 0.5, 2.0, 0.3) for time in range(3)][-limit:]
        return Page(bars, complete=limit >= 3)


async def _ask(client: Client, kind: str, payload: object, **extra: object) -> dict[str, Any]:
    return await client.ask({"type": kind, "id": 1, "payload": payload, **extra})


@pytest.mark.parametrize("channel", ["quotes", "trades", "orderbook"])
async def test_each_channel_subscribes_publishes_and_unsubscribes(channel: str) -> None:
    """A topic's address, its position, an update with its topic, and nothing more after unsubscribing."""
    address = {"orderbook": "orderbook:AAPL:25"}.get(channel, f"{channel}:AAPL")
    async with service() as running, running.client() as client:

        def publish() -> None:
            publisher = running.publisher
            publisher.quotes_update(QuotesTopic("AAPL"), QUOTE)
            publisher.trades_update(TradesTopic("AAPL"), TRADE)
            publisher.orderbook_update(OrderbookTopic("AAPL"), BOOK, snapshot=True)

        answer = await _ask(client, f"{channel}.subscribe", {"symbol": "AAPL"})
        publish()
        update = await client.receive()
        gone = await _ask(client, f"{channel}.unsubscribe", {"symbol": "AAPL"})
        publish()
        assert (answer["type"], answer["seq"]) == (f"{channel}.subscribe.response", 0)
        assert answer["payload"] == {"status": "ok", "message": f"Subscribed to {address}", "topic": address}
        assert (update["type"], update["topic"], update["seq"]) == (f"{channel}.update", address, 1)
        assert ("checksum" in update) == (channel == "orderbook")
        assert gone["payload"]["message"] == f"Unsubscribed from {address}"
        assert await client.silent()


async def test_a_trade_says_all_that_the_contract_asks() -> None:
    """The payload on the wire is the trade."""
    async with service() as running, running.client() as client:
        await _ask(client, "trades.subscribe", {"symbol": "AAPL"})
        running.publisher.trades_update(TradesTopic("AAPL"), TRADE)
        update = await client.receive()
        assert update["payload"] == {"id": 1, "price": 1.5, "size": 2.0, "side": "buy", "time": 5}


async def test_recover_is_answered_beside_the_position() -> None:
    """`recover` is read beside the payload; the answer says `recovered`, and what was missed follows."""
    async with service() as running, running.client() as first, running.client() as second:
        asked = await _ask(first, "trades.subscribe", {"symbol": "AAPL"})
        for _ in range(3):
            running.publisher.trades_update(TradesTopic("AAPL"), TRADE)
        recover = {"epoch": asked["epoch"], "seq": 1}
        answer = await _ask(second, "trades.subscribe", {"symbol": "AAPL"}, recover=recover)
        assert (answer["recovered"], answer["seq"], answer["epoch"]) == (True, 1, asked["epoch"])
        assert [(await second.receive())["seq"] for _ in range(2)] == [2, 3]
        assert await second.silent()


@pytest.mark.parametrize(
    ("recover", "path"),
    [
        ({"epoch": "x", "seq": -1}, "/recover/seq"),
        ({"epoch": "x", "seq": "1"}, "/recover/seq"),
        ({"epoch": "x", "seq": 1.5}, "/recover/seq"),
        ({"epoch": 7, "seq": 1}, "/recover/epoch"),
        ({"epoch": "x"}, "/recover/seq"),
        ({}, "/recover/epoch"),
        ("x", "/recover"),
        (None, "/recover"),
        ([1], "/recover"),
    ],
)
async def test_a_recover_of_nonsense_is_refused_by_name(recover: object, path: str) -> None:
    """What is no position is a bad payload that names the place; the connection goes on, unsubscribed."""
    async with service() as running, running.client() as client:
        answer = await _ask(client, "trades.subscribe", {"symbol": "AAPL"}, recover=recover)
        assert answer["payload"]["code"] == "bad_payload"
        assert path in [error["path"] for error in answer["payload"]["errors"]]
        assert running.hub.subscriptions == 0
        assert await client.silent()


@pytest.mark.parametrize("seq", [0, 1, 2**53, 10**40])
async def test_a_position_elsewhere_is_answered_and_not_trusted(seq: int) -> None:
    """A foreign epoch or a seq of the future, of any size: recovered is false, and the topic's own position told."""
    async with service() as running, running.client() as client:
        own = await _ask(client, "bars.subscribe", AAPL)
        for recover in ({"epoch": "elsewhere", "seq": seq}, {"epoch": own["epoch"], "seq": seq + 1}):
            answer = await _ask(client, "bars.subscribe", AAPL, recover=recover)
            assert (answer["recovered"], answer["seq"], answer["epoch"]) == (False, 0, own["epoch"])


async def test_unknown_symbols_and_resolutions_are_refused_by_name() -> None:
    """The answer names what was asked for and what there is; nothing is subscribed."""
    async with service(feed=Shelf) as running, running.client() as client:
        symbol = await _ask(client, "bars.subscribe", {"symbol": "ZZZ"})
        resolution = await _ask(client, "bars.subscribe", {"symbol": "AAPL", "resolution": "7"})
        assert symbol["payload"] == {
            "status": "error",
            "code": "unknown_symbol",
            "message": 'There is no symbol "ZZZ"; known: AAPL, EUR/USD.',
            "retryable": False,
        }
        assert resolution["payload"]["code"] == "unknown_resolution"
        assert running.hub.subscriptions == 0


async def test_past_bars_are_asked_for() -> None:
    """`bars.history` gives the feed's bars, oldest first, with the canonical resolution; its parts have defaults."""
    async with service(feed=Shelf) as running, running.client() as client:
        answer = await _ask(client, "bars.history", {"symbol": "AAPL", "resolution": "D", "limit": 2})
        page = answer["payload"]
        assert (page["status"], page["symbol"], page["resolution"]) == ("ok", "AAPL", "1D")
        assert [bar["time"] for bar in page["bars"]] == [60_000, 120_000]
        assert page["bars"][0] == {
            "time": 60_000, "open": 1.0, "high": 3.0, "low": 0.5, "close": 2.0, "volume": 0.3
        }  # fmt: skip
        assert page["complete"] is False
        await _ask(client, "bars.history", {"symbol": "AAPL", "to": 5_000})
        assert running.app.state.feed.asked == [("AAPL", "1D", None, 2), ("AAPL", "1", 5_000, 300)]


@pytest.mark.parametrize("limit", [0, 5001, -1, 1.5, "10"])
async def test_a_page_has_bounds(limit: object) -> None:
    """More bars than a page may have, or fewer than one, is a bad payload."""
    async with service(feed=Shelf) as running, running.client() as client:
        answer = await _ask(client, "bars.history", {"symbol": "AAPL", "limit": limit})
        assert answer["payload"]["errors"][0]["path"] == "/payload/limit"


async def test_past_bars_of_what_is_unknown_are_refused() -> None:
    """By the feed, with its code; where nothing is recorded at all, as unavailable."""
    async with service(feed=Shelf) as running, running.client() as client:
        answer = await _ask(client, "bars.history", {"symbol": "EUR/USD"})
        assert (answer["type"], answer["payload"]["code"]) == ("bars.history.response", "unknown_symbol")
    async with service() as running, running.client() as client:
        answer = await _ask(client, "bars.history", {"symbol": "AAPL"})
        assert answer["payload"]["code"] == "unavailable"


async def test_symbols_are_found_by_name_and_description() -> None:
    """An exact name comes first, then those that begin so, then others; no query lists all."""
    async with service(feed=Shelf) as running, running.client() as client:

        async def found(**query: object) -> list[str]:
            answer = await _ask(client, "symbols.list", query)
            return [one["symbol"] for one in answer["payload"]["symbols"]]

        assert await found() == ["EUR/USD", "AAPL"]
        assert await found(query="aapl") == ["AAPL"]
        assert await found(query="apple") == ["AAPL"]
        assert await found(query="dollars") == ["EUR/USD"]
        assert await found(limit=1) == ["EUR/USD"]
        assert await found(query="nothing like it") == []


async def test_a_token_is_refused_where_there_are_no_accounts() -> None:
    """`session.authenticate` is answered: nothing here needs a token."""
    async with service() as running, running.client() as client:
        answer = await _ask(client, "session.authenticate", {"token": "x"})
        assert answer["type"] == "session.authenticate.response"
        assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("unavailable", False)
