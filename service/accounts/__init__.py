"""A simulated account: what it orders, what it holds, and what it is worth, as a function of seed, id and time."""

from service.accounts.account import SimulatedAccount
from service.accounts.holding import Holding
from service.accounts.order import Fill, Order

__all__ = ["Fill", "Holding", "Order", "SimulatedAccount"]
