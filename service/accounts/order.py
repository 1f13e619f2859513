"""An order, at one moment of its life, and a part of it that was carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, TypeAlias

from service.market.listing import Listing
from service.market.splitting import Trade

Side: TypeAlias = Literal["buy", "sell"]
Status: TypeAlias = Literal["working", "partially_filled", "filled", "cancelled", "rejected"]


def price_of(listing: Listing, ticks: int) -> Decimal:
    """A price, exactly as it is written."""
    return Decimal(ticks).scaleb(-listing.price_decimals)


def quantity_of(listing: Listing, lots: int) -> Decimal:
    """A quantity, exactly as it is written; nothing is a plain 0."""
    return Decimal(lots * listing.lot).scaleb(-listing.size_decimals) if lots else Decimal(0)


@dataclass(frozen=True, slots=True)
class Order:
    """Counted as the market counts, in ticks and lots; times are Unix milliseconds."""

    order_id: str
    listing: Listing
    side: Side
    lots: int
    limit: int | None
    """The worst price, in ticks; None takes any."""
    placed_ms: int
    expires_ms: int | None
    """When it is given up where it is not filled by then."""
    status: Status
    time: int
    """When it last changed."""
    filled: int = 0
    turnover: int = 0
    """Ticks times lots of all that is filled."""
    reason: str | None = None
    """Why it was rejected or cancelled."""

    @property
    def working(self) -> bool:
        """Whether it can still be filled."""
        return self.status in {"working", "partially_filled"}

    @property
    def quantity(self) -> Decimal:
        """How many units it is for."""
        return quantity_of(self.listing, self.lots)

    @property
    def filled_quantity(self) -> Decimal:
        """How many of them so far."""
        return quantity_of(self.listing, self.filled)

    @property
    def limit_price(self) -> Decimal | None:
        """The worst price that it accepts; None where any is."""
        return None if self.limit is None else price_of(self.listing, self.limit)

    @property
    def signed(self) -> int:
        """1 where it buys, -1 where it sells."""
        return 1 if self.side == "buy" else -1

    @property
    def average_price(self) -> Decimal | None:
        """What was paid or got on average, with two decimals more than prices have; None before the first fill."""
        if not self.filled:
            return None
        listing = self.listing
        step = Decimal(1).scaleb(-listing.price_decimals - 2)
        average = Decimal(self.turnover).scaleb(-listing.price_decimals) / self.filled
        return average.quantize(step, ROUND_HALF_EVEN)

    def takes(self, ticks: int) -> bool:
        """Whether it may be filled at a price."""
        return self.limit is None or (ticks - self.limit) * self.signed <= 0

    def after(self, trade: Trade, lots: int) -> Order:
        """The order once so many lots of it were filled at a trade."""
        filled = self.filled + lots
        return replace(
            self,
            status="filled" if filled == self.lots else "partially_filled",
            time=trade.time,
            filled=filled,
            turnover=self.turnover + lots * trade.ticks,
        )

    def ended(self, status: Status, at_ms: int, reason: str) -> Order:
        """The order once it is given up, or turned away."""
        return replace(self, status=status, time=at_ms, reason=reason)


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of an order that was carried out, at a trade of the market."""

    order_id: str
    symbol: str
    quantity: Decimal
    """Below zero where it was sold."""
    price: Decimal
    profit: Decimal
    """What it realised, in cents."""
    trade: int
    """The id of the market's trade."""
    time: int
