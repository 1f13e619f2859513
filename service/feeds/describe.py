"""What a recording is about, as far as its rows and its symbol's name tell."""

from __future__ import annotations

from service.bars.history import SECOND
from service.bars.resolution import OFFERED, Resolution
from service.feeds.base import Instrument
from service.feeds.recording import Recording

_MONEY = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "CNH", "HKD", "SGD")
_COINS_LIKE_MONEY = ("USDT", "USDC")


def instrument_of(recording: Recording) -> Instrument:
    """Its symbol. The currency is the one that the symbol ends with, and empty where it ends with none."""
    base, currency = _pair(recording.symbol)
    return Instrument(
        symbol=recording.symbol,
        description=f"{base} / {currency}" if currency else recording.symbol,
        type="forex" if base in _MONEY and currency in _MONEY else "other",
        currency=currency,
        price_decimals=recording.price_decimals,
        size_decimals=recording.size_decimals,
        resolutions=_offered(recording.resolution or SECOND),
    )


def _pair(symbol: str) -> tuple[str, str]:
    name = symbol.upper()
    for currency in (*_COINS_LIKE_MONEY, *_MONEY):
        base = name.removesuffix(currency).rstrip("/-_.")
        if base and base != name and len(base) >= 2:
            return base, currency
    return name, ""


def _offered(finest: Resolution) -> tuple[str, ...]:
    """The recorded resolution, and the usual ones that it folds into."""
    usual = [Resolution.parse(text) for text in OFFERED]
    coarser = [str(resolution) for resolution in usual if finest.divides(resolution) and resolution != finest]
    return (str(finest), *coarser)
