"""Generated clients that follow topics, public and their accounts', and keep all that they are given."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from random import Random
from typing import Any

from pydantic import MISSING

from generated.client import TradingClient
from generated.models import AccountSelection, BarsSelection, Book, BookSelection, SymbolSelection
from generated.runtime.backoff import Backoff
from generated.runtime.errors import ConnectionLost, RequestError, ResponseTimeout, WireError
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from generated.runtime.subscription import Subscription
from tests.stress.nodes.plan import Wanted
from tests.stress.nodes.publishing import number_of
from tests.stress.nodes.record import PRIVATE, Event, Followed, Missed, Update
from tests.stress.nodes.terms import ACCOUNTS, DEPTH, Report

Mint = Callable[[str, tuple[str, ...]], str]
"""A token for a user that grants these accounts."""

_AGAIN = 0.1
_CODES = {1006, 4000}
"""A connection that broke, and a drain: what may happen to everybody."""


class Keeper:
    """One client."""

    def __init__(self, wanted: Wanted, port: int, mint: Mint, report: Report) -> None:
        self.wanted = wanted
        self.followed: list[Followed] = []
        """All subscriptions to channels that lose nothing, also those that are over."""
        self.holds: dict[str, Subscription[Any, Any]] = {}
        """The order books and bars, by topic."""
        self._live: dict[str, tuple[Subscription[Any, Any], Followed]] = {}
        self._mint = mint
        self._report = report
        self._random = Random(wanted.seed)
        self._tasks: list[asyncio.Task[None]] = []
        self._given = 0
        self._granted: tuple[str, ...] = ()
        self._before: tuple[str, ...] = ()
        self._settled = False
        self._closing = False
        options = ClientOptions(
            open_timeout=3.0,
            response_timeout=4.0,
            reconnect=Backoff(0.1, 1.0),
            token=self._token if wanted.grants else None,
        )
        self.client = TradingClient(f"ws://127.0.0.1:{port}/api/v1/ws", options=options)
        self.client.on_state(self._changed)

    def start(self) -> None:
        """Begin to follow."""
        for symbol in self.wanted.symbols:
            self._spawn(self._follow("trades", symbol))
            self._spawn(self._hold("bars", symbol))
            self._spawn(self._hold("orderbook", symbol))
        if self.wanted.grants:
            for account in ACCOUNTS:
                for channel in PRIVATE:
                    self._spawn(self._follow(channel, account))

    def settle(self) -> None:
        """From now on all tokens grant the same."""
        self._settled = True

    def lacks(self) -> list[str]:
        """The topics that it should have and has not, or has and should not."""
        if self.client.state != "open":
            return [f"{self.wanted.name} is {self.client.state}"]
        wanted = {f"trades:{symbol}" for symbol in self.wanted.symbols}
        final = self.wanted.grants[0] if self.wanted.grants else ()
        wanted |= {f"{channel}:{account}" for account in final for channel in PRIVATE}
        there = {topic for topic, (subscription, _) in self._live.items() if not subscription.ended}
        differs = [f"{self.wanted.name} {topic}" for topic in sorted(wanted ^ there)]
        if self._granted != self._before or self._granted != final:
            differs.append(f"{self.wanted.name} is granted {self._granted}, and was {self._before}")
        return differs

    def behind(self, last: dict[str, int]) -> list[str]:
        """The topics whose last update it has not been given yet."""
        late = []
        for topic, (_, followed) in self._live.items():
            events = followed.events
            got = next((one.mark for one in reversed(events) if isinstance(one, Update)), None)
            if got != last[topic]:
                late.append(f"{self.wanted.name} {topic} at {got}, not {last[topic]}")
        return late

    def end(self) -> None:
        """What is followed now is followed to the end."""
        for _, followed in self._live.values():
            followed.to_the_end = True

    async def close(self) -> None:
        """Leave."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                self._report.violation("harness", f"{self.wanted.name}: {ended!r}")
        await self.client.close()

    def _spawn(self, work: Any) -> None:  # noqa: ANN401, a coroutine
        self._tasks.append(asyncio.create_task(work))

    def _token(self) -> str:
        """The next of its tokens; called for each connection and each refresh."""
        grants = self.wanted.grants
        self._before = self._granted
        self._granted = grants[0] if self._settled else grants[self._given % len(grants)]
        self._given += 1
        self._report.counts["tokens sent by clients"] += 1
        return self._mint(self.wanted.name, self._granted)

    def _changed(self, state: str, reason: ConnectionLost | None) -> None:
        if self._closing:
            return
        if reason is not None:
            self._report.counts[f"connections lost with {reason.code}"] += 1
            fits = (
                _CODES | ({4003} if self.wanted.grants else set()) | ({4004} if self.wanted.slow else set())
            )
            if reason.code not in fits:
                self._report.violation("closed", f"{self.wanted.name} with {reason}")
        if state == "closed":
            self._report.violation("closed", f"{self.wanted.name} is closed for good: {reason}")

    async def _follow(self, channel: str, owner: str) -> None:
        """Subscribe and write down, again and again where a right comes and goes."""
        while True:
            if channel in PRIVATE and owner not in self._granted:
                await asyncio.sleep(_AGAIN)
                continue
            followed = Followed(self.wanted.name, f"{channel}:{owner}")
            reader = _Reader(self, followed)
            subscription = await self._subscribe(channel, owner, reader.hole)
            if subscription is None:
                continue
            reader.subscription = subscription
            self.followed.append(followed)
            self._live[followed.topic] = subscription, followed
            try:
                await reader.read()
            except RequestError as error:
                self._report.counts[f"subscriptions ended with {error.code}"] += 1
                if channel not in PRIVATE or error.code != "forbidden":
                    self._report.violation("closed", f"{self.wanted.name} {followed.topic}: {error}")
            except WireError as error:
                self._report.violation("closed", f"{self.wanted.name} {followed.topic}: {error}")
                return
            del self._live[followed.topic]

    async def _hold(self, channel: str, symbol: str) -> None:
        """Hold the latest."""
        updates = 0

        def heard(item: Any) -> None:  # noqa: ANN401, a bar or a book
            nonlocal updates
            updates += 1
            if channel == "bars" and item.open != number_of(symbol):
                self._report.violation("scope", f"{self.wanted.name} was given {item} as a bar of {symbol}")

        subscription = None
        while subscription is None:
            subscription = await self._subscribe(channel, symbol, lambda _: None, heard)
        self.holds[subscription.topic] = subscription
        await asyncio.get_running_loop().create_future()

    async def _subscribe(
        self,
        channel: str,
        owner: str,
        on_hole: Callable[[Hole], None],
        on_update: Callable[[Any], None] | None = None,
    ) -> Subscription[Any, Any] | None:
        payload: Any
        match channel:
            case "bars":
                payload = BarsSelection(symbol=owner, resolution="1")
            case "orderbook":
                payload = BookSelection(symbol=owner, depth=DEPTH)
            case "trades":
                payload = SymbolSelection(symbol=owner)
            case _:
                payload = AccountSelection(account_id=owner)
        try:
            got: Subscription[Any, Any] = await getattr(self.client, channel).subscribe(
                payload, on_update, on_hole=on_hole
            )
        except (ConnectionLost, ResponseTimeout, RequestError) as error:
            what = error.code if isinstance(error, RequestError) else type(error).__name__
            self._report.counts[f"subscribes that failed: {what}"] += 1
            if isinstance(error, RequestError) and not error.retryable and error.code != "forbidden":
                self._report.violation("closed", f"{self.wanted.name} {channel}:{owner} is refused: {error}")
            await asyncio.sleep(self._random.uniform(_AGAIN, 3 * _AGAIN))
            return None
        return got

    def granted_now(self) -> frozenset[str]:
        """What the token grants that was sent last, and the one before it, which counts until that is answered."""
        return frozenset(self._granted) | frozenset(self._before)


class _Reader:
    """Writes down updates and holes in the order in which they came."""

    def __init__(self, keeper: Keeper, followed: Followed) -> None:
        self.subscription: Subscription[Any, Any] | None = None
        self._keeper = keeper
        self._followed = followed
        self._read = 0
        self._holes: list[tuple[int, Missed]] = []
        """Each with how many updates came before it."""

    def hole(self, hole: Hole) -> None:
        """Something was missed; what came before may not be read yet."""
        feed = self._keeper.client._session.feeds._feeds[self._followed.topic]
        unread = max(len(one._queue._items) for one in feed.subscriptions)  # type: ignore[attr-defined]
        missed = Missed(hole.reason, hole.after, hole.seq, time.monotonic() * 1000)
        self._holes.append((self._read + unread, missed))

    async def read(self) -> None:
        """Until it ends; raises with what."""
        assert self.subscription is not None
        queue = self.subscription._queue
        with contextlib.suppress(StopAsyncIteration):
            while True:
                item, update = await queue.get()
                self._place_holes()
                self._followed.events.append(self._event(item, update))
                self._read += 1
                if not queue._items:
                    self._place_holes()

    def _place_holes(self) -> None:
        while self._holes and self._holes[0][0] <= self._read:
            self._followed.events.append(self._holes.pop(0)[1])

    def _event(self, item: Any, update: Any) -> Event:  # noqa: ANN401, of any channel
        trade = self._followed.channel == "trades"
        return Update(
            seq=update.seq,
            mark=item.id if trade else item.time,
            snapshot=update.snapshot is True,
            epoch=None if update.epoch is MISSING else update.epoch,
            seq_from=None if update.seq_from is MISSING else update.seq_from,
            owner=_owner(item.price) if trade else _account(item),
            ms=time.monotonic() * 1000,
            grants=self._keeper.granted_now(),
        )


def _owner(number: float) -> str:
    """The symbol whose number this is."""
    return next((name for name in ("HOT", "WARM", "CALM") if number_of(name) == number), str(number))


def _account(item: Any) -> str:  # noqa: ANN401, of three channels
    """The account that all of an update belongs to; what it says where that is several."""
    names = {item.account_id}
    names |= {position.symbol for position in getattr(item, "positions", ())}
    names |= {order.symbol for order in getattr(item, "orders", ())}
    return str(names.pop()) if len(names) == 1 else str(sorted(names))


def levels(book: Book) -> list[list[list[float]]]:
    """A book as the publisher tells it."""
    return [[[level.price, level.size] for level in side] for side in (book.bids, book.asks)]
