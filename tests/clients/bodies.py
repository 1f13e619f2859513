"""Bodies of updates that tell which update they are."""

from __future__ import annotations

from typing import Any

SELECTIONS: dict[str, dict[str, Any]] = {
    "bars": {"symbol": "AAPL", "resolution": "1"},
    "quotes": {"symbol": "AAPL"},
    "trades": {"symbol": "AAPL"},
    "orderbook": {"symbol": "AAPL", "depth": 25},
}
"""What tests subscribe to, by channel."""


def body_of(channel: str, number: object) -> dict[str, Any]:
    """A body that carries a number, which should be its update's seq."""
    n = number if isinstance(number, int) else 0
    match channel:
        case "bars":
            return {"time": n, "open": 1, "high": 2, "low": 0.5, "close": 1.5, "volume": 10}
        case "quotes":
            return {"time": n, "bid": 1, "ask": 2, "bid_size": 3, "ask_size": 4, "last": 1.5, "change": -0.5}
        case "trades":
            return {"id": n, "price": 1.5, "size": 2, "side": "buy", "time": n}
        case "orderbook":
            return {"bids": [{"price": 1, "size": n}], "asks": [{"price": 2, "size": n}]}
    raise AssertionError(channel)


def number_of(body: dict[str, Any]) -> int:
    """The number that a body carries."""
    if "bids" in body:
        return int(body["bids"][0]["size"])
    return int(body["id"] if "id" in body else body["time"])
