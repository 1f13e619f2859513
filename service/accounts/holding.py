"""What an account holds of one symbol, and what it gained or lost by it: exact, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

NOTHING = Decimal(0)
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """An amount of money as it is booked: rounded to the cent, halves to the even one."""
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


@dataclass(slots=True)
class Holding:
    """A position. Money is booked in cents, so that for all fills together their value is `cost` less profit.

    That holds exactly, whatever has been rounded on the way: what a part that is sold has cost is rounded to the
    cent, and the rest keeps the remainder.
    """

    quantity: Decimal = NOTHING
    """Below zero where it was sold short."""
    cost: Decimal = NOTHING
    """What was paid for it; below zero what was got for it."""

    def fill(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Buy, or sell a quantity below zero; returns the profit that this realises, in cents."""
        value = cents(quantity * price)
        held = self.quantity
        if quantity * held >= 0:
            self.quantity += quantity
            self.cost += value
            return NOTHING
        if abs(quantity) < abs(held):
            share = cents(self.cost * -quantity / held)
            self.quantity += quantity
            self.cost -= share
            return -value - share
        # All of it goes; what is bought or sold beyond that begins anew.
        closing = cents(-held * price)
        profit = -closing - self.cost
        self.quantity += quantity
        self.cost = value - closing
        return profit

    def unrealized(self, price: Decimal) -> Decimal:
        """The profit that closing it at a price would realise, in cents."""
        return cents(self.quantity * price) - self.cost

    def average(self, decimals: int) -> Decimal:
        """The price that was paid on average, rounded to so many decimals; 0 where nothing is held."""
        if not self.quantity:
            return NOTHING
        return (self.cost / self.quantity).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
