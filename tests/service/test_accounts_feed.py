"""Simulated accounts, fed: every topic begins with what there is, and all that is told agrees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generated.publisher import Publisher
from generated.topics import AccountTopic, OrdersTopic, PositionsTopic, Topic, TradesTopic
from service.accounts import Order, SimulatedAccount
from service.accounts.session import SESSION_MS
from service.feeds.accounts import Accounts
from service.feeds.base import NoFeed
from service.feeds.together import Together
from service.market.skeleton import MINUTE_MS
from service.settings import Settings
from tests.service.fed import Tape
from tests.service.test_accounts import MARKETS, START_MS

DEMO = "DEMO-1"
ACCOUNT, POSITIONS, ORDERS = AccountTopic(DEMO), PositionsTopic(DEMO), OrdersTopic(DEMO)
NOW_MS = START_MS + 10 * MINUTE_MS
FINAL = {"filled", "cancelled", "rejected"}


class Market:
    """Nothing but a clock."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS

    def __call__(self) -> int:
        """The market's time."""
        return self.at_ms


class Fed(NamedTuple):
    """Accounts, and what they tell."""

    feed: Accounts
    tape: Tape
    market: Market

    async def open(self, *topics: Topic) -> None:
        """Listen, and return once each has been told what there is."""
        known = len(self.tape.told)
        for topic in topics:
            self.feed.topic_opened(topic)
        wanted = {topic.address for topic in topics}
        await self.tape.until(
            lambda: wanted <= {told.topic for told in self.tape.told[known:] if told.snapshot}
        )

    async def pass_to(self, at_ms: int) -> None:
        """Return once all that happens up to a moment has been told."""
        self.market.at_ms = at_ms
        async with asyncio.timeout(90):
            # Nobody is told when a step is done; at rest accounts publish nothing.
            while self.feed.reached_ms < at_ms:  # noqa: ASYNC110
                await asyncio.sleep(0)


@asynccontextmanager
async def fed(rate: float = 200.0) -> AsyncIterator[Fed]:
    """Accounts of seed 1."""
    tape, market = Tape(), Market()
    feed = Accounts(Publisher(tape), seed=1, updates_per_second=rate, moment=market)
    try:
        yield Fed(feed, tape, market)
    finally:
        await feed.stop()


def lived(upto_ms: int) -> SimulatedAccount:
    """The account, as it is at a moment."""
    account = SimulatedAccount(1, DEMO, MARKETS, lambda order, fill: None)
    assert account.advance(upto_ms, float("inf"))
    return account


def held(body: dict[str, Any]) -> dict[str, str]:
    """Quantities by symbol."""
    return {one["symbol"]: one["quantity"] for one in body["positions"]}


async def test_a_topic_begins_with_what_there_is() -> None:
    """Whenever one subscribes, the first update is the present state, and is a snapshot."""
    async with fed() as accounts:
        await accounts.open(ACCOUNT, POSITIONS, ORDERS)
        (worth,) = accounts.tape.bodies(ACCOUNT)
        (positions,) = accounts.tape.bodies(POSITIONS)
        (orders,) = accounts.tape.bodies(ORDERS)
    account = lived(NOW_MS)
    assert worth == {
        "account_id": DEMO,
        "currency": "USD",
        "balance": str(account.worth().balance),
        "equity": str(account.worth().equity),
        "unrealized_profit": str(account.worth().unrealized),
        "time": NOW_MS,
    }
    assert held(positions) == {one.symbol: str(one.quantity) for one in account.positions() if one.quantity}
    assert [one["order_id"] for one in orders["orders"]] == [one.order_id for one in account.orders()]


async def test_every_change_of_an_order_is_told() -> None:
    """Each in its turn, beside all orders that are working then; what has ended is told once."""
    changes: list[tuple[str, str, str]] = []

    def heard(order: Order, fill: object) -> None:
        changes.append((order.order_id, order.status, str(order.filled_quantity)))

    account = SimulatedAccount(1, DEMO, MARKETS, heard)
    account.advance(NOW_MS, float("inf"))
    del changes[:]
    async with fed() as accounts:
        await accounts.open(ORDERS)
        await accounts.pass_to(NOW_MS + 10 * MINUTE_MS)
        first, *updates = accounts.tape.bodies(ORDERS)
    account.advance(NOW_MS + 10 * MINUTE_MS, float("inf"))
    known = {one["order_id"]: one for one in first["orders"]}
    told = []
    for update in updates:
        listed = {one["order_id"]: one for one in update["orders"]}
        told += [
            (order_id, one["status"], one["filled"])
            for order_id, one in listed.items()
            if known.get(order_id) != one
        ]
        assert known.keys() <= listed.keys()
        known = {order_id: one for order_id, one in listed.items() if one["status"] not in FINAL}
    assert told == changes
    assert len(changes) > 50


async def test_positions_and_money_agree() -> None:
    """Whatever is told at one moment: the account's profit is that of its positions, and equity is the sum."""
    async with fed() as accounts:
        await accounts.open(ACCOUNT, POSITIONS)
        for minutes in range(1, 50):
            await accounts.pass_to(NOW_MS + minutes * MINUTE_MS)
        told = accounts.tape.told
    positions: dict[str, Any] = {"positions": [], "time": 0}
    compared = closed = 0
    for one in told:
        if one.topic == POSITIONS.address:
            before, positions = positions, one.body
            gone = held(before).keys() - held(positions).keys()
            # What is not listed any more was told to be closed.
            assert all(held(before)[symbol] == "0" for symbol in gone)
            closed += len(gone)
        elif one.topic == ACCOUNT.address:
            body = one.body
            amounts = [Decimal(body[name]) for name in ("balance", "unrealized_profit", "equity")]
            assert amounts[0] + amounts[1] == amounts[2]
            if positions["time"] == body["time"]:
                compared += 1
                profits = [Decimal(each["unrealized_profit"]) for each in positions["positions"]]
                assert sum(profits) == amounts[1]
    assert compared > 50
    assert closed >= 3
    assert set(held(positions).values()) == {"0"}


async def test_prices_are_told_without_a_fill() -> None:
    """What is held is told anew once a second, where its price has moved."""
    async with fed() as accounts:
        await accounts.open(POSITIONS)
        (before,) = accounts.tape.bodies(POSITIONS)
        quiet_ms = NOW_MS + 2_000
        assert held(before) == {
            one.symbol: str(one.quantity) for one in lived(quiet_ms).positions() if one.quantity
        }
        accounts.market.at_ms = quiet_ms
        await accounts.tape.until(lambda: len(accounts.tape.bodies(POSITIONS)) > 1)
        after = accounts.tape.bodies(POSITIONS)[1]
    assert held(after) == held(before)
    assert after["positions"] != before["positions"]


async def test_the_end_of_a_session_is_told() -> None:
    """At the full hour nothing is held, and the money is what each session begins with."""
    async with fed() as accounts:
        await accounts.open(ACCOUNT, POSITIONS, ORDERS)
        await accounts.pass_to(START_MS + SESSION_MS - 1)
        assert set(held(accounts.tape.bodies(POSITIONS)[-1]).values()) <= {"0"}
        assert {one["status"] for one in accounts.tape.bodies(ORDERS)[-1]["orders"]} <= FINAL
        accounts.market.at_ms = START_MS + SESSION_MS
        opening = str(lived(NOW_MS).opening)
        await accounts.tape.until(lambda: accounts.tape.bodies(ACCOUNT)[-1]["balance"] == opening)


async def test_an_account_that_nobody_watches_is_forgotten() -> None:
    """Closed topics are told nothing more; one that is opened again begins with what there is then."""
    async with fed() as accounts:
        await accounts.open(ACCOUNT, ORDERS)
        accounts.feed.topic_closed(ORDERS)
        known = len(accounts.tape.bodies(ORDERS))
        await accounts.pass_to(NOW_MS + 5 * MINUTE_MS)
        assert len(accounts.tape.bodies(ORDERS)) == known
        assert len(accounts.tape.bodies(ACCOUNT)) > 1
        assert accounts.feed.status().detail == {"accounts": 1}
        accounts.feed.topic_closed(ACCOUNT)
        assert accounts.feed.status().state == "waiting"
        accounts.market.at_ms += MINUTE_MS
        await accounts.open(ORDERS)
        assert accounts.tape.bodies(ORDERS)[-1]["time"] == NOW_MS + 6 * MINUTE_MS


async def test_a_topic_may_go_before_it_was_told_anything() -> None:
    """Opened and closed within a moment, it is told nothing, and no other suffers."""
    async with fed() as accounts:
        accounts.feed.topic_opened(ACCOUNT)
        accounts.feed.topic_opened(POSITIONS)
        accounts.feed.topic_closed(ACCOUNT)
        await accounts.open(ORDERS)
        assert accounts.tape.bodies(ACCOUNT) == []
        assert len(accounts.tape.bodies(POSITIONS)) == 1


async def test_what_a_topic_holds_is_told_again_when_it_is_wanted() -> None:
    """Where a broker has lost it, the next update is the whole, as a snapshot, though nothing has changed."""
    async with fed() as accounts:
        await accounts.open(ORDERS)
        accounts.feed.topic_base_wanted(ORDERS)
        accounts.feed.topic_base_wanted(AccountTopic("OTHER"))
        await accounts.tape.until(lambda: len(accounts.tape.bodies(ORDERS)) == 2)
        first, again = accounts.tape.told
        assert again == first
        assert again.snapshot


async def test_each_feed_hears_of_its_own_topics() -> None:
    """Of two feeds together the accounts have the private topics, and the market has all others."""

    class Heard(NoFeed):
        def __init__(self) -> None:
            self.heard: list[Topic] = []

        def accepts(self, topic: Topic) -> None:
            self.heard.append(topic)

        topic_opened = topic_closed = topic_base_wanted = accepts

    async with fed() as accounts:
        market = Heard()
        both = Together(market, accounts.feed)
        trades = TradesTopic("AAPL")
        for topic in (trades, ACCOUNT):
            both.accepts(topic)
            both.topic_opened(topic)
            both.topic_base_wanted(topic)
        assert both.status().detail == {"accounts": 1}
        for topic in (trades, ACCOUNT):
            both.topic_closed(topic)
        assert both.status().detail == {"accounts": 0}
        assert market.heard == [trades] * 4


async def test_others_get_their_turn() -> None:
    """Bringing accounts to the present does not hold up the event loop."""
    loop = asyncio.get_running_loop()
    async with fed() as accounts:
        for number in range(8):
            accounts.feed.topic_opened(AccountTopic(f"A-{number}"))
        turns, last = [], loop.time()
        while len(accounts.tape.told) < 8:
            await asyncio.sleep(0)
            turns.append(loop.time() - last)
            last = loop.time()
        assert len(turns) > 20


async def test_those_who_are_there_do_not_wait_for_those_who_come() -> None:
    """While many new accounts are brought to the present, one that is there is told of as often as ever."""
    async with fed() as accounts:
        await accounts.open(ACCOUNT)
        new = [AccountTopic(f"A-{number}") for number in range(12)]
        for topic in new:
            accounts.feed.topic_opened(topic)
        waited = 0
        while missing := sum(not accounts.tape.bodies(topic) for topic in new):
            await accounts.pass_to(accounts.market.at_ms + MINUTE_MS)
            waited += 1
            # It was brought to the next minute before many others had come.
            assert missing - sum(not accounts.tape.bodies(topic) for topic in new) <= 2
        assert waited > 5


class Deaf(Accounts):
    """Accounts that fail."""

    async def _advance(self) -> None:
        raise ValueError("on purpose")


async def test_failing_accounts_are_told_of() -> None:
    """The status says so, that of both feeds together as well; a new topic tries again."""
    tape = Tape()
    feed = Deaf(Publisher(tape), seed=1, updates_per_second=4, moment=Market())
    both = Together(NoFeed(), feed)
    both.topic_opened(TradesTopic("AAPL"))
    assert both.status().state == "idle"
    both.topic_opened(ACCOUNT)
    async with asyncio.timeout(30):
        while both.status().state != "failed":  # noqa: ASYNC110, nobody is told
            await asyncio.sleep(0)
    await both.stop()


def test_accounts_need_the_simulated_market() -> None:
    """There is nothing to trade on elsewhere: a setting that says so is refused."""
    with pytest.raises(ValueError, match="needs --feed simulate"):
        Settings(accounts="simulate", feed="none")


def test_accounts_need_a_key() -> None:
    """Without one nobody could show that an account is for him: the sentence says what to give."""
    with pytest.raises(ValueError, match=r"needs a key .* --development-key"):
        Settings(accounts="simulate")
    assert Settings(accounts="simulate", development_key=Path("key.json")).accounts == "simulate"
