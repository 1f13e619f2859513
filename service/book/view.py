"""What somebody holds who is told of a book's first levels only."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from service.book.book import OrderBook, Side

Level: TypeAlias = tuple[float, float]
"""Price and size."""


class Changes(NamedTuple):
    """Levels of both sides, each with its size as it is now, 0 where it is gone; the best first."""

    bids: list[Level]
    asks: list[Level]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.bids or self.asks)


class BookView:
    """The first `depth` levels of each side.

    Who applies the changes in order, after a snapshot, holds these levels and no others: one that falls out of
    the view is removed, one that comes into it is told. Changes cost what changed, not what is held.
    """

    __slots__ = ("_asks", "_bids", "depth")

    def __init__(self, book: OrderBook, depth: int) -> None:
        self.depth = depth
        self._bids = _Window(book.bids, depth)
        self._asks = _Window(book.asks, depth)

    def snapshot(self) -> Changes:
        """All that is in view; changes follow from here."""
        return Changes(self._bids.whole(), self._asks.whole())

    def changes(self) -> Changes:
        """What changed since the last snapshot or changes."""
        return Changes(self._bids.changes(), self._asks.changes())

    def close(self) -> None:
        """Cost the book nothing any more."""
        self._bids.close()
        self._asks.close()


class _Window:
    """One side of a view."""

    __slots__ = ("_depth", "_edge", "_held", "_side", "_touched")

    def __init__(self, side: Side, depth: int) -> None:
        self._side = side
        self._depth = depth
        self._held: dict[float, float] = {}
        self._edge: float | None = None
        """The last price in view; None where the view holds all there is."""
        self._touched: set[float] = set()
        side.watch(self._touched)

    def whole(self) -> list[Level]:
        levels = self._side.levels(0, self._depth)
        self._held = dict(levels)
        self._edge = self._edge_now()
        self._touched.clear()
        return levels

    def changes(self) -> list[Level]:
        if not self._touched:
            return []
        side, held, edge = self._side, self._held, self._edge_now()
        changed: dict[float, float] = {}
        for price in self._touched:
            inside = edge is None or not side.better(edge, price)
            size = side.size_at(price) if inside else 0
            if size != held.get(price, 0):
                changed[price] = size
        if edge != self._edge:
            # Untouched levels between the edges came into view, or fell out of it.
            before, now = self._rank(self._edge), self._rank(edge)
            for price, size in side.levels(before, now):
                if price not in held:
                    changed[price] = size
            for price, _ in side.levels(now, before):
                if price in held:
                    changed[price] = 0
        for price, size in changed.items():
            if size:
                held[price] = size
            else:
                del held[price]
        self._edge = edge
        self._touched.clear()
        return sorted(changed.items(), reverse=side.better(1, 0))

    def close(self) -> None:
        self._side.unwatch(self._touched)

    def _edge_now(self) -> float | None:
        return self._side.price(self._depth - 1) if len(self._side) > self._depth else None

    def _rank(self, edge: float | None) -> int:
        return len(self._side) if edge is None else self._side.rank_after(edge)
