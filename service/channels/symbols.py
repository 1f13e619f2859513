"""Which symbols there are."""

from __future__ import annotations

from pydantic import MISSING

from generated.handlers import SymbolsHandler
from generated.models import SymbolInfo, SymbolList, SymbolsList, SymbolsListResponse
from service.connection import ClientConnection
from service.feeds.base import Feed, Instrument


class Symbols(SymbolsHandler[ClientConnection]):
    """Looks through what the feed knows."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def list(self, connection: ClientConnection, request: SymbolsList) -> SymbolsListResponse:
        """Answer with the symbols whose name or description holds the query; the nearest by name come first."""
        wanted = request.payload
        query = "" if wanted.query is MISSING else wanted.query.casefold()
        found = [one for one in self._feed.instruments() if _distance(one, query) is not None]
        found.sort(key=lambda one: _distance(one, query) or 0)
        return SymbolsListResponse(
            type="symbols.list.response",
            payload=SymbolList(status="ok", symbols=[_info(one) for one in found[: wanted.limit]]),
        )


def _distance(instrument: Instrument, query: str) -> int | None:
    """How far a symbol is from what was asked for; None where it is not meant."""
    name = instrument.symbol.casefold()
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    if query in name:
        return 2
    return 3 if query in instrument.description.casefold() else None


def _info(instrument: Instrument) -> SymbolInfo:
    return SymbolInfo(
        symbol=instrument.symbol,
        description=instrument.description,
        type=instrument.type,
        currency=instrument.currency,
        price_decimals=instrument.price_decimals,
        size_decimals=instrument.size_decimals,
        session=instrument.session,
        timezone=instrument.timezone,
        resolutions=list(instrument.resolutions),
    )
