"""What is traded on the made-up market, and how lively."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """One symbol. Prices are counted in ticks of 10^-price_decimals, sizes in lots of `lot` * 10^-size_decimals."""

    symbol: str
    description: str
    type: str
    currency: str
    base: float
    """The price that all others lie around."""
    price_decimals: int
    size_decimals: int
    lot: int
    liveliness: float
    """How much the price moves; 1 is about 60 % a year."""
    trades_per_minute: float
    lots_per_trade: int
    """On average, both."""
    idle: float = 0.0
    """How many of all minutes pass without a trade."""

    def price_of(self, ticks: float) -> float:
        """A price as people write it; the double nearest to it."""
        return ticks / float(10**self.price_decimals)

    def ticks_of(self, price: float) -> int:
        """A price in ticks; the number nearest to it."""
        return round(price * float(10**self.price_decimals))

    def size_of(self, lots: float) -> float:
        """A size as people write it; the double nearest to it."""
        return lots * self.lot / float(10**self.size_decimals)


LISTINGS: tuple[Listing, ...] = (
    Listing("AAPL", "Apple", "stock", "USD", 190.0, 2, 0, 1, 1.0, 90, 80),
    Listing("AMZN", "Amazon", "stock", "USD", 178.0, 2, 0, 1, 1.0, 80, 70),
    Listing("GOOGL", "Alphabet", "stock", "USD", 164.0, 2, 0, 1, 1.0, 70, 70),
    Listing("META", "Meta Platforms", "stock", "USD", 495.0, 2, 0, 1, 1.1, 70, 40),
    Listing("MSFT", "Microsoft", "stock", "USD", 415.0, 2, 0, 1, 0.9, 75, 50),
    Listing("NVDA", "Nvidia", "stock", "USD", 121.0, 2, 0, 1, 1.3, 150, 200),
    Listing("TSLA", "Tesla", "stock", "USD", 244.0, 2, 0, 1, 1.4, 130, 120),
    Listing("SPY", "S&P 500, fund", "index", "USD", 545.0, 2, 0, 1, 0.4, 120, 150),
    Listing("BTCUSD", "Bitcoin / US dollar", "crypto", "USD", 64_000.0, 1, 4, 1, 0.8, 180, 600),
    Listing("ETHUSD", "Ether / US dollar", "crypto", "USD", 3_100.0, 2, 3, 1, 1.0, 120, 900),
    Listing("EURUSD", "Euro / US dollar", "forex", "USD", 1.084, 5, 0, 1000, 0.15, 150, 120),
    Listing("GBPUSD", "British pound / US dollar", "forex", "USD", 1.271, 5, 0, 1000, 0.15, 100, 100),
    Listing("USDJPY", "US dollar / Japanese yen", "forex", "JPY", 157.2, 3, 0, 1000, 0.18, 110, 120),
    Listing("EURCHF", "Euro / Swiss franc", "forex", "CHF", 0.948, 5, 0, 1000, 0.1, 1.2, 60, idle=0.7),
)  # fmt: skip
