"""Simulated accounts, fed to whoever may listen: what is in them, what they hold, and what they order."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeAlias, TypeGuard

from pydantic import MISSING

from generated.models import AccountSummary, Order, OrderList, Position, PositionList
from generated.publisher import Publisher
from generated.topics import AccountTopic, OrdersTopic, PositionsTopic, Topic
from service.accounts import Fill, SimulatedAccount
from service.accounts import Order as Made
from service.accounts.account import CURRENCY, TRADED, Held, Worth
from service.feeds.base import Feed, FeedState, FeedStatus, run_feed
from service.market.listing import LISTINGS
from service.market.skeleton import Skeleton

log = logging.getLogger(__name__)

PrivateTopic: TypeAlias = AccountTopic | PositionsTopic | OrdersTopic

_SLICE_S = 0.004
"""How long accounts may work before others get their turn on the event loop."""
_MARK_S = 1.0
"""How often what is held is told at its new price, where nothing else tells it."""


def is_private(topic: Topic) -> TypeGuard[PrivateTopic]:
    """Whether a topic is of an account."""
    return isinstance(topic, AccountTopic | PositionsTopic | OrdersTopic)


class Accounts(Feed):
    """Feeds the topics of any account: each id has one, which is a function of seed, id and time.

    The clock is the market's. What an account does is told when it does it. A new topic is told what there is a
    moment after it was opened, since the account has to be brought to the present first.
    """

    def __init__(
        self, publisher: Publisher, *, seed: int, updates_per_second: float, moment: Callable[[], int]
    ) -> None:
        """`moment` is up to when everything in the market has happened, in Unix milliseconds."""
        self._publisher = publisher
        self._seed = seed
        self._moment = moment
        self._period_s = 1 / updates_per_second
        self._markets = {
            listing.symbol: Skeleton(seed, listing) for listing in LISTINGS if listing.symbol in TRADED
        }
        self._live: dict[str, LiveAccount] = {}
        self.reached_ms = 0
        """Up to when all has been told, while anybody listens; Unix milliseconds of the market's time."""
        self._turn = 0.0
        """When others last had a turn, by time.perf_counter."""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    def status(self) -> FeedStatus:
        """Running while anybody listens."""
        state: FeedState = "failed" if self._failed else "running" if self._live else "waiting"
        return FeedStatus("accounts", state, {"accounts": len(self._live)})

    async def stop(self) -> None:
        """Stop all accounts."""
        self._live.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def topic_opened(self, topic: Topic) -> None:
        """Begin to feed a topic of an account."""
        if not is_private(topic):
            return
        live = self._live.get(topic.account_id)
        if live is None:
            live = LiveAccount(self._publisher, self._seed, topic.account_id, self._markets)
            self._live[topic.account_id] = live
        live.open(topic)
        self._woken.set()
        if self._task is None or self._task.done():
            self._failed = False
            self._task = run_feed(self._run(), "accounts")

    def topic_closed(self, topic: Topic) -> None:
        """Feed a topic no more; an account without any is forgotten."""
        if not is_private(topic) or (live := self._live.get(topic.account_id)) is None:
            return
        live.close(topic)
        if live.idle:
            del self._live[topic.account_id]

    def topic_base_wanted(self, topic: Topic) -> None:
        """Tell what there is anew."""
        if is_private(topic) and (live := self._live.get(topic.account_id)) is not None:
            live.open(topic)
            self._woken.set()

    async def _run(self) -> None:
        try:
            while self._live:
                self._woken.clear()
                await self._advance()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._period_s):
                        await self._woken.wait()
        except Exception:
            self._failed = True
            log.exception("the simulated accounts failed")

    async def _advance(self) -> None:
        """Take every account to the present and tell what it is worth there, then new ones as time allows."""
        self._turn = time.perf_counter()
        upto_ms = self._moment()
        # Who comes waits for those who are there, who are not to wait for it: it has an hour to catch up with.
        came = [live for live in self._live.values() if not live.present]
        for live in [live for live in self._live.values() if live.present]:
            await self._bring(live, upto_ms)
        self.reached_ms = upto_ms
        until = time.perf_counter() + self._period_s
        for live in came:
            await self._bring(live, upto_ms)
            if time.perf_counter() > until:
                self._woken.set()
                return

    async def _bring(self, live: LiveAccount, upto_ms: int) -> None:
        """Take one account to a moment, and tell of it, giving others their turn in between."""
        account_id = live.account.account_id
        # Others may come and go meanwhile, so it may be nobody's any more.
        while self._live.get(account_id) is live and not live.account.advance(upto_ms, self._turn + _SLICE_S):
            await self._give_turn()
        if self._live.get(account_id) is live:
            live.tell(time.monotonic())
        if time.perf_counter() > self._turn + _SLICE_S:
            await self._give_turn()

    async def _give_turn(self) -> None:
        await asyncio.sleep(0)
        self._turn = time.perf_counter()


class LiveAccount:
    """An account while somebody listens, and what has been told of it. Every update is the whole of its topic."""

    def __init__(
        self, publisher: Publisher, seed: int, account_id: str, markets: Mapping[str, Skeleton]
    ) -> None:
        self.account = SimulatedAccount(seed, account_id, markets, self._heard)
        self.present = False
        """Whether it was brought to the present, and told of there."""
        self._publisher = publisher
        self._account_id = account_id
        self._account: AccountTopic | None = None
        self._positions: PositionsTopic | None = None
        self._orders: OrdersTopic | None = None
        self._new: list[PrivateTopic] = []
        """Topics that have been told nothing yet."""
        self._told: list[Held] = []
        """What was told to be held."""
        self._worth: Worth | None = None
        """What it was told to be worth."""
        self._marked_s = 0.0
        """When prices were last told, by the monotonic clock."""

    @property
    def idle(self) -> bool:
        """Whether nobody listens."""
        return not (self._account or self._positions or self._orders or self._new)

    def open(self, topic: PrivateTopic) -> None:
        """Feed a topic, from the next `tell` on; one that is fed already is told anew what there is."""
        if topic not in self._new:
            self._new.append(topic)

    def close(self, topic: PrivateTopic) -> None:
        """Feed a topic no more."""
        self._new = [new for new in self._new if new != topic]
        if isinstance(topic, AccountTopic):
            self._account = None
        elif isinstance(topic, PositionsTopic):
            self._positions = None
        else:
            self._orders = None

    def tell(self, now_s: float) -> None:
        """Tell new topics what there is and, once in a while, all what that is worth; `now_s` is monotonic."""
        at_ms = self.account.reached_ms
        self.present = True
        if now_s >= self._marked_s + _MARK_S:
            self._marked_s = now_s
            self._mark(at_ms)
        new, self._new = self._new, []
        for topic in new:
            if isinstance(topic, OrdersTopic):
                self._orders = topic
                self._tell_orders(topic, self.account.orders(), at_ms, snapshot=True)
            elif isinstance(topic, PositionsTopic):
                self._positions = topic
                self._tell_positions(topic, self._held(), at_ms, snapshot=True)
            else:
                self._account = topic
                self._tell_worth(topic, at_ms, snapshot=True)

    def _heard(self, order: Made, fill: Fill | None) -> None:
        """Tell of a change of an order, and of what a fill has changed."""
        if self._orders is not None:
            working = self.account.orders()
            orders = working if order.working else [*working, order]
            self._tell_orders(self._orders, orders, order.time)
        if fill is not None:
            self._mark(fill.time, filled=fill.symbol)

    def _held(self, filled: str | None = None) -> list[Held]:
        """What is held, and the symbol of a fill though nothing is left of it."""
        return [held for held in self.account.positions() if held.quantity or held.symbol == filled]

    def _mark(self, at_ms: int, filled: str | None = None) -> None:
        """Tell what is held and what all is worth, where that has changed."""
        if self._positions is not None and (held := self._held(filled)) != self._told:
            self._tell_positions(self._positions, held, at_ms)
        if self._account is not None:
            self._tell_worth(self._account, at_ms)

    def _tell_orders(
        self, topic: OrdersTopic, orders: list[Made], at_ms: int, *, snapshot: bool = False
    ) -> None:
        body = OrderList(account_id=self._account_id, time=at_ms, orders=[_order(order) for order in orders])
        self._publisher.orders_update(topic, body, snapshot=snapshot)

    def _tell_positions(
        self, topic: PositionsTopic, held: list[Held], at_ms: int, *, snapshot: bool = False
    ) -> None:
        self._told = [one for one in held if one.quantity]
        positions = [
            Position(
                symbol=one.symbol,
                quantity=one.quantity,
                average_price=one.average_price,
                market_price=one.market_price,
                unrealized_profit=one.unrealized,
            )
            for one in held
        ]
        body = PositionList(account_id=self._account_id, time=at_ms, positions=positions)
        self._publisher.positions_update(topic, body, snapshot=snapshot)

    def _tell_worth(self, topic: AccountTopic, at_ms: int, *, snapshot: bool = False) -> None:
        worth = self.account.worth()
        if not snapshot and worth == self._worth:
            return
        self._worth = worth
        summary = AccountSummary(
            account_id=self._account_id,
            currency=CURRENCY,
            balance=worth.balance,
            equity=worth.equity,
            unrealized_profit=worth.unrealized,
            time=at_ms,
        )
        self._publisher.account_update(topic, summary, snapshot=snapshot)


def _order(order: Made) -> Order:
    average, limit = order.average_price, order.limit_price
    return Order(
        order_id=order.order_id,
        symbol=order.listing.symbol,
        side=order.side,
        kind="market" if limit is None else "limit",
        status=order.status,
        quantity=order.quantity,
        filled=order.filled_quantity,
        limit_price=MISSING if limit is None else limit,
        average_price=MISSING if average is None else average,
        reason=MISSING if order.reason is None else order.reason,
        time=order.time,
    )
