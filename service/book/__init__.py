"""An order book, and views of its first levels that tell what changed."""

from service.book.book import OrderBook, Side
from service.book.view import BookView, Changes, Level

__all__ = ["BookView", "Changes", "Level", "OrderBook", "Side"]
