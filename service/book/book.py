"""What is bid and what is asked, by price."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort


class Side:
    """One side of a book. Prices are whatever numbers its levels come with, as long as they are of one kind."""

    __slots__ = ("_order", "_sign", "_sizes", "_watchers")

    def __init__(self, *, highest_first: bool) -> None:
        """Bids are best where they are highest, asks where they are lowest."""
        self._sign = -1 if highest_first else 1
        self._order: list[float] = []
        """The prices times the sign, the best first."""
        self._sizes: dict[float, float] = {}
        self._watchers: list[set[float]] = []

    def __len__(self) -> int:
        """How many levels there are."""
        return len(self._order)

    def put(self, price: float, size: float) -> None:
        """From now on so much is there at this price; 0 takes the level away."""
        sizes = self._sizes
        if size:
            if price not in sizes:
                insort(self._order, self._sign * price)
            sizes[price] = size
        elif price in sizes:
            del sizes[price]
            del self._order[bisect_left(self._order, self._sign * price)]
        for touched in self._watchers:
            touched.add(price)

    def clear(self) -> None:
        """Take every level away."""
        for touched in self._watchers:
            touched.update(self._sizes)
        self._order.clear()
        self._sizes.clear()

    def size_at(self, price: float) -> float:
        """How much is there at a price; 0 where nothing is."""
        return self._sizes.get(price, 0)

    @property
    def best(self) -> float | None:
        """The best price; None where the side is empty."""
        return self._sign * self._order[0] if self._order else None

    @property
    def worst(self) -> float | None:
        """The price furthest away; None where the side is empty."""
        return self._sign * self._order[-1] if self._order else None

    def price(self, rank: int) -> float:
        """The price of a level by its place, 0 the best, -1 the worst; IndexError where there are fewer."""
        return self._sign * self._order[rank]

    def levels(self, first: int = 0, until: int | None = None) -> list[tuple[float, float]]:
        """Price and size of the levels by their places, the best first."""
        sign, sizes = self._sign, self._sizes
        return [(sign * place, sizes[sign * place]) for place in self._order[first:until]]

    def rank_after(self, price: float) -> int:
        """How many levels are as good as this price or better."""
        return bisect_right(self._order, self._sign * price)

    def better(self, price: float, than: float) -> bool:
        """Whether one price is better than another."""
        return self._sign * price < self._sign * than

    def watch(self, touched: set[float]) -> None:
        """Note the prices whose levels were set from now on."""
        self._watchers.append(touched)

    def unwatch(self, touched: set[float]) -> None:
        """Note them no more."""
        self._watchers = [one for one in self._watchers if one is not touched]


class OrderBook:
    """Both sides."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = Side(highest_first=True)
        self.asks = Side(highest_first=False)

    @property
    def crossed(self) -> bool:
        """Whether somebody bids what somebody else asks, which an exchange would not leave so."""
        bid, ask = self.bids.best, self.asks.best
        return bid is not None and ask is not None and bid >= ask
