"""Recovery: what a subscriber with a position is owed, what a newcomer is, and what changes fold into."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from generated.constants import HISTORY, STATE
from generated.models import Bar, Book, Level, Quote, Trade
from generated.publisher import Publisher
from generated.runtime.state import HeldState
from generated.topics import BarsTopic, OrderbookTopic, QuotesTopic, Topic, TradesTopic
from service.delivery import Bounds, Turn
from service.hub import Hub, Position, TopicListener
from tests.service.delivering import Scripted, answer, turn

TRADES = TradesTopic("AAPL")
BARS = BarsTopic("AAPL", "1")
BOOK = OrderbookTopic("AAPL", "10")
QUOTES = QuotesTopic("AAPL")


class Market:
    """A hub, and one publication after another on it."""

    def __init__(self, grace: float = 0.0) -> None:
        self.turn: Turn = turn()
        self.hub = Hub(self.turn, grace=grace)
        self.publisher = Publisher(self.hub)
        self._trades = 0

    def trade(self, count: int = 1) -> None:
        """Trades with ids that count from 1."""
        for _ in range(count):
            self._trades += 1
            self.publisher.trades_update(
                TRADES, Trade(id=self._trades, price=1.0, size=1.0, side="buy", time=self._trades)
            )

    def bar(self, close: float, time: int = 0) -> None:
        """A bar, told from others by its close."""
        bar = Bar(time=time, open=1.0, high=1000.0, low=0.0, close=close, volume=1.0)
        self.publisher.bars_update(BARS, bar)

    def quote(self, last: float) -> None:
        """A quote, told from others by its last price."""
        quote = Quote(time=0, bid=1.0, ask=2.0, bid_size=1.0, ask_size=1.0, last=last, change=0.0)
        self.publisher.quotes_update(QUOTES, quote)

    def book(
        self, bids: Mapping[float, float], asks: Mapping[float, float], *, snapshot: bool = False
    ) -> None:
        """Levels of an order book."""
        self.publisher.orderbook_update(BOOK, _book(bids, asks), snapshot=snapshot)

    def subscriber(
        self, topic: Topic, after: Position | None = None, bounds: Bounds | None = None
    ) -> tuple[Scripted, dict[str, Any]]:
        """One who has subscribed, and the answer's fields."""
        one = Scripted(self.turn, bounds) if bounds is not None else Scripted(self.turn)
        return one, self.ask(one, topic, after)

    def ask(self, one: Scripted, topic: Topic, after: Position | None = None) -> dict[str, Any]:
        """Subscribe as the handlers do: hold, join, answer."""
        one.outbox.hold()
        joined = self.hub.subscribe(topic, one.outbox, after)
        fields = {"seq": joined.seq, "epoch": joined.epoch, "recovered": joined.recovered}
        answer(one.outbox, **fields)
        return fields

    def got(self, one: Scripted) -> list[dict[str, Any]]:
        """What a subscriber has got by the end of this turn, the answers left out."""
        self.turn.flush()
        return [message for message in one.got if message["type"] != "answer"]


@pytest.fixture
def market() -> Market:
    """An empty one."""
    return Market()


def _book(bids: Mapping[float, float], asks: Mapping[float, float]) -> Book:
    return Book(
        bids=[Level(price=price, size=size) for price, size in bids.items()],
        asks=[Level(price=price, size=size) for price, size in asks.items()],
    )


def _changes(message: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    return {
        name: [(level["price"], level["size"]) for level in levels]
        for name, levels in message["payload"].items()
    }


async def test_what_was_missed_is_replayed_after_the_answer(market: Market) -> None:
    """Who comes back with a position gets each update since, once and in order, and then what is live."""
    _, asked = market.subscriber(TRADES)
    market.trade(5)
    position = Position(asked["seq"] + 2, asked["epoch"])
    second, fields = market.subscriber(TRADES, position)
    market.trade(2)
    assert fields == {"seq": 2, "epoch": asked["epoch"], "recovered": True}
    assert [message["seq"] for message in market.got(second)] == [3, 4, 5, 6, 7]
    assert second.got[0]["type"] == "answer"
    assert [message["payload"]["id"] for message in market.got(second)] == [3, 4, 5, 6, 7]


async def test_nothing_missed_is_recovered_too(market: Market) -> None:
    """Who is where the topic is has missed nothing, and is sent nothing."""
    _, asked = market.subscriber(TRADES)
    market.trade(3)
    second, fields = market.subscriber(TRADES, Position(3, asked["epoch"]))
    assert fields["recovered"] is True
    assert market.got(second) == []


@pytest.mark.parametrize("case", ["another epoch", "the future", "too long ago"])
async def test_what_cannot_be_proved_is_not_claimed(market: Market, case: str) -> None:
    """A foreign epoch, a position that is not there yet, and one that history does not reach: not recovered."""
    _, asked = market.subscriber(TRADES)
    market.trade(HISTORY["trades"] + 5)
    seq = market.hub.subscribe(TRADES, Scripted(market.turn).outbox).seq
    position = {
        "another epoch": Position(seq, "elsewhere"),
        "the future": Position(seq + 1, asked["epoch"]),
        "too long ago": Position(4, asked["epoch"]),
    }[case]
    second, fields = market.subscriber(TRADES, position)
    assert fields == {"seq": seq, "epoch": asked["epoch"], "recovered": False}
    market.trade()
    assert [message["seq"] for message in market.got(second)] == [seq + 1]


async def test_history_reaches_exactly_as_far_as_it_is_long(market: Market) -> None:
    """The oldest update that is kept can be replayed; the one before it cannot."""
    _, asked = market.subscriber(TRADES)
    kept = HISTORY["trades"]
    market.trade(kept + 5)
    reached, fields = market.subscriber(TRADES, Position(5, asked["epoch"]))
    assert fields["recovered"] is True
    assert len(market.got(reached)) == kept


async def test_history_goes_on_while_nobody_listens() -> None:
    """Within the grace period updates are kept though the last subscriber has left: it may come back."""
    market = Market(grace=60.0)
    first, asked = market.subscriber(TRADES)
    market.trade(2)
    market.hub.drop(first.outbox)
    market.trade(3)
    again, fields = market.subscriber(TRADES, Position(2, asked["epoch"]))
    assert fields["recovered"] is True
    assert [message["seq"] for message in market.got(again)] == [3, 4, 5]
    market.hub.close()


async def test_a_topic_that_was_closed_is_another_epoch(market: Market) -> None:
    """After the grace period a position is worth nothing any more."""
    first, asked = market.subscriber(TRADES)
    market.trade(2)
    market.hub.drop(first.outbox)
    _, fields = market.subscriber(TRADES, Position(2, asked["epoch"]))
    assert fields["recovered"] is False
    assert fields["epoch"] != asked["epoch"]


async def test_asking_again_on_the_same_connection_fills_a_gap(market: Market) -> None:
    """A subscriber may ask again from where it was; nothing live is lost or sent twice after that answer."""
    one, asked = market.subscriber(TRADES)
    market.trade(4)
    market.turn.flush()
    before = len(one.got)
    market.trade()
    fields = market.ask(one, TRADES, Position(2, asked["epoch"]))
    market.trade(2)
    market.turn.flush()
    after = one.got[before:]
    place = next(index for index, message in enumerate(after) if message["type"] == "answer")
    assert fields["recovered"] is True
    assert [message["seq"] for message in after[place + 1 :]] == [3, 4, 5, 6, 7]


async def test_bars_send_a_snapshot_only_after_a_hole(market: Market) -> None:
    """A plain subscribe to bars is followed by the next update; a recover that failed, by the latest bar."""
    _, asked = market.subscriber(BARS)
    market.bar(1.0)
    market.bar(2.0)
    plain, _ = market.subscriber(BARS)
    assert market.got(plain) == []
    lost, fields = market.subscriber(BARS, Position(1, "elsewhere"))
    (whole,) = market.got(lost)
    assert fields == {"seq": 2, "epoch": asked["epoch"], "recovered": False}
    assert (whole["seq"], whole["snapshot"], whole["payload"]["close"]) == (2, True, 2.0)


async def test_quotes_tell_a_newcomer_the_latest(market: Market) -> None:
    """Who subscribes to quotes is sent the last one at once, and only who comes after there was one."""
    early, _ = market.subscriber(QUOTES)
    assert market.got(early) == []
    market.quote(5.0)
    late, fields = market.subscriber(QUOTES)
    (whole,) = market.got(late)
    assert (whole["seq"], whole["snapshot"], whole["payload"]["last"]) == (fields["seq"], True, 5.0)
    (live,) = market.got(early)
    assert "snapshot" not in live


class FirstBook(TopicListener):
    """Publishes a whole book when its topic opens."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def topic_opened(self, topic: Topic) -> None:
        """Two levels."""
        self._market.book({10.0: 1.0}, {11.0: 2.0}, snapshot=True)


async def test_a_book_begins_with_a_snapshot(market: Market) -> None:
    """The first subscriber too gets the whole book, with the position that the answer names."""
    market.hub.listen(FirstBook(market))
    one, fields = market.subscriber(BOOK)
    market.book({10.0: 3.0}, {})
    whole, change = market.got(one)
    assert (whole["seq"], whole["snapshot"]) == (fields["seq"], True) == (1, True)
    assert whole["payload"] == {
        "bids": [{"price": 10.0, "size": 1.0}],
        "asks": [{"price": 11.0, "size": 2.0}],
    }
    assert (change["seq"], change["payload"]["asks"]) == (2, [])
    assert "snapshot" not in change


async def test_every_update_of_a_book_says_what_it_leads_to(market: Market) -> None:
    """The checksum is that of the whole book after the update, in deltas and snapshots alike."""
    early, _ = market.subscriber(BOOK)
    market.book({10.0: 1.0, 9.5: 0.25}, {11.0: 2.0}, snapshot=True)
    market.book({10.0: 0.0}, {12.5: 1e-7})
    late, _ = market.subscriber(BOOK)
    held = HeldState(STATE["orderbook"])
    for message in market.got(early):
        held.apply(_changes(message), snapshot=message.get("snapshot", False))
        assert message["checksum"] == held.checksum()
    (whole,) = market.got(late)
    assert whole["checksum"] == held.checksum()
    assert _changes(whole) == {"bids": [(9.5, 0.25)], "asks": [(11.0, 2.0), (12.5, 1e-7)]}


async def test_changes_that_wait_are_merged_and_none_is_skipped(market: Market) -> None:
    """A reader that lags gets fewer updates, which lead to the same book; seq_from says what they stand for."""
    for seed in range(20):
        chance = random.Random(seed)
        slow, fields = market.subscriber(BOOK, bounds=Bounds(600, 3600.0))
        market.got(slow)
        slow.way.ready = False
        market.book({}, {}, snapshot=True)
        for _ in range(chance.randint(1, 200)):
            prices = [float(chance.randint(1, 20)) for _ in range(3)]
            sizes = [chance.choice([0.0, 1.0, 2.5]) for _ in range(3)]
            if chance.random() < 0.5:
                market.book(dict(zip(prices, sizes, strict=True)), {})
            else:
                market.book({}, dict(zip(prices, sizes, strict=True)), snapshot=chance.random() < 0.05)
            market.turn.flush()
            if chance.random() < 0.1:
                slow.way.open()
                slow.way.ready = False
        slow.way.open()
        held = HeldState(STATE["orderbook"])
        last = fields["seq"]
        for message in market.got(slow):
            if message["seq"] <= fields["seq"]:
                continue
            assert message.get("seq_from", message["seq"]) == last + 1
            last = message["seq"]
            held.apply(_changes(message), snapshot=message.get("snapshot", False))
            assert message["checksum"] == held.checksum()
        newcomer, position = market.subscriber(BOOK)
        (whole,) = market.got(newcomer)
        assert last == position["seq"]
        assert _changes(whole) == held.changes()
        market.hub.drop(slow.outbox)
        market.hub.drop(newcomer.outbox)


async def test_merged_changes_are_never_longer_than_the_book(market: Market) -> None:
    """Where more levels have come and gone than there are, the whole book is sent instead."""
    slow, _ = market.subscriber(BOOK, bounds=Bounds(300, 3600.0))
    market.book({1.0: 1.0}, {2.0: 1.0}, snapshot=True)
    market.got(slow)
    slow.way.ready = False
    for price in range(100, 200):
        market.book({}, {float(price): 1.0})
        market.book({}, {float(price): 0.0})
        market.turn.flush()
    slow.way.open()
    last = market.got(slow)[-1]
    assert last["snapshot"] is True
    assert _changes(last) == {"bids": [(1.0, 1.0)], "asks": [(2.0, 1.0)]}


def _ranges(messages: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(message.get("seq_from", message["seq"]), message["seq"]) for message in messages]


async def test_a_reader_that_lags_gets_the_last_state_of_each_bar(market: Market) -> None:
    """Over the bound the latest of each bar's states is kept, a corrected one's too; no number is left out."""
    slow, _ = market.subscriber(BARS, bounds=Bounds(900, 3600.0))
    market.got(slow)
    slow.way.ready = False
    for minute, close in [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (1, 6), (2, 7), (3, 8), (3, 9)]:
        market.bar(float(close), minute)
        market.turn.flush()
    slow.way.open()
    got = market.got(slow)
    assert [(bar["payload"]["time"], bar["payload"]["close"]) for bar in got] == [
        (1, 6.0),
        (2, 7.0),
        (3, 9.0),
    ]
    assert _ranges(got) == [(1, 6), (7, 7), (8, 9)]
    assert [bar.get("epoch") for bar in got] == [got[0]["epoch"], None, None]


async def test_a_reader_that_lags_far_gets_the_latest_bar_alone(market: Market) -> None:
    """Where a state of each bar is still too much, only the latest of all is kept: the queue is bounded."""
    slow, _ = market.subscriber(BARS, bounds=Bounds(900, 3600.0))
    market.got(slow)
    slow.way.ready = False
    for minute in range(50):
        market.bar(float(minute), minute)
        market.turn.flush()
        assert slow.outbox.waiting <= 900
    slow.way.open()
    got = market.got(slow)
    assert got[-1]["payload"]["time"] == 49
    assert _ranges(got) == [(1, 50)]
    market.bar(1.0, 50)
    assert _ranges(market.got(slow)[1:]) == [(51, 51)]


async def test_a_corrected_bar_is_not_the_latest(market: Market) -> None:
    """After a late correction of an older bar the snapshot is still the newest bar, with the topic's position."""
    market.subscriber(BARS)
    market.bar(1.0, 1)
    market.bar(2.0, 2)
    market.bar(3.0, 1)
    lost, _ = market.subscriber(BARS, Position(0, "elsewhere"))
    (whole,) = market.got(lost)
    assert (whole["seq"], whole["payload"]["time"], whole["payload"]["close"]) == (3, 2, 2.0)


async def test_a_replay_beyond_the_bound_is_none(market: Market) -> None:
    """What is more than may wait for a client is not replayed, since it would be cut off for it, again and again."""
    _, asked = market.subscriber(TRADES)
    market.trade(50)
    small = Bounds(1000, 3600.0)
    near, fields = market.subscriber(TRADES, Position(48, asked["epoch"]), small)
    assert fields["recovered"] is True
    assert len(market.got(near)) == 2
    far, fields = market.subscriber(TRADES, Position(0, asked["epoch"]), small)
    assert fields["recovered"] is False
    assert market.got(far) == []
    assert far.way.said is None


async def test_a_snapshot_beyond_the_bound_is_sent_all_the_same(market: Market) -> None:
    """A reader that keeps up is owed the whole book, however much of it there is."""
    market.subscriber(BOOK)
    market.book({float(price): 1.0 for price in range(1, 500)}, {}, snapshot=True)
    late, _ = market.subscriber(BOOK, bounds=Bounds(1000, 3600.0))
    (whole,) = market.got(late)
    assert len(whole["payload"]["bids"]) == 499
    assert late.way.said is None
