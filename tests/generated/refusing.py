"""Handlers of the channels that a test is not about: they refuse whatever they are asked."""

from __future__ import annotations

from typing import Any, Never

from generated.handlers import (
    AccountHandler,
    OrderbookHandler,
    OrdersHandler,
    PositionsHandler,
    QuotesHandler,
    SymbolsHandler,
    TradesHandler,
)
from generated.runtime.errors import RequestError


async def refuse(*_: object) -> Never:
    """Refuse a request."""
    raise RequestError("unavailable", "nothing of that here")


_METHOD: Any = refuse
"""Stands for any method of a handler, whatever that takes and gives."""


class Quotes(QuotesHandler[Any]):
    """Has no quotes."""

    subscribe = unsubscribe = _METHOD


class Trades(TradesHandler[Any]):
    """Has no trades."""

    subscribe = unsubscribe = _METHOD


class Orderbook(OrderbookHandler[Any]):
    """Has no order books."""

    subscribe = unsubscribe = _METHOD


class Account(AccountHandler[Any]):
    """Has no accounts."""

    subscribe = unsubscribe = _METHOD


class Positions(PositionsHandler[Any]):
    """Has no positions."""

    subscribe = unsubscribe = _METHOD


class Orders(OrdersHandler[Any]):
    """Has no orders."""

    subscribe = unsubscribe = _METHOD


class Symbols(SymbolsHandler[Any]):
    """Knows no symbols."""

    list = _METHOD
