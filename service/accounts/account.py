"""An account from session to session, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from service.accounts.holding import NOTHING, Holding
from service.accounts.order import Order
from service.accounts.session import SESSION_MS, Heard, Session
from service.market.chance import key_of, numbers
from service.market.listing import LISTINGS, Listing
from service.market.skeleton import Skeleton

CURRENCY = "USD"
TRADED: tuple[str, ...] = tuple(
    listing.symbol for listing in LISTINGS if listing.currency == CURRENCY and not listing.idle
)
"""The symbols that accounts trade: those in their currency that are never silent for long."""

_SYMBOLS = 4
"""How many of these one account trades."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Money of an account, in cents: `equity` is `balance` and `unrealized` together."""

    balance: Decimal
    unrealized: Decimal

    @property
    def equity(self) -> Decimal:
        """What it would have if it closed all it holds."""
        return self.balance + self.unrealized


@dataclass(frozen=True, slots=True)
class Held:
    """A position at one moment."""

    symbol: str
    quantity: Decimal
    average_price: Decimal
    market_price: Decimal
    unrealized: Decimal


class SimulatedAccount:
    """A function of seed, id and time: whoever asks, whenever, wherever, sees the same.

    It lives in sessions of an hour, each of which begins with the same money; what one has gained is paid out at
    its end, what it lost is paid in. So nothing is stored, and the present costs no more than the hour so far.
    """

    def __init__(self, seed: int, account_id: str, markets: Mapping[str, Skeleton], heard: Heard) -> None:
        """Is nowhere before the first `advance`. `markets` has those TRADED."""
        self.account_id = account_id
        self._key = key_of(seed, "account", account_id)
        chance = numbers(self._key, 0)
        symbols = list(TRADED)
        chosen = sorted(symbols.pop(int(chance() * len(symbols))) for _ in range(_SYMBOLS))
        self._markets = [markets[symbol] for symbol in chosen]
        self._opening = Decimal(25_000 + 5_000 * int(chance() * 40)).quantize(Decimal("0.01"))
        self._heard = heard
        self._begun: Session | None = None

    @property
    def symbols(self) -> Sequence[str]:
        """What it trades."""
        return [market.listing.symbol for market in self._markets]

    @property
    def reached_ms(self) -> int:
        """The moment up to and with which everything has happened."""
        return self._session.reached_ms

    @property
    def opening(self) -> Decimal:
        """What each session begins with."""
        return self._opening

    def advance(self, upto_ms: int, until: float) -> bool:
        """Go on to a moment, which is included; False where `until` (time.perf_counter) came first.

        The first call begins with the session that the moment lies in, in Unix milliseconds. A session that has
        begun is gone through to its end, whatever happens in it; whole ones that lie between its end and the
        moment are left out.
        """
        while True:
            session = self._begun = self._begun or self._of(upto_ms)
            if not session.advance(upto_ms, until):
                return False
            if upto_ms < session.ends_ms:
                return True
            self._begun = None

    def worth(self) -> Worth:
        """What it has now."""
        unrealized = sum((held.unrealized for held in self.positions()), NOTHING)
        return Worth(self._opening + self._session.realized, unrealized.quantize(Decimal("0.01")))

    def positions(self) -> list[Held]:
        """What it holds now of each of its symbols, those included of which it holds nothing."""
        prices = self._session.prices
        return [
            _held(
                market.listing, self._session.holdings[market.listing.symbol], prices[market.listing.symbol]
            )
            for market in self._markets
        ]

    def orders(self) -> list[Order]:
        """The orders that are working, in the order in which they were placed."""
        return list(self._session.working.values())

    @property
    def _session(self) -> Session:
        assert self._begun is not None, "an account has to be advanced before it is asked"
        return self._begun

    def _of(self, at_ms: int) -> Session:
        begins_ms = at_ms // SESSION_MS * SESSION_MS
        return Session(self._key, self._markets, begins_ms, self._opening, self._heard)


def _held(listing: Listing, holding: Holding, price: Decimal) -> Held:
    quantity = holding.quantity
    return Held(
        symbol=listing.symbol,
        quantity=quantity if quantity else NOTHING,
        average_price=holding.average(listing.price_decimals + 2),
        market_price=price,
        unrealized=holding.unrealized(price),
    )
